/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WASI_ABI_H
#define WASI_ABI_H

#include <stdint.h>

/*
 * The numbers and layouts of WASI preview 1, as guests see them. Everything in guest
 * memory is little-endian and may be unaligned, so there are offsets here, not structs.
 */

/* name, value in the ABI; X(name) has the host errno E##name where it exists */
#define WASI_ERRNOS(X)                                                                             \
    X(2BIG, 1)                                                                                     \
    X(ACCES, 2)                                                                                    \
    X(ADDRINUSE, 3)                                                                                \
    X(ADDRNOTAVAIL, 4)                                                                             \
    X(AFNOSUPPORT, 5)                                                                              \
    X(AGAIN, 6)                                                                                    \
    X(ALREADY, 7)                                                                                  \
    X(BADF, 8)                                                                                     \
    X(BADMSG, 9)                                                                                   \
    X(BUSY, 10)                                                                                    \
    X(CANCELED, 11)                                                                                \
    X(CHILD, 12)                                                                                   \
    X(CONNABORTED, 13)                                                                             \
    X(CONNREFUSED, 14)                                                                             \
    X(CONNRESET, 15)                                                                               \
    X(DEADLK, 16)                                                                                  \
    X(DESTADDRREQ, 17)                                                                             \
    X(DOM, 18)                                                                                     \
    X(DQUOT, 19)                                                                                   \
    X(EXIST, 20)                                                                                   \
    X(FAULT, 21)                                                                                   \
    X(FBIG, 22)                                                                                    \
    X(HOSTUNREACH, 23)                                                                             \
    X(IDRM, 24)                                                                                    \
    X(ILSEQ, 25)                                                                                   \
    X(INPROGRESS, 26)                                                                              \
    X(INTR, 27)                                                                                    \
    X(INVAL, 28)                                                                                   \
    X(IO, 29)                                                                                      \
    X(ISCONN, 30)                                                                                  \
    X(ISDIR, 31)                                                                                   \
    X(LOOP, 32)                                                                                    \
    X(MFILE, 33)                                                                                   \
    X(MLINK, 34)                                                                                   \
    X(MSGSIZE, 35)                                                                                 \
    X(MULTIHOP, 36)                                                                                \
    X(NAMETOOLONG, 37)                                                                             \
    X(NETDOWN, 38)                                                                                 \
    X(NETRESET, 39)                                                                                \
    X(NETUNREACH, 40)                                                                              \
    X(NFILE, 41)                                                                                   \
    X(NOBUFS, 42)                                                                                  \
    X(NODEV, 43)                                                                                   \
    X(NOENT, 44)                                                                                   \
    X(NOEXEC, 45)                                                                                  \
    X(NOLCK, 46)                                                                                   \
    X(NOLINK, 47)                                                                                  \
    X(NOMEM, 48)                                                                                   \
    X(NOMSG, 49)                                                                                   \
    X(NOPROTOOPT, 50)                                                                              \
    X(NOSPC, 51)                                                                                   \
    X(NOSYS, 52)                                                                                   \
    X(NOTCONN, 53)                                                                                 \
    X(NOTDIR, 54)                                                                                  \
    X(NOTEMPTY, 55)                                                                                \
    X(NOTRECOVERABLE, 56)                                                                          \
    X(NOTSOCK, 57)                                                                                 \
    X(NOTSUP, 58)                                                                                  \
    X(NOTTY, 59)                                                                                   \
    X(NXIO, 60)                                                                                    \
    X(OVERFLOW, 61)                                                                                \
    X(OWNERDEAD, 62)                                                                               \
    X(PERM, 63)                                                                                    \
    X(PIPE, 64)                                                                                    \
    X(PROTO, 65)                                                                                   \
    X(PROTONOSUPPORT, 66)                                                                          \
    X(PROTOTYPE, 67)                                                                               \
    X(RANGE, 68)                                                                                   \
    X(ROFS, 69)                                                                                    \
    X(SPIPE, 70)                                                                                   \
    X(SRCH, 71)                                                                                    \
    X(STALE, 72)                                                                                   \
    X(TIMEDOUT, 73)                                                                                \
    X(TXTBSY, 74)                                                                                  \
    X(XDEV, 75)

enum wasi_errno {
    WASI_ESUCCESS = 0,
#define X(name, value) WASI_E##name = value,
    WASI_ERRNOS(X)
#undef X
    WASI_ENOTCAPABLE = 76,
};

