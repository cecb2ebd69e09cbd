/* SPDX-License-Identifier: GPL-2.0-or-later */

/* exectl follow: prints a line for each new record. */

#include <errno.h>
#include <stdio.h>

#include "command.h"
#include "print.h"

/*
 * journald signals new entries at most every 250 ms, by changing the size of its file. They can be read
 * before that, so the end of the file is checked this often, too.
 */
#define LOOK_USEC (30 * UINT64_C(1000))

/* The last records are shown first, as by journalctl -f. */
#define CONTEXT_LINES 10

static int follow(Context *context, Printer *printer, Record *record) {
        int r;

        for (;;) {
                bool printed = false;

                while ((r = source_next(context->source, record)) > 0) {
                        r = printer_print(printer, record);
                        if (r < 0)
                                return r;
                        printed = true;
                }
                if (r >= 0 && printed) {
                        r = printer_flush(printer);
                        (void) fflush(stdout);
                }
                if (r < 0 || output_is_gone(&context->output) || output_reader_is_gone())
                        return r;
                r = source_wait(context->source, LOOK_USEC);
                if (r < 0)
                        return r;
        }
}

int command_run_follow(Context *context) {
        _cleanup_(conditions_done) Conditions conditions = {};
        _cleanup_(record_done) Record record = {};
        _cleanup_(printer_freep) Printer *printer = NULL;
        Query query;
        int r;

        r = conditions_of_options(context->options, &conditions);
        if (r < 0)
                return r;
        r = printer_new(&context->output, true, &printer);
        if (r < 0)
                return r;
        query = QUERY_OF_OPTIONS(context->options, &conditions, printer_fields(printer));
        query.follow = true;
        query.reverse = false;
        if (query.lines == LINES_UNSET)
                query.lines = query.since == USEC_UNSET ? CONTEXT_LINES : LINES_ALL;
        r = source_start(context->source, &query);
        if (r >= 0)
                r = follow(context, printer, &record);
        return r < 0 ? r : 1;
}
