/* SPDX-License-Identifier: Apache-2.0 */
#include "port/vm.h"

#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"

/* Below this, clearing bytes is cheaper than faulting fresh pages in again. */
#define VM_ZERO_BY_MEMSET_MAX ((size_t)4 << 20)

#define PAGEMAP_PRESENT (UINT64_C(1) << 63)
#define PAGEMAP_SWAPPED (UINT64_C(1) << 62)
#define PAGEMAP_CHUNK   512u /* entries read at a time: 4 KiB of stack */

/* Zero for a page that was just written. Frame numbers are below, so an emulator that passes
 * the entries on in another byte order shows itself here. */
#define PAGEMAP_OTHER (UINT64_C(0x1f) << 57)

#define PROBE_PAGES 96u

/* What the system does as documented. Found out once, because user-mode emulators answer
 * for their own address space, not the guest's, and some ignore advice. */
static struct {
    pthread_once_t once;
    size_t page_size;
    bool pagemap_is_true;
    bool dontneed_zeroes;
} host = {.once = PTHREAD_ONCE_INIT};

static bool pagemap_read(int fd, uintptr_t first_page, uint64_t *entries, size_t count)
{
    size_t bytes = count * sizeof *entries;
    return pread(fd, entries, bytes, (off_t)(first_page * sizeof *entries)) == (ssize_t)bytes;
}

static bool probe_touch(size_t i)
{
    return ((i * UINT32_C(2654435761)) >> 7 & 3) == 0;
}

static bool probe_pagemap(uint8_t *base, size_t page)
{
    uint64_t entries[PROBE_PAGES];
    int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool ok = pagemap_read(fd, (uintptr_t)base / page, entries, PROBE_PAGES);
    for (size_t i = 0; ok && i < PROBE_PAGES; i++) {
        bool seen = (entries[i] & (PAGEMAP_PRESENT | PAGEMAP_SWAPPED)) != 0;
        ok = seen == probe_touch(i) && (entries[i] & PAGEMAP_OTHER) == 0;
    }
    (void)close(fd);
    return ok;
}

static bool probe_dontneed(volatile uint8_t *base, size_t page)
{
    if (madvise((void *)(uintptr_t)base, PROBE_PAGES * page, MADV_DONTNEED) != 0)
        return false;
    for (size_t i = 0; i < PROBE_PAGES; i++) {
        if (base[i * page] != 0)
            return false;
    }
    return true;
}

static void host_probe(void)
{
    long page = sysconf(_SC_PAGESIZE);
    host.page_size = page > 0 ? (size_t)page : 4096;
    size_t size = PROBE_PAGES * host.page_size;
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return;
    /* a huge page would make untouched neighbours present */
    (void)madvise(p, size, MADV_NOHUGEPAGE);
    volatile uint8_t *base = p;
    for (size_t i = 0; i < PROBE_PAGES; i++) {
        if (probe_touch(i))
            base[i * host.page_size] = 1;
    }
    host.pagemap_is_true = probe_pagemap(p, host.page_size);
    host.dontneed_zeroes = probe_dontneed(p, host.page_size);
    (void)munmap(p, size);
}

static void host_know(void)
{
    (void)pthread_once(&host.once, host_probe);
}

/* Without the probe, which costs more than the rest of starting a small program. */
size_t port_vm_page_size(void)
{
    long page = sysconf(_SC_PAGESIZE);
    return page > 0 ? (size_t)page : 4096;
}

/* 0 when the sum overflows. */
static size_t round_up(size_t size)
{
    size_t mask = port_vm_page_size() - 1;
    return size > SIZE_MAX - mask ? 0 : (size + mask) & ~mask;
}

int port_vm_reserve(struct port_vm *vm, size_t size)
{
    size_t rounded = round_up(size);
    if (size == 0) {
        *vm = (struct port_vm){NULL, 0};
        return 0;
    }
    if (rounded == 0)
        return CSK_E_NOMEM;
    void *p = mmap(NULL, rounded, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED)
        return CSK_E_NOMEM;
    *vm = (struct port_vm){p, rounded};
    return 0;
}

