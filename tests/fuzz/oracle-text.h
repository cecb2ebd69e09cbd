/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What may stand in a line that is shown to people, written a second time: nothing here is the daemon's. */

#include "fuzz.h"

/*
 * Length of the character at the front of `text`, which is not empty, by Unicode's table of well-formed
 * byte sequences.
 */
static inline size_t oracle_character(Bytes text) {
        static const struct {
                unsigned char first, last; /* of the first byte */
                unsigned char low, high; /* of the second */
                size_t length;
        } table[] = {
                { 0x00, 0x7f, 0, 0, 1 },
                { 0xc2, 0xdf, 0x80, 0xbf, 2 },
                { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
                { 0xe1, 0xec, 0x80, 0xbf, 3 },
                { 0xed, 0xed, 0x80, 0x9f, 3 },
                { 0xee, 0xef, 0x80, 0xbf, 3 },
                { 0xf0, 0xf0, 0x90, 0xbf, 4 },
                { 0xf1, 0xf3, 0x80, 0xbf, 4 },
                { 0xf4, 0xf4, 0x80, 0x8f, 4 },
        };
        const unsigned char *s = (const unsigned char *) text.data;

        for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
                if (s[0] < table[i].first || s[0] > table[i].last)
                        continue;
                if (table[i].length == 1)
                        return 1;
                if (text.size < table[i].length || s[1] < table[i].low || s[1] > table[i].high)
                        return 0;
                for (size_t k = 2; k < table[i].length; k++)
                        if (s[k] < 0x80 || s[k] > 0xbf)
                                return 0;
                return table[i].length;
        }
        return 0;
}

/* Whether the `length` bytes of a character do something else than to show it. */
static inline int oracle_is_unseen(const char *character, size_t length) {
        static const char *const unseen[] = {
                "\xc2\xad", /* soft hyphen */
                "\xd8\x9c", /* Arabic letter mark */
                "\xe2\x80\x8b", "\xe2\x80\x8e", "\xe2\x80\x8f", /* zero width space, direction marks */
                "\xe2\x80\xa8", "\xe2\x80\xa9", /* line and paragraph separators */
                "\xe2\x80\xaa", "\xe2\x80\xab", "\xe2\x80\xac", "\xe2\x80\xad",
                "\xe2\x80\xae", /* embeddings and overrides */
                "\xe2\x81\xa6", "\xe2\x81\xa7", "\xe2\x81\xa8", "\xe2\x81\xa9", /* isolates */
                "\xef\xbb\xbf", /* byte order mark */
        };

        if (length == 1)
                return (unsigned char) character[0] < 0x20 || character[0] == 0x7f;
        if (length == 2 && memcmp(character, "\xc2\x80", 2) >= 0 && memcmp(character, "\xc2\x9f", 2) <= 0)
                return 1; /* C1 */
        for (size_t i = 0; i < sizeof(unseen) / sizeof(unseen[0]); i++)
                if (strlen(unseen[i]) == length && memcmp(character, unseen[i], length) == 0)
                        return 1;
        return 0;
}

/* One line of valid UTF-8 in which all can be seen. */
static inline void oracle_line(Bytes line) {
        while (line.size > 0) {
                size_t length = oracle_character(line);

                assert_true(length > 0);
                assert_false(oracle_is_unseen(line.data, length));
                line = (Bytes){ line.data + length, line.size - length };
        }
}
