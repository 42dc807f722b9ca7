/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/bits.h"
#include "base/mem.h"
#include "wasi/internal.h"

/*
 * Listing a directory.
 *
 * A cookie must mean the same in another process, on another machine and file system, and
 * after a restore nothing but the cookie is left. So a listing is ordered by a hash of the
 * names, and the cookie of an entry is its hash: "everything after this cookie" needs no
 * memory, and entries that come or go do not shift the others. 0 is the start; "." and ".."
 * come first, as 1 and 2. Of two names with one hash (2^-64) the second can be missed when
 * the buffer ends between them.
 *
 * Memory is bounded: a pass over the directory keeps the dir_chunk smallest hashes
 * after the cookie. They serve the following calls until they are used up or the directory
 * has changed: a cell that was moved in between lists it anew, and must see the same.
 */

#define COOKIE_DOT    1u
#define COOKIE_DOTDOT 2u
#define COOKIE_FIRST  3u /* smallest of a name */

/* Two changes closer than this may leave one and the same modification time. */
#define MTIME_GRAIN_NS INT64_C(50000000)

struct entry {
    uint64_t cookie;
    uint64_t inode;
    char *name;
    uint8_t type;
};

struct wasi_dir_cache {
    struct timespec mtime; /* of the directory, before it was read */
    bool reusable;         /* it is old enough to tell of any change since */
    uint64_t after;        /* entries follow this cookie */
    size_t count;
    bool complete; /* nothing comes after them */
    size_t chunk;  /* how many are kept; twice as many while reading */
    size_t cap;
    struct entry *entries;
};

static void clear(struct wasi_dir_cache *cache, size_t keep)
{
    for (size_t i = keep; i < cache->count; i++)
        mem_free(cache->entries[i].name);
    if (cache->count > keep)
        cache->count = keep;
}

void wasi_dir_cache_free(struct wasi_dir_cache *cache)
{
    if (cache == NULL)
        return;
    clear(cache, 0);
    mem_free(cache->entries);
    mem_free(cache);
}

