/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * racer PROGRAM SIZE NUL: executes PROGRAM with one argument of SIZE bytes, all "a" or all "b", which
 * another thread rewrites without pause; NUL=1: it also ends it in the middle now and then. What arrives
 * is known to PROGRAM only.
 */

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct race {
        char *argument;
        size_t size;
        int nul;
        atomic_bool under_way;
};

static void *rewrite(void *data) {
        struct race *race = data;

        for (unsigned i = 0;; i++) {
                memset(race->argument, i % 2 ? 'b' : 'a', race->size);
                race->argument[race->size / 2] = race->nul && i % 4 == 0 ? '\0' : 'c';
                atomic_store(&race->under_way, true);
        }
        return NULL;
}

int main(int argc, char **argv) {
        struct race race = {};
        pthread_t thread;
        char *child_argv[3];
        int r;

        if (argc != 4)
                return 64;
        race.size = strtoul(argv[2], NULL, 10);
        race.nul = argv[3][0] == '1';
        race.argument = calloc(race.size + 1, 1);
        if (!race.argument)
                return ENOMEM;

        r = pthread_create(&thread, NULL, rewrite, &race);
        if (r != 0)
                return r;
        while (!atomic_load(&race.under_way))
                ;
        child_argv[0] = argv[1];
        child_argv[1] = race.argument;
        child_argv[2] = NULL;
        (void) execv(argv[1], child_argv);
        return errno;
}
