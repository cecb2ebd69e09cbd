/* SPDX-License-Identifier: GPL-2.0-or-later */

/* exectl list: prints a row for each record. */

#include <errno.h>
#include <stdio.h>

#include "command.h"
#include "print.h"

int command_run_list(Context *context) {
        _cleanup_(conditions_done) Conditions conditions = {};
        _cleanup_(record_done) Record record = {};
        _cleanup_(printer_freep) Printer *printer = NULL;
        Query query;
        int r, n = 0;

        if (context->options->follow)
                return command_run_follow(context);

        r = conditions_of_options(context->options, &conditions);
        if (r < 0)
                return r;
        r = printer_new(&context->output, false, &printer);
        if (r < 0)
                return r;
        query = QUERY_OF_OPTIONS(context->options, &conditions, printer_fields(printer));
        r = source_start(context->source, &query);
        if (r < 0)
                return r;

        while ((r = source_next(context->source, &record)) > 0) {
                if (n == 0)
                        output_open(&context->output, false);
                r = printer_print(printer, &record);
                if (r < 0)
                        return r;
                n = 1;
                if (output_is_gone(&context->output))
                        break;
        }
        if (r >= 0)
                r = printer_flush(printer);
        return r < 0 ? r : n;
}