/* FNV-1a over the bytes, then a mixer so that similar names land far apart. */
static uint64_t cookie_of(const char *name)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    if (strcmp(name, ".") == 0)
        return COOKIE_DOT;
    if (strcmp(name, "..") == 0)
        return COOKIE_DOTDOT;
    for (const char *p = name; *p != '\0'; p++)
        h = (h ^ (uint8_t)*p) * UINT64_C(0x100000001b3);
    h = (h ^ (h >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    h = (h ^ (h >> 27)) * UINT64_C(0x94d049bb133111eb);
    h ^= h >> 31;
    return h < COOKIE_FIRST ? COOKIE_FIRST : h;
}

static int by_cookie(const void *pa, const void *pb)
{
    const struct entry *a = pa;
    const struct entry *b = pb;
    if (a->cookie != b->cookie)
        return a->cookie < b->cookie ? -1 : 1;
    return strcmp(a->name, b->name);
}

static uint8_t type_of(uint8_t d_type)
{
    switch (d_type) {
    case DT_REG:
        return WASI_TYPE_REGULAR;
    case DT_DIR:
        return WASI_TYPE_DIR;
    case DT_LNK:
        return WASI_TYPE_SYMLINK;
    case DT_CHR:
        return WASI_TYPE_CHAR;
    case DT_BLK:
        return WASI_TYPE_BLOCK;
    case DT_SOCK:
        return WASI_TYPE_STREAM;
    default:
        return WASI_TYPE_UNKNOWN;
    }
}

/* Some file systems do not say what an entry is. */
static void ask_type(int dir, struct entry *e)
{
    struct stat st;
    if (fstatat(dir, e->name, &st, AT_SYMLINK_NOFOLLOW) == 0)
        e->type = wasi_filetype_of(-1, &st);
}

static int keep(struct wasi_dir_cache *cache, int dir, const struct dirent64 *d, uint64_t cookie)
{
    if (cache->count == 2 * cache->chunk) {
        qsort(cache->entries, cache->count, sizeof *cache->entries, by_cookie);
        clear(cache, cache->chunk);
        cache->complete = false;
    }
    if (mem_grow((void **)&cache->entries, &cache->cap, cache->count + 1, sizeof *cache->entries) !=
        0)
        return WASI_ENOMEM;
    struct entry *e = &cache->entries[cache->count];
    e->name = mem_strdup(d->d_name);
    if (e->name == NULL)
        return WASI_ENOMEM;
    e->cookie = cookie;
    e->inode = cookie == COOKIE_DOTDOT ? 0 : d->d_ino; /* what is above is not told */
    e->type = type_of(d->d_type);
    if (d->d_type == DT_UNKNOWN)
        ask_type(dir, e);
    cache->count++;
    return 0;
}

/* Is there still room for a cookie that large? Once entries were dropped, no. */
static bool wanted(const struct wasi_dir_cache *cache, uint64_t cookie)
{
    return cookie > cache->after &&
           (cache->complete || cookie < cache->entries[cache->chunk - 1].cookie);
}

static int scan(struct wasi_dir_cache *cache, int dir)
{
    _Alignas(struct dirent64) char buf[16384];
    for (;;) {
        ssize_t n = getdents64(dir, buf, sizeof buf);
        if (n == 0 || (n < 0 && errno == ENOENT)) /* removed while open: empty */
            return 0;
        if (n < 0)
            return wasi_errno(errno);
        for (ssize_t at = 0; at < n;) {
            const struct dirent64 *d = (const void *)(buf + at);
            uint64_t cookie = cookie_of(d->d_name);
            int rc = wanted(cache, cookie) ? keep(cache, dir, d, cookie) : 0;
            if (rc != 0)
                return rc;
            at += d->d_reclen;
        }
    }
}

static int64_t ns_between(struct timespec from, struct timespec to)
{
    return ((int64_t)to.tv_sec - from.tv_sec) * 1000000000 + (to.tv_nsec - from.tv_nsec);
}

static void note_mtime(struct wasi_dir_cache *cache, int host)
{
    struct stat st = {0};
    struct timespec now;
    cache->reusable = fstat(host, &st) == 0 && clock_gettime(CLOCK_REALTIME, &now) == 0 &&
                      ns_between(st.st_mtim, now) > MTIME_GRAIN_NS;
    cache->mtime = st.st_mtim;
}

static bool unchanged(const struct wasi_dir_cache *cache, int host)
{
    struct stat st;
    return cache->reusable && fstat(host, &st) == 0 && ns_between(cache->mtime, st.st_mtim) == 0;
}

/* Read what follows `cookie`, through an fd of our own so that no position is shared. */
static int fill(struct wasi_dir_cache *cache, int host, uint64_t cookie)
{
    clear(cache, 0);
    cache->after = cookie;
    cache->complete = true;
    note_mtime(cache, host);
    int dir = openat(host, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0)
        return errno == ENOENT ? 0 : wasi_errno(errno);
    int rc = scan(cache, dir);
    (void)close(dir);
    if (rc != 0) {
        clear(cache, 0);
        cache->after = UINT64_MAX;
        return rc;
    }
    if (cache->count != 0)
        qsort(cache->entries, cache->count, sizeof *cache->entries, by_cookie);
    if (!cache->complete)
        clear(cache, cache->chunk);
    return 0;
}

static size_t first_after(const struct wasi_dir_cache *cache, uint64_t cookie)
{
    size_t low = 0;
    size_t high = cache->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (cache->entries[middle].cookie <= cookie)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* One dirent, cut where the buffer ends: that is how a guest sees that more would come. */
static uint32_t put_entry(const struct entry *e, uint8_t *buf, uint32_t room)
{
    uint8_t head[WASI_DIRENT_SIZE] = {0};
    uint32_t len = (uint32_t)strlen(e->name);
    put_le64(head, e->cookie);
    put_le64(head + 8, e->inode);
    put_le32(head + 16, len);
    head[20] = e->type;
    uint32_t n = room < WASI_DIRENT_SIZE ? room : WASI_DIRENT_SIZE;
    memcpy(buf, head, n);
    uint32_t m = room - n < len ? room - n : len;
    memcpy(buf + n, e->name, m);
    return n + m;
}

/* A guest may list many directories by turns; what is kept for them all is bounded too. */
static void make_room(const struct wasi *w, const struct wasi_fd *f)
{
    size_t names = 0;
    for (size_t i = 0; i < w->fds_cap; i++)
        if (w->fds[i] != NULL && w->fds[i]->cache != NULL)
            names += w->fds[i]->cache->count;
    if (names <= WASI_DIR_NAMES_MAX)
        return;
    for (size_t i = 0; i < w->fds_cap; i++) {
        if (w->fds[i] == NULL || w->fds[i] == f)
            continue;
        wasi_dir_cache_free(w->fds[i]->cache);
        w->fds[i]->cache = NULL;
    }
}

/* Can the cache answer for what follows `cookie`? */
static bool serves(const struct wasi_dir_cache *cache, int host, uint64_t cookie)
{
    if (cookie < cache->after || cache->count == 0 || !unchanged(cache, host))
        return false;
    return cache->complete || cookie < cache->entries[cache->count - 1].cookie;
}

int wasi_dir_list(const struct wasi *w, struct wasi_fd *f, uint64_t cookie, uint8_t *buf,
                  uint32_t size, uint32_t *ret_used)
{
    uint32_t used = 0;
    if (f->cache == NULL)
        f->cache = mem_calloc(1, sizeof *f->cache);
    if (f->cache == NULL)
        return WASI_ENOMEM;
    f->cache->chunk = w->dir_chunk;
    while (used < size) {
        int rc = 0;
        if (!serves(f->cache, f->host, cookie)) {
            make_room(w, f);
            rc = fill(f->cache, f->host, cookie);
        }
        if (rc != 0)
            return rc;
        size_t i = first_after(f->cache, cookie);
        for (; i < f->cache->count && used < size; i++) {
            used += put_entry(&f->cache->entries[i], buf + used, size - used);
            cookie = f->cache->entries[i].cookie;
        }
        if (f->cache->complete)
            break;
    }
    *ret_used = used;
    return 0;
}

int wasi_fd_readdir(struct wasi *w, struct wasm_host_call *call)
{
    struct wasi_fd *f = NULL;
    uint32_t used = 0;
    uint32_t size = wasi_arg32(call, 2);
    uint8_t *buf = wasi_guest(call, wasi_arg32(call, 1), size);
    uint8_t *out = wasi_guest(call, wasi_arg32(call, 4), 4);
    int rc = wasi_dir_get(w, wasi_arg32(call, 0), WASI_R_FD_READDIR, &f);
    if (rc == 0 && (buf == NULL || out == NULL))
        rc = WASI_EFAULT;
    if (rc == 0)
        rc = wasi_dir_list(w, f, wasi_arg64(call, 3), buf, size, &used);
    if (rc == 0)
        put_le32(out, used);
    return rc;
}
