/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Control characters and bytes that are not UTF-8 are never copied, so the result is always one line of text.
 */

#include "format/json-string.h"

#include "util/utf8.h"

static const bool stop_string[256] = { UTF8_STOP_ALWAYS, ['"'] = true, ['\\'] = true };

/* \uXXXX */
#define ESCAPE_SIZE 6

static size_t escape_unit(char *ret, uint32_t unit) {
        static const char digits[] = "0123456789abcdef";

        ret[0] = '\\';
        ret[1] = 'u';
        ret[2] = digits[unit >> 12 & 0xf];
        ret[3] = digits[unit >> 8 & 0xf];
        ret[4] = digits[unit >> 4 & 0xf];
        ret[5] = digits[unit & 0xf];
        return ESCAPE_SIZE;
}

static size_t escape_character(char *ret, uint32_t character) {
        static const char letters[0x80] = {
                ['\b'] = 'b',
                ['\t'] = 't',
                ['\n'] = 'n',
                ['\f'] = 'f',
                ['\r'] = 'r',
                ['"'] = '"',
                ['\\'] = '\\',
        };

        if (character < sizeof(letters) && letters[character]) {
                ret[0] = '\\';
                ret[1] = letters[character];
                return 2;
        }
        if (character <= 0xffff)
                return escape_unit(ret, character);

        character -= 0x10000;
        (void) escape_unit(ret, 0xd800 | character >> 10);
        return ESCAPE_SIZE + escape_unit(ret + ESCAPE_SIZE, 0xdc00 | (character & 0x3ff));
}

/* Stands for a byte that is not part of valid UTF-8. */
#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/*
 * Escapes the character at the beginning of `string`, or replaces a byte that is not UTF-8. Returns the size
 * of the character, or 0 for such a byte.
 */
static size_t append_escape(Buffer *buffer, Bytes string) {
        char escape[2 * ESCAPE_SIZE];
        uint32_t character;
        size_t length;

        length = utf8_decode(string.data, string.size, &character);
        if (length > 0)
                buffer_append(buffer, escape, escape_character(escape, character));
        else
                buffer_append_bytes(buffer, BYTES_LITERAL(REPLACEMENT));
        return length;
}

bool json_string(Buffer *buffer, Bytes string) {
        bool exact = true;

        buffer_append_char(buffer, '"');
        for (size_t i = 0; i < string.size;) {
                size_t run = utf8_printable_run(string.data + i, string.size - i, stop_string), length;

                buffer_append(buffer, string.data + i, run);
                i += run;
                if (i >= string.size)
                        break;
                length = append_escape(buffer, (Bytes){ string.data + i, string.size - i });
                exact = exact && length > 0;
                i += length > 0 ? length : 1;
        }
        buffer_append_char(buffer, '"');
        return exact;
}

void json_strings(Buffer *buffer, const Bytes *strings, size_t n) {
        buffer_append_char(buffer, '[');
        for (size_t i = 0; i < n; i++) {
                if (i > 0)
                        buffer_append_char(buffer, ',');
                (void) json_string(buffer, strings[i]);
        }
        buffer_append_char(buffer, ']');
}