#define WASI_RIGHTS(X)                                                                             \
    X(FD_DATASYNC, 0)                                                                              \
    X(FD_READ, 1)                                                                                  \
    X(FD_SEEK, 2)                                                                                  \
    X(FD_FDSTAT_SET_FLAGS, 3)                                                                      \
    X(FD_SYNC, 4)                                                                                  \
    X(FD_TELL, 5)                                                                                  \
    X(FD_WRITE, 6)                                                                                 \
    X(FD_ADVISE, 7)                                                                                \
    X(FD_ALLOCATE, 8)                                                                              \
    X(PATH_CREATE_DIRECTORY, 9)                                                                    \
    X(PATH_CREATE_FILE, 10)                                                                        \
    X(PATH_LINK_SOURCE, 11)                                                                        \
    X(PATH_LINK_TARGET, 12)                                                                        \
    X(PATH_OPEN, 13)                                                                               \
    X(FD_READDIR, 14)                                                                              \
    X(PATH_READLINK, 15)                                                                           \
    X(PATH_RENAME_SOURCE, 16)                                                                      \
    X(PATH_RENAME_TARGET, 17)                                                                      \
    X(PATH_FILESTAT_GET, 18)                                                                       \
    X(PATH_FILESTAT_SET_SIZE, 19)                                                                  \
    X(PATH_FILESTAT_SET_TIMES, 20)                                                                 \
    X(FD_FILESTAT_GET, 21)                                                                         \
    X(FD_FILESTAT_SET_SIZE, 22)                                                                    \
    X(FD_FILESTAT_SET_TIMES, 23)                                                                   \
    X(PATH_SYMLINK, 24)                                                                            \
    X(PATH_REMOVE_DIRECTORY, 25)                                                                   \
    X(PATH_UNLINK_FILE, 26)                                                                        \
    X(POLL_FD_READWRITE, 27)                                                                       \
    X(SOCK_SHUTDOWN, 28)                                                                           \
    X(SOCK_ACCEPT, 29)

#define X(name, bit) static const uint64_t WASI_R_##name = UINT64_C(1) << bit;
WASI_RIGHTS(X)
#undef X

enum wasi_filetype {
    WASI_TYPE_UNKNOWN = 0,
    WASI_TYPE_BLOCK = 1,
    WASI_TYPE_CHAR = 2,
    WASI_TYPE_DIR = 3,
    WASI_TYPE_REGULAR = 4,
    WASI_TYPE_DGRAM = 5,
    WASI_TYPE_STREAM = 6,
    WASI_TYPE_SYMLINK = 7,
};

enum wasi_fdflags {
    WASI_FLAG_APPEND = 1,
    WASI_FLAG_DSYNC = 2,
    WASI_FLAG_NONBLOCK = 4,
    WASI_FLAG_RSYNC = 8,
    WASI_FLAG_SYNC = 16,
    WASI_FLAGS_ALL = 31,
};

enum wasi_oflags {
    WASI_O_CREAT = 1,
    WASI_O_DIRECTORY = 2,
    WASI_O_EXCL = 4,
    WASI_O_TRUNC = 8,
    WASI_O_ALL = 15,
};

enum wasi_fstflags {
    WASI_FST_ATIM = 1,
    WASI_FST_ATIM_NOW = 2,
    WASI_FST_MTIM = 4,
    WASI_FST_MTIM_NOW = 8,
    WASI_FST_ALL = 15,
};

enum wasi_clockid {
    WASI_CLOCK_REALTIME = 0,
    WASI_CLOCK_MONOTONIC = 1,
    WASI_CLOCK_PROCESS_CPU = 2,
    WASI_CLOCK_THREAD_CPU = 3,
};

enum wasi_whence {
    WASI_WHENCE_SET = 0,
    WASI_WHENCE_CUR = 1,
    WASI_WHENCE_END = 2,
};

enum wasi_eventtype {
    WASI_EVENT_CLOCK = 0,
    WASI_EVENT_FD_READ = 1,
    WASI_EVENT_FD_WRITE = 2,
};

#define WASI_LOOKUP_FOLLOW     1u
#define WASI_EVENT_HANGUP      1u
#define WASI_CLOCK_ABSTIME     1u
#define WASI_RECV_PEEK         1u
#define WASI_RECV_WAITALL      2u
#define WASI_RECV_TRUNCATED    1u
#define WASI_SHUT_RD           1u
#define WASI_SHUT_WR           2u
#define WASI_ADVICE_LAST       5u
#define WASI_IOVEC_SIZE        8u
#define WASI_FDSTAT_SIZE       24u
#define WASI_FILESTAT_SIZE     64u
#define WASI_PRESTAT_SIZE      8u
#define WASI_DIRENT_SIZE       24u
#define WASI_EVENT_SIZE        32u
#define WASI_SUBSCRIPTION_SIZE 48u

/* What differed in wasi_unstable: a 32-bit link count, the order of `whence`, and a
 * clock subscription that began with an identifier. */
#define WASI_OLD_FILESTAT_SIZE     56u
#define WASI_OLD_SUBSCRIPTION_SIZE 56u

#endif
