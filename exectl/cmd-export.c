/* SPDX-License-Identifier: GPL-2.0-or-later */

/* exectl export: writes records for other programs, one on each line, and continues where it stopped. */

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "cursor-file.h"
#include "export.h"
#include "util/cleanup.h"

/* How long to wait for new entries before it is checked again whether the reader has ended. */
#define LOOK_USEC (30 * UINT64_C(1000))

/* The cursor is saved after so many records, and after the last one. */
#define SAVE_RECORDS 10000

typedef enum Format {
        FORMAT_JSON,
        FORMAT_ECS,
        FORMAT_OTEL,
        FORMAT_OCSF,
        FORMAT_CSV,
        _FORMAT_MAX,
        _FORMAT_INVALID = -EINVAL,
} Format;

static const char *const format_names[_FORMAT_MAX] = {
        [FORMAT_JSON] = "json",
        [FORMAT_ECS] = "ecs",
        [FORMAT_OTEL] = "otel",
        [FORMAT_OCSF] = "ocsf",
        [FORMAT_CSV] = "csv",
};

typedef struct Export {
        Context *context;
        Format format;
        Record record;
        Arguments arguments, scratch;
        CommandLine command;
        Buffer line, message;
        JsonWriter writer;
        uint64_t unsaved; /* records since the cursor was saved */
        char *after; /* the cursor after which this run begins; NULL when there is none, or it was read */
} Export;

static void export_done(Export *export) {
        record_done(&export->record);
        arguments_done(&export->arguments);
        arguments_done(&export->scratch);
        command_line_done(&export->command);
        buffer_done(&export->line);
        buffer_done(&export->message);
        free(export->after);
}

static Format format_from_string(const char *name) {
        for (Format i = 0; i < _FORMAT_MAX; i++)
                if (!name || strcmp(format_names[i], name) == 0)
                        return i;
        fprintf(stderr, "exectl: --format=%s: expected json, ecs, otel, ocsf or csv\n", name);
        return _FORMAT_INVALID;
}

/* Makes the item for the current record. Returns 0 or -ENOMEM. */
static int make_item(Export *export, ExportItem *ret) {
        const Record *record = &export->record;

        *ret = (ExportItem){ .record = record, .is_notice = record_has(record, RECORD_EVENT) };
        if (ret->is_notice) {
                buffer_clear(&export->message);
                buffer_append_bytes(&export->message, record->field[RECORD_MESSAGE]);
                ret->command = show_string(&export->message);
        } else {
                int r = show_arguments(&export->arguments, record);

                if (r == -ENOMEM)
                        return r;
                if (r >= 0)
                        ret->arguments = &export->arguments;
                ret->command = command_line_of(&export->command, record);
        }
        return ret->command ? 0 : -ENOMEM;
}

static void write_object(Export *export, const ExportItem *item) {
        JsonWriter *writer = &export->writer;

        *writer = (JsonWriter){ .out = &export->line };
        json_open(writer, NULL, '{');
        if (export->format == FORMAT_ECS)
                export_ecs(writer, item);
        else if (export->format == FORMAT_OTEL)
                export_otel(writer, item);
        else if (export->format == FORMAT_OCSF)
                export_ocsf(writer, item);
        else
                export_json(writer, item, &export->scratch);
        json_close(writer, '}');
}

static int put_line(Export *export) {
        buffer_append_char(&export->line, '\n');
        if (buffer_error(&export->line) < 0)
                return -ENOMEM;
        if (fwrite(export->line.data, 1, export->line.size, stdout) < export->line.size)
                return errno > 0 ? -errno : -EIO;
        buffer_clear(&export->line);
        return 0;
}

static int write_record(Export *export) {
        ExportItem item;
        int r;

        r = make_item(export, &item);
        if (r < 0)
                return r;
        buffer_clear(&export->line);
        if (export->format == FORMAT_CSV)
                export_csv(&export->line, &item, &export->scratch);
        else
                write_object(export, &item);
        return put_line(export);
}

/* Saves the cursor, after all records up to it were written, so that the next run begins after them. */
static int save_cursor(Export *export, char **cursor) {
        const char *path = export->context->options->cursor_file;
        int r;

        if (fflush(stdout) != 0)
                return -errno;
        export->unsaved = 0;
        if (!path || !*cursor)
                return 0;
        r = cursor_file_write(path, *cursor);
        if (r < 0) {
                fprintf(stderr, "exectl: %s: %s\n", path, strerror(-r));
                return -EINVAL;
        }
        free(*cursor);
        *cursor = NULL;
        return 0;
}

