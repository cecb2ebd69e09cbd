/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * crowd COUNT WORKERS ARGUMENTS BYTES MARK PROGRAM: executes PROGRAM COUNT times, WORKERS at a time,
 * without a pause and each time in a child. COUNT 0: until SIGTERM. Each exec has ARGUMENTS arguments
 * of BYTES bytes behind argv[0]; the first begins with "MARK.N.", and N, from 1 on, says which exec it
 * is.
 *
 * Prints "EXECUTED FAILED". An exec counts as executed when its child ended with the status that
 * PROGRAM alone ends with (target with TARGET=counted), and as failed when execve(2) returned.
 */

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "counted.h"

#define ARGUMENTS_MAX 64
#define BYTES_MAX (64 * 1024)

struct crowd {
        unsigned long count;
        unsigned long workers;
        unsigned long arguments;
        unsigned long bytes;
        const char *mark;
        char *program;
};

/* Shared by all workers. */
struct tally {
        atomic_ulong executed;
        atomic_ulong failed;
        atomic_bool ended;
};

static volatile sig_atomic_t stopped;

static void on_term(int number) {
        (void) number;
        stopped = 1;
}

/* Executes once, by vfork(2): nothing is copied, and what the child writes is the parent's. */
static int execute(const struct crowd *crowd, char *const argv[], struct tally *tally) {
        char order[] = COUNTED_ORDER;
        char *const envp[] = { order, NULL };
        volatile int failed = 0;
        int status;
        pid_t pid;

        pid = vfork();
        if (pid < 0)
                return -errno;
        if (pid == 0) {
                execve(crowd->program, argv, envp);
                failed = 1;
                _exit(127);
        }
        while (waitpid(pid, &status, 0) < 0)
                if (errno != EINTR)
                        return -errno;
        if (failed)
                atomic_fetch_add(&tally->failed, 1);
        else if (WIFEXITED(status) && WEXITSTATUS(status) == COUNTED_STATUS)
                atomic_fetch_add(&tally->executed, 1);
        else
                return -EIO;
        return 0;
}

/* One worker's part: every number that is `first` more than a multiple of the number of workers. */
static int work(const struct crowd *crowd, unsigned long first, struct tally *tally) {
        static char numbered[BYTES_MAX + 1], filler[BYTES_MAX + 1];
        char *argv[ARGUMENTS_MAX + 2] = { crowd->program, numbered };

        memset(filler, 'x', crowd->bytes);
        for (unsigned long i = 2; i <= crowd->arguments; i++)
                argv[i] = filler;
        for (unsigned long i = first; !atomic_load(&tally->ended) && (crowd->count == 0 || i <= crowd->count);
                i += crowd->workers) {
                int n, r;

                memset(numbered, 'x', crowd->bytes);
                n = snprintf(numbered, crowd->bytes + 1, "%s.%lu.", crowd->mark, i);
                if (n < 0 || (unsigned long) n > crowd->bytes)
                        return -EMSGSIZE;
                if ((unsigned long) n < crowd->bytes)
                        numbered[n] = 'x';
                r = execute(crowd, argv, tally);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int run_worker(const struct crowd *crowd, unsigned long first, struct tally *tally) {
        int r;

        (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void) signal(SIGTERM, SIG_IGN);
        r = work(crowd, first, tally);
        if (r < 0)
                fprintf(stderr, "crowd: %s: %s\n", crowd->program, strerror(-r));
        return r < 0 ? 1 : 0;
}

static int gather(const struct crowd *crowd, struct tally *tally) {
        struct sigaction action = { .sa_handler = on_term };
        unsigned long left = crowd->workers;
        int result = 0;

        (void) sigaction(SIGTERM, &action, NULL);
        for (unsigned long i = 1; i <= crowd->workers; i++) {
                pid_t pid = fork();

                if (pid < 0)
                        return -errno;
                if (pid == 0)
                        _exit(run_worker(crowd, i, tally));
        }
        while (left > 0) {
                int status;

                if (stopped)
                        atomic_store(&tally->ended, true);
                if (wait(&status) < 0) {
                        if (errno != EINTR)
                                return -errno;
                        continue;
                }
                left--;
                if (status != 0)
                        result = -EIO;
        }
        return result;
}

static int parse(const char *text, unsigned long min, unsigned long max, unsigned long *ret) {
        char *end;

        errno = 0;
        *ret = strtoul(text, &end, 10);
        if (errno != 0 || end == text || *end != '\0' || *ret < min || *ret > max) {
                fprintf(stderr, "crowd: not a number from %lu to %lu: %s\n", min, max, text);
                return -EINVAL;
        }
        return 0;
}

static int parse_all(char *argv[], struct crowd *ret) {
        ret->mark = argv[5];
        ret->program = argv[6];
        if (parse(argv[1], 0, 1UL << 30, &ret->count) < 0 || parse(argv[2], 1, 1024, &ret->workers) < 0)
                return -EINVAL;
        if (parse(argv[3], 1, ARGUMENTS_MAX, &ret->arguments) < 0)
                return -EINVAL;
        return parse(argv[4], 1, BYTES_MAX, &ret->bytes);
}

int main(int argc, char *argv[]) {
        struct crowd crowd;
        struct tally *tally;

        if (argc != 7 || parse_all(argv, &crowd) < 0) {
                fprintf(stderr, "usage: crowd COUNT WORKERS ARGUMENTS BYTES MARK PROGRAM\n");
                return 64;
        }

        tally = mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (tally == MAP_FAILED || gather(&crowd, tally) < 0)
                return 1;
        printf("%lu %lu\n", atomic_load(&tally->executed), atomic_load(&tally->failed));
        return 0;
}
