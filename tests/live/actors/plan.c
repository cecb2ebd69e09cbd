/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "plan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEADER_WORDS 5

#ifndef MAP_32BIT
#define MAP_32BIT 0
#endif

int plan_open(const char *path, struct plan *ret) {
        uint32_t offset, size;
        uint32_t *words;
        struct stat st;
        char *strings;
        int fd, r;

        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        if (fstat(fd, &st) < 0)
                goto fail;

        words = mmap(NULL, (size_t) st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (words == MAP_FAILED)
                goto fail;
        if ((size_t) st.st_size < HEADER_WORDS * sizeof(*words) || words[0] != PLAN_MAGIC) {
                errno = EBADMSG;
                goto fail;
        }

        offset = words[3];
        size = words[4];
        strings = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_32BIT, fd, (off_t) offset);
        if (strings == MAP_FAILED)
                goto fail;

        *ret = (struct plan){
                .words = words,
                .n_words = offset / sizeof(*words),
                .strings = strings,
                .strings_size = size,
                .flags = words[1],
                .n_jobs = words[2],
        };
        (void) close(fd);
        return 0;

fail:
        r = -errno;
        (void) close(fd);
        return r;
}

/* Turns `n` offsets into a vector of pointers that ends in NULL, in both widths, below 4 GiB. */
static int vector_new(const struct plan *plan, const uint32_t *offsets, uint32_t n, char ***ret,
        uint32_t **ret_low, size_t *ret_size) {
        size_t size = ((size_t) n + 1) * (sizeof(char *) + sizeof(uint32_t));
        char **vector;
        uint32_t *low;

        vector = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
        if (vector == MAP_FAILED)
                return -errno;
        low = (uint32_t *) (vector + n + 1);

        for (uint32_t i = 0; i < n; i++) {
                if (offsets[i] >= plan->strings_size) {
                        (void) munmap(vector, size);
                        return -EBADMSG;
                }
                vector[i] = plan->strings + offsets[i];
                low[i] = (uint32_t) (uintptr_t) vector[i];
        }
        *ret = vector;
        *ret_low = low;
        *ret_size = size;
        return 0;
}

/* Makes a memfd named like the file, with its bytes. */
static int memfd_copy(const char *path) {
        const char *slash = strrchr(path, '/');
        static char buffer[65536];
        ssize_t n;
        int from, to;

        from = open(path, O_RDONLY | O_CLOEXEC);
        if (from < 0)
                return -errno;
        to = memfd_create(slash ? slash + 1 : path, 0);
        if (to < 0) {
                (void) close(from);
                return -errno;
        }
        while ((n = read(from, buffer, sizeof(buffer))) > 0)
                if (write(to, buffer, (size_t) n) != n) {
                        n = -1;
                        break;
                }
        (void) close(from);
        return n < 0 ? -EIO : to;
}

static int directory_open(const char *path) {
        const char *slash = strrchr(path, '/');
        char directory[4096];
        size_t n;

        if (!slash)
                return -EBADMSG;
        n = (size_t) (slash - path);
        if (n == 0 || n >= sizeof(directory))
                return -EBADMSG;
        memcpy(directory, path, n);
        directory[n] = '\0';
        return open(directory, O_PATH | O_DIRECTORY);
}

/* Opened without CLOEXEC: a script's interpreter opens the same descriptor again. */
static int job_open(struct job *job) {
        switch (job->way) {
        case WAY_DIRFD:
                job->fd = directory_open(job->path);
                break;
        case WAY_FEXECVE:
                job->fd = open(job->path, O_RDONLY);
                break;
        case WAY_MEMFD:
                job->fd = memfd_copy(job->path);
                if (job->fd < 0)
                        errno = -job->fd;
                break;
        case WAY_UNLINKED:
                job->fd = open(job->path, O_RDONLY);
                if (job->fd >= 0 && unlink(job->path) < 0)
                        return -errno;
                break;
        default:
                return 0;
        }
        return job->fd < 0 ? -errno : 0;
}

/* Whether the page that holds `address` is mapped: bit 63 of its word in pagemap (proc(5)). */
static bool page_present(const void *address) {
        uint64_t word = 0;
        off_t position = (off_t) ((uintptr_t) address / (uintptr_t) sysconf(_SC_PAGESIZE) * sizeof(word));
        int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);

        if (fd < 0 || pread(fd, &word, sizeof(word), position) != sizeof(word))
                word = UINT64_MAX;
        (void) close(fd);
        return word >> 63;
}

int plan_job(const struct plan *plan, uint32_t index, struct job *ret) {
        struct job job = { .fd = -1 };
        const uint32_t *words;
        uint32_t argc, envc;
        bool no_argv;
        int r;

        if (index >= plan->n_jobs)
                return -ERANGE;
        words = plan->words + plan->words[HEADER_WORDS + index];
        if (words[0] >= _WAY_MAX || words[1] >= _ORIGIN_MAX || words[2] >= plan->strings_size)
                return -EBADMSG;

        job.way = words[0];
        job.origin = words[1];
        job.path = plan->strings + words[2];
        no_argv = words[3] == PLAN_ARGV_NULL;
        argc = no_argv ? 0 : words[3];
        words += 4;

        r = vector_new(plan, words, argc, &job.argv, &job.low_argv, &job.argv_size);
        if (r < 0)
                return r;
        if (no_argv) {
                (void) munmap(job.argv, job.argv_size);
                job.argv = NULL;
                job.low_argv = NULL;
        }
        words += argc;
        envc = *words++;
        r = vector_new(plan, words, envc, &job.envp, &job.low_envp, &job.envp_size);
        if (r < 0)
                return r;

        if ((plan->flags & PLAN_UNTOUCHED) && (argc == 0 || page_present(job.argv[0])))
                return -EEXIST;
        r = job_open(&job);
        if (r < 0)
                return r;

        *ret = job;
        return 0;
}

void job_done(struct job *job) {
        if (job->argv)
                (void) munmap(job->argv, job->argv_size);
        (void) munmap(job->envp, job->envp_size);
        if (job->fd >= 0)
                (void) close(job->fd);
        job->fd = -1;
}
