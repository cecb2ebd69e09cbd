/* SPDX-License-Identifier: GPL-2.0-or-later */

/* exectl gaps: shows what is covered by records, and what is missing. */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boots.h"
#include "command.h"
#include "gaps-print.h"
#include "notices.h"
#include "util/cleanup.h"

typedef struct Gaps {
        Context *context;
        GapsBoot *boots;
        size_t n_boots;
        NoticeList notices;
} Gaps;

static void gaps_done(Gaps *gaps) {
        for (size_t i = 0; i < gaps->n_boots; i++)
                coverage_free(gaps->boots[i].coverage);
        free(gaps->boots);
        notices_done(&gaps->notices);
}

static int list_boots(Gaps *gaps) {
        _cleanup_free_ Boot *boots = NULL;
        sd_id128_t chosen;
        bool all = !source_boot(gaps->context->source, &chosen);
        int n;

        n = boots_list(source_journal(gaps->context->source), &boots);
        if (n < 0)
                return n;
        gaps->boots = calloc((size_t) n + 1, sizeof(*gaps->boots));
        if (!gaps->boots)
                return -ENOMEM;
        for (int i = 0; i < n; i++)
                if (all || sd_id128_equal(boots[i].id, chosen))
                        gaps->boots[gaps->n_boots++].boot = boots[i];
        return 0;
}

static void copy_text(char *ret, size_t size, Bytes text) {
        size_t n = text.size < size - 1 ? text.size : size - 1;

        if (n > 0)
                memcpy(ret, text.data, n);
        ret[n] = '\0';
}

/* Takes the host and the machine of a boot from its first entry, which is the current one. */
static int boot_begin(Gaps *gaps, GapsBoot *boot) {
        static const uint64_t fields = RECORD_BIT(RECORD_HOSTNAME) | RECORD_BIT(RECORD_MACHINE_ID);
        _cleanup_(record_done) Record record = {};
        int r;

        r = record_read(&record, source_journal(gaps->context->source), fields);
        if (r < 0)
                return r;
        copy_text(boot->host, sizeof(boot->host), record.field[RECORD_HOSTNAME]);
        copy_text(boot->machine, sizeof(boot->machine), record.field[RECORD_MACHINE_ID]);
        return coverage_new(gaps->context->options->since != USEC_UNSET, &boot->coverage);
}

/* An upload that was cut off begins anew: what it sends again may be of an earlier run. */
static int take_notice(GapsBoot *boot, const NoticeEntry *entry) {
        const CoverageNotice *notice = &entry->notice;

        if (entry->resent)
                return 0;
        if (notice->type == TYPE_STARTED && !(notice->resumed && notice->accounted > 0))
                boot->numbers_since = entry->monotonic;
        if (notice->type == TYPE_STARTED || notice->type == TYPE_STOPPED)
                boot->stopped = notice->type == TYPE_STOPPED ? entry->monotonic : 0;
        return coverage_notice(boot->coverage, notice);
}

static int take_entry(Gaps *gaps, GapsBoot *boot, const Record *record) {
        Source *source = gaps->context->source;
        const NoticeEntry *notice;
        uint64_t monotonic, seq;
        sd_id128_t id;
        int r;

        if (sd_journal_get_monotonic_usec(source_journal(source), &monotonic, &id) < 0)
                return 0; /* damaged */
        if (!boot->coverage) {
                r = boot_begin(gaps, boot);
                if (r < 0)
                        return r == -ENOMEM ? r : 0;
        }
        notice = notices_take(&gaps->notices, source, record->received, &id, monotonic);
        if (notice)
                return take_notice(boot, notice);
        if (!record_number(record, RECORD_SEQ, &seq))
                return 0;
        return monotonic < boot->numbers_since || monotonic < boot->stopped
                ? coverage_resent(boot->coverage, seq, record->received)
                : coverage_exec(boot->coverage, seq, record->received);
}

static int read_boot(Gaps *gaps, GapsBoot *boot) {
        _cleanup_(record_done) Record record = {};
        Query query = QUERY_OF_OPTIONS(gaps->context->options, NULL, RECORD_BIT(RECORD_SEQ));
        int r;

        query.kind = QUERY_BOTH;
        query.lines = LINES_ALL;
        query.reverse = false;
        query.grep = NULL;
        query.failed = false;
        query.boot = &boot->boot.id;
        r = notices_read(&gaps->notices, gaps->context->source, &query);
        if (r >= 0)
                r = source_start(gaps->context->source, &query);
        while (r >= 0 && (r = source_next(gaps->context->source, &record)) > 0)
                r = take_entry(gaps, boot, &record);
        return r;
}

/*
 * Reads one boot after the other. Where there are files of several hosts, libsystemd leaves out entries that
 * came late, behind later ones of other hosts: it orders those of one file as they came, those of different
 * files by time. Of one boot, late entries are only those that were sent again.
 */
static int read_journal(Gaps *gaps) {
        int r = 0;

        for (size_t i = 0; i < gaps->n_boots && r >= 0; i++)
                r = read_boot(gaps, gaps->boots + i);
        return r;
}

/* Whether there are records of an earlier boot of the same host. */
static bool was_installed(const Gaps *gaps, size_t n, const Boot *boot) {
        for (size_t i = n; i > 0; i--)
                if (sd_id128_equal(gaps->boots[i - 1].boot.machine, boot->machine))
                        return true;
        return false;
}

/*
 * Ends all boots. Those of a host before its first one with records are left out, because the service was not
 * installed then.
 */
static int finish(Gaps *gaps) {
        const Options *options = gaps->context->options;
        bool here = !options->directory && !options->root && !options->machine && options->files.n == 0,
             installed;
        sd_id128_t current = SD_ID128_NULL;
        size_t n = 0;
        int r;

        if (here)
                (void) sd_id128_get_boot(&current);
        for (size_t i = 0; i < gaps->n_boots; i++) {
                GapsBoot *boot = gaps->boots + i;

                installed = boot->coverage || was_installed(gaps, n, &boot->boot);
                if (!installed)
                        continue;
                if (!boot->coverage) {
                        r = coverage_new(options->since != USEC_UNSET, &boot->coverage);
                        if (r < 0)
                                return r;
                }
                r = coverage_end(boot->coverage, boot->boot.first, boot->boot.last,
                        sd_id128_equal(boot->boot.id, current));
                if (r < 0)
                        return r;
                gaps->boots[n] = *boot;
                if (n++ < i)
                        *boot = (GapsBoot){};
        }
        gaps->n_boots = n;
        return 0;
}

int command_run_gaps(Context *context) {
        Gaps gaps = { .context = context };
        bool whole = source_is_whole(context->source), missing = false;
        int r;

        if (context->options->n_match > 0) {
                fprintf(stderr, "exectl: gaps looks at all records, and takes no matches\n");
                return EXIT_FAILURE;
        }
        r = list_boots(&gaps);
        if (r >= 0)
                r = read_journal(&gaps);
        if (r >= 0)
                r = finish(&gaps);
        if (r >= 0 && gaps.n_boots > 0)
                r = gaps_print(&context->output, gaps.boots, gaps.n_boots, whole, &missing);
        if (r < 0)
                fprintf(stderr, "exectl: %s\n", strerror(-r));
        else if (gaps.n_boots == 0 && !context->options->quiet)
                fprintf(stderr, "exectl: no records of exectraced\n");
        missing |= !whole || gaps.n_boots == 0;
        gaps_done(&gaps);
        return r < 0 || missing ? EXIT_FAILURE : EXIT_SUCCESS;
}
