/* SPDX-License-Identifier: GPL-2.0-or-later */

/* exectl sessions: lists logins, where they came from, and the commands that were typed in them. */

#include <errno.h>
#include <stdio.h>

#include "command.h"
#include "session.h"
#include "util/cleanup.h"

/* Deeper commands have the same indentation as this one. */
#define INDENT_MAX 40

static void append_part(Buffer *line, const char *label, const Buffer *text) {
        if (text->size == 0)
                return;
        buffer_append_string(line, label);
        show_text(line, buffer_bytes(text));
}

static int print_line(Output *output, Buffer *line, Style style) {
        const char *text = show_string(line);

        if (!text)
                return -ENOMEM;
        output_line(output, text, style, true);
        buffer_clear(line);
        return 0;
}

static int print_text(Output *output, const Session *session) {
        _cleanup_(buffer_done) Buffer line = BUFFER_NULL;
        bool utc = output->options->utc;
        int r;

        append_part(&line, "session ", &session->id);
        append_part(&line, ", ", &session->login);
        if (session->login.size == 0)
                buffer_append_string(&line, ", login unset");
        append_part(&line, ", on ", &session->tty);
        append_part(&line, ", from ", &session->from);
        buffer_append_string(&line, ", ");
        show_time(&line, session->begin, utc, false);
        buffer_append_string(&line, " to ");
        show_time(&line, session->end, utc, false);
        buffer_append_string(&line, ", ");
        buffer_append_u64(&line, session->n);
        buffer_append_string(&line, " executed, ");
        buffer_append_u64(&line, session->n_typed);
        buffer_append_string(&line, " typed");
        r = print_line(output, &line, STYLE_HEADER);
        for (size_t i = 0; i < session->n_typed && r >= 0; i++) {
                const Typed *typed = &session->typed[i];

                buffer_append_string(&line, "  ");
                show_time(&line, typed->time, utc, false);
                buffer_append_char(&line, ' ');
                for (unsigned k = 0; k < typed->depth && k < INDENT_MAX; k++)
                        buffer_append_string(&line, "  ");
                if (typed->error) {
                        show_text(&line, bytes_of_string(typed->error));
                        buffer_append_string(&line, ": ");
                }
                buffer_append_string(&line, typed->command);
                r = print_line(output, &line, typed->error ? STYLE_FAILED : STYLE_NORMAL);
        }
        return r;
}

static void write_text(JsonWriter *writer, const char *key, const Buffer *text) {
        if (text->size > 0)
                json_string(writer, key, buffer_bytes(text));
}

static void print_json(Output *output, const Session *session) {
        JsonWriter *writer = output_json_begin(output);

        write_text(writer, "session", &session->id);
        write_text(writer, "login", &session->login);
        write_text(writer, "tty", &session->tty);
        write_text(writer, "from", &session->from);
        json_number(writer, "begin", session->begin);
        json_number(writer, "end", session->end);
        json_number(writer, "executed", session->n);
        json_open(writer, "typed", '[');
        for (size_t i = 0; i < session->n_typed; i++) {
                json_open(writer, NULL, '{');
                json_number(writer, "timestamp", session->typed[i].time);
                json_number(writer, "pid", session->typed[i].pid);
                json_number(writer, "depth", session->typed[i].depth);
                json_text(writer, "command", session->typed[i].command);
                if (session->typed[i].error)
                        json_text(writer, "error", session->typed[i].error);
                json_close(writer, '}');
        }
        json_close(writer, ']');
        output_json_end(output);
}

static int print_all(Context *context, const Sessions *sessions) {
        int64_t lines = context->options->lines;
        size_t from = lines >= 0 && (size_t) lines < sessions->n ? sessions->n - (size_t) lines : 0;
        int r = 0;

        if (sessions->n == 0)
                return 0;
        output_open(&context->output, false);
        for (size_t i = from; i < sessions->n && r >= 0; i++) {
                const Session *session =
                        &sessions->session[context->options->reverse ? sessions->n - 1 - (i - from) : i];

                if (options_json(context->options)) {
                        print_json(&context->output, session);
                        continue;
                }
                if (i > from)
                        output_line(&context->output, "", STYLE_NORMAL, false);
                r = print_text(&context->output, session);
        }
        return r < 0 ? r : 1;
}

int command_run_sessions(Context *context) {
        _cleanup_(conditions_done) Conditions conditions = {};
        _cleanup_(sessions_done) Sessions sessions = {};
        _cleanup_(names_freep) Names *names = NULL;
        _cleanup_(record_done) Record record = {};
        Query query;
        int r;

        r = conditions_of_options(context->options, &conditions);
        if (r >= 0)
                r = names_new(context->options, &names);
        if (r < 0)
                return r;
        query = QUERY_OF_OPTIONS(context->options, &conditions, SESSION_FIELDS);
        query.lines = LINES_ALL;
        query.reverse = false;
        r = source_start(context->source, &query);
        while (r >= 0 && (r = source_next(context->source, &record)) > 0)
                r = sessions_add(&sessions, names, &record);
        return r < 0 ? r : print_all(context, &sessions);
}
