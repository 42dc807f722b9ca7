/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"
#include "wasm/pass.h"

int pass_simd(struct pass *p)
{
    return error_at(p->err, CSK_E_UNSUPPORTED, pass_offset(p),
                    "v128 is not built into this engine");
}
