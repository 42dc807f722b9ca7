/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/mem.h"
#include "mutate.h"

/*
 * A module as sections, and its code as bodies, so that a change inside one leaves the
 * sizes around it right: most mutants then reach the validator, and many run.
 */

#define HEADER       8u
#define SECTIONS_MAX 40u
#define BODIES_MAX   64u
#define CODE         10u

struct part {
    uint8_t id;
    struct buf bytes;
};

struct parts {
    struct part sections[SECTIONS_MAX];
    size_t n;
};

static bool get_leb(struct reader *r, uint32_t *ret)
{
    uint32_t v = 0;
    for (unsigned shift = 0; shift < 35; shift += 7) {
        uint8_t byte = reader_u8(r);
        v |= (uint32_t)(byte & 0x7f) << shift;
        if ((byte & 0x80) == 0) {
            *ret = v;
            return !r->failed;
        }
    }
    return false;
}

static void put_leb(struct buf *b, uint32_t v)
{
    while (v > 0x7f) {
        buf_put_u8(b, (uint8_t)(v | 0x80));
        v >>= 7;
    }
    buf_put_u8(b, (uint8_t)v);
}

/* As far as it goes; what does not parse is left out. */
static void take_apart(const struct buf *from, struct parts *p)
{
    struct reader r;
    reader_init(&r, from->data, from->size);
    (void)reader_take(&r, HEADER);
    p->n = 0;
    while (reader_left(&r) != 0 && p->n < SECTIONS_MAX - 2) {
        uint32_t size;
        uint8_t id = reader_u8(&r);
        const uint8_t *bytes = get_leb(&r, &size) ? reader_take(&r, size) : NULL;
        if (bytes == NULL)
            return;
        p->sections[p->n] = (struct part){.id = id};
        buf_put(&p->sections[p->n++].bytes, bytes, size);
    }
}

static void put_together(const struct parts *p, struct buf *out)
{
    static const uint8_t header[HEADER] = {0, 'a', 's', 'm', 1, 0, 0, 0};
    buf_put(out, header, sizeof header);
    for (size_t i = 0; i < p->n; i++) {
        buf_put_u8(out, p->sections[i].id);
        put_leb(out, (uint32_t)p->sections[i].bytes.size);
        buf_put(out, p->sections[i].bytes.data, p->sections[i].bytes.size);
    }
}

static void free_parts(struct parts *p)
{
    for (size_t i = 0; i < p->n; i++)
        buf_fini(&p->sections[i].bytes);
}

static size_t get_bodies(const struct buf *section, struct buf *bodies)
{
    struct reader r;
    uint32_t count, size;
    size_t n = 0;
    reader_init(&r, section->data, section->size);
    if (!get_leb(&r, &count) || count > BODIES_MAX)
        return 0;
    while (n < count) {
        const uint8_t *bytes = get_leb(&r, &size) ? reader_take(&r, size) : NULL;
        if (bytes == NULL)
            break;
        buf_put(&bodies[n++], bytes, size);
    }
    return n;
}

/* Change one function's body; its size and the section's stay right. */
static void mutate_body(struct buf *section)
{
    struct buf bodies[BODIES_MAX] = {{0}};
    size_t n = get_bodies(section, bodies);
    if (n != 0) {
        mutate_bytes(&bodies[mutate_below((uint32_t)n)]);
        if (mutate_below(6) == 0)
            mutate_bytes(&bodies[mutate_below((uint32_t)n)]);
        buf_clear(section);
        put_leb(section, (uint32_t)n);
        for (size_t i = 0; i < n; i++) {
            put_leb(section, (uint32_t)bodies[i].size);
            buf_put(section, bodies[i].data, bodies[i].size);
            buf_fini(&bodies[i]);
        }
    }
}

static void swap_sections(struct parts *p, size_t a, size_t b)
{
    struct part t = p->sections[a];
    p->sections[a] = p->sections[b];
    p->sections[b] = t;
}

static void drop_section(struct parts *p, size_t at)
{
    buf_fini(&p->sections[at].bytes);
    p->n--;
    memmove(p->sections + at, p->sections + at + 1, (p->n - at) * sizeof p->sections[0]);
}

static void add_section(struct parts *p, size_t at, uint8_t id, const struct buf *bytes)
{
    memmove(p->sections + at + 1, p->sections + at, (p->n - at) * sizeof p->sections[0]);
    p->sections[at] = (struct part){.id = id};
    buf_put(&p->sections[at].bytes, bytes->data, bytes->size);
    p->n++;
}

/* A section of another module, in place of ours of that kind. */
static void splice(struct parts *p)
{
    struct parts other = {.n = 0};
    take_apart(mutate_other(), &other);
    if (other.n != 0) {
        const struct part *s = &other.sections[mutate_below((uint32_t)other.n)];
        size_t at = 0;
        while (at < p->n && p->sections[at].id < s->id)
            at++;
        if (at < p->n && p->sections[at].id == s->id)
            drop_section(p, at);
        add_section(p, at, s->id, &s->bytes);
    }
    free_parts(&other);
}

static size_t find_code(const struct parts *p)
{
    for (size_t i = 0; i < p->n; i++) {
        if (p->sections[i].id == CODE)
            return i;
    }
    return mutate_below((uint32_t)p->n);
}

static void change(struct parts *p)
{
    if (p->n == 0)
        return;
    size_t at = mutate_below((uint32_t)p->n);
    switch (mutate_below(16)) {
    case 0:
        swap_sections(p, at, mutate_below((uint32_t)p->n));
        break;
    case 1:
        drop_section(p, at);
        break;
    case 2:
        if (p->n < SECTIONS_MAX - 2) {
            struct part twice = p->sections[at];
            add_section(p, at + 1, twice.id, &twice.bytes);
        }
        break;
    case 3:
    case 4:
        if (p->n < SECTIONS_MAX - 2)
            splice(p);
        break;
    case 5:
        p->sections[at].id = (uint8_t)mutate_below(14);
        break;
    case 6:
    case 7:
    case 8:
        mutate_bytes(&p->sections[at].bytes);
        break;
    default:
        mutate_body(&p->sections[find_code(p)].bytes);
        break;
    }
}

void mutate_module(const struct buf *from, struct buf *out)
{
    if (mutate_below(20) == 0) { /* as it stands, or cut */
        buf_put(out, from->data, mutate_below((uint32_t)from->size + 1));
        mutate_bytes(out);
        return;
    }
    struct parts p = {.n = 0};
    take_apart(from, &p);
    uint32_t times = 1 + mutate_below(1 + mutate_below(4));
    for (uint32_t i = 0; i < times; i++)
        change(&p);
    put_together(&p, out);
    free_parts(&p);
}
