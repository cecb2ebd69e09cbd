/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Words to try the formatters with, and what must hold of all that they write. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdlib.h>
#include <sys/random.h>

#include "util/buffer.h"
#include "util/utf8.h"

#define WORD_MAX 200

/*
 * Where a test's random cases begin: another place in each run, which is printed, or that of
 * EXECTRACED_TEST_SEED, so that a failure comes again.
 */
static inline uint64_t random_seed(void) {
        const char *wanted = getenv("EXECTRACED_TEST_SEED");
        uint64_t seed = 0;

        if (wanted)
                seed = strtoull(wanted, NULL, 10);
        else
                assert_int_equal(getrandom(&seed, sizeof(uint32_t), 0), sizeof(uint32_t));
        print_message("# EXECTRACED_TEST_SEED=%" PRIu64 " repeats the next test\n", seed);
        return seed + 1; /* no 0, of which nothing else would come */
}

static inline uint32_t random_below(uint64_t *state, uint32_t bound) {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        return (uint32_t) (*state >> 32) % bound;
}

/* Writes the UTF-8 of `character`, which may be a surrogate or too large: then it is not valid. */
static inline size_t put_character(char *ret, uint32_t character) {
        if (character < 0x80) {
                ret[0] = (char) character;
                return 1;
        }
        if (character < 0x800) {
                ret[0] = (char) (0xc0 | character >> 6);
                ret[1] = (char) (0x80 | (character & 0x3f));
                return 2;
        }
        if (character < 0x10000) {
                ret[0] = (char) (0xe0 | character >> 12);
                ret[1] = (char) (0x80 | (character >> 6 & 0x3f));
                ret[2] = (char) (0x80 | (character & 0x3f));
                return 3;
        }
        ret[0] = (char) (0xf0 | character >> 18);
        ret[1] = (char) (0x80 | (character >> 12 & 0x3f));
        ret[2] = (char) (0x80 | (character >> 6 & 0x3f));
        ret[3] = (char) (0x80 | (character & 0x3f));
        return 4;
}

static inline size_t random_piece(uint64_t *state, uint32_t kind, char *ret) {
        static const char safe[] = "abcXYZ0129_@%+=:,./-";
        static const char meta[] = "'\"\\$`!*?[](){}<>|&;~#^= \t\n01234567abnx";

        switch (kind) {
        case 0:
                ret[0] = (char) (1 + random_below(state, 255));
                return 1;
        case 1:
                ret[0] = safe[random_below(state, sizeof(safe) - 1)];
                return 1;
        case 2:
                ret[0] = meta[random_below(state, sizeof(meta) - 1)];
                return 1;
        case 3:
                ret[0] = (char) (0x20 + random_below(state, 0x5f));
                return 1;
        default: {
                static const uint32_t bounds[] = { 0x800, 0x3000, 0x10000, 0x120000 };

                return put_character(ret, 1 + random_below(state, bounds[random_below(state, 4)] - 1));
        }
        }
}

/* A word of up to WORD_MAX bytes without NUL: one kind of text, or a mixture. */
static inline Bytes random_word(uint64_t *state, char storage[static WORD_MAX]) {
        uint32_t kind = random_below(state, 6);
        size_t size =
                random_below(state, 3) == 0 ? random_below(state, 12) : random_below(state, WORD_MAX + 1);
        size_t i = 0;

        while (i < size) {
                char piece[4];
                size_t length = random_piece(state, kind < 5 ? kind : random_below(state, 5), piece);

                if (length > size - i)
                        length = size - i;
                memcpy(storage + i, piece, length);
                i += length;
        }
        return (Bytes){ .data = storage, .size = size };
}

/* Valid UTF-8 without control characters and whatever else can't be shown. */
static inline void assert_printable(Bytes text) {
        for (size_t i = 0; i < text.size;) {
                uint32_t character;
                size_t length = utf8_decode(text.data + i, text.size - i, &character);

                assert_true(length > 0);
                assert_true(character >= 0x20 && character != 0x7f);
                assert_true(utf8_is_printable(character));
                i += length;
        }
}

static inline void assert_bytes_equal(Bytes a, Bytes b) {
        assert_int_equal(a.size, b.size);
        if (a.size > 0)
                assert_memory_equal(a.data, b.data, a.size);
}

/* The contents of `buffer` are `expected`, and no memory ran out. */
static inline void assert_buffer(Buffer *buffer, const char *expected) {
        buffer_append_char(buffer, '\0');
        assert_int_equal(buffer_error(buffer), 0);
        assert_string_equal(buffer->data, expected);
        assert_int_equal(buffer->size, strlen(expected) + 1);
}
