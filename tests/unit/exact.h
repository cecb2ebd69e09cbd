/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What becomes of bytes that are not UTF-8: U+FFFD in JSON, and base64 of the exact bytes beside it. */

#include "text.h"

/* `text` as JSON shows it. Returns whether that is exact. */
static inline bool append_shown(Buffer *ret, Bytes text) {
        bool exact = true;

        for (size_t i = 0; i < text.size;) {
                uint32_t character;
                size_t length = utf8_decode(text.data + i, text.size - i, &character);

                if (length > 0)
                        buffer_append(ret, text.data + i, length);
                else
                        buffer_append_string(ret, "\xef\xbf\xbd");
                exact = exact && length > 0;
                i += length > 0 ? length : 1;
        }
        return exact;
}

/* Whether `shown` is what JSON shows of `text`. */
static inline bool is_shown(Bytes shown, Bytes text) {
        Buffer expected = BUFFER_NULL;
        bool same;

        (void) append_shown(&expected, text);
        same = bytes_equal(shown, buffer_bytes(&expected));
        buffer_done(&expected);
        return same;
}

/* Undoes base64 with its padding; what is not exactly that fails an assertion. */
static inline void append_decoded(Buffer *ret, Bytes base64) {
        static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

        assert_int_equal(base64.size % 4, 0);
        for (size_t i = 0; i < base64.size; i += 4) {
                uint32_t bits = 0;
                size_t n = 3;

                if (i + 4 == base64.size && base64.data[i + 3] == '=')
                        n = base64.data[i + 2] == '=' ? 1 : 2;
                for (size_t k = 0; k < 4; k++) {
                        const char *digit =
                                k <= n ? memchr(digits, base64.data[i + k], sizeof(digits) - 1) : digits;

                        assert_non_null(digit);
                        bits = bits << 6 | (uint32_t) (digit - digits);
                }
                for (size_t k = 0; k < 3; k++, bits <<= 8)
                        if (k < n)
                                buffer_append_char(ret, (char) (bits >> 16 & 0xff));
                        else
                                assert_int_equal(bits >> 16 & 0xff, 0); /* no bits but those of the text */
        }
}

/* `shown` is what JSON says of `text`. */
static inline void assert_shown(Bytes shown, Bytes text) {
        Buffer expected = BUFFER_NULL;

        (void) append_shown(&expected, text);
        assert_bytes_equal(shown, buffer_bytes(&expected));
        buffer_done(&expected);
}

static inline void assert_decoded(Bytes base64, Bytes text) {
        Buffer decoded = BUFFER_NULL;

        append_decoded(&decoded, base64);
        assert_bytes_equal(buffer_bytes(&decoded), text);
        buffer_done(&decoded);
}
