/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "doctor-config.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/timespan.h"

/* The files of a configuration in the order in which they are read. */
typedef struct Files {
        char **path;
        size_t n;
} Files;

static void files_done(Files *files) {
        for (size_t i = 0; i < files->n; i++)
                free(files->path[i]);
        free(files->path);
}

bool config_each_line(const char *path, bool (*line)(void *data, char *text), void *data) {
        _cleanup_fclose_ FILE *file = fopen(path, "re");
        _cleanup_free_ char *text = NULL;
        size_t allocated = 0;

        while (file && getline(&text, &allocated, file) >= 0) {
                char *start = text + strspn(text, " \t");
                size_t n = strlen(start);

                while (n > 0 && strchr(" \t\r\n", start[n - 1]))
                        start[--n] = '\0';
                if (line(data, start))
                        return true;
        }
        return false;
}

static int compare_names(const struct dirent **a, const struct dirent **b) {
        return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_conf(const struct dirent *entry) {
        return fnmatch("*.conf", entry->d_name, FNM_PERIOD) == 0;
}

bool config_each_drop_in(const char *directory, bool (*line)(void *data, char *text), void *data) {
        struct dirent **entries = NULL;
        bool found = false;
        int n = scandir(directory, &entries, is_conf, compare_names);

        for (int i = 0; i < n; i++) {
                _cleanup_free_ char *path = NULL;

                if (!found && asprintf(&path, "%s/%s", directory, entries[i]->d_name) >= 0)
                        found = config_each_line(path, line, data);
                free(entries[i]);
        }
        free(entries);
        return found;
}

/* Adds a path, and takes it over. Returns 0 or -ENOMEM. */
static int add(Files *files, char *path) {
        char **grown = path ? reallocarray(files->path, files->n + 1, sizeof(*grown)) : NULL;

        if (!grown) {
                free(path);
                return -ENOMEM;
        }
        files->path = grown;
        files->path[files->n++] = path;
        return 0;
}

static const char *name_of(const char *path) {
        return strrchr(path, '/') + 1;
}

static bool has_name(const Files *files, const char *name) {
        for (size_t i = 0; i < files->n; i++)
                if (strcmp(name_of(files->path[i]), name) == 0)
                        return true;
        return false;
}

static int compare_paths(const void *a, const void *b) {
        return strcmp(name_of(*(char *const *) a), name_of(*(char *const *) b));
}

/* Adds the drop-ins of one directory, without those that are masked by files that were added before. */
static int add_drop_ins(Files *files, const char *directory) {
        struct dirent **entries = NULL;
        int n = scandir(directory, &entries, is_conf, compare_names), r = 0;

        for (int i = 0; i < n; i++) {
                char *path = NULL;

                if (r >= 0 && !has_name(files, entries[i]->d_name)) {
                        if (asprintf(&path, "%s/%s", directory, entries[i]->d_name) < 0)
                                path = NULL;
                        r = add(files, path);
                }
                free(entries[i]);
        }
        free(entries);
        return r;
}

static int find_drop_ins(const char *const *directories, const char *name, Files *files) {
        int r = 0;

        for (size_t i = 0; directories[i] && r >= 0; i++) {
                _cleanup_free_ char *path = NULL;

                if (asprintf(&path, "%s/%s.d", directories[i], name) < 0)
                        return -ENOMEM;
                r = add_drop_ins(files, path);
        }
        if (files->n > 0)
                qsort(files->path, files->n, sizeof(*files->path), compare_paths);
        return r;
}

/* Sets *ret to the path of the main file (to be freed), or to NULL when there is none. */
static int find_main(const char *const *directories, const char *name, char **ret) {
        for (size_t i = 0; directories[i]; i++) {
                _cleanup_free_ char *path = NULL;

                if (asprintf(&path, "%s/%s", directories[i], name) < 0)
                        return -ENOMEM;
                if (access(path, F_OK) == 0) {
                        *ret = TAKE_PTR(path);
                        return 0;
                }
        }
        *ret = NULL;
        return 0;
}

/*
 * Finds the files that make the configuration: the first main file there is, and behind it the drop-ins by
 * their names. Returns 0 or -ENOMEM.
 */
static int find_files(const char *const *directories, const char *name, Files *files) {
        char *main_file = NULL;
        int r;

        r = find_drop_ins(directories, name, files);
        if (r >= 0)
                r = find_main(directories, name, &main_file);
        if (r < 0 || !main_file)
                return r;
        r = add(files, main_file);
        if (r < 0)
                return r;
        memmove(files->path + 1, files->path, (files->n - 1) * sizeof(*files->path));
        files->path[0] = main_file;
        return 0;
}

typedef struct Setting {
        const char *key;
        char *value;
        bool failed;
} Setting;

static bool take_setting(void *data, char *text) {
        Setting *setting = data;
        size_t n = strlen(setting->key);
        char *equals = text + n;

        if (strncmp(text, setting->key, n) != 0)
                return false;
        equals += strspn(equals, " \t");
        if (*equals != '=')
                return false;
        free(setting->value);
        setting->value = strdup(equals + 1 + strspn(equals + 1, " \t"));
        setting->failed = !setting->value;
        return setting->failed;
}

int config_setting(const char *const *directories, const char *name, const char *key, char **ret) {
        _cleanup_(files_done) Files files = {};
        Setting setting = { .key = key };
        int r;

        r = find_files(directories, name, &files);
        if (r < 0)
                return r;
        for (size_t i = 0; i < files.n && !setting.failed; i++)
                (void) config_each_line(files.path[i], take_setting, &setting);
        if (!setting.value)
                return setting.failed ? -ENOMEM : 0;
        *ret = setting.value;
        return 1;
}

/* Takes the time of a file or a directory into account, of a link also that of the link itself. */
static void newest_of(const char *path, uint64_t *newest) {
        struct stat found[2] = {};

        (void) lstat(path, &found[0]);
        /* A file is masked by a link to /dev/null, whose time says nothing. */
        if (S_ISLNK(found[0].st_mode) && (stat(path, &found[1]) < 0 || S_ISCHR(found[1].st_mode)))
                found[1] = (struct stat){};
        for (size_t i = 0; i < ELEMENTSOF(found); i++) {
                uint64_t usec = (uint64_t) found[i].st_mtim.tv_sec * USEC_PER_SEC +
                        (uint64_t) found[i].st_mtim.tv_nsec / 1000;

                if (usec > *newest)
                        *newest = usec;
        }
}

int config_changed(const char *const *directories, const char *name, uint64_t *ret) {
        _cleanup_(files_done) Files files = {};
        uint64_t newest = 0;
        int r;

        r = find_files(directories, name, &files);
        if (r < 0)
                return r;
        for (size_t i = 0; i < files.n; i++)
                newest_of(files.path[i], &newest);
        for (size_t i = 0; directories[i]; i++) {
                _cleanup_free_ char *path = NULL;

                if (asprintf(&path, "%s/%s.d", directories[i], name) < 0)
                        return -ENOMEM;
                newest_of(path, &newest);
        }
        *ret = newest;
        return 0;
}
