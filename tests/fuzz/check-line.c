/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "check-line.h"

#include <stdio.h>

#include "../unit/exact.h"
#include "format/line.h"

static bool is_omitted(Bytes names, Bytes name) {
        while (names.size > 0) {
                const char *comma = memchr(names.data, ',', names.size);
                Bytes one = { names.data, comma ? (size_t) (comma - names.data) : names.size };
                size_t used = one.size + (comma ? 1 : 0);

                if (bytes_equal(one, name) || bytes_equal(one, BYTES_LITERAL("...")))
                        return true;
                names = (Bytes){ names.data + used, names.size - used };
        }
        return false;
}

/*
 * Whether the next pair of the line, number *k, is that field; moves on behind it. NAME_RAW= follows where
 * the bytes are not UTF-8, unless it is `omitted`; a label or a variable has none.
 */
static bool take_pair(const Split *split, size_t n, size_t *k, const Assignment *field, Bytes omitted) {
        char raw[80];

        if (*k >= n || !bytes_equal(split->pairs[*k].name, field->name) ||
                !is_shown(split->pairs[*k].value, field->value))
                return false;
        (*k)++;
        if (utf8_is_valid(field->value.data, field->value.size) ||
                memcmp(field->name.data, "EXEC_LABEL_", 11) == 0 ||
                memcmp(field->name.data, "EXEC_ENV_", 9) == 0)
                return true;

        (void) snprintf(raw, sizeof(raw), "%.*s_RAW", (int) field->name.size, field->name.data);
        if (*k < n && bytes_equal(split->pairs[*k].name, bytes_of_string(raw)))
                assert_decoded(split->pairs[(*k)++].value, field->value);
        else
                assert_true(is_omitted(omitted, bytes_of_string(raw)));
        return true;
}

/* NAME_RAW= of a field that is left out may still have room. */
static void skip_raw(const Split *split, size_t n, size_t *k, const Assignment *field) {
        char raw[80];

        (void) snprintf(raw, sizeof(raw), "%.*s_RAW", (int) field->name.size, field->name.data);
        if (*k < n && bytes_equal(split->pairs[*k].name, bytes_of_string(raw)))
                assert_decoded(split->pairs[(*k)++].value, field->value);
}

void check_line(const ReceivedEntry *received, const Split *split, size_t line_size) {
        Bytes omitted = BYTES_NULL;
        size_t n = split->n, k = 0;

        assert_true(line_size <= LINE_SIZE_MAX);
        if (n > 0 && bytes_equal(split->pairs[n - 1].name, BYTES_LITERAL("EXEC_OMITTED")))
                omitted = split->pairs[--n].value;
        for (int last = 0; last < 2; last++)
                for (size_t i = 0; i < received->n; i++) {
                        const Assignment *field = &received->fields[i];
                        bool is_argument = bytes_equal(field->name, BYTES_LITERAL("EXEC_ARGV")) ||
                                bytes_equal(field->name, BYTES_LITERAL("EXEC_ARGV_RAW"));

                        if (field->name.size < 4 || memcmp(field->name.data, "EXEC", 4) != 0 ||
                                is_argument != (last == 1))
                                continue;
                        if (take_pair(split, n, &k, field, omitted))
                                continue;
                        assert_true(is_omitted(omitted, field->name));
                        if (!is_argument)
                                skip_raw(split, n, &k, field);
                }
        assert_int_equal(k, n);
}
