/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_CHECK_H
#define TEST_CHECK_H

#include <stdio.h>

/*
 * Checks for plain C test programs, which also run under an emulator in cross builds.
 * A failed check is printed and counted, and the test goes on:
 *
 *     int main(void)
 *     {
 *         CHECK(1 + 1 == 2);
 *         return check_report("arithmetic");
 *     }
 */

static _Atomic unsigned long check_passed; /* some tests check from two threads */
static _Atomic unsigned long check_failed;

#define CHECK_PRINTED_MAX 50u /* failures shown, so that a loop cannot flood the log */

static inline int check_at(int ok, const char *file, int line, const char *text)
{
    if (ok) {
        check_passed++;
    } else {
        check_failed++;
        if (check_failed <= CHECK_PRINTED_MAX)
            fprintf(stderr, "%s:%d: failed: %s\n", file, line, text);
    }
    return ok;
}

/* Also a value, so that a test may stop early: if (!CHECK(p != NULL)) return; */
#define CHECK(cond) check_at(!!(cond), __FILE__, __LINE__, #cond)

/* The program's exit status: 0 when everything held and something was checked. */
static inline int check_report(const char *name)
{
    printf("%s: %lu checks passed, %lu failed\n", name, check_passed, check_failed);
    return check_failed != 0 || check_passed == 0;
}

#endif
