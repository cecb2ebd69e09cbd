/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <systemd/sd-id128.h>
#include <unistd.h>

#include "util/cleanup.h"

#define ID_SIZE 32

/* If no more descriptors are left, opening files failed for want of one. */
#define SPARE 16

typedef struct File {
        char *path;
        dev_t device;
        ino_t inode;
} File;

struct Files {
        const Options *options;
        char machine[ID_SIZE + 1]; /* of this machine, when only its files are read; else "" */
        File *file;
        size_t n, n_allocated;
        DIR *descriptors; /* of this process; open from the start, for later there may be no descriptor */
};

void files_raise_limit(void) {
        struct rlimit limit;

        if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
                return;
        limit.rlim_cur = limit.rlim_max;
        (void) setrlimit(RLIMIT_NOFILE, &limit);
}

void files_free(Files *files) {
        if (!files)
                return;
        for (size_t i = 0; i < files->n; i++)
                free(files->file[i].path);
        if (files->descriptors)
                (void) closedir(files->descriptors);
        free(files->file);
        free(files);
}
DEFINE_POINTER_CLEANUP(Files *, files_free);

static bool ends_with(const char *text, const char *end) {
        size_t n = strlen(text), k = strlen(end);

        return n > k && strcmp(text + n - k, end) == 0;
}

/* Names of files as libsystemd wants them (sd-journal.c, dirent_is_journal_file()). */
static bool is_journal_file(const char *name) {
        return ends_with(name, ".journal") || ends_with(name, ".journal~");
}

/*
 * Names of directories in which it looks for them: the id of a machine, and the namespace behind a dot. In
 * the journal of this machine, the options can want one machine and one namespace only.
 */
static bool is_wanted_directory(const Files *files, const char *name) {
        const char *namespace = files->options->namespace;
        size_t n = strcspn(name, ".");
        bool has_namespace = name[n] == '.';

        if (n != ID_SIZE || strspn(name, "0123456789abcdef") != ID_SIZE)
                return false;
        if (files->options->directory || files->options->root)
                return true;
        if (files->machine[0] != '\0' && strncmp(name, files->machine, ID_SIZE) != 0)
                return false;
        if (!namespace)
                return !has_namespace;
        if (strcmp(namespace, "*") == 0)
                return true;
        if (namespace[0] == '+' && !has_namespace)
                return true;
        return has_namespace && strcmp(name + n + 1, namespace + (namespace[0] == '+')) == 0;
}

static int add_file(Files *files, const char *path, const struct stat *st) {
        if (files->n == files->n_allocated) {
                size_t n = files->n_allocated ? 2 * files->n_allocated : 64;
                File *grown = reallocarray(files->file, n, sizeof(*grown));

                if (!grown)
                        return -ENOMEM;
                files->file = grown;
                files->n_allocated = n;
        }
        files->file[files->n] = (File){ .path = strdup(path), .device = st->st_dev, .inode = st->st_ino };
        if (!files->file[files->n].path)
                return -ENOMEM;
        files->n++;
        return 0;
}

/* Adds the files of a directory and, at the first level, of those in it. What can't be read has none. */
static int add_directory(Files *files, const char *path, bool deep) {
        DIR *directory = opendir(path);
        struct dirent *entry;
        int r = 0;

        while (directory && r >= 0 && (entry = readdir(directory))) {
                _cleanup_free_ char *inner = NULL;
                struct stat st;

                if (!is_journal_file(entry->d_name) && !is_wanted_directory(files, entry->d_name))
                        continue;
                if (asprintf(&inner, "%s/%s", path, entry->d_name) < 0) {
                        inner = NULL;
                        r = -ENOMEM;
                } else if (stat(inner, &st) < 0)
                        continue;
                else if (S_ISDIR(st.st_mode) && deep && is_wanted_directory(files, entry->d_name))
                        r = add_directory(files, inner, false);
                else if (S_ISREG(st.st_mode) && st.st_size > 0 && is_journal_file(entry->d_name))
                        r = add_file(files, inner, &st);
        }
        if (directory)
                (void) closedir(directory);
        return r;
}

