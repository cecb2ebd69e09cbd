/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Quotes arguments in the syntax of shells. '...' is preferred to $'...' when all characters are printable,
 * because every POSIX shell supports it. An octal escape always has three digits, so that a digit after it is
 * not taken for a part of it.
 */

#include "format/quote.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "util/cleanup.h"
#include "util/utf8.h"

/* One way to put text in quotes. */
typedef struct Style {
        Bytes open;
        Bytes close;
        const bool *stop; /* the bytes that have to be escaped between the two */
        size_t (*escape)(char *ret, unsigned char byte); /* writes at most ESCAPE_SIZE bytes */
} Style;

#define ESCAPE_SIZE 4 /* \ooo, and '\'' */

/* The characters that have no special meaning in any shell, at any place of a word. */
static const bool safe[256] = {
        ['0' ... '9'] = true,
        ['A' ... 'Z'] = true,
        ['a' ... 'z'] = true,
        ['_'] = true,
        ['@'] = true,
        ['%'] = true,
        ['+'] = true,
        ['='] = true,
        [':'] = true,
        [','] = true,
        ['.'] = true,
        ['/'] = true,
        ['-'] = true,
};

static const bool stop_unprintable[256] = { UTF8_STOP_ALWAYS };
static const bool stop_single[256] = { UTF8_STOP_ALWAYS, ['\''] = true };
static const bool stop_ansi[256] = { UTF8_STOP_ALWAYS, ['\''] = true, ['\\'] = true };
static const bool stop_string[256] = { UTF8_STOP_ALWAYS, ['"'] = true, ['\\'] = true };

static size_t escape_octal(char *ret, unsigned char byte) {
        ret[0] = '\\';
        ret[1] = (char) ('0' + (byte >> 6));
        ret[2] = (char) ('0' + (byte >> 3 & 7));
        ret[3] = (char) ('0' + (byte & 7));
        return 4;
}

static size_t escape_letter(char *ret, char letter) {
        ret[0] = '\\';
        ret[1] = letter;
        return 2;
}

/* Closes the quotes, adds an escaped quote, and opens them again. */
static size_t escape_single(char *ret, unsigned char byte) {
        assert(byte == '\'');
        memcpy(ret, "'\\''", 4);
        return 4;
}

static size_t escape_ansi(char *ret, unsigned char byte) {
        return byte == '\'' || byte == '\\' ? escape_letter(ret, (char) byte) : escape_octal(ret, byte);
}

static size_t escape_string(char *ret, unsigned char byte) {
        static const char letters[0x0e] = {
                ['\a'] = 'a',
                ['\b'] = 'b',
                ['\t'] = 't',
                ['\n'] = 'n',
                ['\v'] = 'v',
                ['\f'] = 'f',
                ['\r'] = 'r',
        };

        if (byte == '"' || byte == '\\')
                return escape_letter(ret, (char) byte);
        if (byte < sizeof(letters) && letters[byte])
                return escape_letter(ret, letters[byte]);
        return escape_octal(ret, byte);
}

static const Style style_plain = {
        .open = { "", 0 },
        .close = { "", 0 },
        .stop = stop_unprintable,
        .escape = escape_octal,
};
static const Style style_single = {
        .open = { "'", 1 },
        .close = { "'", 1 },
        .stop = stop_single,
        .escape = escape_single,
};
static const Style style_ansi = {
        .open = { "$'", 2 },
        .close = { "'", 1 },
        .stop = stop_ansi,
        .escape = escape_ansi,
};
static const Style style_string = {
        .open = { "\"", 1 },
        .close = { "\"", 1 },
        .stop = stop_string,
        .escape = escape_string,
};

