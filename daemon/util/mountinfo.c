/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "util/mountinfo.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

int mount_reader_open(MountReader *reader, const char *path) {
        *reader = (MountReader){ .file = fopen(path, "re") };
        return reader->file ? 0 : -errno;
}

void mount_reader_done(MountReader *reader) {
        if (reader->file)
                (void) fclose(reader->file);
        free(reader->line);
        *reader = (MountReader){};
}

static bool is_octal(char c, char last) {
        return c >= '0' && c <= last;
}

/* Replaces octal escapes such as "\040" in place. */
static void unescape(char *text) {
        char *to = text;

        for (const char *from = text; *from != '\0'; to++) {
                if (from[0] == '\\' && is_octal(from[1], '3') && is_octal(from[2], '7') &&
                        is_octal(from[3], '7')) {
                        *to = (char) ((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
                        from += 4;
                } else
                        *to = *from++;
        }
        *to = '\0';
}

static bool parse_id(const char *field, uint64_t *ret) {
        char *end;

        if (field[0] < '0' || field[0] > '9')
                return false;
        *ret = strtoull(field, &end, 10);
        return *end == '\0';
}

/* ID PARENT MAJOR:MINOR ROOT POINT OPTIONS [TAG...] - TYPE SOURCE OPTIONS */
static bool parse(char *line, Mount *ret) {
        char *fields[6];
        Mount mount = {};

        for (size_t i = 0; i < 6; i++) {
                fields[i] = strsep(&line, " ");
                if (!line)
                        return false;
        }
        if (!parse_id(fields[0], &mount.id) || sscanf(fields[2], "%u:%u", &mount.major, &mount.minor) != 2)
                return false;

        for (const char *tag = ""; strcmp(tag, "-") != 0;) {
                tag = strsep(&line, " ");
                if (!line)
                        return false;
        }
        mount.type = strsep(&line, " ");
        if (!line)
                return false;
        (void) strsep(&line, " "); /* the source */
        if (!line)
                return false;
        mount.options = line;

        unescape(fields[3]);
        unescape(fields[4]);
        mount.root = fields[3];
        mount.point = fields[4];
        *ret = mount;
        return true;
}

int mount_reader_next(MountReader *reader, Mount *ret) {
        ssize_t n;

        while ((n = getline(&reader->line, &reader->allocated, reader->file)) > 0) {
                if (reader->line[n - 1] == '\n')
                        reader->line[n - 1] = '\0';
                if (parse(reader->line, ret))
                        return 1;
        }
        return 0;
}