/* The journal's two places below a root directory, "" for that of this machine. */
static int add_root(Files *files, const char *root) {
        static const char *const places[] = { "var/log/journal", "run/log/journal" };
        int r = 0;

        for (size_t i = 0; i < ELEMENTSOF(places) && r >= 0; i++) {
                _cleanup_free_ char *path = NULL;

                if (asprintf(&path, "%s/%s", root, places[i]) < 0) {
                        path = NULL;
                        return -ENOMEM;
                }
                r = add_directory(files, path, true);
        }
        return r;
}

int files_list(const Options *options, Files **ret) {
        _cleanup_(files_freep) Files *files = calloc(1, sizeof(*files));
        sd_id128_t machine;
        int r = 0;

        if (!files)
                return -ENOMEM;
        files->options = options;
        files->descriptors = opendir("/proc/self/fd");
        if (options_is_local(options) && sd_id128_get_machine(&machine) >= 0)
                (void) sd_id128_to_string(machine, files->machine);
        if (options->directory)
                r = add_directory(files, options->directory, true);
        else if (options->files.n == 0 && !options->machine)
                r = add_root(files, options->root ? options->root : "");
        if (r < 0)
                return r;
        *ret = TAKE_PTR(files);
        return 0;
}

static int compare(const void *a, const void *b) {
        const File *x = a, *y = b;

        if (x->device != y->device)
                return x->device < y->device ? -1 : 1;
        return x->inode < y->inode ? -1 : x->inode > y->inode;
}

/*
 * Collects the regular files that this process has open. *ret_full: nearly all descriptors are in use.
 * Returns 0 or -ENOMEM.
 */
static int list_open(DIR *descriptors, File **ret, size_t *ret_n, bool *ret_full) {
        _cleanup_free_ File *opened = NULL;
        size_t n = 0, n_allocated = 0, n_descriptors = 0;
        struct rlimit limit = {};
        struct dirent *entry;

        rewinddir(descriptors);
        while ((entry = readdir(descriptors))) {
                struct stat st;

                n_descriptors++;
                if (fstatat(dirfd(descriptors), entry->d_name, &st, 0) < 0 || !S_ISREG(st.st_mode))
                        continue;
                if (n == n_allocated) {
                        File *grown = reallocarray(opened, n_allocated + 256, sizeof(*grown));

                        if (!grown)
                                return -ENOMEM;
                        opened = grown;
                        n_allocated += 256;
                }
                opened[n++] = (File){ .device = st.st_dev, .inode = st.st_ino };
        }
        if (n > 0)
                qsort(opened, n, sizeof(*opened), compare);
        *ret = TAKE_PTR(opened);
        *ret_n = n;
        /* libsystemd needs some while it opens a file. */
        *ret_full = getrlimit(RLIMIT_NOFILE, &limit) >= 0 && n_descriptors + SPARE >= limit.rlim_cur;
        return 0;
}

/* Journald can have renamed it: then a file of that name is another one, or is not there. */
static bool is_there(const File *file) {
        struct stat st;

        return stat(file->path, &st) >= 0 && st.st_dev == file->device && st.st_ino == file->inode;
}

/* Why this program can't open a file: a negative errno, or 0 when it can. */
static int try_open(const char *path) {
        _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

        return fd < 0 ? -errno : 0;
}

size_t files_left_out(const Files *files, const char **ret_path, int *ret_error) {
        _cleanup_free_ File *opened = NULL;
        size_t n_opened, n = 0;
        bool full;

        if (!files->descriptors || list_open(files->descriptors, &opened, &n_opened, &full) < 0)
                return 0;
        for (size_t i = 0; i < files->n; i++)
                if ((n_opened == 0 ||
                            !bsearch(&files->file[i], opened, n_opened, sizeof(*opened), compare)) &&
                        is_there(&files->file[i]) && n++ == 0)
                        *ret_path = files->file[i].path;
        if (n > 0)
                *ret_error = full ? -EMFILE : try_open(*ret_path);
        return n;
}
