/* SPDX-License-Identifier: Apache-2.0 */
#include "guest.h"

void _start(void)
{
    size_t first = __builtin_wasm_memory_size(0);
    for (uint32_t i = 0; i < 4; i++) {
        size_t at = __builtin_wasm_memory_grow(0, 2);
        need(at == first + 2 * i, 1);
        ((volatile uint32_t *)(at << 16))[5] = 0x1000 + i;
        say_hex("page", (uint32_t)(at - first));
    }
    say_hex("word", ((volatile uint32_t *)((first + 4) << 16))[5]);
}
