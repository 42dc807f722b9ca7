/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz/fuzz.h"

/* libFuzzer's entry; FUZZ_TARGET is the function that this program runs. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return FUZZ_TARGET(data, size);
}
