/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "check.h"
#include "wasm/forge.h"
#include "wasm/instance.h"

static struct wasm_engine *engine;
static struct buf b;

/* The module in `b`: 0 or the error, which must carry a text and, for bad bytes, where. */
static int load(uint64_t *ret_offset)
{
    struct wasm_module *m = NULL;
    struct csk_error err = {0};
    int r = wasm_module_load(engine, b.data, b.size, false, &m, &err);
    CHECK((r == 0) == (m != NULL));
    CHECK(err.code == r);
    CHECK((r == 0) == (err.text[0] == '\0'));
    if (ret_offset != NULL)
        *ret_offset = err.offset;
    wasm_module_free(m);
    return r;
}

static void expect(int want, uint64_t want_offset, const char *what)
{
    uint64_t offset = 0;
    int r = load(&offset);
    if (!CHECK(r == want) || !CHECK(r == 0 || offset == want_offset))
        fprintf(stderr, "  %s: %s at %llu\n", what, csk_strerror(r), (unsigned long long)offset);
}

static void check_header(void)
{
    static const uint8_t good[] = {0, 'a', 's', 'm', 1, 0, 0, 0};
    for (size_t size = 0; size <= sizeof good; size++) {
        buf_clear(&b);
        (void)buf_put(&b, good, size);
        expect(size == 8 ? 0 : CSK_E_MALFORMED, size < 4 ? 0 : 4, "short header");
    }
    for (size_t i = 0; i < sizeof good; i++) {
        forge_header(&b);
        b.data[i] ^= 1;
        expect(CSK_E_MALFORMED, i < 4 ? 0 : 4, "flipped header bit");
    }
}

static void check_section_order(void)
{
    static const uint8_t order[] = {1, 2, 3, 4, 5, 6, 7, 9, 12, 10, 11};
    for (size_t i = 0; i < sizeof order; i++) {
        for (size_t k = 0; k < sizeof order; k++) {
            forge_header(&b);
            FORGE(&b, order[i], 0);
            FORGE(&b, order[k], 0);
            expect(i < k ? 0 : CSK_E_MALFORMED, 11, "order of sections");
        }
    }
    for (unsigned id = 13; id < 256; id++) {
        forge_header(&b);
        FORGE(&b, (uint8_t)id, 0);
        expect(id == 13 ? CSK_E_UNSUPPORTED : CSK_E_MALFORMED, 8, "unknown section");
    }
}

static void check_section_sizes(void)
{
    forge_header(&b);
    FORGE(&b, 1, 0, 0);
    expect(CSK_E_MALFORMED, 11, "byte too much in a section");
    forge_header(&b);
    (void)buf_put(&b, FORGE_BYTES(1, 2, 0));
    expect(CSK_E_MALFORMED, 8, "section beyond the module");
    forge_header(&b);
    (void)buf_put(&b, FORGE_BYTES(1));
    expect(CSK_E_MALFORMED, 9, "no section size");
    forge_header(&b);
    (void)buf_put(&b, FORGE_BYTES(1, 0xff, 0xff, 0xff, 0xff, 0x1f));
    expect(CSK_E_MALFORMED, 9, "section size of more than 32 bits");
    forge_header(&b);
    (void)buf_put(&b, FORGE_BYTES(1, 0));
    expect(CSK_E_MALFORMED, 10, "section without its count");
}

static void check_custom(void)
{
    forge_header(&b);
    FORGE(&b, 0, 3, 'a', 'b', 'c', 1, 2, 3);
    FORGE(&b, 0, 0);
    FORGE(&b, 1, 0);
    FORGE(&b, 0, 1, 'x');
    expect(0, 0, "custom sections anywhere");
    forge_header(&b);
    FORGE(&b, 0, 4, 'a', 'b', 'c');
    expect(CSK_E_MALFORMED, 11, "custom name beyond its section");
    forge_header(&b);
    FORGE(&b, 0, 2, 0xc0, 0x80);
    expect(CSK_E_MALFORMED, 10, "custom name is not UTF-8");
    forge_header(&b);
    (void)buf_put(&b, FORGE_BYTES(0, 0));
    expect(CSK_E_MALFORMED, 10, "custom section without a name");
}

