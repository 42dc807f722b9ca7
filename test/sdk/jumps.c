/* SPDX-License-Identifier: Apache-2.0 */
/* setjmp and longjmp as the C standard has them; run natively and as a cell, the output must
 * be the same. */
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

static jmp_buf top;

static int dive(int depth, jmp_buf env)
{
    volatile char frame[100];
    frame[depth % 100] = (char)depth;
    if (depth == 0)
        longjmp(env, 7);
    return dive(depth - 1, env) + frame[depth % 100];
}

static int nested(int level)
{
    jmp_buf env;
    volatile int tries = 0;
    int value = setjmp(env);
    if (value == 0) {
        tries++;
        if (level > 0)
            nested(level - 1);
        dive(20 + level, env);
    }
    printf("level %d value %d tries %d\n", level, value, tries);
    return value;
}

static long many(void)
{
    long sum = 0;
    for (volatile int i = 0; i < 500; i++) {
        jmp_buf env;
        int value = setjmp(env);
        if (value == 0)
            dive(i % 10, env);
        sum += value;
    }
    return sum;
}

static void through(void (*f)(jmp_buf), jmp_buf env)
{
    char text[32];
    snprintf(text, sizeof(text), "through %zu", strlen("pointer"));
    puts(text);
    f(env);
    puts("not reached");
}

static void jump_zero(jmp_buf env)
{
    longjmp(env, 0); /* arrives as 1 */
}

int main(int argc, char **argv)
{
    volatile int count = 0;
    int value = setjmp(top);
    printf("value %d count %d args %d %s\n", value, count, argc, argc > 1 ? argv[1] : "");
    if (value < 5) {
        count++;
        longjmp(top, value + 1);
    }
    nested(3);
    printf("sum %ld\n", many());
    jmp_buf env;
    value = setjmp(env);
    if (value == 0)
        through(jump_zero, env);
    printf("zero arrives as %d\n", value);
    return 3;
}
