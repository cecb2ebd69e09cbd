/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Strings of any bytes come back from JSON, with U+FFFD for what is not UTF-8; it says when that is so. */

#include "format/json-string.h"
#include "fuzz.h"
#include "oracle-json.h"
#include "util/utf8.h"

#define STRINGS_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(buffer_done) Buffer text = BUFFER_NULL;
        _cleanup_(json_done) Json json = {};
        Input input = { data, size };
        Bytes strings[STRINGS_MAX];
        size_t n = 0;
        bool exact;

        while (input.size > 0 && n < STRINGS_MAX) {
                Bytes string = input_long_text(&input);

                strings[n++] = (Bytes){ copy_of(string), string.size };
        }
        buffer_append_char(&text, '{');
        exact = json_string(&text, n > 0 ? strings[0] : BYTES_NULL);
        buffer_append_char(&text, ':');
        json_strings(&text, strings, n);
        buffer_append_char(&text, '}');
        assert_int_equal(buffer_error(&text), 0);

        json_read(&json, buffer_bytes(&text));
        assert_int_equal(json.values[0].n_members, 1);
        (void) json_assert_shown_texts(&json, &json.values[1], strings, n);
        if (n > 0) {
                const JsonValue *first = json_first(&json.values[1]);

                assert_same((Bytes){ json.text.data + json.values[1].key, json.values[1].key_size },
                        json_text(&json, first));
                assert_int_equal(json_assert_shown(&json, first, strings[0]), exact);
                assert_int_equal(utf8_is_valid(strings[0].data, strings[0].size), exact);
        }

        for (size_t i = 0; i < n; i++)
                free((char *) strings[i].data);
        return 0;
}
