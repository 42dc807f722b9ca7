/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz/fuzz.h"

/*
 * Runs a target once over kept inputs: rerun TARGET FILE-OR-DIRECTORY...
 * Fails when there was none.
 */

#define INPUT_BYTES_MAX (16u << 20)

static const struct {
    const char *name;
    fuzz_target *run;
} targets[] = {
    {"module", fuzz_module},
    {"image", fuzz_image},
    {"wasi", fuzz_wasi},
};

static unsigned inputs;

static int run_file(fuzz_target *run, const char *path)
{
    FILE *f = fopen(path, "rb");
    uint8_t *bytes = malloc(INPUT_BYTES_MAX);
    if (f == NULL || bytes == NULL) {
        fprintf(stderr, "cannot read %s\n", path);
        free(bytes);
        return 1;
    }
    size_t size = fread(bytes, 1, INPUT_BYTES_MAX, f);
    (void)fclose(f);
    uint8_t *exact = malloc(size + 1); /* so that a read beyond the end is seen */
    if (exact != NULL) {
        memcpy(exact, bytes, size);
        (void)run(exact, size);
        inputs++;
    }
    free(exact);
    free(bytes);
    return exact == NULL;
}

static int run_path(fuzz_target *run, const char *path)
{
    struct stat st;
    if (stat(path, &st) == 0 && !S_ISDIR(st.st_mode))
        return run_file(run, path);
    DIR *dir = opendir(path);
    if (dir == NULL) {
        fprintf(stderr, "cannot open %s\n", path);
        return 1;
    }
    int failed = 0;
    for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        char file[4096];
        if (e->d_name[0] == '.')
            continue;
        (void)snprintf(file, sizeof file, "%s/%s", path, e->d_name);
        failed |= run_file(run, file);
    }
    (void)closedir(dir);
    return failed;
}

int main(int argc, char **argv)
{
    fuzz_target *run = NULL;
    int failed = 0;
    for (size_t i = 0; argc > 1 && i < sizeof targets / sizeof targets[0]; i++) {
        if (strcmp(argv[1], targets[i].name) == 0)
            run = targets[i].run;
    }
    if (run == NULL || argc < 3) {
        fprintf(stderr, "usage: rerun module|image|wasi FILE-OR-DIRECTORY...\n");
        return 2;
    }
    for (int i = 2; i < argc; i++)
        failed |= run_path(run, argv[i]);
    printf("%s: %u inputs\n", argv[1], inputs);
    return failed != 0 || inputs == 0;
}
