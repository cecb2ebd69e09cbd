/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "json-writer.h"
#include "options.h"
#include "util/buffer.h"

/* The styles of the output, which are colours on a terminal. */
typedef enum Style {
        STYLE_NORMAL,
        STYLE_GREY, /* of little interest */
        STYLE_HEADER, /* underlined */
        STYLE_FAILED, /* red */
        STYLE_PRIVILEGE, /* yellow: gained privileges */
        STYLE_MEMORY, /* magenta: runs from memory, or from a deleted file */
        STYLE_GOOD, /* green */
        _STYLE_MAX,
} Style;

/* The state and the properties of the output. */
typedef struct Output {
        const Options *options;
        bool colors;
        bool utf8; /* the locale can show more than ASCII */
        size_t width; /* columns; 0: no limit */
        bool several_hosts; /* the records may be of several hosts, so that each is shown with its own */
        pid_t pager;
        bool is_open;
        /* JSON */
        JsonWriter writer;
        Buffer json;
        bool array;
} Output;

/*
 * Sets the properties by the terminal and the environment variables SYSTEMD_COLORS, NO_COLOR, TERM and
 * COLUMNS. Starts no pager yet.
 */
void output_init(Output *output, const Options *options);

/* Returns true when the output is to have colours, by SYSTEMD_COLORS, NO_COLOR, TERM and the terminal. */
bool output_wants_colors(void);

/*
 * Starts the pager, if one is wanted. Call it before the first line, and only if there is one. `endless` says
 * that the output does not end by itself.
 */
void output_open(Output *output, bool endless);

/*
 * Flushes the output and waits for the pager. Returns 0, or a negative errno when not all could be written.
 */
int output_close(Output *output);

/* Return the escape sequences that begin and end a style, or "" when there are no colours. */
const char *output_style(const Output *output, Style style);
const char *output_reset(const Output *output);

/* Returns how many columns of the terminal the text takes. */
size_t output_text_width(const Output *output, const char *text, size_t size);

/*
 * Writes a text in at most `width` columns. What is cut ends in "…". In a locale without UTF-8, that is
 * "...", and each other character that is not ASCII is replaced by "?".
 */
void output_text(const Output *output, const char *text, size_t size, size_t width);

/* Writes a line in this way. If `cut` is set, the line is cut at the width of the output. */
void output_line(Output *output, const char *text, Style style, bool cut);

/*
 * Returns true when writing has failed, usually because the reader has ended. The command should stop then.
 */
bool output_is_gone(const Output *output);

/* Returns true when the reader has ended, even if nothing was written. */
bool output_reader_is_gone(void);

/*
 * Write a JSON object: call output_json_begin(), write the members by the writer that it returns, and call
 * output_json_end(). With --json= the objects are in an array, and with -o json each is on a line.
 */
JsonWriter *output_json_begin(Output *output);
void output_json_end(Output *output);
