/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"
#include "world.h"

int world_copy_image(struct world *to, struct world *from, struct csk_error *err)
{
    (void)from;
    *to = (struct world){0};
    return error_set(err, CSK_E_UNSUPPORTED, "images are not built");
}
