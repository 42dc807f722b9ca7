/* SPDX-License-Identifier: Apache-2.0 */
/* walk: flags -msimd128 -O2 */
#include "guest.h"

typedef uint32_t v4 __attribute__((vector_size(16)));

static __attribute__((noinline)) v4 mix(v4 a, v4 b)
{
    return (a << 5 ^ a >> 3) + b;
}

void _start(void)
{
    v4 a = {1, 2, 3, 4};
#pragma clang loop unroll(disable)
    for (uint32_t i = 0; i < 6; i++)
        a = mix(a, (v4){i, i * 3, i ^ 7, 1});
    say_hex("lan0", a[0]);
    say_hex("lan3", a[3]);
}
