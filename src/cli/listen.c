/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/options.h"

#define HOST_MAX 64u

union address {
    struct sockaddr any;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    struct sockaddr_un un;
};

static bool parse_port(const char *text, uint16_t *ret_port)
{
    uint64_t port;
    if (!cli_parse_u64(text, &port) || port > UINT16_MAX)
        return false;
    *ret_port = htons((uint16_t)port);
    return true;
}

/* Numeric addresses and "localhost" only: starting a cell never asks the network. */
static bool parse_inet(const char *text, union address *ret_address, socklen_t *ret_size)
{
    char host[HOST_MAX];
    const char *colon = strrchr(text, ':');
    if (colon == NULL || (size_t)(colon - text) >= sizeof host)
        return false;
    size_t len = (size_t)(colon - text);
    bool v6 = len >= 2 && text[0] == '[' && text[len - 1] == ']';
    memcpy(host, v6 ? text + 1 : text, v6 ? len - 2 : len);
    host[v6 ? len - 2 : len] = '\0';
    memset(ret_address, 0, sizeof *ret_address);
    if (v6) {
        ret_address->in6.sin6_family = AF_INET6;
        *ret_size = sizeof ret_address->in6;
        return inet_pton(AF_INET6, host, &ret_address->in6.sin6_addr) == 1 &&
               parse_port(colon + 1, &ret_address->in6.sin6_port);
    }
    ret_address->in.sin_family = AF_INET;
    *ret_size = sizeof ret_address->in;
    const char *number = strcmp(host, "localhost") == 0 ? "127.0.0.1" : host;
    return inet_pton(AF_INET, number, &ret_address->in.sin_addr) == 1 &&
           parse_port(colon + 1, &ret_address->in.sin_port);
}

static bool parse_unix(const char *path, union address *ret_address, socklen_t *ret_size)
{
    size_t len = strlen(path);
    memset(ret_address, 0, sizeof *ret_address);
    if (len == 0 || len >= sizeof ret_address->un.sun_path)
        return false;
    ret_address->un.sun_family = AF_UNIX;
    memcpy(ret_address->un.sun_path, path, len + 1);
    *ret_size = sizeof ret_address->un;
    return true;
}

int cli_listen(const char *address)
{
    union address a;
    socklen_t size;
    int one = 1;
    bool ok = strncmp(address, "unix:", 5) == 0 ? parse_unix(address + 5, &a, &size)
                                                : parse_inet(address, &a, &size);
    if (!ok) {
        (void)cli_fail(CLI_CELL_FAILED,
                       "bad address: %s: expected IPV4:PORT, [IPV6]:PORT or unix:PATH", address);
        return -1;
    }
    int fd = socket(a.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && a.any.sa_family != AF_UNIX)
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (fd < 0 || bind(fd, &a.any, size) != 0 || listen(fd, SOMAXCONN) != 0) {
        (void)cli_fail_errno(CLI_CELL_FAILED, "cannot listen", address);
        if (fd >= 0)
            (void)close(fd);
        return -1;
    }
    return fd;
}
