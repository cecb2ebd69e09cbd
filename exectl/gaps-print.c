/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "gaps-print.h"

#include <inttypes.h>
#include <stdio.h>

#include "show.h"
#include "table.h"
#include "util/cleanup.h"

typedef struct StateWords {
        const char *state; /* in the table and in JSON */
        const char *why; /* an explanation */
} StateWords;

static const StateWords words[_FINDING_KIND_MAX] = {
        [FINDING_COVERED] = { "recorded", "" },
        [FINDING_NOT_STARTED] = { "not-yet", "recording had not begun" },
        [FINDING_NEVER] = { "unrecorded", "nothing was recorded in this boot" },
        [FINDING_STOPPED] = { "stopped", "the service was stopped" },
        [FINDING_DIED] = { "died", "the service ended without a word" },
        [FINDING_SHUTDOWN] = { "shutdown", "the service was stopped, and the system soon after it" },
        [FINDING_LOST] = { "lost", "" },
        [FINDING_FILTERED] = { "filtered", "dropped by the filters" },
        [FINDING_REMOVED] = { "removed", "the journal does not go back further" },
        [FINDING_MISSING] = { "missing", "no notice speaks of them: deleted, or never written" },
        [FINDING_TWICE] = { "twice", "the same record, sent again" },
        [FINDING_MISMATCH] = { "mismatch", "" },
};

static void append_numbers(Buffer *cell, const Finding *finding) {
        if (finding->kind == FINDING_MISMATCH || finding->seq_last == 0)
                return;
        buffer_append_u64(cell, finding->seq_first > 0 ? finding->seq_first : 1);
        buffer_append_string(cell, "-");
        buffer_append_u64(cell, finding->seq_last);
}

static void append_why(Buffer *cell, const Finding *finding) {
        char text[128];

        if (finding->kind == FINDING_LOST)
                show_text(cell, bytes_of_string(finding->cause));
        else if (finding->kind == FINDING_MISMATCH) {
                (void) snprintf(text, sizeof(text),
                        "the daemon says %" PRIu64 " %s, the journal has %" PRIu64, finding->n,
                        finding->cause, finding->found);
                buffer_append_string(cell, text);
        } else
                buffer_append_string(cell, words[finding->kind].why);
        if (finding->unnumbered > 0) {
                (void) snprintf(text, sizeof(text), "; %" PRIu64 " more in the kernel, without a number",
                        finding->unnumbered);
                buffer_append_string(cell, text);
        }
}

static Style style_of(const Finding *finding) {
        if (finding_is_gap(finding))
                return STYLE_FAILED;
        return finding->kind == FINDING_COVERED ? STYLE_GOOD : STYLE_GREY;
}

static int print_row(Table *table, const Finding *finding) {
        if (finding->from > 0)
                table_time(table, 0, finding->from);
        if (finding->to > 0)
                table_time(table, 1, finding->to);
        buffer_append_string(table_cell(table, 2), words[finding->kind].state);
        table_style(table, 2, style_of(finding));
        if (finding->n > 0 && finding->kind != FINDING_MISMATCH)
                buffer_append_u64(table_cell(table, 3), finding->n);
        append_numbers(table_cell(table, 4), finding);
        append_why(table_cell(table, 5), finding);
        return table_end_row(table);
}

static void print_title(Output *output, const GapsBoot *boot) {
        _cleanup_(buffer_done) Buffer text = BUFFER_NULL;
        char id[SD_ID128_STRING_MAX];
        const char *line;

        buffer_append_string(&text, "Boot ");
        buffer_append_string(&text, sd_id128_to_string(boot->boot.id, id));
        if (boot->host[0] != '\0') {
                buffer_append_string(&text, " of ");
                show_text(&text, bytes_of_string(boot->host));
        }
        line = show_string(&text);
        if (line)
                output_line(output, line, STYLE_HEADER, false);
}

