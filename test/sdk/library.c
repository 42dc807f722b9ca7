/* SPDX-License-Identifier: Apache-2.0 */
/* What the SDK adds to wasi-libc does what its manual page says. Prints "ok", or what is wrong. */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int wrong;

static void expect(bool good, const char *what)
{
    if (good)
        return;
    printf("wrong: %s (errno %d)\n", what, errno);
    wrong++;
}

static void test_temporary(void)
{
    char name[] = "made.XXXXXX", directory[] = "dir.XXXXXX", other[] = "short.X";
    struct stat st;
    int fd = mkstemp(name);
    expect(fd >= 0 && strcmp(name, "made.XXXXXX") != 0 && stat(name, &st) == 0, "mkstemp");
    close(fd);
    expect(unlink(name) == 0, "unlink what mkstemp made");
    expect(mkdtemp(directory) == directory && stat(directory, &st) == 0 && S_ISDIR(st.st_mode),
           "mkdtemp");
    expect(rmdir(directory) == 0, "rmdir what mkdtemp made");
    expect(mkstemp(other) == -1 && errno == EINVAL, "mkstemp of a short template");
    FILE *file = tmpfile();
    char back[8] = "";
    expect(file && fputs("stored", file) >= 0 && fseek(file, 0, SEEK_SET) == 0 &&
               fgets(back, sizeof(back), file) && strcmp(back, "stored") == 0,
           "tmpfile");
}

static void test_processes(void)
{
    int fds[2];
    char *args[] = {"x", NULL};
    expect(system(NULL) == 0, "system(NULL)");
    expect(system("true") == -1 && errno == ENOSYS, "system");
    expect(popen("true", "r") == NULL && errno == ENOSYS, "popen");
    expect(fork() == -1 && errno == ENOSYS, "fork");
    expect(execvp("x", args) == -1 && errno == ENOSYS, "execvp");
    expect(pipe(fds) == -1 && errno == ENOSYS, "pipe");
    expect(kill(getpid() + 1, SIGTERM) == -1 && errno == ESRCH, "kill another");
}

static volatile sig_atomic_t caught;

static void on_signal(int number)
{
    caught = number;
}

static void test_signals(void)
{
    signal(SIGUSR1, on_signal);
    expect(kill(getpid(), SIGUSR1) == 0 && caught == SIGUSR1, "kill oneself");
}

static void test_users(void)
{
    char host[64];
    expect(getuid() == 1 && geteuid() == 1 && getgid() == 1 && getegid() == 1, "one user");
    expect(getpwuid(1) == NULL && getpwnam("root") == NULL, "no user database");
    expect(gethostname(host, sizeof(host)) == 0 && strcmp(host, "cell") == 0, "gethostname");
    expect(umask(077) == 022 && umask(022) == 077, "umask");
    expect(chmod("absent", 0600) == -1 && errno == ENOENT, "chmod of nothing");
    expect(chmod(".", 0700) == 0 && chown(".", 1, 1) == 0, "chmod and chown of something");
}

static void test_paths(void)
{
    char path[4096];
    mkdir("one", 0700);
    mkdir("one/two", 0700);
    char *found = realpath("one/./two/../two//", path);
    expect(found && strlen(found) >= 8 && strcmp(found + strlen(found) - 8, "/one/two") == 0,
           "realpath");
    expect(realpath("one/none", path) == NULL && errno == ENOENT, "realpath of nothing");
    rmdir("one/two");
    rmdir("one");
}

static void test_locks(bool alone)
{
    int fd = open("lock", O_RDWR | O_CREAT, 0600);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int want = alone ? 0 : -1;
    errno = 0;
    expect(fcntl(fd, F_SETLK, &lock) == want, "fcntl lock");
    expect(alone || errno == ENOLCK, "why not");
    expect(flock(fd, LOCK_EX) == want && lockf(fd, F_LOCK, 0) == want, "flock, lockf");
    expect((fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR, "fcntl still does the rest");
    close(fd);
    expect(flock(fd, LOCK_EX) == -1 && errno == EBADF, "lock of a closed file");
    unlink("lock");
}

int main(int argc, char **argv)
{
    test_temporary();
    test_processes();
    test_signals();
    test_users();
    test_paths();
    test_locks(argc > 1 && strcmp(argv[1], "alone") == 0);
    if (!wrong)
        puts("ok");
    return wrong != 0;
}
