/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * What caller is to execute, and how: a file that the tests write (lib/plan.py). Words of 32 bits, then
 * strings.
 *
 *   PLAN_MAGIC, flags, number of jobs, offset and size of the strings in the file, then the index of each job
 *   job: way, origin, path, argc, arguments..., envc, variables...
 *
 * Paths, arguments and variables are offsets into the strings, which begin on a page of their own: they are
 * mapped and not read, so that the kernel is the first to touch them.
 */
#define PLAN_MAGIC 0x4e414c50U
#define PLAN_ARGV_NULL UINT32_MAX /* argc: argv is a null pointer */

enum plan_flag {
        PLAN_UNTOUCHED = 1U << 0, /* refuse to execute when the first argument's page is there already */
};

enum plan_way {
        WAY_EXECVE,
        WAY_EXECVEAT, /* relative to AT_FDCWD */
        WAY_DIRFD, /* execveat, the name relative to a descriptor of its directory */
        WAY_FEXECVE, /* execveat by the descriptor of the file */
        WAY_MEMFD, /* by the descriptor of a memfd with the file's bytes */
        WAY_UNLINKED, /* by the descriptor of the file, whose name is removed before */
        WAY_COMPAT, /* the 32-bit execve */
        WAY_COMPAT_AT, /* the 32-bit execveat, relative to AT_FDCWD */
        _WAY_MAX,
};

enum plan_origin {
        ORIGIN_SELF, /* caller itself turns into the program */
        ORIGIN_FORK,
        ORIGIN_VFORK,
        ORIGIN_THREAD, /* a thread of a forked child that is not its leader */
        _ORIGIN_MAX,
};

struct job {
        enum plan_way way;
        enum plan_origin origin;
        const char *path;
        char **argv;
        char **envp;
        size_t argv_size; /* bytes that each is mapped with */
        size_t envp_size;
        uint32_t *low_argv; /* the same as 32-bit pointers */
        uint32_t *low_envp;
        int fd; /* what WAY_DIRFD and the ways by descriptor need */
};

struct plan {
        const uint32_t *words;
        size_t n_words;
        char *strings; /* below 4 GiB */
        size_t strings_size;
        uint32_t flags;
        uint32_t n_jobs;
};

/* Each returns 0 or a negative errno; -EBADMSG: the file is no plan. */
int plan_open(const char *path, struct plan *ret);
int plan_job(const struct plan *plan, uint32_t index, struct job *ret);
void job_done(struct job *job);

/* Executes; returns only on failure, with a negative errno. Touches nothing but the job. */
int job_execute(const struct job *job);

/*
 * The 32-bit system calls; -ENOSYS where a program of this width can't make them. Pointers must be below
 * 4 GiB.
 */
int compat_execve(const char *path, const uint32_t *argv, const uint32_t *envp);
int compat_execveat(int fd, const char *path, const uint32_t *argv, const uint32_t *envp, int flags);
