/* SPDX-License-Identifier: Apache-2.0 */
#include "wasi/internal.h"

/* For each kind of fd, the rights that mean something for it. */

#define ANY       (WASI_R_FD_FDSTAT_SET_FLAGS | WASI_R_FD_FILESTAT_GET | WASI_R_POLL_FD_READWRITE)
#define SYNC      (WASI_R_FD_DATASYNC | WASI_R_FD_SYNC)
#define POSITION  (WASI_R_FD_SEEK | WASI_R_FD_TELL)
#define FILE_READ (WASI_R_FD_READ | WASI_R_FD_ADVISE | POSITION | SYNC | ANY)
#define FILE_WRITE                                                                                 \
    (WASI_R_FD_WRITE | WASI_R_FD_ALLOCATE | WASI_R_FD_FILESTAT_SET_SIZE |                          \
     WASI_R_FD_FILESTAT_SET_TIMES)
#define DIR_READ                                                                                   \
    (WASI_R_PATH_OPEN | WASI_R_FD_READDIR | WASI_R_PATH_READLINK | WASI_R_PATH_FILESTAT_GET |      \
     SYNC | WASI_R_FD_FDSTAT_SET_FLAGS | WASI_R_FD_FILESTAT_GET)
#define DIR_WRITE                                                                                  \
    (WASI_R_PATH_CREATE_DIRECTORY | WASI_R_PATH_CREATE_FILE | WASI_R_PATH_LINK_SOURCE |            \
     WASI_R_PATH_LINK_TARGET | WASI_R_PATH_RENAME_SOURCE | WASI_R_PATH_RENAME_TARGET |             \
     WASI_R_PATH_FILESTAT_SET_SIZE | WASI_R_PATH_FILESTAT_SET_TIMES |                              \
     WASI_R_FD_FILESTAT_SET_TIMES | WASI_R_PATH_SYMLINK | WASI_R_PATH_REMOVE_DIRECTORY |           \
     WASI_R_PATH_UNLINK_FILE)
#define STREAM (WASI_R_FD_READ | WASI_R_FD_WRITE | WASI_R_SOCK_SHUTDOWN | ANY)

/* Standard input may be a file that a program seeks in. Output positions stay out of
 * reach, so that a cell does not notice where its output goes after it has moved. */
uint64_t wasi_stdio_rights(uint8_t stdio, uint8_t filetype)
{
    uint64_t rights = SYNC | ANY;
    if (stdio != 0)
        return rights | WASI_R_FD_WRITE;
    rights |= WASI_R_FD_READ;
    return filetype == WASI_TYPE_REGULAR ? rights | POSITION | WASI_R_FD_ADVISE : rights;
}

void wasi_rights_max(uint8_t kind, uint8_t filetype, bool read_only, uint64_t *ret_base,
                     uint64_t *ret_inheriting)
{
    uint64_t base = 0;
    uint64_t inheriting = 0;
    switch (kind) {
    case WASI_FD_STDIO: /* of any of the three */
        base = wasi_stdio_rights(0, filetype) | wasi_stdio_rights(1, filetype);
        break;
    case WASI_FD_PREOPEN:
    case WASI_FD_DIR:
        base = read_only ? DIR_READ : DIR_READ | DIR_WRITE;
        inheriting = read_only ? base | FILE_READ : base | FILE_READ | FILE_WRITE;
        break;
    case WASI_FD_LISTENER:
        base = WASI_R_SOCK_ACCEPT | WASI_R_FD_READ | ANY;
        inheriting = STREAM;
        break;
    case WASI_FD_SOCKET:
        base = STREAM;
        break;
    default: /* a file, with or without a name */
        base = read_only ? FILE_READ : FILE_READ | FILE_WRITE;
        break;
    }
    if (kind == WASI_FD_UNLINKED && filetype == WASI_TYPE_DIR) {
        base = DIR_READ | DIR_WRITE;
        inheriting = base | FILE_READ | FILE_WRITE;
    }
    *ret_base = base;
    *ret_inheriting = inheriting;
}
