/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What programs expect of a C library and wasi-libc does not have. Each function does what
 * can be done inside a cell, or fails the way its manual page says it may.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEMP_TRIES_MAX 100
#define THE_USER       1u

static int not_here(void)
{
    errno = ENOSYS;
    return -1;
}

/* ---- temporary files --------------------------------------------------------- */

/* Fill the six X at the end of name. */
static int fill_template(char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    size_t length = strlen(name);
    unsigned char noise[6];
    if (length < 6 || strcmp(name + length - 6, "XXXXXX") != 0) {
        errno = EINVAL;
        return -1;
    }
    if (getentropy(noise, sizeof(noise)) != 0)
        return -1;
    for (size_t i = 0; i < 6; i++)
        name[length - 6 + i] = letters[noise[i] % (sizeof(letters) - 1)];
    return 0;
}

static int make_temp(char *name, int (*create)(const char *))
{
    size_t length = strlen(name);
    for (int i = 0; i < TEMP_TRIES_MAX; i++) {
        if (fill_template(name) != 0)
            return -1;
        int got = create(name);
        memcpy(name + length - 6, "XXXXXX", 6);
        if (got >= 0 || errno != EEXIST)
            return got;
    }
    return -1;
}

/* make_temp() restores the template; these note the name that worked. */
static char made[PATH_MAX];

static int create_file(const char *name)
{
    snprintf(made, sizeof(made), "%s", name);
    return open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
}

static int create_directory(const char *name)
{
    snprintf(made, sizeof(made), "%s", name);
    return mkdir(name, 0700);
}

int mkstemp(char *name)
{
    int fd = make_temp(name, create_file);
    if (fd >= 0)
        memcpy(name, made, strlen(name));
    return fd;
}

char *mkdtemp(char *name)
{
    if (make_temp(name, create_directory) < 0)
        return NULL;
    return memcpy(name, made, strlen(name));
}

static const char *const temp_directories[] = {"/tmp", "."};

FILE *tmpfile(void)
{
    for (size_t i = 0; i < sizeof(temp_directories) / sizeof(*temp_directories); i++) {
        char name[32];
        snprintf(name, sizeof(name), "%s/tmp.XXXXXX", temp_directories[i]);
        int fd = mkstemp(name);
        if (fd < 0)
            continue;
        unlink(name); /* the open file lives on, and travels with the cell */
        FILE *file = fdopen(fd, "w+");
        if (!file)
            close(fd);
        return file;
    }
    return NULL;
}

char *tmpnam(char *buffer)
{
    static char own[L_tmpnam];
    char *name = buffer ? buffer : own;
    for (int i = 0; i < TEMP_TRIES_MAX; i++) {
        strcpy(name, "/tmp/tmp.XXXXXX");
        if (fill_template(name) == 0 && access(name, F_OK) != 0)
            return name;
    }
    return NULL;
}

/* ---- other processes ------------------------------------------------------------ */

int system(const char *command)
{
    return command ? not_here() : 0;
}

FILE *popen(const char *command, const char *mode)
{
    (void)command;
    (void)mode;
    not_here();
    return NULL;
}

int pclose(FILE *stream)
{
    (void)stream;
    return not_here();
}

pid_t fork(void)
{
    return not_here();
}

int execvp(const char *file, char *const args[])
{
    (void)file;
    (void)args;
    return not_here();
}

int pipe(int fds[2])
{
    (void)fds;
    return not_here();
}

int dup(int fd)
{
    (void)fd;
    return not_here();
}

unsigned alarm(unsigned seconds)
{
    (void)seconds;
    return (unsigned)not_here();
}

int kill(pid_t pid, int signal)
{
    if (pid == getpid() || pid == 0)
        return signal ? raise(signal) : 0;
    errno = ESRCH;
    return -1;
}

pid_t getppid(void)
{
    return 1;
}

/* ---- users, owners and permission bits ---------------------------------------------- */

uid_t getuid(void)
{
    return THE_USER;
}

uid_t geteuid(void)
{
    return THE_USER;
}

gid_t getgid(void)
{
    return THE_USER;
}

