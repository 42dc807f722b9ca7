/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>
#include <stdint.h>

/*
 * The only heap the project uses. Every allocation goes through here so that a
 * test can make the n-th one fail, and so that counts are overflow-checked.
 * All return NULL when out of memory; mem_free(NULL) is allowed. Thread-safe.
 */
void *mem_alloc(size_t size);
void *mem_calloc(size_t count, size_t size); /* zeroed; NULL when count*size overflows */
void *mem_array(size_t count, size_t size);  /* not zeroed, overflow-checked */
void *mem_realloc(void *p, size_t size);     /* p stays valid when NULL is returned */
void mem_free(void *p);
char *mem_strdup(const char *s);
void *mem_dup(const void *p, size_t size); /* copy of size bytes (size 0: 1-byte block) */

/*
 * Grow an array geometrically so that it holds at least `need` elements.
 * Returns 0, or CSK_E_NOMEM with *array and *cap unchanged.
 */
int mem_grow(void **array, size_t *cap, size_t need, size_t elem_size);

/* Test hook: the n-th allocation from now (n >= 1) and, when `sticky`, every later
 * one fails. n = 0 switches it off. Returns how many allocations were counted since
 * the last call. Not thread-safe; for tests only. */
uint64_t mem_fail_at(uint64_t n, int sticky);

/* Bytes currently allocated are not tracked; counts of live blocks are, for leak tests. */
int64_t mem_live_blocks(void);

#endif