/* Reserved words of POSIX, bash, ksh and busybox that are made of safe characters alone. */
static bool is_keyword(Bytes word) {
        static const Bytes keywords[] = {
                BYTES_LITERAL("case"),
                BYTES_LITERAL("coproc"),
                BYTES_LITERAL("do"),
                BYTES_LITERAL("done"),
                BYTES_LITERAL("elif"),
                BYTES_LITERAL("else"),
                BYTES_LITERAL("esac"),
                BYTES_LITERAL("fi"),
                BYTES_LITERAL("for"),
                BYTES_LITERAL("function"),
                BYTES_LITERAL("if"),
                BYTES_LITERAL("in"),
                BYTES_LITERAL("namespace"),
                BYTES_LITERAL("select"),
                BYTES_LITERAL("then"),
                BYTES_LITERAL("time"),
                BYTES_LITERAL("until"),
                BYTES_LITERAL("while"),
        };

        for (size_t i = 0; i < ELEMENTSOF(keywords); i++)
                if (bytes_equal(word, keywords[i]))
                        return true;
        return false;
}

/* NAME=value or NAME+=value. */
static bool is_assignment(Bytes word) {
        for (size_t i = 0; i < word.size; i++) {
                char c = word.data[i];

                if (c == '=')
                        return i > 0;
                if (c == '+')
                        return i > 0 && i + 1 < word.size && word.data[i + 1] == '=';
                if (c != '_' && !(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z') &&
                        !(i > 0 && c >= '0' && c <= '9'))
                        return false;
        }
        return false;
}

static const Style *pick_style(QuoteKind kind, Bytes text) {
        size_t i = 0;

        if (kind == QUOTE_STRING)
                return &style_string;
        if (text.size == 0)
                return &style_single;

        while (i < text.size && safe[(unsigned char) text.data[i]])
                i++;
        if (i == text.size && (kind != QUOTE_COMMAND || (!is_keyword(text) && !is_assignment(text))))
                return &style_plain;

        i += utf8_printable_run(text.data + i, text.size - i, stop_unprintable);
        return i == text.size ? &style_single : &style_ansi;
}

/*
 * Escapes the character that is not printable at the beginning of `text`, or a single byte, unless that takes
 * more than `room` bytes. Returns the number of bytes of `text` that were escaped.
 */
static size_t append_escape(Buffer *buffer, const Style *style, Bytes text, size_t room) {
        char escapes[4 * ESCAPE_SIZE];
        size_t length, size = 0;
        uint32_t character;

        length = utf8_decode(text.data, text.size, &character);
        if (length == 0)
                length = 1;
        for (size_t i = 0; i < length; i++)
                size += style->escape(escapes + size, (unsigned char) text.data[i]);
        if (size > room)
                return 0;

        buffer_append(buffer, escapes, size);
        return length;
}

/*
 * Appends as much from the beginning of `text` as fits into `room` bytes. Returns the number of bytes of
 * `text` that were appended.
 */
static size_t append_text(Buffer *buffer, const Style *style, Bytes text, size_t room) {
        size_t i = 0;

        while (i < text.size && !buffer->failed) {
                size_t run, kept, before;

                run = utf8_printable_run(text.data + i, text.size - i, style->stop);
                kept = utf8_clip(text.data + i, run, room);
                buffer_append(buffer, text.data + i, kept);
                room -= kept;
                i += kept;
                if (kept < run || i == text.size)
                        break;

                before = buffer->size;
                kept = append_escape(buffer, style, (Bytes){ text.data + i, text.size - i }, room);
                if (kept == 0)
                        break;
                room -= buffer->size - before;
                i += kept;
        }

        return i;
}

void quote_append(Buffer *buffer, QuoteKind kind, Bytes text) {
        const Style *style = pick_style(kind, text);

        if (style == &style_plain) {
                buffer_append_bytes(buffer, text);
                return;
        }

        buffer_append_bytes(buffer, style->open);
        (void) append_text(buffer, style, text, SIZE_MAX);
        buffer_append_bytes(buffer, style->close);
}

void quote_append_front(Buffer *buffer, QuoteKind kind, Bytes text, size_t room) {
        size_t start = buffer->size, quotes;
        const Style *style;

        /* Quoting never makes text shorter, so no more than `room` bytes of it can fit. */
        text.size = utf8_clip(text.data, text.size, room);
        style = pick_style(kind, text);

        quotes = style->open.size + style->close.size;
        if (quotes >= room)
                return;

        buffer_append_bytes(buffer, style->open);
        if (append_text(buffer, style, text, room - quotes) > 0)
                buffer_append_bytes(buffer, style->close);
        else
                buffer_truncate(buffer, start);
}
