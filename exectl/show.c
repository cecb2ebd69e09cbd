/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "show.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "format/quote.h"
#include "util/cleanup.h"
#include "util/timespan.h"

void command_line_done(CommandLine *line) {
        arguments_done(&line->arguments);
        buffer_done(&line->text);
}

int show_arguments(Arguments *arguments, const Record *record) {
        if (record_has(record, RECORD_ARGV_RAW)) {
                int r = arguments_read_raw(arguments, record->field[RECORD_ARGV_RAW]);

                if (r != -EBADMSG)
                        return r;
        }
        if (!record_has(record, RECORD_ARGV))
                return -ENODATA;
        return arguments_read(arguments, record->field[RECORD_ARGV]);
}

const char *show_string(Buffer *buffer) {
        buffer_append_char(buffer, '\0');
        if (buffer_error(buffer) < 0)
                return NULL;
        buffer->size--;
        return buffer->data;
}

const char *command_line_of(CommandLine *line, const Record *record) {
        int r;

        buffer_clear(&line->text);
        r = show_arguments(&line->arguments, record);
        if (r == -ENOMEM)
                return NULL;
        if (r < 0 || line->arguments.n == 0) {
                Bytes name =
                        record->field[record_has(record, RECORD_FILENAME) ? RECORD_FILENAME : RECORD_EXE];

                buffer_append_char(&line->text, '<');
                show_text(&line->text, name);
                buffer_append_char(&line->text, '>');
                return show_string(&line->text);
        }
        for (size_t i = 0; i < line->arguments.n; i++) {
                if (i > 0)
                        buffer_append_char(&line->text, ' ');
                quote_append(&line->text, i == 0 ? QUOTE_COMMAND : QUOTE_WORD, line->arguments.word[i]);
        }
        return show_string(&line->text);
}

void show_text(Buffer *buffer, Bytes value) {
        if (bytes_is_set(value))
                quote_append(buffer, QUOTE_WORD, value);
}

void show_time(Buffer *buffer, uint64_t usec, bool utc, bool exact) {
        time_t t = (time_t) (usec / USEC_PER_SEC);
        char text[64], fraction[16];
        struct tm tm;

        if (!(utc ? gmtime_r(&t, &tm) : localtime_r(&t, &tm)) ||
                strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm) == 0) {
                buffer_append_char(buffer, '@');
                buffer_append_u64(buffer, usec / USEC_PER_SEC);
                return;
        }
        buffer_append_string(buffer, text);
        if (exact)
                (void) snprintf(fraction, sizeof(fraction), ".%06u", (unsigned) (usec % USEC_PER_SEC));
        else
                (void) snprintf(fraction, sizeof(fraction), ".%03u", (unsigned) (usec % USEC_PER_SEC / 1000));
        buffer_append_string(buffer, fraction);
        if (utc)
                buffer_append_string(buffer, "Z");
}

void show_time_short(Buffer *buffer, uint64_t usec, bool utc) {
        time_t t = (time_t) (usec / USEC_PER_SEC);
        char text[64];
        struct tm tm;

        if ((utc ? gmtime_r(&t, &tm) : localtime_r(&t, &tm)) &&
                strftime(text, sizeof(text), "%m-%d %H:%M:%S", &tm) > 0)
                buffer_append_string(buffer, text);
}

void show_flags(Buffer *buffer, const Record *record) {
        static const struct {
                char letter;
                uint32_t flag;
        } letters[] = {
                { 's', FLAG_SETUID },
                { 'g', FLAG_SETGID },
                { 'c', FLAG_FILECAPS },
                { 'm', FLAG_MEMFD },
                { 'd', FLAG_DELETED },
                { 'f', FLAG_FD },
                { 'i', FLAG_INTERACTIVE },
                { 'h', FLAG_SCRIPT },
                { 'b', FLAG_COMPAT },
                { 't', FLAG_THREAD },
                { 'k', FLAG_KERNEL },
                { 'u', FLAG_UNREAD },
                { 'o', FLAG_ORPHAN },
                { 'n', FLAG_USERNS },
                { 'p', FLAG_TRACED },
                { 'v', FLAG_CHECK },
                { 'X', FLAG_DIED },
                { 'r', FLAG_RUNNING },
        };

        if (record_has(record, RECORD_ERRNO) && !(record->flags & FLAG_CHECK))
                buffer_append_char(buffer, 'F');
        for (size_t i = 0; i < ELEMENTSOF(letters); i++)
                if (record->flags & letters[i].flag)
                        buffer_append_char(buffer, letters[i].letter);
        if (record_has(record, RECORD_TRUNCATED))
                buffer_append_char(buffer, 'T');
}

Bytes show_basename(Bytes path) {
        const char *slash = path.size > 0 ? memrchr(path.data, '/', path.size) : NULL;

        if (!slash || slash + 1 == path.data + path.size)
                return path;
        return (Bytes){ .data = slash + 1, .size = path.size - (size_t) (slash + 1 - path.data) };
}
