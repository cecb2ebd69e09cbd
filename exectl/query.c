/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "query.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boots.h"
#include "files.h"
#include "open.h"
#include "reader.h"
#include "util/cleanup.h"

struct Source {
        const Options *options;
        Files *files;
        sd_journal *journal;
        bool whole; /* all of its files are open */
        bool has_boot;
        sd_id128_t boot;
        Reader *reader;
};

void source_free(Source *source) {
        if (!source)
                return;
        reader_free(source->reader);
        sd_journal_close(source->journal);
        files_free(source->files);
        free(source);
}
DEFINE_POINTER_CLEANUP(Source *, source_free);

/* Finds out whether all files were opened, and reports on standard error if not, once. */
static void look_for_all(Source *source) {
        static bool reported;
        const char *path;
        int error;
        size_t n = files_left_out(source->files, &path, &error);

        source->whole = n == 0;
        if (n == 0 || reported || source->options->quiet)
                return;
        reported = true;
        fprintf(stderr, "exectl: %zu of the journal's files can't be read, such as %s: %s\n", n, path,
                error < 0 ? strerror(-error) : "damaged, too new for this libsystemd, or one too many");
}

int source_open(const Options *options, Source **ret) {
        _cleanup_(source_freep) Source *source = calloc(1, sizeof(*source));
        int r;

        if (!source)
                return -ENOMEM;
        source->options = options;
        r = files_list(options, &source->files);
        if (r >= 0)
                r = open_journal(options, &source->journal);
        if (r >= 0)
                r = reader_new(options, source->journal, &source->reader);
        if (r < 0)
                return r;
        look_for_all(source);
        if (options->boot == BOOT_CHOSEN) {
                r = boots_choose(source->journal, options, &source->boot);
                if (r < 0)
                        return r;
                source->has_boot = true;
        }
        *ret = TAKE_PTR(source);
        return 0;
}

/* The boot that the query is about, or NULL: all of them. */
static const sd_id128_t *boot_of(const Source *source, const Query *query) {
        if (query->boot)
                return query->boot;
        return source->has_boot && !query->any_boot ? &source->boot : NULL;
}

int source_start(Source *source, const Query *query) {
        return reader_start(source->reader, query, boot_of(source, query));
}

int source_next(Source *source, Record *record) {
        return reader_next(source->reader, record);
}

int source_wait(Source *source, uint64_t timeout_usec) {
        int r = sd_journal_wait(source->journal, timeout_usec);

        return r < 0 ? r : 0;
}

sd_journal *source_journal(Source *source) {
        return source->journal;
}

bool source_is_whole(const Source *source) {
        return source->whole;
}

bool source_boot(const Source *source, sd_id128_t *ret) {
        if (source->has_boot)
                *ret = source->boot;
        return source->has_boot;
}

uint64_t source_damaged(const Source *source) {
        return reader_damaged(source->reader);
}
