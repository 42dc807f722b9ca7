/* SPDX-License-Identifier: Apache-2.0 */
/* A small stack machine running a program of its own: dispatch through a switch. */
#include "kernel.h"

enum op {
    PUSH,
    LOAD,
    STORE,
    ADD,
    SUB,
    MUL,
    XOR,
    SHR,
    JUMP_IF,
    STOP
};

struct instruction {
    enum op op;
    uint32_t arg;
};

/* i = n; do { s = (s * 33 ^ i) + (s >> 7); i = i - 1; } while (i != 0) */
static const struct instruction program[] = {
    {LOAD, 0}, {PUSH, 33}, {MUL, 0},  {LOAD, 1},    {XOR, 0},  {LOAD, 0},
    {PUSH, 7}, {SHR, 0},   {ADD, 0},  {STORE, 0},   {LOAD, 1}, {PUSH, 1},
    {SUB, 0},  {STORE, 1}, {LOAD, 1}, {JUMP_IF, 0}, {STOP, 0},
};

static uint32_t run(const struct instruction *code, uint32_t s, uint32_t n)
{
    uint32_t stack[16], *top = stack, vars[2] = {s, n};
    for (const struct instruction *i = code;; i++) {
        switch (i->op) {
        case PUSH:
            *top++ = i->arg;
            break;
        case LOAD:
            *top++ = vars[i->arg];
            break;
        case STORE:
            vars[i->arg] = *--top;
            break;
        case ADD:
            top--;
            top[-1] += *top;
            break;
        case SUB:
            top--;
            top[-1] -= *top;
            break;
        case MUL:
            top--;
            top[-1] *= *top;
            break;
        case XOR:
            top--;
            top[-1] ^= *top;
            break;
        case SHR:
            top--;
            top[-1] >>= *top;
            break;
        case JUMP_IF:
            if (*--top != 0)
                i = code + i->arg - 1;
            break;
        case STOP:
            return vars[0];
        }
    }
}

int main(int argc, char **argv)
{
    unsigned work = kernel_work(argc, argv, 100);
    uint64_t sum = 0;
    for (unsigned w = 0; w < work; w++)
        sum = kernel_mix(sum, run(program, w, 40000));
    return kernel_report("machine", sum);
}