static int print_boot(Output *output, const GapsBoot *boot) {
        static const TableColumn columns[] = {
                { "FROM", 0, 0 },
                { "TO", 0, 3 },
                { "STATE", 0, 0 },
                { "EXECS", COLUMN_RIGHT, 2 },
                { "NUMBERS", COLUMN_RIGHT, 1 },
                { "WHY", COLUMN_CUT, 0 },
        };
        const Finding *findings;
        size_t n = coverage_findings(boot->coverage, &findings);
        Table *table;
        int r;

        r = table_new(output, columns, ELEMENTSOF(columns), &table);
        if (r < 0)
                return r;
        print_title(output, boot);
        for (size_t i = 0; i < n && r >= 0; i++)
                r = print_row(table, findings + i);
        if (r >= 0)
                r = table_flush(table);
        table_free(table);
        return r;
}

static void json_time(JsonWriter *writer, const char *key, uint64_t usec) {
        if (usec > 0)
                json_number(writer, key, usec);
}

static void print_json(Output *output, const GapsBoot *boot, const Finding *finding) {
        JsonWriter *writer = output_json_begin(output);
        char id[SD_ID128_STRING_MAX];

        json_text(writer, "boot_id", sd_id128_to_string(boot->boot.id, id));
        if (boot->machine[0] != '\0')
                json_text(writer, "machine_id", boot->machine);
        if (boot->host[0] != '\0')
                json_text(writer, "host", boot->host);
        json_text(writer, "state", words[finding->kind].state);
        json_bool(writer, "gap", finding_is_gap(finding));
        json_time(writer, "from", finding->from);
        json_time(writer, "to", finding->to);
        json_number(writer, "execs", finding->n);
        if (finding->seq_last > 0) {
                json_number(writer, "seq_first", finding->seq_first > 0 ? finding->seq_first : 1);
                json_number(writer, "seq_last", finding->seq_last);
        }
        if (finding->kind == FINDING_MISMATCH)
                json_number(writer, "found", finding->found);
        if (finding->unnumbered > 0)
                json_number(writer, "unnumbered", finding->unnumbered);
        if (finding->cause[0] != '\0')
                json_text(writer, "cause", finding->cause);
        output_json_end(output);
}

static void print_boot_json(Output *output, const GapsBoot *boot) {
        const Finding *findings;
        size_t n = coverage_findings(boot->coverage, &findings);

        for (size_t i = 0; i < n; i++)
                print_json(output, boot, findings + i);
}

static void print_sum(Output *output, uint64_t n_gaps, bool whole) {
        char text[64];

        if (output->options->no_legend)
                return;
        if (n_gaps == 0 && !whole) {
                output_line(
                        output, "\nNothing is missing in the files that can be read.", STYLE_FAILED, false);
                return;
        }
        (void) snprintf(
                text, sizeof(text), n_gaps == 0 ? "\nNothing is missing." : "\n%" PRIu64 " gaps.", n_gaps);
        output_line(output, n_gaps == 1 ? "\n1 gap." : text, n_gaps == 0 ? STYLE_GOOD : STYLE_FAILED, false);
}

int gaps_print(Output *output, const GapsBoot *boots, size_t n, bool whole, bool *ret_missing) {
        bool json = options_json(output->options);
        uint64_t n_gaps = 0;
        int r = 0;

        output_open(output, false);
        for (size_t i = 0; i < n && r >= 0; i++) {
                const Finding *findings;
                size_t n_findings = coverage_findings(boots[i].coverage, &findings);

                for (size_t k = 0; k < n_findings; k++)
                        n_gaps += finding_is_gap(findings + k);
                if (json) {
                        print_boot_json(output, boots + i);
                        continue;
                }
                if (i > 0)
                        output_line(output, "", STYLE_NORMAL, false);
                r = print_boot(output, boots + i);
        }
        if (!json && r >= 0)
                print_sum(output, n_gaps, whole);
        *ret_missing = n_gaps > 0;
        return r;
}