int port_vm_resize(struct port_vm *vm, size_t size)
{
    size_t rounded = round_up(size);
    if (vm->base == NULL)
        return port_vm_reserve(vm, size);
    if (size == 0) {
        port_vm_release(vm);
        return 0;
    }
    if (rounded == vm->size)
        return 0;
    if (rounded == 0)
        return CSK_E_NOMEM;
    void *p = mremap(vm->base, vm->size, rounded, MREMAP_MAYMOVE);
    if (p == MAP_FAILED)
        return CSK_E_NOMEM;
    *vm = (struct port_vm){p, rounded};
    return 0;
}

void port_vm_zero(struct port_vm *vm, size_t offset, size_t size)
{
    if (size == 0)
        return;
    host_know();
    size_t mask = host.page_size - 1;
    size_t first = (offset + mask) & ~mask;
    size_t last = (offset + size) & ~mask;
    if (size <= VM_ZERO_BY_MEMSET_MAX || !host.dontneed_zeroes ||
        madvise(vm->base + first, last - first, MADV_DONTNEED) != 0) {
        memset(vm->base + offset, 0, size);
        return;
    }
    memset(vm->base + offset, 0, first - offset);
    memset(vm->base + last, 0, offset + size - last);
}

void port_vm_release(struct port_vm *vm)
{
    if (vm->base != NULL)
        (void)munmap(vm->base, vm->size);
    *vm = (struct port_vm){NULL, 0};
}

/* Joins neighbouring touched pages into ranges, clipped to the caller's [0, size). */
struct run {
    int (*range)(void *user, size_t offset, size_t size);
    void *user;
    size_t start;
    size_t end; /* start == end: no run is open */
};

static int run_flush(struct run *run)
{
    int r = 0;
    if (run->start != run->end)
        r = run->range(run->user, run->start, run->end - run->start);
    run->start = run->end;
    return r;
}

static int run_page(struct run *run, size_t offset, size_t size)
{
    if (run->start != run->end && run->end == offset) {
        run->end += size;
        return 0;
    }
    int r = run_flush(run);
    run->start = offset;
    run->end = offset + size;
    return r;
}

/* *ret_scanned < size when the system stopped answering half-way: the caller then takes the
 * rest for touched. */
static int scan_pagemap(int fd, uintptr_t base, size_t size, struct run *run, size_t *ret_scanned)
{
    uint64_t entries[PAGEMAP_CHUNK];
    size_t page = host.page_size;
    size_t npages = (size + page - 1) / page;
    int r = 0;
    *ret_scanned = 0;
    for (size_t i = 0; r == 0 && i < npages;) {
        size_t n = npages - i < PAGEMAP_CHUNK ? npages - i : PAGEMAP_CHUNK;
        if (!pagemap_read(fd, base / page + i, entries, n))
            break;
        for (size_t k = 0; r == 0 && k < n; k++, i++) {
            size_t offset = i * page;
            if ((entries[k] & (PAGEMAP_PRESENT | PAGEMAP_SWAPPED)) != 0)
                r = run_page(run, offset, size - offset < page ? size - offset : page);
        }
        *ret_scanned = i * page < size ? i * page : size;
    }
    return r;
}

int port_vm_touched(const uint8_t *base, size_t size,
                    int (*range)(void *user, size_t offset, size_t size), void *user)
{
    if (size == 0)
        return 0;
    host_know();
    int fd = -1;
    if (host.pagemap_is_true && (uintptr_t)base % host.page_size == 0)
        fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return range(user, 0, size);
    struct run run = {range, user, 0, 0};
    size_t scanned;
    int r = scan_pagemap(fd, (uintptr_t)base, size, &run, &scanned);
    if (r == 0 && scanned < size)
        r = run_page(&run, scanned, size - scanned);
    if (r == 0)
        r = run_flush(&run);
    (void)close(fd);
    return r;
}