static void check_types(void)
{
    forge_header(&b);
    FORGE(&b, 1, 3, 0x60, 2, 0x7f, 0x7e, 1, 0x7d, 0x60, 0, 0, 0x60, 2, 0x7f, 0x7e, 1, 0x7d);
    struct wasm_module *m = NULL;
    if (!CHECK(wasm_module_load(engine, b.data, b.size, true, &m, NULL) == 0))
        return;
    CHECK(m->ntypes == 3 && m->types[0].nparams == 2 && m->types[0].nresults == 1);
    CHECK(m->types[0].params[1] == CSK_I64 && m->types[0].results[0] == CSK_F32);
    CHECK(m->types[0].canon == 0 && m->types[1].canon == 1 && m->types[2].canon == 0);
    CHECK(m->types[0].param_slots == 2 && m->types[1].result_slots == 0);
    wasm_module_free(m);
    forge_header(&b);
    FORGE(&b, 1, 1, 0x60, 1, 0x7a, 0);
    expect(CSK_E_MALFORMED, 13, "no value type");
    forge_header(&b);
    FORGE(&b, 1, 1, 0x61, 0, 0);
    expect(CSK_E_MALFORMED, 11, "no type form");
    forge_header(&b);
    FORGE(&b, 1, 1, 0x5f, 0, 0);
    expect(CSK_E_UNSUPPORTED, 11, "struct type");
    forge_header(&b);
    FORGE(&b, 1, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x60, 0, 0);
    expect(CSK_E_MALFORMED, 10, "more types than bytes");
}

/* n types of the kind () -> () */
static void forge_types(uint32_t n)
{
    struct buf s = {0};
    forge_leb(&s, n);
    for (uint32_t i = 0; i < n; i++)
        (void)buf_put(&s, FORGE_BYTES(0x60, 0, 0));
    forge_header(&b);
    forge_section_buf(&b, 1, &s);
    buf_fini(&s);
}

static void forge_params(uint32_t params, uint32_t results)
{
    struct buf s = {0};
    (void)buf_put(&s, FORGE_BYTES(1, 0x60));
    forge_leb(&s, params);
    for (uint32_t i = 0; i < params; i++)
        (void)buf_put_u8(&s, 0x7f);
    forge_leb(&s, results);
    for (uint32_t i = 0; i < results; i++)
        (void)buf_put_u8(&s, 0x7f);
    forge_header(&b);
    forge_section_buf(&b, 1, &s);
    buf_fini(&s);
}

/* A section of `n` equal items. */
static void forge_items(uint8_t id, uint32_t n, const uint8_t *item, size_t item_size)
{
    struct buf s = {0};
    forge_leb(&s, n);
    for (uint32_t i = 0; i < n; i++)
        (void)buf_put(&s, item, item_size);
    forge_section_buf(&b, id, &s);
    buf_fini(&s);
}

/* An export section of n functions, all of function 0, with names of eight digits. */
static void forge_exports(uint32_t n)
{
    struct buf s = {0};
    forge_leb(&s, n);
    for (uint32_t i = 0; i < n; i++) {
        (void)buf_put_u8(&s, 8);
        (void)buf_printf(&s, "%08u", i * 7919 % 10000000);
        (void)buf_put(&s, FORGE_BYTES(0, 0));
    }
    forge_section_buf(&b, 7, &s);
    buf_fini(&s);
}

