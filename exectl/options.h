/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-id128.h>

#include "time-parse.h"

typedef enum OutputMode {
        OUTPUT_SHORT,
        OUTPUT_FULL,
        OUTPUT_VERBOSE,
        OUTPUT_JSON,
        OUTPUT_JSON_PRETTY,
        OUTPUT_CAT,
        _OUTPUT_MODE_MAX,
} OutputMode;

/* The option --json=, which prints an array instead of an object on each line. */
typedef enum JsonMode {
        JSON_OFF,
        JSON_SHORT,
        JSON_PRETTY,
} JsonMode;

/* The option -b. */
typedef enum BootChoice {
        BOOT_ANY,
        BOOT_CHOSEN, /* by id, by offset, or both */
} BootChoice;

/* The values of an option that can be given several times. They are strings of argv. */
typedef struct Words {
        const char **word;
        size_t n;
} Words;

#define LINES_UNSET INT64_C(-2)
#define LINES_ALL INT64_C(-1)

/* The command line. */
typedef struct Options {
        const char *command; /* NULL for the default command */
        char **match; /* the words after the command */
        size_t n_match;

        OutputMode output;
        bool output_set;
        JsonMode json;
        bool utc, no_pager, no_legend, full, quiet;
        int64_t lines;
        bool reverse, follow;

        uint64_t since, until, at; /* microseconds since the epoch, or USEC_UNSET */
        BootChoice boot;
        sd_id128_t boot_id; /* if it is null, boot_offset counts from the current or the oldest boot */
        int boot_offset;

        Words units, user_units, users, logins, tags;
        const char *grep;
        const char *field;
        bool failed, untrusted;

        bool merge;
        const char *machine, *directory, *root, *namespace;
        Words files;

        /* Options of certain commands. */
        const char *by;
        bool up;
        const char *format;
        const char *cursor_file;

        bool help, version;
} Options;

void options_done(Options *options);

/*
 * Reads the command line. Returns 0 and sets *ret, which the caller passes to options_done(); -EINVAL when it
 * is not valid, which is reported on standard error; or -ENOMEM.
 */
int options_parse(int argc, char **argv, Options *ret);

/* Returns true when the output is JSON, in any form. */
static inline bool options_json(const Options *options) {
        return options->json != JSON_OFF || options->output == OUTPUT_JSON ||
                options->output == OUTPUT_JSON_PRETTY;
}

/*
 * Returns true when all records are of this machine, so that its user database and /proc are valid for them.
 */
static inline bool options_is_local(const Options *options) {
        return options->files.n == 0 && !options->directory && !options->root && !options->machine &&
                !options->merge;
}
