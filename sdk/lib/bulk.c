/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memcpy, memmove and memset as one instruction each. Debian's C library was compiled
 * for WebAssembly 1.0 and copies byte by byte, which no engine makes fast.
 */
#include <string.h>

void *memcpy(void *restrict dst, const void *restrict src, size_t n)
{
    return __builtin_memcpy(dst, src, n);
}

void *memmove(void *dst, const void *src, size_t n)
{
    return __builtin_memmove(dst, src, n);
}

void *memset(void *dst, int c, size_t n)
{
    return __builtin_memset(dst, c, n);
}
