/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "wasi/internal.h"

/* Some hosts give two names one number; the first of them in the table wins. */
static const struct {
    int host;
    uint16_t wasi;
} errnos[] = {
#define X(name, value) {E##name, value},
    WASI_ERRNOS(X)
#undef X
        {EWOULDBLOCK, WASI_EAGAIN},
    {EOPNOTSUPP, WASI_ENOTSUP},
};

int wasi_errno(int host_errno)
{
    for (size_t i = 0; i < sizeof errnos / sizeof *errnos; i++)
        if (errnos[i].host == host_errno)
            return errnos[i].wasi;
    return host_errno == 0 ? WASI_ESUCCESS : WASI_EIO;
}
