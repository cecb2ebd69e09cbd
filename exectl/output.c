/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "output.h"

#include <errno.h>
#include <langinfo.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "pager.h"
#include "util/boolean.h"
#include "util/cleanup.h"

/* Returns what SYSTEMD_COLORS says: 1 or 0, or a negative errno when it leaves that to the terminal. */
static int colors_chosen(void) {
        static const char *const depths[] = { "16", "256", "24bit" };
        const char *set = getenv("SYSTEMD_COLORS");

        if (!set)
                return -ENODATA;
        for (size_t i = 0; i < ELEMENTSOF(depths); i++)
                if (strcmp(set, depths[i]) == 0)
                        return 1;
        return boolean_parse(set);
}

bool output_wants_colors(void) {
        const char *terminal = getenv("TERM");
        int chosen = colors_chosen();

        if (chosen >= 0)
                return chosen;
        if (getenv("NO_COLOR") || !terminal || strcmp(terminal, "dumb") == 0)
                return false;
        return isatty(STDOUT_FILENO);
}

/* Returns the width of the output in columns, or 0 when it is not a terminal, so that nothing is cut. */
static size_t find_width(void) {
        const char *columns = getenv("COLUMNS");
        struct winsize size = {};

        if (columns) {
                char *end;
                unsigned long n = strtoul(columns, &end, 10);

                if (*columns >= '0' && *columns <= '9' && *end == '\0' && n > 0 && n < 100000)
                        return n;
        }
        if (!isatty(STDOUT_FILENO))
                return 0;
        if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
                return 80;
        return size.ws_col;
}

void output_init(Output *output, const Options *options) {
        *output = (Output){
                .options = options,
                .colors = output_wants_colors() && !options_json(options),
                .utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
                .width = options->full ? 0 : find_width(),
                .array = options->json != JSON_OFF,
        };
        output->writer.out = &output->json;
        output->writer.pretty = options->json == JSON_PRETTY ||
                (options->json == JSON_OFF && options->output == OUTPUT_JSON_PRETTY);
}

void output_open(Output *output, bool endless) {
        if (output->is_open)
                return;
        output->is_open = true;
        if (output->options->no_pager || output->options->follow)
                return;
        output->pager = pager_start(endless);
        if (output->pager < 0) {
                fprintf(stderr, "exectl: no pager can be started: %s\n", strerror(-output->pager));
                output->pager = 0;
        }
}

static const char *const sequences[_STYLE_MAX] = {
        [STYLE_NORMAL] = "",
        [STYLE_GREY] = "\033[0;38;5;245m",
        [STYLE_HEADER] = "\033[0;4m",
        [STYLE_FAILED] = "\033[0;1;31m",
        [STYLE_PRIVILEGE] = "\033[0;1;33m",
        [STYLE_MEMORY] = "\033[0;1;35m",
        [STYLE_GOOD] = "\033[0;1;32m",
};

const char *output_style(const Output *output, Style style) {
        return output->colors ? sequences[style] : "";
}

const char *output_reset(const Output *output) {
        return output->colors ? "\033[0m" : "";
}

/* A character of a text. */
typedef struct Character {
        size_t size; /* bytes */
        size_t columns;
        bool replaced; /* "?" is shown */
} Character;

static Character next_character(const Output *output, const char *text, size_t left) {
        mbstate_t state = {};
        wchar_t c;
        size_t n;
        int columns;

        if ((unsigned char) *text < 0x80)
                return (Character){ .size = 1, .columns = 1 };
        if (!output->utf8) {
                n = 1;
                while (n < left && ((unsigned char) text[n] & 0xc0) == 0x80)
                        n++;
                return (Character){ .size = n, .columns = 1, .replaced = true };
        }
        n = mbrtowc(&c, text, left, &state);
        if (n == (size_t) -1 || n == (size_t) -2 || n == 0)
                return (Character){ .size = 1, .columns = 1, .replaced = true };
        columns = wcwidth(c);
        return (Character){
                .size = n, .columns = columns < 0 ? 1 : (size_t) columns, .replaced = columns < 0
        };
}

size_t output_text_width(const Output *output, const char *text, size_t size) {
        size_t width = 0;

        for (size_t i = 0; i < size;) {
                Character c = next_character(output, text + i, size - i);

                width += c.columns;
                i += c.size;
        }
        return width;
}

void output_text(const Output *output, const char *text, size_t size, size_t width) {
        const char *mark = output->utf8 ? "…" : "...";
        size_t mark_width = output->utf8 ? 1 : 3, column = 0;
        bool cut = output_text_width(output, text, size) > width;

        for (size_t i = 0; i < size;) {
                Character c = next_character(output, text + i, size - i);

                if (cut && column + c.columns + mark_width > width)
                        break;
                if (c.replaced)
                        putchar('?');
                else
                        (void) fwrite(text + i, 1, c.size, stdout);
                column += c.columns;
                i += c.size;
        }
        if (cut)
                printf("%.*s%*s", mark_width <= width ? (int) strlen(mark) : (int) width, mark,
                        mark_width + column < width ? (int) (width - column - mark_width) : 0, "");
}

void output_line(Output *output, const char *text, Style style, bool cut) {
        fputs(output_style(output, style), stdout);
        output_text(output, text, strlen(text), cut && output->width > 0 ? output->width : SIZE_MAX);
        if (style != STYLE_NORMAL)
                fputs(output_reset(output), stdout);
        putchar('\n');
}

bool output_is_gone(const Output *output) {
        (void) output;
        return ferror(stdout);
}

bool output_reader_is_gone(void) {
        struct pollfd out = { .fd = STDOUT_FILENO };

        return poll(&out, 1, 0) > 0 && (out.revents & (POLLERR | POLLHUP | POLLNVAL));
}

JsonWriter *output_json_begin(Output *output) {
        if (output->array && output->writer.depth == 0)
                json_open(&output->writer, NULL, '[');
        json_open(&output->writer, NULL, '{');
        return &output->writer;
}

static void flush_json(Output *output) {
        if (buffer_error(&output->json) < 0) {
                fprintf(stderr, "exectl: out of memory\n");
                exit(EXIT_FAILURE);
        }
        (void) fwrite(output->json.data, 1, output->json.size, stdout);
        buffer_clear(&output->json);
}

void output_json_end(Output *output) {
        json_close(&output->writer, '}');
        if (!output->array)
                buffer_append_char(&output->json, '\n');
        flush_json(output);
}

int output_close(Output *output) {
        int r = 0;

        if (output->array) {
                if (output->writer.depth == 0)
                        json_open(&output->writer, NULL, '[');
                json_close(&output->writer, ']');
                buffer_append_char(&output->json, '\n');
                flush_json(output);
        }
        /* An earlier write may have failed, and then fflush(3) has nothing to write and returns no error. */
        errno = 0;
        if ((fflush(stdout) != 0 || ferror(stdout)) && !output_reader_is_gone())
                r = errno > 0 ? -errno : -EIO;
        pager_wait(output->pager);
        buffer_done(&output->json);
        return r;
}
