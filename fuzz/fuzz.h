/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/*
 * The targets. Each takes any bytes, returns 0, and stops the process when something that
 * must hold does not. They run under libFuzzer (libfuzzer.c), once over the kept inputs
 * (rerun.c), and under the mutator of test/fuzz.
 */
typedef int fuzz_target(const uint8_t *data, size_t size);

/* Inputs that were accepted, so that a test can tell whether its inputs reach anything. */
extern unsigned long fuzz_accepted;

int fuzz_module(const uint8_t *data, size_t size);
int fuzz_image(const uint8_t *data, size_t size);
int fuzz_wasi(const uint8_t *data, size_t size);

#define MUST(cond)                                                                                 \
    do {                                                                                           \
        if (!(cond)) {                                                                             \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #cond);              \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

#endif
