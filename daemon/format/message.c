/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "format/message.h"

#include "event/fields.h"
#include "format/quote.h"

#define CUT "..."

/*
 * A line that is being written. Its parts are appended until one does not fit. Only then the line is cut, at
 * `cut_at`, which leaves room for the dots. If that is inside of a quoted part, as much of the part as fits
 * is written again. All other text is ASCII, and can be cut anywhere.
 */
typedef struct Line {
        Buffer *buffer;
        size_t end; /* the maximum size of the buffer */
        size_t cut_at; /* the size of the buffer that leaves room for CUT, or for a part of it */
        struct {
                size_t start;
                QuoteKind kind;
                Bytes text; /* unset: no quoted part crosses cut_at */
        } across;
        bool overflow;
} Line;

static void append_text(Line *line, const char *text) {
        buffer_append_string(line->buffer, text);
        line->overflow = line->overflow || line->buffer->size > line->end;
}

static void append_number(Line *line, const char *label, uint64_t number) {
        append_text(line, label);
        buffer_append_u64(line->buffer, number);
        line->overflow = line->overflow || line->buffer->size > line->end;
}

static void append_quoted(Line *line, QuoteKind kind, Bytes text) {
        size_t start = line->buffer->size;

        if (line->overflow)
                return;

        /* Quoting never makes text shorter, so text that is too long by itself is not quoted at all. */
        if (text.size > line->end - start)
                line->overflow = true;
        else {
                quote_append(line->buffer, kind, text);
                line->overflow = line->buffer->size > line->end;
        }

        if (start < line->cut_at && (line->overflow || line->buffer->size > line->cut_at)) {
                line->across.start = start;
                line->across.kind = kind;
                line->across.text = text;
        }
}

static void cut(Line *line) {
        if (bytes_is_set(line->across.text)) {
                buffer_truncate(line->buffer, line->across.start);
                quote_append_front(line->buffer, line->across.kind, line->across.text,
                        line->cut_at - line->across.start);
        } else
                buffer_truncate(line->buffer, line->cut_at);

        buffer_append(line->buffer, CUT, line->end - line->cut_at);
}

static void append_head(Line *line, const Event *event) {
        append_number(line, "[", event->pid);
        if (bytes_is_set(event->comm)) {
                append_text(line, ", comm=");
                append_quoted(line, QUOTE_STRING, event->comm);
        }
        append_number(line, ", uid=", event->uid);
        append_number(line, ", gid=", event->gid);
        if (event->loginuid != EVENT_ID_UNSET && event->loginuid != event->uid)
                append_number(line, ", login=", event->loginuid);
        if (bytes_is_set(event->tty)) {
                append_text(line, ", tty=");
                append_quoted(line, QUOTE_WORD, event->tty);
        }
        if (bytes_is_set(event->place.unit)) {
                append_text(line, ", unit=");
                append_quoted(line, QUOTE_WORD, event->place.unit);
        }
        if (event->error != 0) {
                char name[ERROR_NAME_SIZE];

                append_text(line, ", error=");
                append_text(line, field_error_name(name, event->error));
        }
        if (bytes_is_set(event->filename)) {
                append_text(line, ", filename=");
                append_quoted(line, QUOTE_WORD, event->filename);
        }
        append_text(line, "]");
}

void message_format(Buffer *buffer, const Event *event, size_t limit) {
        size_t start = buffer->size;
        Line line = { .buffer = buffer };

        line.end = limit < SIZE_MAX - start ? start + limit : SIZE_MAX;
        line.cut_at = limit > sizeof(CUT) - 1 ? line.end - (sizeof(CUT) - 1) : start;

        append_head(&line, event);
        for (size_t i = 0; i < event->argc && !line.overflow; i++) {
                append_text(&line, " ");
                append_quoted(&line, i == 0 ? QUOTE_COMMAND : QUOTE_WORD, event->argv[i]);
        }

        if (line.overflow)
                cut(&line);
}
