/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/mem.h"
#include "mutate.h"
#include "test/image/forge.h"

static void change(struct forge *f)
{
    size_t at = mutate_below((uint32_t)f->nchunks);
    size_t other = mutate_below((uint32_t)f->nchunks);
    struct forge_chunk t = f->chunks[at];
    switch (mutate_below(24)) {
    case 0:
        f->chunks[at] = f->chunks[other];
        f->chunks[other] = t;
        break;
    case 1:
        forge_remove(f, at);
        break;
    case 2:
        (void)forge_insert(f, at, t.type, t.flags, t.plain.data, t.plain.size);
        break;
    case 3:
        f->chunks[at].type = (uint16_t)mutate_below(14);
        break;
    case 4:
        f->chunks[at].flags = (uint8_t)mutate_below(4);
        break;
    default:
        mutate_bytes(&f->chunks[at].plain);
        break;
    }
}

/* A chunk of another image in place of ours of that type. */
static void splice(struct forge *f, const struct buf *from)
{
    struct forge g;
    if (from->size > 1 && from->data[0] == 1 && forge_unpack(&g, from->data + 1, from->size - 1)) {
        struct forge_chunk *theirs = &g.chunks[mutate_below((uint32_t)g.nchunks)];
        struct forge_chunk *ours = g.nchunks != 0 ? forge_find(f, theirs->type) : NULL;
        if (ours != NULL) {
            buf_clear(&ours->plain);
            buf_put(&ours->plain, theirs->plain.data, theirs->plain.size);
        }
        forge_fini(&g);
    }
}

void mutate_image(const struct buf *from, struct buf *out)
{
    struct forge f;
    if (from->size < 2 || (from->data[0] & 1) == 0 || mutate_below(20) == 0) {
        buf_put(out, from->data, mutate_below((uint32_t)from->size + 1));
        mutate_bytes(out);
        return;
    }
    if (!forge_unpack(&f, from->data + 1, from->size - 1))
        return;
    uint32_t times = 1 + mutate_below(1 + mutate_below(4));
    for (uint32_t i = 0; i < times && f.nchunks != 0; i++)
        change(&f);
    if (mutate_below(6) == 0)
        splice(&f, mutate_other());
    buf_put_u8(out, 1);
    (void)forge_pack(&f, out);
    forge_fini(&f);
}
