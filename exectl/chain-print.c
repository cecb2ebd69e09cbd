/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "chain-print.h"

#include <errno.h>
#include <string.h>

#include "origin.h"
#include "record-json.h"
#include "row.h"
#include "show.h"
#include "util/cleanup.h"

/* Deeper levels have the same indentation as this one. */
#define INDENT_MAX 60

static int append_programs(Buffer *text, CommandLine *line, const ChainLevel *level) {
        for (size_t i = 0; i < level->n; i++) {
                const char *command = command_line_of(line, &level->program[i]);

                if (!command)
                        return -ENOMEM;
                if (i > 0)
                        buffer_append_string(text, "  =>  ");
                if (record_has(&level->program[i], RECORD_ERROR)) {
                        show_text(text, level->program[i].field[RECORD_ERROR]);
                        buffer_append_string(text, ": ");
                }
                buffer_append_string(text, command);
        }
        return 0;
}

/* Appends user, login, terminal, unit and flags, if they differ from those of the level above. */
static void append_circumstances(
        Buffer *text, Names *names, const ChainLevel *level, const ChainLevel *above) {
        const Record *record = chain_last(level), *before = above ? chain_last(above) : NULL;
        static const Record nothing;
        size_t start = text->size;

        if (!before)
                before = &nothing;
        buffer_append_string(text, "  (");
        if (!bytes_equal(record->field[RECORD_UID], before->field[RECORD_UID])) {
                names_append_user(names, text, record);
                buffer_append_string(text, ", ");
        }
        if (record_has(record, RECORD_TTY) &&
                !bytes_equal(record->field[RECORD_TTY], before->field[RECORD_TTY])) {
                show_text(text, record->field[RECORD_TTY]);
                buffer_append_string(text, ", ");
        }
        if (!bytes_equal(row_unit(record), row_unit(before)) && bytes_is_set(row_unit(record))) {
                show_text(text, row_unit(record));
                buffer_append_string(text, ", ");
        }
        if (record_has(record, RECORD_FLAG)) {
                buffer_append_bytes(text, BYTES_LITERAL("flags "));
                show_text(text, record->field[RECORD_FLAG]);
                buffer_append_string(text, ", ");
        }
        if (text->size == start + 3)
                buffer_truncate(text, start);
        else {
                buffer_truncate(text, text->size - 2);
                buffer_append_char(text, ')');
        }
}

static int print_level(Output *output, Names *names, CommandLine *line, const Chain *chain, size_t i,
        unsigned indent, bool branch) {
        const ChainLevel *level = &chain->level[i];
        _cleanup_(buffer_done) Buffer text = BUFFER_NULL;
        const char *string;
        int r;

        for (unsigned k = 0; k < indent && k < INDENT_MAX; k++)
                buffer_append_char(&text, ' ');
        if (branch)
                buffer_append_string(&text, output->utf8 ? "└─" : "`-");
        show_text(&text, level->program[0].field[RECORD_PID]);
        buffer_append_char(&text, ' ');
        r = append_programs(&text, line, level);
        if (r < 0)
                return r;
        append_circumstances(&text, names, level, i + 1 < chain->n ? &chain->level[i + 1] : NULL);
        if (level->join != JOIN_NONE) {
                buffer_append_string(&text, "  [asked for what follows: ");
                buffer_append_string(&text, chain_join_text(level->join));
                buffer_append_char(&text, ']');
        }
        string = show_string(&text);
        if (!string)
                return -ENOMEM;
        output_line(output, string, row_style(chain_last(level)), true);
        return 0;
}

static int print_origin(Output *output, Names *names, const Chain *chain, unsigned indent) {
        _cleanup_(buffer_done) Buffer text = BUFFER_NULL;
        const char *string;

        for (unsigned k = 0; k < indent; k++)
                buffer_append_char(&text, ' ');
        origin_append(&text, names, chain);
        string = show_string(&text);
        if (!string)
                return -ENOMEM;
        output_line(output, string, STYLE_GREY, true);
        return 0;
}

int chain_print(Output *output, Names *names, const Chain *chain, unsigned indent) {
        _cleanup_(command_line_done) CommandLine line = {};
        int r;

        r = print_origin(output, names, chain, indent);
        for (size_t i = chain->n; i > 0 && r >= 0; i--)
                r = print_level(
                        output, names, &line, chain, i - 1, indent + 2 * (unsigned) (chain->n - i), true);
        return r;
}

int chain_print_up(Output *output, Names *names, const Chain *chain) {
        _cleanup_(command_line_done) CommandLine line = {};
        int r = 0;

        for (size_t i = 0; i < chain->n && r >= 0; i++)
                r = print_level(output, names, &line, chain, i, i == 0 ? 0 : 2 * (unsigned) (i - 1), i > 0);
        return r < 0 ? r : print_origin(output, names, chain, 2 * (unsigned) chain->n);
}

int chain_print_json(Output *output, Names *names, const Chain *chain) {
        _cleanup_(arguments_done) Arguments arguments = {};
        _cleanup_(buffer_done) Buffer origin = BUFFER_NULL;
        JsonWriter *writer;

        origin_append(&origin, names, chain);
        if (buffer_error(&origin) < 0)
                return -ENOMEM;
        writer = output_json_begin(output);
        json_string(writer, "origin", buffer_bytes(&origin));
        json_open(writer, "processes", '[');
        for (size_t i = chain->n; i > 0; i--) {
                const ChainLevel *level = &chain->level[i - 1];

                json_open(writer, NULL, '{');
                if (level->join != JOIN_NONE)
                        json_text(writer, "join", chain_join_text(level->join));
                json_open(writer, "programs", '[');
                for (size_t k = 0; k < level->n; k++) {
                        json_open(writer, NULL, '{');
                        record_json_members(writer, &level->program[k], &arguments);
                        json_close(writer, '}');
                }
                json_close(writer, ']');
                json_close(writer, '}');
        }
        json_close(writer, ']');
        output_json_end(output);
        return 0;
}
