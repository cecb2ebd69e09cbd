/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "query.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boots.h"
#include "files.h"
#include "hosts.h"
#include "open.h"
#include "reader.h"
#include "strands.h"
#include "util/cleanup.h"

struct Source {
        const Options *options;
        Files *files;
        sd_journal *journal;
        bool whole; /* all of its files are open */
        bool has_boot;
        sd_id128_t boot;
        Reader *reader;
        bool hosts_known, several_hosts;
        Boot *boots; /* of several hosts; NULL: there is one host, or nobody has asked yet */
        size_t n_boots;
        Strands *strands; /* the query that runs, if it reads one boot beside another */
};

void source_free(Source *source) {
        if (!source)
                return;
        strands_free(source->strands);
        reader_free(source->reader);
        free(source->boots);
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

bool source_has_several_hosts(Source *source) {
        if (!source->hosts_known)
                source->several_hosts = hosts_several(source->options, source->journal);
        source->hosts_known = true;
        return source->several_hosts;
}

/* Lists the boots of all hosts, if there are several. Returns whether there are, or a negative errno. */
static int list_hosts(Source *source) {
        int n;

        if (!source->boots && source_has_several_hosts(source)) {
                n = boots_list(source->journal, &source->boots);
                if (n < 0)
                        return n;
                source->n_boots = (size_t) n;
        }
        return source->boots != NULL;
}

static const Boot *find_boot(const Source *source, const sd_id128_t *id) {
        for (size_t i = 0; i < source->n_boots; i++)
                if (sd_id128_equal(source->boots[i].id, *id))
                        return &source->boots[i];
        return NULL;
}

/* Starts a query on the journal of several hosts. */
static int start_on_hosts(Source *source, const Query *query) {
        const sd_id128_t *id = boot_of(source, query);
        const Boot *boot = id ? find_boot(source, id) : NULL;

        if (boot)
                return reader_start_in(source->reader, query, boot, NULL);
        return id ? reader_start(source->reader, query, id)
                  : strands_start(source->reader, source->boots, source->n_boots, query, &source->strands);
}

int source_start(Source *source, const Query *query) {
        bool looks_up_times = query->since != USEC_UNSET || query->until != USEC_UNSET || query->from > 0;
        int r = 0;

        strands_free(TAKE_PTR(source->strands));
        /* A cursor is a place in the journal as libsystemd reads it. */
        if ((query->every || looks_up_times) && !query->follow && !source->options->cursor_file)
                r = list_hosts(source);
        if (r < 0)
                return r;
        return r > 0 ? start_on_hosts(source, query)
                     : reader_start(source->reader, query, boot_of(source, query));
}

int source_next(Source *source, Record *record) {
        return source->strands ? strands_next(source->strands, record) : reader_next(source->reader, record);
}

int source_read_more(Source *source, Record *record, RecordField field) {
        return source->strands ? 0 : record_read_more(record, source->journal, field);
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
