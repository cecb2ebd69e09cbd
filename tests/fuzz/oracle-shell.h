/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * How a POSIX shell reads a word (XCU 2.2, with the $'...' of the 2024 edition), for as much of its
 * language as may stand in a command line that is only words. What a shell would do more with than to take
 * it as it is, is refused.
 */

#include "fuzz.h"
#include "util/buffer.h"

/* What stands for itself outside of quotes, wherever it is in a word. */
static inline int shell_is_plain(char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                (c != '\0' && strchr("_@%+=:,./-", c));
}

/* Takes one character off *rest, which may not be at its end. */
static inline char shell_next(Bytes *rest) {
        char c;

        assert_true(rest->size > 0);
        c = rest->data[0];
        *rest = (Bytes){ rest->data + 1, rest->size - 1 };
        return c;
}

/* Up to three octal digits, or one of the letters of C. The backslash is off already. */
static inline char shell_escape(Bytes *rest) {
        static const char from[] = "abefnrtv\\'\"?", to[] = "\a\b\033\f\n\r\t\v\\'\"?";
        char c = shell_next(rest);
        unsigned value;

        if (c < '0' || c > '7') {
                const char *found = strchr(from, c);

                assert_true(c != '\0' && found);
                return to[found - from];
        }
        value = (unsigned) (c - '0');
        for (int i = 0; i < 2 && rest->size > 0 && rest->data[0] >= '0' && rest->data[0] <= '7'; i++)
                value = value * 8 + (unsigned) (shell_next(rest) - '0');
        assert_in_range(value, 1, 255); /* a NUL would end the word */
        return (char) value;
}

/* What is in '...', $'...' or "..." (of C, not of the shell) up to the quote that ends it. */
static inline void shell_quoted(Bytes *rest, char quote, int escapes, Buffer *word) {
        for (;;) {
                char c = shell_next(rest);

                if (c == quote)
                        return;
                buffer_append_char(word, escapes && c == '\\' ? shell_escape(rest) : c);
        }
}

/*
 * Takes a word off the front of *rest, up to a blank, a "]" or the end, and appends what it means to
 * `word`. It has to be there: an empty one has quotes.
 */
static inline void shell_word(Bytes *rest, Buffer *word) {
        size_t before = rest->size;

        while (rest->size > 0 && rest->data[0] != ' ' && rest->data[0] != ']') {
                char c = shell_next(rest);

                if (c == '\'')
                        shell_quoted(rest, '\'', 0, word);
                else if (c == '\\')
                        buffer_append_char(word, shell_next(rest));
                else if (c == '$') {
                        assert_int_equal(shell_next(rest), '\'');
                        shell_quoted(rest, '\'', 1, word);
                } else {
                        assert_true(shell_is_plain(c));
                        buffer_append_char(word, c);
                }
        }
        assert_true(rest->size < before);
        assert_int_equal(buffer_error(word), 0);
}

/* Whether a shell takes a word that is written so for something else than a command's name. */
static inline int shell_is_no_command(Bytes written) {
        static const char *const keywords[] = { "!", "{", "}", "[[", "case", "coproc", "do", "done", "elif",
                "else", "esac", "fi", "for", "function", "if", "in", "namespace", "select", "then", "time",
                "until", "while" };
        size_t name = 0;

        for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++)
                if (bytes_equal(written, bytes_of_string(keywords[i])))
                        return 1;

        /* NAME= and NAME+= */
        while (name < written.size && shell_is_plain(written.data[name]) &&
                !strchr("@%+=:,./-", written.data[name]))
                name++;
        if (name == 0 || (written.data[0] >= '0' && written.data[0] <= '9'))
                return 0;
        if (name < written.size && written.data[name] == '+')
                name++;
        return name < written.size && written.data[name] == '=';
}
