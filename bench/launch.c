/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a program N times with its output thrown away, and prints of each run
 *     WALL-NS USER-NS RSS-KIB STATUS
 * A static program of its own, because a child's peak RSS starts at its parent's.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int run_once(char **argv, int null, int keep)
{
    long long begin = now_ns();
    pid_t child = vfork();
    if (child < 0)
        return -1;
    if (child == 0) {
        if (!keep)
            dup2(null, STDOUT_FILENO);
        dup2(null, STDERR_FILENO);
        execv(argv[0], argv);
        _exit(127);
    }
    int status;
    struct rusage use;
    if (wait4(child, &status, 0, &use) != child)
        return -1;
    long long wall = now_ns() - begin;
    long long user = use.ru_utime.tv_sec * 1000000000LL + use.ru_utime.tv_usec * 1000LL;
    fprintf(stderr, "%lld %lld %ld %d\n", wall, user, use.ru_maxrss,
            WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    return 0;
}

/* launch N keep|drop PROGRAM [ARGS...]   figures go to stderr, kept output to stdout */
int main(int argc, char **argv)
{
    if (argc < 4)
        return 2;
    int null = open("/dev/null", O_RDWR);
    long n = strtol(argv[1], NULL, 10);
    for (long i = 0; i < n; i++)
        if (run_once(argv + 3, null, argv[2][0] == 'k') != 0)
            return 1;
    return 0;
}
