/* SPDX-License-Identifier: Apache-2.0 */
#include "port/vm.h"

#include <string.h>

#include "base/error.h"
#include "check.h"

#define PAGES      300u
#define RANGES_MAX 400u

struct seen {
    size_t offset[RANGES_MAX];
    size_t size[RANGES_MAX];
    size_t count;
};

static int note(void *user, size_t offset, size_t size)
{
    struct seen *seen = user;
    if (seen->count == RANGES_MAX)
        return 99;
    seen->offset[seen->count] = offset;
    seen->size[seen->count++] = size;
    return 0;
}

static int stop_at_once(void *user, size_t offset, size_t size)
{
    (void)offset;
    (void)size;
    ++*(int *)user;
    return 42;
}

static bool is_zero(const uint8_t *p, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (p[i] != 0)
            return false;
    }
    return true;
}

static void check_reserve(void)
{
    size_t page = port_vm_page_size();
    struct port_vm vm;
    CHECK(page >= 4096 && (page & (page - 1)) == 0);
    CHECK(port_vm_reserve(&vm, 0) == 0 && vm.base == NULL && vm.size == 0);
    port_vm_release(&vm);
    CHECK(port_vm_reserve(&vm, 1) == 0 && vm.size == page);
    CHECK(is_zero(vm.base, page));
    port_vm_release(&vm);
    CHECK(vm.base == NULL && vm.size == 0);
    CHECK(port_vm_reserve(&vm, SIZE_MAX) == CSK_E_NOMEM);
    CHECK(port_vm_reserve(&vm, SIZE_MAX - page * 2) == CSK_E_NOMEM);
}

static void check_resize(void)
{
    size_t page = port_vm_page_size();
    struct port_vm vm = {NULL, 0};
    CHECK(port_vm_resize(&vm, page * 2) == 0 && vm.size == page * 2);
    memset(vm.base, 0xa5, page * 2);
    CHECK(port_vm_resize(&vm, page * 100 + 1) == 0 && vm.size == page * 101);
    CHECK(vm.base[0] == 0xa5 && vm.base[page * 2 - 1] == 0xa5);
    CHECK(is_zero(vm.base + page * 2, page * 99));
    struct port_vm before = vm;
    CHECK(port_vm_resize(&vm, SIZE_MAX) == CSK_E_NOMEM);
    CHECK(vm.base == before.base && vm.size == before.size);
    CHECK(port_vm_resize(&vm, page) == 0 && vm.size == page && vm.base[page - 1] == 0xa5);
    CHECK(port_vm_resize(&vm, 0) == 0 && vm.base == NULL);
}

static void check_zero(size_t size, size_t from, size_t n)
{
    struct port_vm vm;
    if (!CHECK(port_vm_reserve(&vm, size) == 0))
        return;
    memset(vm.base, 0x5a, size);
    port_vm_zero(&vm, from, n);
    CHECK(is_zero(vm.base + from, n));
    CHECK(from == 0 || vm.base[from - 1] == 0x5a);
    CHECK(from + n == size || vm.base[from + n] == 0x5a);
    CHECK(vm.base[size - 1] == (from + n == size ? 0 : 0x5a));
    port_vm_release(&vm);
}

/* Every page that was written must be reported, in order, without overlap; where the
 * system can be believed nothing else is. */
static void check_touched(void)
{
    static struct seen seen;
    static bool written[PAGES];
    size_t page = port_vm_page_size();
    struct port_vm vm;
    if (!CHECK(port_vm_reserve(&vm, PAGES * page) == 0))
        return;
    for (size_t i = 0; i < PAGES; i++) {
        written[i] = i % 7 == 3 || i % 11 < 2 || i == PAGES - 1;
        if (written[i])
            vm.base[i * page + i % page] = 1;
    }
    CHECK(port_vm_touched(vm.base, PAGES * page, note, &seen) == 0);
    bool exact = seen.count > 1;
    size_t at = 0, reported = 0, wanted = 0;
    for (size_t i = 0; i < seen.count; i++) {
        CHECK(seen.offset[i] >= at && seen.size[i] > 0 && seen.offset[i] % page == 0);
        at = seen.offset[i] + seen.size[i];
        reported += seen.size[i] / page;
        for (size_t p = seen.offset[i] / page; exact && p < at / page; p++)
            CHECK(written[p]);
    }
    CHECK(at <= PAGES * page);
    for (size_t i = 0; i < PAGES; i++)
        wanted += written[i];
    CHECK(exact ? reported == wanted : reported == PAGES);
    printf("touched pages: %s\n", exact ? "exact" : "the system cannot say");
    port_vm_release(&vm);
}

static void check_touched_edges(void)
{
    static struct seen seen;
    int calls = 0;
    size_t page = port_vm_page_size();
    struct port_vm vm;
    if (!CHECK(port_vm_reserve(&vm, 4 * page) == 0))
        return;
    memset(vm.base, 1, 4 * page);
    CHECK(port_vm_touched(vm.base, 0, note, &seen) == 0 && seen.count == 0);
    CHECK(port_vm_touched(vm.base, 4 * page, stop_at_once, &calls) == 42 && calls == 1);
    /* a size that is no multiple of the page is not exceeded */
    CHECK(port_vm_touched(vm.base, 3 * page + 5, note, &seen) == 0);
    CHECK(seen.count == 1 && seen.offset[0] == 0 && seen.size[0] == 3 * page + 5);
    port_vm_release(&vm);
}

int main(void)
{
    size_t page = port_vm_page_size();
    check_reserve();
    check_resize();
    check_zero(page * 4, page, page);
    check_zero(page * 4, 5, page * 2);
    check_zero(page * 4, 7, 0);
    check_zero(16u << 20, 0, 16u << 20);
    check_zero(16u << 20, 12345, (12u << 20) + 77);
    check_touched();
    check_touched_edges();
    return check_report("vm");
}
