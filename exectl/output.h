/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "json-writer.h"
#include "options.h"
#include "util/buffer.h"

/* What is coloured, and how strongly it is meant to be seen. */
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

/* Where the output goes, and how it looks there. */
typedef struct Output {
        const Options *options;
        bool colors;
        bool utf8; /* the locale can show more than ASCII */
        size_t width; /* columns; 0: no limit */
        pid_t pager;
        bool is_open;
        /* JSON */
        JsonWriter writer;
        Buffer json;
        bool array;
} Output;

/* Looks at the terminal and at SYSTEMD_COLORS, NO_COLOR, TERM and COLUMNS. Nothing is started yet. */
void output_init(Output *output, const Options *options);

/* Starts the pager, if one is wanted. To be called before the first line, when it is known that there is
 * one. */
void output_open(Output *output, bool endless);

/* Writes all that is left and waits for the pager. 0, or -EIO and the like when not all could be written. */
int output_close(Output *output);

/* The escape sequence that begins a style, or "" without colours; output_reset() ends it. */
const char *output_style(const Output *output, Style style);
const char *output_reset(const Output *output);

/* The sequence of a style as libsmartcols wants it, or NULL without colours. */
const char *output_cell_style(const Output *output, Style style);

/* Writes a line. Without UTF-8 what is not ASCII is "?"; more than the width is cut, if `cut`. */
void output_line(Output *output, const char *text, Style style, bool cut);

/* Whether writing has failed, as a rule because the reader is gone: there is no use in going on. */
bool output_is_gone(const Output *output);

/* The same where nothing was written that could have failed. */
bool output_reader_is_gone(void);

/*
 * JSON: for each object call output_json_begin(), write its members with the writer that it returns, and call
 * output_json_end(). With --json= the objects are in an array, with -o json one is on each line.
 */
JsonWriter *output_json_begin(Output *output);
void output_json_end(Output *output);
