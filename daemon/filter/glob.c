/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "filter/glob.h"

#include <ctype.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "util/cleanup.h"
#include "util/utf8.h"

/* Bytes that are not part of a character have numbers from here on, above those of all characters. */
#define BYTE_BASE 0x110000U

/* Reads the character at `p`, where `size` bytes (not 0) can be read. Returns the size of the character. */
static size_t take_character(const char *p, size_t size, uint32_t *ret) {
        size_t n;

        if ((unsigned char) *p < 0x80) {
                *ret = (unsigned char) *p;
                return 1;
        }
        n = utf8_decode(p, size, ret);
        if (n > 0)
                return n;
        *ret = BYTE_BASE + (unsigned char) *p;
        return 1;
}

static bool is_of_class(const char *name, size_t size, uint32_t character) {
        static const struct {
                const char *name;
                int (*is)(int);
        } classes[] = {
                { "alnum", isalnum },
                { "alpha", isalpha },
                { "blank", isblank },
                { "cntrl", iscntrl },
                { "digit", isdigit },
                { "graph", isgraph },
                { "lower", islower },
                { "print", isprint },
                { "punct", ispunct },
                { "space", isspace },
                { "upper", isupper },
                { "xdigit", isxdigit },
        };

        for (size_t i = 0; i < ELEMENTSOF(classes); i++)
                if (strlen(classes[i].name) == size && memcmp(classes[i].name, name, size) == 0)
                        return character < 0x80 && classes[i].is((int) character);
        return false;
}

/*
 * Reads one end of a range, which a backslash may escape. Returns what follows, or NULL when the glob ends.
 */
static const char *take_end(const char *p, uint32_t *ret) {
        if (*p == '\\')
                p++;
        if (*p == '\0')
                return NULL;
        return p + take_character(p, strnlen(p, 4), ret);
}

/* Returns what follows "[:NAME:]" at `p`, or NULL when there is no such class. */
static const char *class_end(const char *p) {
        const char *end;

        if (p[0] != '[' || p[1] != ':')
                return NULL;
        end = strstr(p + 2, ":]");
        return end && strspn(p + 2, "abcdefghijklmnopqrstuvwxyz") == (size_t) (end - p - 2) ? end + 2 : NULL;
}

/*
 * Compares a character with the set after "[". Returns the part of the glob after the set, and sets
 * *ret_matches to whether the character is in the set. Returns NULL when there is no "]", and "[" is an
 * ordinary character.
 */
static const char *match_set(const char *p, uint32_t character, bool *ret_matches) {
        bool inverted = *p == '!' || *p == '^', matches = false;

        p += inverted;
        for (bool first = true; first || *p != ']'; first = false) {
                const char *after = class_end(p);
                uint32_t low = 0, high;

                if (after) {
                        matches |= is_of_class(p + 2, (size_t) (after - p - 4), character);
                        p = after;
                        continue;
                }
                p = take_end(p, &low);
                if (!p)
                        return NULL;
                high = low;
                if (p[0] == '-' && p[1] != ']' && p[1] != '\0') {
                        p = take_end(p + 1, &high);
                        if (!p)
                                return NULL;
                }
                matches |= character >= low && character <= high;
        }
        *ret_matches = matches != inverted;
        return p + 1;
}

/*
 * Compares a character with the beginning of the glob `p`, which is not empty and does not begin with "*".
 * Returns the rest of the glob, or NULL when the character does not match.
 */
static const char *match_one(const char *p, uint32_t character) {
        const char *after;
        uint32_t wanted;
        bool matches;

        switch (*p) {
        case '?':
                return p + 1;
        case '[':
                after = match_set(p + 1, character, &matches);
                if (after)
                        return matches ? after : NULL;
                break;
        case '\\':
                if (*++p == '\0')
                        return NULL;
                break;
        default:
                break;
        }
        p += take_character(p, strnlen(p, 4), &wanted);
        return wanted == character ? p : NULL;
}

bool glob_match(const char *glob, Bytes text) {
        const char *star = NULL; /* the part of the glob after the last "*" */
        size_t tried = 0; /* the end of the text that this "*" matches */

        for (size_t i = 0; i < text.size || *glob != '\0';) {
                const char *next = NULL;
                uint32_t character;
                size_t n = 0;

                if (*glob == '*') {
                        star = ++glob;
                        tried = i;
                        if (*glob == '\0')
                                return true;
                        continue;
                }
                if (i < text.size) {
                        n = take_character(text.data + i, text.size - i, &character);
                        if (*glob != '\0')
                                next = match_one(glob, character);
                }
                if (next) {
                        glob = next;
                        i += n;
                        continue;
                }
                if (!star || tried >= text.size)
                        return false;
                /* The "*" matches one more character. */
                tried += take_character(text.data + tried, text.size - tried, &character);
                i = tried;
                glob = star;
        }
        return true;
}

/*
 * Returns true when the text is valid UTF-8. Comparing bytes is the same as comparing characters only then.
 */
static bool is_utf8(Bytes text) {
        for (size_t i = 0, n; i < text.size; i += n) {
                uint32_t character;

                n = take_character(text.data + i, text.size - i, &character);
                if (character >= BYTE_BASE)
                        return false;
        }
        return true;
}

void glob_init(Glob *ret, char *text) {
        size_t size = strlen(text), front = size > 0 && text[0] == '*';
        size_t back = size > front && text[size - 1] == '*';
        Bytes literal = { text + front, size - front - back };

        *ret = (Glob){ .text = text, .literal = literal };
        for (size_t i = 0; i < literal.size; i++)
                if (strchr("*?[\\", literal.data[i]))
                        return;
        if (!is_utf8(literal))
                return;
        if (front && back)
                ret->shape = GLOB_INFIX;
        else if (front)
                ret->shape = GLOB_SUFFIX;
        else
                ret->shape = back ? GLOB_PREFIX : GLOB_EXACT;
}

bool glob_apply(const Glob *glob, Bytes text) {
        Bytes literal = glob->literal;

        if (glob->shape == GLOB_GENERAL)
                return glob_match(glob->text, text);
        if (text.size < literal.size)
                return false;
        switch (glob->shape) {
        case GLOB_EXACT:
                return bytes_equal(text, literal);
        case GLOB_PREFIX:
                return memcmp(text.data, literal.data, literal.size) == 0;
        case GLOB_SUFFIX:
                return memcmp(text.data + text.size - literal.size, literal.data, literal.size) == 0;
        default:
                return memmem(text.data, text.size, literal.data, literal.size);
        }
}
