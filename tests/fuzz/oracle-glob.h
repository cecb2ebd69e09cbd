/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Globs a second time: by a table instead of by steps. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "util/bytes.h"
#include "util/utf8.h"

/* Brackets and backslashes have rules of their own: those are not judged again. */
static inline bool glob_is_simple(const char *glob) {
        return !strpbrk(glob, "[\\");
}

/* Takes text apart into characters; a byte that is of none counts for itself. */
static inline size_t characters_of(Bytes text, uint32_t *ret) {
        size_t n = 0;

        for (size_t i = 0, size; i < text.size; i += size) {
                size = utf8_decode(text.data + i, text.size - i, &ret[n]);
                if (size == 0) {
                        ret[n] = 0x80000000U | (unsigned char) text.data[i];
                        size = 1;
                }
                n++;
        }
        return n;
}

/* By a table: reached[i] says whether the glob up to here matches the first i characters. */
static inline bool glob_matches(const char *glob, Bytes text) {
        size_t glob_size = strlen(glob), n_glob, n;
        uint32_t *wanted = calloc(glob_size + 1, sizeof(*wanted)),
                 *found = calloc(text.size + 1, sizeof(*found));
        bool *reached = calloc(text.size + 1, sizeof(*reached)), result;

        assert_true(wanted && found && reached);
        n_glob = characters_of((Bytes){ glob, glob_size }, wanted);
        n = characters_of(text, found);
        reached[0] = true;
        for (size_t k = 0; k < n_glob; k++) {
                if (wanted[k] == '*') {
                        for (size_t i = 1; i <= n; i++)
                                reached[i] = reached[i] || reached[i - 1];
                        continue;
                }
                for (size_t i = n; i > 0; i--)
                        reached[i] = reached[i - 1] && (wanted[k] == '?' || wanted[k] == found[i - 1]);
                reached[0] = false;
        }
        result = reached[n];
        free(reached);
        free(found);
        free(wanted);
        return result;
}