static void check_limits_of_counts(void)
{
    forge_types(WASM_TYPES_MAX);
    expect(0, 0, "types at the limit");
    forge_types(WASM_TYPES_MAX + 1);
    expect(CSK_E_LIMIT, 13, "types over the limit");
    forge_params(WASM_PARAMS_MAX, WASM_RESULTS_MAX);
    expect(0, 0, "parameters and results at the limit");
    forge_params(WASM_PARAMS_MAX + 1, 0);
    expect(CSK_E_LIMIT, 13, "parameters over the limit");
    forge_params(0, WASM_RESULTS_MAX + 1);
    expect(CSK_E_LIMIT, 14, "results over the limit");

    forge_header(&b);
    forge_items(5, WASM_MEMORIES_MAX, FORGE_BYTES(0, 0));
    expect(0, 0, "memories at the limit");
    forge_header(&b);
    forge_items(5, WASM_MEMORIES_MAX + 1, FORGE_BYTES(0, 0));
    expect(CSK_E_LIMIT, 11, "memories over the limit");
    forge_header(&b);
    forge_items(4, WASM_TABLES_MAX, FORGE_BYTES(0x70, 0, 0));
    expect(0, 0, "tables at the limit");
    forge_header(&b);
    forge_items(4, WASM_TABLES_MAX + 1, FORGE_BYTES(0x70, 0, 0));
    expect(CSK_E_LIMIT, 12, "tables over the limit");
    forge_header(&b);
    forge_items(6, WASM_GLOBALS_MAX, FORGE_BYTES(0x7f, 0, 0x41, 0, 0x0b));
    expect(0, 0, "globals at the limit");
    forge_header(&b);
    forge_items(6, WASM_GLOBALS_MAX + 1, FORGE_BYTES(0x7f, 0, 0x41, 0, 0x0b));
    expect(CSK_E_LIMIT, 13, "globals over the limit");
    forge_header(&b);
    forge_items(9, WASM_SEGMENTS_MAX, FORGE_BYTES(1, 0, 0));
    expect(0, 0, "element segments at the limit");
    forge_header(&b);
    forge_items(9, WASM_SEGMENTS_MAX + 1, FORGE_BYTES(1, 0, 0));
    expect(CSK_E_LIMIT, 12, "element segments over the limit");
    forge_header(&b);
    forge_items(11, WASM_SEGMENTS_MAX, FORGE_BYTES(1, 0));
    expect(0, 0, "data segments at the limit");
    forge_header(&b);
    forge_items(11, WASM_SEGMENTS_MAX + 1, FORGE_BYTES(1, 0));
    expect(CSK_E_LIMIT, 12, "data segments over the limit");
    forge_header(&b);
    FORGE(&b, 12, 0xa1, 0x8d, 0x06);
    expect(CSK_E_LIMIT, 10, "data count over the limit");
}

static void check_limits_of_names(void)
{
    forge_types(1);
    FORGE(&b, 2, 1, 0, 0, 0, 0);
    forge_exports(WASM_EXPORTS_MAX);
    expect(0, 0, "exports at the limit");
    forge_types(1);
    FORGE(&b, 2, 1, 0, 0, 0, 0);
    forge_exports(WASM_EXPORTS_MAX + 1);
    expect(CSK_E_LIMIT, 26, "exports over the limit");
    forge_types(1);
    forge_items(2, WASM_IMPORTS_MAX, FORGE_BYTES(0, 0, 0, 0));
    expect(0, 0, "imports at the limit");
    forge_types(1);
    forge_items(2, WASM_IMPORTS_MAX + 1, FORGE_BYTES(0, 0, 0, 0));
    expect(CSK_E_LIMIT, 19, "imports over the limit");
}

