/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "config/files.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#define MAIN_FILE "exectraced.conf"
#define DROP_IN_SUFFIX ".conf"

typedef struct DropIn {
        char *path;
        const char *name; /* the last part of path */
        bool masks; /* it only masks files of the same name */
} DropIn;

typedef struct DropIns {
        DropIn *list;
        size_t n;
} DropIns;

static void drop_ins_done(DropIns *drop_ins) {
        for (size_t i = 0; i < drop_ins->n; i++)
                free(drop_ins->list[i].path);
        free(drop_ins->list);
        *drop_ins = (DropIns){};
}

void config_files_done(ConfigFiles *files) {
        for (size_t i = 0; i < files->n_paths; i++)
                free(files->paths[i]);
        free(files->paths);
        *files = (ConfigFiles){};
}

typedef enum Standing {
        STANDING_ABSENT,
        STANDING_EMPTY,
        STANDING_FILE,
} Standing;

static bool is_link(const char *path) {
        struct stat st;

        return lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
}

/*
 * Finds out what is at `path`. Problems, except for its absence, are added to the report. Returns 0 or
 * -ENOMEM.
 */
static int examine(const char *path, ConfigReport *report, Standing *ret) {
        struct stat st;

        *ret = STANDING_ABSENT;
        if (stat(path, &st) < 0) {
                if (errno != ENOENT)
                        return config_report_error(report, path, 0, "can't be examined: %s", strerror(errno));
                if (is_link(path))
                        return config_report_warning(report, path, 0, "a link that leads nowhere, ignored");
                return 0;
        }

        if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode) || (S_ISREG(st.st_mode) && st.st_size == 0))
                *ret = STANDING_EMPTY;
        else if (S_ISREG(st.st_mode))
                *ret = STANDING_FILE;
        else
                return config_report_warning(report, path, 0, "not a regular file, ignored");
        return 0;
}

static int files_add(ConfigFiles *files, char *path) {
        char **paths;

        paths = reallocarray(files->paths, files->n_paths + 1, sizeof(*paths));
        if (!paths) {
                free(path);
                return -ENOMEM;
        }
        files->paths = paths;
        paths[files->n_paths++] = path;
        return 0;
}

static int find_main_file(const char *const *directories, ConfigReport *report, ConfigFiles *files) {
        for (; *directories; directories++) {
                _cleanup_free_ char *path = NULL;
                Standing standing;
                int r;

                if (asprintf(&path, "%s/" MAIN_FILE, *directories) < 0) {
                        path = NULL;
                        return -ENOMEM;
                }
                r = examine(path, report, &standing);
                if (r < 0)
                        return r;
                if (standing == STANDING_FILE)
                        return files_add(files, TAKE_PTR(path));
                if (standing == STANDING_EMPTY)
                        return 0;
        }
        return 0;
}

static int is_drop_in(const struct dirent *entry) {
        size_t size = strlen(entry->d_name), suffix = strlen(DROP_IN_SUFFIX);

        return entry->d_name[0] != '.' && size > suffix &&
                strcmp(entry->d_name + size - suffix, DROP_IN_SUFFIX) == 0;
}

/* Compares byte by byte, so the order does not depend on the locale. */
static int compare_entries(const struct dirent **a, const struct dirent **b) {
        return strcmp((*a)->d_name, (*b)->d_name);
}

static int compare_drop_ins(const void *a, const void *b) {
        return strcmp(((const DropIn *) a)->name, ((const DropIn *) b)->name);
}

static bool drop_ins_have(const DropIns *drop_ins, const char *name) {
        for (size_t i = 0; i < drop_ins->n; i++)
                if (strcmp(drop_ins->list[i].name, name) == 0)
                        return true;
        return false;
}

static int add_drop_in(const char *directory, const char *name, ConfigReport *report, DropIns *drop_ins) {
        _cleanup_free_ char *path = NULL;
        Standing standing;
        DropIn *list;
        int r;

        if (drop_ins_have(drop_ins, name))
                return 0;

        if (asprintf(&path, "%s/%s", directory, name) < 0) {
                path = NULL;
                return -ENOMEM;
        }
        r = examine(path, report, &standing);
        if (r < 0 || standing == STANDING_ABSENT)
                return r;

        list = reallocarray(drop_ins->list, drop_ins->n + 1, sizeof(*list));
        if (!list)
                return -ENOMEM;
        drop_ins->list = list;
        list[drop_ins->n++] = (DropIn){
                .path = path,
                .name = path + strlen(directory) + 1,
                .masks = standing == STANDING_EMPTY,
        };
        path = NULL; /* handed over */
        return 0;
}

static int add_drop_ins(const char *directory, ConfigReport *report, DropIns *drop_ins) {
        _cleanup_free_ char *path = NULL;
        struct dirent **entries;
        int n, r = 0;

        if (asprintf(&path, "%s/" MAIN_FILE ".d", directory) < 0) {
                path = NULL;
                return -ENOMEM;
        }

        n = scandir(path, &entries, is_drop_in, compare_entries);
        if (n < 0) {
                if (errno == ENOMEM)
                        return -ENOMEM;
                if (errno == ENOENT)
                        return 0;
                return config_report_error(report, path, 0, "can't be read: %s", strerror(errno));
        }

        for (int i = 0; i < n; i++) {
                if (r == 0)
                        r = add_drop_in(path, entries[i]->d_name, report, drop_ins);
                free(entries[i]);
        }
        free(entries);
        return r;
}

int config_files_find(const char *const *directories, ConfigReport *report, ConfigFiles *ret) {
        _cleanup_(config_files_done) ConfigFiles files = {};
        _cleanup_(drop_ins_done) DropIns drop_ins = {};
        int r;

        r = find_main_file(directories, report, &files);
        if (r < 0)
                return r;

        for (; *directories; directories++) {
                r = add_drop_ins(*directories, report, &drop_ins);
                if (r < 0)
                        return r;
        }

        /* All names are different, so the order is defined. */
        if (drop_ins.n > 0)
                qsort(drop_ins.list, drop_ins.n, sizeof(*drop_ins.list), compare_drop_ins);
        for (size_t i = 0; i < drop_ins.n; i++) {
                if (drop_ins.list[i].masks)
                        continue;
                r = files_add(&files, TAKE_PTR(drop_ins.list[i].path));
                if (r < 0)
                        return r;
        }

        *ret = files;
        files = (ConfigFiles){};
        return 0;
}
