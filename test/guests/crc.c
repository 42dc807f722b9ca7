/* SPDX-License-Identifier: Apache-2.0 */
#include "guest.h"

void _start(void)
{
    static const char text[] = "123456789";
    uint32_t crc = ~0u;
#pragma clang loop unroll(disable)
    for (uint32_t i = 0; i < 9; i++) {
        crc ^= (uint8_t)text[i];
#pragma clang loop unroll(disable)
        for (int k = 0; k < 8; k++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
    }
    say_hex("crc ", ~crc);
}