/* The engine's own limits, which the embedder sets. */
static void check_limits_of_engine(void)
{
    struct wasm_engine *whole = engine;
    struct csk_limits limits = {
        .module_bytes_max = 40, .functions_max = 3, .function_bytes_max = 5};
    if (!CHECK(wasm_engine_new(&limits, &engine) == 0))
        return;
    forge_types(1);
    FORGE(&b, 2, 1, 0, 0, 0, 0);
    FORGE(&b, 3, 2, 0, 0);
    FORGE(&b, 10, 2, 2, 0, 0x0b, 2, 0, 0x0b);
    expect(0, 0, "functions at the limit");
    CHECK(b.size == 35);
    forge_types(1);
    FORGE(&b, 2, 1, 0, 0, 0, 0);
    FORGE(&b, 3, 3, 0, 0, 0);
    expect(CSK_E_LIMIT, 27, "functions over the limit");
    forge_types(1);
    FORGE(&b, 3, 1, 0);
    FORGE(&b, 10, 1, 5, 0, 1, 1, 1, 0x0b);
    expect(0, 0, "function body at the limit");
    forge_types(1);
    FORGE(&b, 3, 1, 0);
    FORGE(&b, 10, 1, 6, 0, 1, 1, 1, 1, 0x0b);
    expect(CSK_E_LIMIT, 21, "function body over the limit");
    forge_header(&b);
    FORGE(&b, 0, 29, 'n', 'n', 'n', 'n', 'n', 'n', 'n', 'n', 'n', 'n', 'n', 'n', 'n', 'n', 'n', 'n',
          'n', 'n', 'n', 'n', 'n', 'n', 'n', 'n', 'n', 'n', 'n', 'n', 'n');
    CHECK(b.size == 40);
    expect(0, 0, "module at the limit");
    FORGE(&b, 0, 0);
    expect(CSK_E_LIMIT, CSK_NO_OFFSET, "module over the limit");
    wasm_engine_free(engine);
    engine = whole;
}

static void check_imports(void)
{
    forge_types(1);
    FORGE(&b, 2, 1, 1, 'm', 1, 'f', 0, 1);
    expect(CSK_E_INVALID, 22, "import of an unknown type");
    forge_types(1);
    FORGE(&b, 2, 1, 1, 'm', 1, 'f', 5, 0);
    expect(CSK_E_MALFORMED, 21, "import of an unknown kind");
    forge_types(1);
    FORGE(&b, 2, 1, 1, 'm', 1, 'f', 4, 0, 0);
    expect(CSK_E_UNSUPPORTED, 21, "import of a tag");
    forge_types(1);
    FORGE(&b, 2, 1, 1, 0xff, 1, 'f', 0, 0);
    expect(CSK_E_MALFORMED, 17, "import module name is not UTF-8");
    forge_types(1);
    FORGE(&b, 2, 3, 1, 'm', 0, 0x7f, 2, 1, 'a', 0, 0, 1, 'b', 0, 0, 1, 'n', 1, 'c', 0, 0);
    expect(0, 0, "group of imports");
    forge_types(1);
    FORGE(&b, 2, 1, 1, 'm', 0, 0x7f, 2, 1, 'a', 0, 0, 1, 'b', 0, 0);
    expect(CSK_E_MALFORMED, 21, "larger group than imports are left");
}

