/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "util/utf8.h"

#include <string.h>

#include "util/cleanup.h"

typedef struct Range {
        uint32_t first;
        uint32_t last;
} Range;

/*
 * The characters from U+007F on that are not printable, in ascending order, without the last two of each
 * plane. These are control characters, surrogates, private-use characters, those that Unicode calls
 * default-ignorable (they are invisible, so that two different texts can look the same), and those that
 * format the text around them.
 */
static const Range unprintable[] = {
        { 0x007f, 0x009f }, /* DEL, C1 */
        { 0x00ad, 0x00ad }, /* soft hyphen */
        { 0x034f, 0x034f }, /* combining grapheme joiner */
        { 0x061c, 0x061c }, /* Arabic letter mark */
        { 0x115f, 0x1160 }, /* Hangul fillers */
        { 0x17b4, 0x17b5 }, /* Khmer inherent vowels */
        { 0x180b, 0x180f }, /* Mongolian variation selectors, vowel separator */
        { 0x200b, 0x200f }, /* zero width, direction marks */
        { 0x2028, 0x202e }, /* line and paragraph separators, bidirectional embeddings */
        { 0x2060, 0x206f }, /* word joiner, invisible operators, bidirectional isolates */
        { 0x3164, 0x3164 }, /* Hangul filler */
        { 0xd800, 0xf8ff }, /* surrogates, private use */
        { 0xfdd0, 0xfdef }, /* noncharacters */
        { 0xfe00, 0xfe0f }, /* variation selectors */
        { 0xfeff, 0xfeff }, /* byte order mark */
        { 0xffa0, 0xffa0 }, /* halfwidth Hangul filler */
        { 0xfff0, 0xfffb }, /* ignorable without a name yet, interlinear annotation */
        { 0x13430, 0x1343f }, /* Egyptian hieroglyph format controls */
        { 0x1bca0, 0x1bca3 }, /* shorthand format controls */
        { 0x1d173, 0x1d17a }, /* musical format controls */
        { 0xe0000, 0xe0fff }, /* tags, variation selectors */
        { 0xf0000, UINT32_MAX }, /* private use, and past the end */
};

size_t utf8_decode(const char *p, size_t size, uint32_t *ret) {
        const unsigned char *s = (const unsigned char *) p;
        uint32_t character, least;
        size_t length;

        if (s[0] < 0x80) {
                *ret = s[0];
                return 1;
        }

        if (s[0] < 0xc2) /* a continuation byte, or an overlong form of two */
                return 0;
        if (s[0] < 0xe0) {
                length = 2;
                character = s[0] & 0x1f;
                least = 0x80;
        } else if (s[0] < 0xf0) {
                length = 3;
                character = s[0] & 0x0f;
                least = 0x800;
        } else if (s[0] < 0xf5) {
                length = 4;
                character = s[0] & 0x07;
                least = 0x10000;
        } else
                return 0;

        if (size < length)
                return 0;
        for (size_t i = 1; i < length; i++) {
                if ((s[i] & 0xc0) != 0x80)
                        return 0;
                character = character << 6 | (s[i] & 0x3f);
        }

        if (character < least || character > 0x10ffff || (character >= 0xd800 && character <= 0xdfff))
                return 0;

        *ret = character;
        return length;
}

/*
 * Returns the length of the ASCII at the beginning of `p`. Most text is ASCII, so it reads eight bytes at a
 * time.
 */
static size_t ascii_run(const char *p, size_t size) {
        size_t i = 0;

        for (uint64_t word; size - i >= sizeof(word); i += sizeof(word)) {
                memcpy(&word, p + i, sizeof(word));
                if (word & UINT64_C(0x8080808080808080))
                        break;
        }
        while (i < size && (unsigned char) p[i] < 0x80)
                i++;
        return i;
}

bool utf8_is_valid(const char *p, size_t size) {
        for (size_t i = 0; i < size;) {
                uint32_t character;
                size_t length;

                i += ascii_run(p + i, size - i);
                if (i >= size)
                        break;
                length = utf8_decode(p + i, size - i, &character);
                if (length == 0)
                        return false;
                i += length;
        }
        return true;
}

bool utf8_is_printable(uint32_t character) {
        size_t low = 0, high = ELEMENTSOF(unprintable);

        if (character < 0x7f)
                return character >= 0x20;
        if ((character & 0xfffe) == 0xfffe)
                return false;

        while (low < high) {
                size_t middle = (low + high) / 2;

                if (character > unprintable[middle].last)
                        low = middle + 1;
                else if (character < unprintable[middle].first)
                        high = middle;
                else
                        return false;
        }

        return true;
}

size_t utf8_printable_run(const char *p, size_t size, const bool stop[static 256]) {
        size_t i = 0;

        for (;;) {
                uint32_t character;
                size_t length;

                /* Almost no byte is marked, so four are checked in one step. */
                while (size - i >= 4 &&
                        !(stop[(unsigned char) p[i]] | stop[(unsigned char) p[i + 1]] |
                                stop[(unsigned char) p[i + 2]] | stop[(unsigned char) p[i + 3]]))
                        i += 4;
                while (i < size && !stop[(unsigned char) p[i]])
                        i++;
                if (i >= size || (unsigned char) p[i] < 0x80)
                        return i;

                length = utf8_decode(p + i, size - i, &character);
                if (length == 0 || !utf8_is_printable(character))
                        return i;
                i += length;
        }
}

size_t utf8_clip(const char *p, size_t size, size_t limit) {
        uint32_t character;

        if (size <= limit)
                return size;

        /* A character that the cut would split begins one to three bytes before the cut. */
        for (size_t back = 1; back <= 3 && back <= limit; back++)
                if (utf8_decode(p + limit - back, size - (limit - back), &character) > back)
                        return limit - back;
        return limit;
}

void utf8_make_printable(char *text) {
        size_t size = strlen(text);

        for (size_t i = 0; i < size;) {
                uint32_t character;
                size_t n = utf8_decode(text + i, size - i, &character);

                if (n == 0 || !utf8_is_printable(character)) {
                        n = n > 0 ? n : 1;
                        memset(text + i, '?', n);
                }
                i += n;
        }
}