static bool reader_is_gone(void) {
        struct pollfd out = { .fd = STDOUT_FILENO };

        return poll(&out, 1, 0) > 0 && (out.revents & (POLLERR | POLLHUP | POLLNVAL));
}

/*
 * Returns true when the first record is that of the cursor, which was written before. If the journal does not
 * have it any more, the first record is a new one.
 */
static bool is_before(Export *export) {
        bool same;

        if (!export->after)
                return false;
        same = sd_journal_test_cursor(source_journal(export->context->source), export->after) > 0;
        free(TAKE_PTR(export->after));
        return same;
}

/* Writes all records that exist now. Returns 1 when there were some, 0 when not, or a negative errno. */
static int write_all(Export *export, char **cursor) {
        Source *source = export->context->source;
        bool written = false;
        int r;

        while ((r = source_next(source, &export->record)) > 0) {
                if (is_before(export))
                        continue;
                r = write_record(export);
                if (r < 0)
                        return r;
                written = true;
                if (!export->context->options->cursor_file)
                        continue;
                free(TAKE_PTR(*cursor));
                r = sd_journal_get_cursor(source_journal(source), cursor);
                if (r >= 0 && ++export->unsaved >= SAVE_RECORDS)
                        r = save_cursor(export, cursor);
                if (r < 0)
                        return r;
        }
        return r < 0 ? r : written;
}

static int write_for_ever(Export *export, char **cursor) {
        bool any = false;
        int r;

        for (;;) {
                r = write_all(export, cursor);
                if (r > 0) {
                        any = true;
                        r = save_cursor(export, cursor);
                }
                if (r < 0 || !export->context->options->follow)
                        return r < 0 ? r : any;
                if (reader_is_gone())
                        return any;
                r = source_wait(export->context->source, LOOK_USEC);
                if (r < 0)
                        return r;
        }
}

/* Starts the query, at the cursor if there is one. */
static int begin(Export *export, const Query *query) {
        const char *path = export->context->options->cursor_file;
        int r = 0;

        if (path)
                r = cursor_file_read(path, &export->after);
        if (r < 0) {
                fprintf(stderr, "exectl: %s: %s\n", path, strerror(-r));
                return -EINVAL;
        }
        if (export->after && query->lines >= 0) {
                fprintf(stderr,
                        "exectl: %s has a cursor: --lines= is only for the first run, as it would leave out "
                        "records\n",
                        path);
                return -EINVAL;
        }
        r = source_start(export->context->source, query);
        if (r < 0 || !export->after)
                return r;
        r = sd_journal_seek_cursor(source_journal(export->context->source), export->after);
        if (r == -EINVAL) {
                fprintf(stderr, "exectl: %s: this is no cursor\n", path);
                return -EINVAL;
        }
        return r;
}

static int run(Export *export, const Query *query) {
        char *cursor = NULL;
        int r;

        r = begin(export, query);
        if (r >= 0 && export->format == FORMAT_CSV && !export->context->options->no_legend &&
                !export->after) {
                export_csv_header(&export->line);
                r = put_line(export);
        }
        if (r >= 0)
                r = write_for_ever(export, &cursor);
        free(cursor);
        return r;
}

int command_run_export(Context *context) {
        _cleanup_(conditions_done) Conditions conditions = {};
        Export export = { .context = context, .format = format_from_string(context->options->format) };
        Query query;
        int r;

        if (export.format < 0)
                return -EINVAL;
        r = conditions_of_options(context->options, &conditions);
        if (r < 0)
                return r;
        query = QUERY_OF_OPTIONS(context->options, &conditions, RECORD_ALL);
        query.kind = conditions.n > 0 || query.failed || query.grep ? QUERY_EXECS : QUERY_BOTH;
        query.follow = context->options->follow;
        query.reverse = false;
        r = run(&export, &query);
        export_done(&export);
        /* This command is called repeatedly, so it is no failure when there is nothing new. */
        return r == 0 && context->options->cursor_file ? 1 : r;
}