static void check_limits_fields(void)
{
    static const struct {
        uint8_t bytes[6];
        size_t size;
        int memory;
        int table;
    } rows[] = {
        {{0, 1}, 2, 0, 0},
        {{1, 1, 1}, 3, 0, 0},
        {{1, 2, 1}, 3, CSK_E_INVALID, CSK_E_INVALID},
        {{2, 1}, 2, CSK_E_UNSUPPORTED, CSK_E_UNSUPPORTED},
        {{4, 1}, 2, CSK_E_UNSUPPORTED, CSK_E_UNSUPPORTED},
        {{8, 1}, 2, CSK_E_MALFORMED, CSK_E_MALFORMED},
        {{0, 0x80, 0x80, 0x04}, 4, 0, 0},
        {{0, 0x81, 0x80, 0x04}, 4, CSK_E_INVALID, 0},
        {{1, 0, 0x80, 0x80, 0x04}, 5, 0, 0},
        {{1, 0, 0x81, 0x80, 0x04}, 5, CSK_E_INVALID, 0},
        {{0}, 1, CSK_E_MALFORMED, CSK_E_MALFORMED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t payload[8] = {1};
        memcpy(payload + 1, rows[i].bytes, rows[i].size);
        forge_header(&b);
        forge_section(&b, 5, payload, rows[i].size + 1);
        CHECK(load(NULL) == rows[i].memory);
        payload[1] = 0x6f;
        memcpy(payload + 2, rows[i].bytes, rows[i].size);
        forge_header(&b);
        forge_section(&b, 4, payload, rows[i].size + 2);
        CHECK(load(NULL) == rows[i].table);
    }
}

/* One global of type `type` with the constant expression in `expr`. */
static int load_global(uint8_t type, const uint8_t *expr, size_t size)
{
    struct buf s = {0};
    forge_types(1);
    FORGE(&b, 2, 3, 0, 0, 3, 0x7f, 0, 0, 0, 3, 0x7e, 0, 0, 0, 3, 0x7f, 1); /* the last is mutable */
    FORGE(&b, 3, 1, 0);
    (void)buf_put(&s, FORGE_BYTES(1, type, 0));
    (void)buf_put(&s, expr, size);
    forge_section_buf(&b, 6, &s);
    FORGE(&b, 10, 1, 2, 0, 0x0b);
    buf_fini(&s);
    return load(NULL);
}

#define GLOBAL(type, ...) load_global(type, FORGE_BYTES(__VA_ARGS__))

static void check_expressions(void)
{
    CHECK(GLOBAL(0x7f, 0x41, 0x7f, 0x0b) == 0);
    CHECK(GLOBAL(0x7e, 0x41, 0x7f, 0x0b) == CSK_E_INVALID);
    CHECK(GLOBAL(0x7e, 0x42, 0x7f, 0x0b) == 0);
    CHECK(GLOBAL(0x7d, 0x43, 0, 0, 0, 0, 0x0b) == 0);
    CHECK(GLOBAL(0x7d, 0x43, 0, 0, 0, 0x0b) == CSK_E_MALFORMED);
    CHECK(GLOBAL(0x7c, 0x44, 0, 0, 0, 0, 0, 0, 0, 0, 0x0b) == 0);
    CHECK(GLOBAL(0x70, 0xd0, 0x70, 0x0b) == 0);
    CHECK(GLOBAL(0x70, 0xd0, 0x6f, 0x0b) == CSK_E_INVALID);
    CHECK(GLOBAL(0x70, 0xd2, 0, 0x0b) == 0);
    CHECK(GLOBAL(0x70, 0xd2, 1, 0x0b) == CSK_E_INVALID);
    CHECK(GLOBAL(0x7f, 0x23, 0, 0x0b) == 0);
    CHECK(GLOBAL(0x7f, 0x23, 1, 0x0b) == CSK_E_INVALID); /* its type */
    CHECK(GLOBAL(0x7f, 0x23, 2, 0x0b) == CSK_E_INVALID); /* is mutable */
    CHECK(GLOBAL(0x7f, 0x23, 3, 0x0b) == CSK_E_INVALID); /* itself */
    CHECK(GLOBAL(0x7f, 0x41, 1, 0x41, 2, 0x6a, 0x0b) == 0);
    CHECK(GLOBAL(0x7f, 0x41, 1, 0x42, 2, 0x6a, 0x0b) == CSK_E_INVALID);
    CHECK(GLOBAL(0x7f, 0x41, 1, 0x6a, 0x0b) == CSK_E_INVALID);
    CHECK(GLOBAL(0x7f, 0x41, 1, 0x41, 2, 0x0b) == CSK_E_INVALID);
    CHECK(GLOBAL(0x7f, 0x0b) == CSK_E_INVALID);
    CHECK(GLOBAL(0x7f, 0x01, 0x0b) == CSK_E_INVALID);   /* nop is not constant */
    CHECK(GLOBAL(0x7f, 0xff, 0x0b) == CSK_E_MALFORMED); /* no instruction at all */
    CHECK(GLOBAL(0x7f, 0x41, 0x0b) == CSK_E_MALFORMED); /* end eaten as the constant */
    CHECK(GLOBAL(0x7f, 0x41, 0x80, 0x80, 0x80, 0x80, 0x70, 0x0b) == CSK_E_MALFORMED);
    uint8_t deep[200];
    for (size_t i = 0; i < 65; i++)
        memcpy(deep + 2 * i, FORGE_BYTES(0x41, 1));
    memset(deep + 128, 0x6a, 63);
    deep[191] = 0x0b;
    CHECK(load_global(0x7f, deep, 192) == 0);
    memcpy(deep + 128, FORGE_BYTES(0x41, 1));
    memset(deep + 130, 0x6a, 64);
    deep[194] = 0x0b;
    CHECK(load_global(0x7f, deep, 195) == CSK_E_LIMIT);
}

static void check_exports(void)
{
    forge_types(1);
    FORGE(&b, 2, 1, 0, 0, 0, 0);
    FORGE(&b, 7, 3, 1, 'a', 0, 0, 1, 'b', 0, 0, 1, 'a', 0, 0);
    CHECK(load(NULL) == CSK_E_INVALID);
    forge_types(1);
    FORGE(&b, 2, 1, 0, 0, 0, 0);
    FORGE(&b, 7, 2, 1, 'a', 0, 0, 2, 'a', 'b', 0, 0);
    CHECK(load(NULL) == 0);
    for (uint8_t kind = 0; kind < 6; kind++) {
        forge_types(1);
        FORGE(&b, 2, 1, 0, 0, 0, 0);
        FORGE(&b, 7, 1, 1, 'a', kind, 1);
        expect(kind < 4    ? CSK_E_INVALID
               : kind == 4 ? CSK_E_UNSUPPORTED
                           : CSK_E_MALFORMED,
               kind < 4 ? 27 : 26, "export of something unknown");
    }
}

static void check_start(void)
{
    forge_header(&b);
    FORGE(&b, 1, 2, 0x60, 0, 0, 0x60, 1, 0x7f, 0);
    FORGE(&b, 2, 2, 0, 0, 0, 0, 0, 0, 0, 1);
    FORGE(&b, 8, 0);
    CHECK(load(NULL) == 0);
    b.data[b.size - 1] = 1;
    CHECK(load(NULL) == CSK_E_INVALID);
    b.data[b.size - 1] = 2;
    CHECK(load(NULL) == CSK_E_INVALID);
}

static void check_segments(void)
{
    static const uint8_t elems[][12] = {
        {9, 0, 0x41, 0, 0x0b, 1, 0},
        {9, 1, 0, 1, 0},
        {9, 2, 0, 0x41, 0, 0x0b, 0, 1, 0},
        {9, 3, 0, 1, 0},
        {9, 4, 0x41, 0, 0x0b, 1, 0xd2, 0, 0x0b},
        {9, 5, 0x70, 1, 0xd0, 0x70, 0x0b},
        {9, 6, 0, 0x41, 0, 0x0b, 0x70, 1, 0xd0, 0x70, 0x0b},
        {9, 7, 0x6f, 1, 0xd0, 0x6f, 0x0b},
    };
    static const uint8_t sizes[] = {6, 4, 8, 4, 8, 6, 10, 6};
    for (size_t i = 0; i < 8; i++) {
        for (int tables = 0; tables < 2; tables++) {
            struct buf s = {0};
            (void)buf_put_u8(&s, 1);
            (void)buf_put(&s, elems[i] + 1, sizes[i]);
            forge_types(1);
            FORGE(&b, 2, 1, 0, 0, 0, 0);
            if (tables != 0)
                FORGE(&b, 4, 1, 0x70, 0, 1);
            forge_section_buf(&b, 9, &s);
            buf_fini(&s);
            bool active = (i & 1) == 0;
            CHECK(load(NULL) == (active && tables == 0 ? CSK_E_INVALID : 0));
        }
    }
    forge_header(&b);
    FORGE(&b, 9, 1, 8, 0, 0);
    expect(CSK_E_MALFORMED, 11, "unknown kind of element segment");
    forge_header(&b);
    FORGE(&b, 11, 1, 3, 0);
    expect(CSK_E_MALFORMED, 11, "unknown kind of data segment");
    forge_header(&b);
    FORGE(&b, 11, 1, 0, 0x41, 0, 0x0b, 0);
    CHECK(load(NULL) == CSK_E_INVALID);
    forge_header(&b);
    FORGE(&b, 5, 1, 0, 0);
    FORGE(&b, 11, 1, 0, 0x41, 0, 0x0b, 2, 'x');
    CHECK(load(NULL) == CSK_E_MALFORMED);
}

static void check_agreement(void)
{
    forge_types(1);
    FORGE(&b, 3, 1, 0);
    expect(CSK_E_MALFORMED, 18, "functions without bodies");
    forge_types(1);
    FORGE(&b, 3, 1, 0);
    FORGE(&b, 10, 2, 2, 0, 0x0b, 2, 0, 0x0b);
    expect(CSK_E_MALFORMED, 20, "more bodies than functions");
    forge_header(&b);
    FORGE(&b, 10, 1, 2, 0, 0x0b);
    expect(CSK_E_MALFORMED, 10, "bodies without functions");
    forge_header(&b);
    FORGE(&b, 12, 1);
    expect(CSK_E_MALFORMED, 11, "data count without data");
    forge_header(&b);
    FORGE(&b, 12, 1);
    FORGE(&b, 11, 2, 1, 0, 1, 0);
    expect(CSK_E_MALFORMED, 13, "data count and data disagree");
}

/* A module with one of everything; every prefix of it and every flipped bit has to be
 * refused or accepted, never worse (the sanitizers watch), and an error names a place. */
static void forge_everything(void)
{
    forge_header(&b);
    FORGE(&b, 1, 2, 0x60, 0, 0, 0x60, 2, 0x7f, 0x7e, 1, 0x7c);
    FORGE(&b, 2, 4, 1, 'm', 1, 'f', 0, 0, 1, 'm', 1, 't', 1, 0x70, 1, 1, 9, 1, 'm', 1, 'g', 3, 0x7f,
          0, 1, 'm', 1, 'm', 2, 0, 1);
    FORGE(&b, 3, 2, 0, 1);
    FORGE(&b, 4, 1, 0x6f, 0, 3);
    FORGE(&b, 5, 1, 1, 1, 2);
    FORGE(&b, 6, 2, 0x7f, 1, 0x23, 0, 0x41, 3, 0x6a, 0x0b, 0x70, 0, 0xd2, 1, 0x0b);
    FORGE(&b, 7, 3, 1, 'f', 0, 1, 1, 'm', 2, 1, 1, 'g', 3, 1);
    FORGE(&b, 8, 1);
    FORGE(&b, 9, 2, 0, 0x41, 0, 0x0b, 2, 0, 1, 5, 0x70, 1, 0xd0, 0x70, 0x0b);
    FORGE(&b, 12, 2);
    FORGE(&b, 10, 2, 2, 0, 0x0b, 16, 1, 1, 0x7f, 0x20, 2, 0x1a, 0x44, 0, 0, 0, 0, 0, 0, 0, 0, 0x0b);
    FORGE(&b, 11, 2, 0, 0x41, 0, 0x0b, 2, 'h', 'i', 1, 1, 'x');
    FORGE(&b, 0, 4, 'n', 'a', 'm', 'e', 1, 4, 1, 1, 1, 'q');
}

static void check_everything(void)
{
    forge_everything();
    CHECK(load(NULL) == 0);
    size_t size = b.size;
    unsigned long accepted = 0;
    for (size_t i = 0; i < size; i++) {
        b.size = i;
        uint64_t offset;
        int r = load(&offset);
        accepted += r == 0;
        CHECK(r == 0 || offset <= i);
    }
    CHECK(accepted <= 14); /* after the header and between sections, where counts agree */
    b.size = size;
    for (size_t i = 0; i < size * 8; i++) {
        b.data[i / 8] ^= (uint8_t)(1u << i % 8);
        uint64_t offset;
        int r = load(&offset);
        CHECK(r == 0 || r == CSK_E_NOMEM || offset <= size);
        b.data[i / 8] ^= (uint8_t)(1u << i % 8);
    }
}

static void name_of(const struct wasm_module *m, uint32_t func, const char *want)
{
    char text[16];
    wasm_module_func_name(m, func, text, sizeof text);
    CHECK(strcmp(text, want) == 0);
}

static void check_names(void)
{
    struct wasm_module *m = NULL;
    forge_everything();
    if (!CHECK(wasm_module_load(engine, b.data, b.size, true, &m, NULL) == 0))
        return;
    name_of(m, 0, "f");
    name_of(m, 1, "q");
    name_of(m, 2, "func[2]");
    name_of(m, 4000000000u, "func[4000000000");
    char one[1] = {'x'};
    wasm_module_func_name(m, 1, one, 1);
    CHECK(one[0] == '\0');
    wasm_module_free(m);
}

/* Name sections of nonsense: 0 for the export's name. */
static void check_hostile_names(void)
{
    static const uint8_t payloads[][8] = {
        {1},
        {1, 0},
        {1, 5, 1, 0, 9, 'a'},
        {1, 0xff, 0xff, 0xff, 0xff, 0x0f, 1},
        {1, 6, 0xff, 0xff, 0xff, 0xff, 0x0f, 7},
        {0, 9, 1, 4, 1, 0, 1, 'z'},
        {1, 4, 1, 0, 1, 0x1b},
        {1, 4, 1, 0, 0, 'z'},
    };
    for (size_t i = 0; i < sizeof payloads / sizeof payloads[0]; i++) {
        for (size_t size = 0; size <= 8; size++) {
            struct wasm_module *m = NULL;
            struct buf s = {0};
            (void)buf_put(&s, FORGE_BYTES(4, 'n', 'a', 'm', 'e'));
            (void)buf_put(&s, payloads[i], size);
            forge_types(1);
            FORGE(&b, 3, 1, 0);
            FORGE(&b, 7, 1, 1, 'e', 0, 0);
            FORGE(&b, 10, 1, 2, 0, 0x0b);
            forge_section_buf(&b, 0, &s);
            buf_fini(&s);
            if (!CHECK(wasm_module_load(engine, b.data, b.size, true, &m, NULL) == 0))
                continue;
            name_of(m, 0, i == 6 && size >= 6 ? "?" : i == 7 && size >= 6 ? "func[0]" : "e");
            wasm_module_free(m);
        }
    }
}

/* Duplicates among many names are found quickly, and names are looked up exactly. */
static void check_lookup(void)
{
    struct wasm_module *m = NULL;
    forge_types(1);
    FORGE(&b, 2, 1, 0, 0, 0, 0);
    FORGE(&b, 4, 1, 0x70, 0, 0);
    FORGE(&b, 7, 3, 2, 'a', 'b', 0, 0, 1, 'a', 1, 0, 2, 'a', 0, 0, 0);
    if (!CHECK(wasm_module_load(engine, b.data, b.size, true, &m, NULL) == 0))
        return;
    CHECK(wasm_module_export(m, "ab", WASM_FUNC) == &m->exports[0]);
    CHECK(wasm_module_export(m, "a", WASM_TABLE) == &m->exports[1]);
    CHECK(wasm_module_export(m, "a", WASM_FUNC) == NULL);
    CHECK(wasm_module_export(m, "ab", WASM_TABLE) == NULL);
    CHECK(wasm_module_export(m, "", WASM_FUNC) == NULL);
    CHECK(wasm_module_export(m, "abc", WASM_FUNC) == NULL);
    wasm_module_free(m);
}

int main(void)
{
    if (!CHECK(wasm_engine_new(NULL, &engine) == 0))
        return check_report("decode");
    check_header();
    check_section_order();
    check_section_sizes();
    check_custom();
    check_types();
    check_limits_of_counts();
    check_limits_of_names();
    check_limits_of_engine();
    check_imports();
    check_limits_fields();
    check_expressions();
    check_exports();
    check_start();
    check_segments();
    check_agreement();
    check_everything();
    check_names();
    check_hostile_names();
    check_lookup();
    wasm_engine_free(engine);
    buf_fini(&b);
    CHECK(mem_live_blocks() == 0);
    return check_report("decode");
}
