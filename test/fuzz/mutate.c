/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/bits.h"
#include "base/mem.h"
#include "fuzz/fuzz.h"
#include "mutate.h"

/*
 * Many mutated modules or images, each within a second of processor time and all of them
 * within a bound of memory.
 *
 *     mutate module|image COUNT SEED DIRECTORY
 *
 * An input that fails is left in mutate-failed, for fuzz/rerun.
 */

#define KEPT_MAX        512u
#define INPUT_BYTES_MAX (64u << 10)
#define CASE_CPU_S      1   /* processor time that one case may take */
#define ACCEPTED_MIN    50u /* one mutant of so many must be accepted */
#define RSS_MAX_KB      (400l << 10)

static struct buf kept[KEPT_MAX];
static size_t nkept;
static struct buf current;

static void load_kept(const char *directory)
{
    DIR *dir = opendir(directory);
    MUST(dir != NULL);
    for (struct dirent *e = readdir(dir); e != NULL && nkept < KEPT_MAX; e = readdir(dir)) {
        char path[4096];
        (void)snprintf(path, sizeof path, "%s/%s", directory, e->d_name);
        FILE *f = e->d_name[0] != '.' ? fopen(path, "rb") : NULL;
        if (f == NULL)
            continue;
        struct buf *b = &kept[nkept++];
        MUST(buf_reserve(b, INPUT_BYTES_MAX) == 0);
        b->size = fread(b->data, 1, INPUT_BYTES_MAX, f);
        (void)fclose(f);
    }
    (void)closedir(dir);
    MUST(nkept > 1);
}

/* Only what a signal handler may do. */
static void leave_input(int number)
{
    static const char text[] = "the input is in mutate-failed\n";
    int fd = open("mutate-failed", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    ssize_t n = fd >= 0 ? write(fd, current.data, current.size) : 0;
    n += write(STDERR_FILENO, text, sizeof text - 1);
    _exit(number == SIGPROF ? 3 : n < 0 ? 4 : 1);
}

static void set_bounds(void)
{
    static const int signals[] = {SIGPROF, SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        struct sigaction action = {.sa_handler = leave_input};
        MUST(sigaction(signals[i], &action, NULL) == 0);
    }
}

static void set_timer(long seconds)
{
    struct itimerval timer = {.it_value = {.tv_sec = seconds}};
    (void)setitimer(ITIMER_PROF, &timer, NULL);
}

const struct buf *mutate_other(void)
{
    return &kept[mutate_below((uint32_t)nkept)];
}

static uint64_t state = 1;

uint32_t mutate_below(uint32_t n)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return n == 0 ? 0 : (uint32_t)((state >> 32) % n);
}

static void one_case(fuzz_target *run, mutate_fn *mutate)
{
    buf_clear(&current);
    mutate(mutate_other(), &current);
    set_timer(CASE_CPU_S);
    (void)run(current.data, current.size);
}

static bool run_all(fuzz_target *run, mutate_fn *mutate, unsigned long count)
{
    struct rusage usage;
    set_bounds();
    for (unsigned long i = 0; i < count; i++)
        one_case(run, mutate);
    set_timer(0);
    MUST(getrusage(RUSAGE_SELF, &usage) == 0);
    printf("%lu mutated inputs from %zu kept ones, %lu accepted, at most %ld KiB resident\n", count,
           nkept, fuzz_accepted, usage.ru_maxrss);
    if (fuzz_accepted < count / ACCEPTED_MIN || fuzz_accepted == count)
        return false; /* the mutants are all too wild, or none is */
    return MUTATE_SANITIZED || usage.ru_maxrss <= RSS_MAX_KB;
}

int main(int argc, char **argv)
{
    if (argc != 5 || (strcmp(argv[1], "module") != 0 && strcmp(argv[1], "image") != 0)) {
        fprintf(stderr, "usage: mutate module|image COUNT SEED DIRECTORY\n");
        return 2;
    }
    bool modules = strcmp(argv[1], "module") == 0;
    unsigned long count = strtoul(argv[2], NULL, 10);
    state = strtoull(argv[3], NULL, 10) * 0x9e3779b97f4a7c15 + 1;
    load_kept(argv[4]);
    bool ok =
        run_all(modules ? fuzz_module : fuzz_image, modules ? mutate_module : mutate_image, count);
    for (size_t i = 0; i < nkept; i++)
        buf_fini(&kept[i]);
    buf_fini(&current);
    return ok && count > 0 ? 0 : 1;
}
