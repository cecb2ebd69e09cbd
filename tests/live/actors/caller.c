/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * caller PLAN [INDEX]: executes what the plan says, all jobs one after another, or the one of INDEX.
 *
 * Prints "PID STATUS ERROR" for each: the child, its wait(2) status, and the errno of an exec that failed
 * or 0. A job that begins in caller itself replaces it; when that fails, the errno is the exit status.
 */

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plan.h"

static void *execute_in_thread(void *argument) {
        struct job *job = argument;

        return (void *) (intptr_t) job_execute(job);
}

static int execute_by_thread(struct job *job) {
        pthread_t thread;
        void *result;
        int r;

        r = pthread_create(&thread, NULL, execute_in_thread, job);
        if (r != 0)
                return -r;
        r = pthread_join(thread, &result);
        return r != 0 ? -r : (int) (intptr_t) result;
}

/* The child shares the memory with its parent until the exec, as posix_spawn(3) does it. */
static pid_t vfork_execute(const struct job *job, volatile int *ret_error) {
        pid_t pid = vfork();

        if (pid == 0) {
                *ret_error = job_execute(job);
                _exit(127);
        }
        return pid;
}

static pid_t fork_execute(struct job *job, volatile int *ret_error) {
        pid_t pid = fork();

        if (pid == 0) {
                *ret_error = job->origin == ORIGIN_THREAD ? execute_by_thread(job) : job_execute(job);
                _exit(127);
        }
        return pid;
}

static int job_run(struct job *job, volatile int *shared_error) {
        int status;
        pid_t pid;

        if (job->origin == ORIGIN_SELF)
                return job_execute(job);

        *shared_error = 0;
        pid = job->origin == ORIGIN_VFORK ? vfork_execute(job, shared_error)
                                          : fork_execute(job, shared_error);
        if (pid < 0 || waitpid(pid, &status, 0) != pid)
                return -errno;
        if (printf("%d %d %d\n", (int) pid, status, -*shared_error) < 0)
                return -EIO;
        return 0;
}

int main(int argc, char **argv) {
        volatile int *shared_error;
        uint32_t first = 0, end;
        struct plan plan;
        int r;

        if (argc != 2 && argc != 3)
                return 64;
        r = plan_open(argv[1], &plan);
        if (r < 0)
                goto fail;
        end = plan.n_jobs;
        if (argc == 3) {
                first = (uint32_t) strtoul(argv[2], NULL, 10);
                end = first + 1;
        }

        shared_error =
                mmap(NULL, sizeof(*shared_error), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (shared_error == MAP_FAILED) {
                r = -errno;
                goto fail;
        }

        for (uint32_t i = first; i < end; i++) {
                struct job job;

                r = plan_job(&plan, i, &job);
                if (r < 0)
                        goto fail;
                r = job_run(&job, shared_error);
                job_done(&job);
                if (r < 0)
                        goto fail;
        }
        return fflush(stdout) == 0 ? 0 : 1;

fail:
        (void) fflush(stdout);
        return -r;
}
