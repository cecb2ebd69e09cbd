/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "redact/environment.h"
#include "util/cleanup.h"

#define WORDS_MAX 8

/* Splits "a b c" at its blanks, in place. */
static size_t split(char *words, char *ret[static WORDS_MAX]) {
        char *save = NULL;
        size_t n = 0;

        for (char *word = strtok_r(words, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
                assert_true(n < WORDS_MAX);
                ret[n++] = word;
        }
        return n;
}

static void check(const char *environment, const char *names, const char *expected) {
        _cleanup_free_ char *environment_copy = strdup(environment), *names_copy = strdup(names);
        char *strings[WORDS_MAX], *name[WORDS_MAX], result[200] = "";
        Assignment variables[WORDS_MAX];
        size_t n, n_names, kept;

        assert_non_null(environment_copy);
        assert_non_null(names_copy);
        n = split(environment_copy, strings);
        n_names = split(names_copy, name);
        for (size_t i = 0; i < n; i++) {
                size_t size = strcspn(strings[i], "=");

                variables[i].name = (Bytes){ strings[i], size };
                variables[i].value = bytes_of_string(strings[i] + size + 1);
        }

        kept = environment_select(variables, n, name, n_names);
        assert_true(kept <= n && kept <= n_names);
        for (size_t i = 0; i < kept; i++) {
                strcat(result, i > 0 ? " " : "");
                strncat(result, variables[i].name.data, variables[i].name.size);
                strcat(result, "=");
                strncat(result, variables[i].value.data, variables[i].value.size);
        }
        assert_string_equal(result, expected);
}

static void test_select(void **state) {
        static const struct {
                const char *environment, *names, *expected;
        } table[] = {
                { "A=1 B=2 C=3", "B", "B=2" },
                { "A=1 B=2 C=3", "C A", "C=3 A=1" },
                { "A=1 B=2 C=3", "A B C", "A=1 B=2 C=3" },
                { "A=1 B=2 C=3", "C B A", "C=3 B=2 A=1" },
                { "A=1 B=2 C=3", "X", "" },
                { "A=1 B=2 C=3", "X C Y A Z", "C=3 A=1" },
                { "A=1 B=2 C=3", "", "" },
                { "", "A", "" },
                { "", "", "" },
                /* The first of a name counts. */
                { "A=1 A=2", "A", "A=1" },
                { "X=0 A=1 B=1 A=2 B=2", "B A", "B=1 A=1" },
                { "A=1 B=1 B=2 A=2 C=1", "C B A", "C=1 B=1 A=1" },
                { "B=1 A=1 C=1 B=2 A=2 C=2", "A B C", "A=1 B=1 C=1" },
                /* A name that is listed twice counts once. */
                { "A=1 A=2 B=1", "A B A", "A=1 B=1" },
                { "A=1", "A A A", "A=1" },
                /* Names are compared whole and as they are written. */
                { "AB=1 a=2 A=3", "A", "A=3" },
                { "AB=1 A=2", "AB", "AB=1" },
                { "AB=1", "A", "" },
                { "A=", "A", "A=" },
                { "A==x", "A", "A==x" },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                check(table[i].environment, table[i].names, table[i].expected);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_select),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