gid_t getegid(void)
{
    return THE_USER;
}

struct passwd *getpwuid(uid_t user)
{
    (void)user;
    return NULL;
}

struct passwd *getpwnam(const char *name)
{
    (void)name;
    return NULL;
}

int gethostname(char *name, size_t size)
{
    static const char host[] = "cell";
    if (size < sizeof(host)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(name, host, sizeof(host));
    return 0;
}

static int check_path(const char *path)
{
    struct stat st;
    return stat(path, &st);
}

static int check_fd(int fd)
{
    struct stat st;
    return fstat(fd, &st);
}

int chmod(const char *path, mode_t mode)
{
    (void)mode;
    return check_path(path);
}

int fchmod(int fd, mode_t mode)
{
    (void)mode;
    return check_fd(fd);
}

int chown(const char *path, uid_t user, gid_t group)
{
    (void)user;
    (void)group;
    return check_path(path);
}

int fchown(int fd, uid_t user, gid_t group)
{
    (void)user;
    (void)group;
    return check_fd(fd);
}

int lchown(const char *path, uid_t user, gid_t group)
{
    struct stat st;
    (void)user;
    (void)group;
    return lstat(path, &st);
}

mode_t umask(mode_t mask)
{
    static mode_t current = 022;
    mode_t before = current;
    current = mask & 0777;
    return before;
}

/* ---- paths ------------------------------------------------------------------------- */

/* Removes "." and ".." and doubled slashes by text: WASI shows no link outside the
 * directories a cell was given, so the name is already under one of them. */
static int tidy_path(const char *path, char *out)
{
    size_t length = 0;
    while (*path) {
        size_t part = strcspn(path, "/");
        bool up = part == 2 && memcmp(path, "..", 2) == 0;
        if (up) {
            while (length > 0 && out[--length] != '/')
                continue;
        } else if (part > 0 && !(part == 1 && *path == '.')) {
            if (length + part + 2 > PATH_MAX) {
                errno = ENAMETOOLONG;
                return -1;
            }
            out[length++] = '/';
            memcpy(out + length, path, part);
            length += part;
        }
        path += part + (path[part] == '/');
    }
    if (length == 0)
        out[length++] = '/';
    out[length] = '\0';
    return 0;
}

char *realpath(const char *restrict path, char *restrict resolved)
{
    char whole[PATH_MAX], here[PATH_MAX];
    if (check_path(path) != 0)
        return NULL;
    if (*path != '/' && !getcwd(here, sizeof(here)))
        return NULL;
    int n = snprintf(whole, sizeof(whole), "%s/%s", *path == '/' ? "" : here, path);
    if (n < 0 || (size_t)n >= sizeof(whole)) {
        errno = ENAMETOOLONG;
        return NULL;
    }
    char *out = resolved ? resolved : malloc(PATH_MAX);
    if (out && tidy_path(whole, out) != 0) {
        if (!resolved)
            free(out);
        return NULL;
    }
    return out;
}

/* ---- advisory locks ------------------------------------------------------------------ */

/* Defined when the program was linked with --assume-single-process. */
extern const int cloudskin_alone __attribute__((weak));

static int take_lock(int fd)
{
    if (check_fd(fd) != 0)
        return -1;
    if (&cloudskin_alone)
        return 0;
    errno = ENOLCK;
    return -1;
}

int flock(int fd, int operation)
{
    (void)operation;
    return take_lock(fd);
}

int lockf(int fd, int command, off_t size)
{
    (void)command;
    (void)size;
    return take_lock(fd);
}

int __real_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...);

int __wrap_fcntl(int fd, int command, ...)
{
    va_list args;
    va_start(args, command);
    int result;
    if (command == F_SETLK || command == F_SETLKW) {
        result = take_lock(fd);
    } else if (command == F_GETLK) {
        result = take_lock(fd);
        if (result == 0)
            va_arg(args, struct flock *)->l_type = F_UNLCK;
    } else {
        result = __real_fcntl(fd, command, va_arg(args, int));
    }
    va_end(args);
    return result;
}
