/* SPDX-License-Identifier: Apache-2.0 */
/* An HTTP server of one page, which counts its visitors. The host opens the port
 * (cloudskin run --listen); WASI lets a program accept on it. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wasi/api.h>

#define REQUEST_BYTES_MAX 8192
#define FIRST_FD          3
#define FDS_MAX           64

static int find_listener(void)
{
    for (int fd = FIRST_FD; fd < FDS_MAX; fd++) {
        __wasi_fdstat_t stat;
        if (__wasi_fd_fdstat_get((__wasi_fd_t)fd, &stat) == 0 &&
            stat.fs_filetype == __WASI_FILETYPE_SOCKET_STREAM)
            return fd;
    }
    return -1;
}

/* True when the blank line that ends a request's head has come. */
static bool read_request(int fd, char *buf, size_t size)
{
    size_t used = 0;
    while (used + 1 < size) {
        ssize_t n = recv(fd, buf + used, size - used - 1, 0);
        if (n <= 0)
            return false;
        used += (size_t)n;
        buf[used] = '\0';
        if (strstr(buf, "\r\n\r\n"))
            return true;
    }
    return false;
}

static void send_all(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t n = send(fd, bytes, size, 0);
        if (n <= 0)
            return;
        bytes += n;
        size -= (size_t)n;
    }
}

static void answer(int fd, const char *request, unsigned long visitor)
{
    char body[256], head[256];
    bool get = strncmp(request, "GET ", 4) == 0;
    const char *status = get ? "200 OK" : "405 Method Not Allowed";
    int n = snprintf(body, sizeof(body), get ? "hello, visitor %lu\n" : "GET only\n", visitor);
    int m = snprintf(head, sizeof(head),
                     "HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n"
                     "Connection: close\r\n\r\n",
                     status, n);
    send_all(fd, head, (size_t)m);
    send_all(fd, body, (size_t)n);
}

int main(int argc, char **argv)
{
    unsigned long limit = argc > 1 ? strtoul(argv[1], NULL, 10) : 0; /* 0: serve for ever */
    int listener = find_listener();
    if (listener < 0) {
        fprintf(stderr, "httpd: no listening socket; use cloudskin run --listen ADDRESS\n");
        return 1;
    }
    for (unsigned long visitor = 1; limit == 0 || visitor <= limit; visitor++) {
        static char request[REQUEST_BYTES_MAX];
        int fd = accept(listener, NULL, NULL);
        if (fd < 0) {
            fprintf(stderr, "httpd: accept: %s\n", strerror(errno));
            return 1;
        }
        if (read_request(fd, request, sizeof(request)))
            answer(fd, request, visitor);
        shutdown(fd, SHUT_RDWR);
        close(fd);
    }
    return 0;
}
