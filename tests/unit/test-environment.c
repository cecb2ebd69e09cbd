/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
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

static void append(char *out, Bytes bytes) {
        strncat(out, bytes.data, bytes.size);
}

/* `expected`: what is kept, behind "!" the duplicates, and "..." when some are missing. */
static void check(const char *environment, const char *names, const char *expected) {
        _cleanup_free_ char *environment_copy = strdup(environment), *names_copy = strdup(names);
        char *strings[WORDS_MAX], *name[WORDS_MAX], result[400] = "";
        Assignment variables[WORDS_MAX];
        EnvironmentChoice choice;
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

        memset(&choice, 0xff, sizeof(choice));
        kept = environment_select(variables, n, name, n_names, &choice);
        assert_true(kept <= n);
        for (size_t i = 0; i < kept; i++) {
                strcat(result, i > 0 ? " " : "");
                append(result, variables[i].name);
                strcat(result, "=");
                append(result, variables[i].value);
        }
        for (size_t i = 0; i < choice.n_duplicates; i++) {
                strcat(result, " !");
                append(result, choice.duplicates[i]);
        }
        strcat(result, choice.is_cut ? " ..." : "");
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
                /* The last of a name counts, and that there were more is said. */
                { "A=1 A=2", "A", "A=2 !A" },
                { "A=1 A=2 A=3", "A", "A=3 !A" },
                { "A=1 A=1", "A", "A=1 !A" },
                { "X=0 A=1 B=1 A=2 B=2", "B A", "B=2 A=2 !B !A" },
                { "A=1 B=1 B=2 A=2 C=1", "C B A", "C=1 B=2 A=2 !B !A" },
                { "X=1 X=2 A=1", "A", "A=1" },
                /* A name that is listed twice counts once. */
                { "A=1 A=2 B=1", "A B A", "A=2 B=1 !A" },
                { "A=1", "A A A", "A=1" },
                /* Names are compared whole and as they are written. */
                { "AB=1 a=2 A=3", "A", "A=3" },
                { "AB=1 A=2", "AB", "AB=1" },
                { "AB=1", "A", "" },
                { "A=", "A", "A=" },
                { "A==x", "A", "A==x" },
                /* All that begin so. */
                { "LD_A=1 X=2 LD_B=3 L=4 LD_=5", "LD_*", "LD_A=1 LD_B=3 LD_=5" },
                { "LD_B=1 X=2 LD_A=3", "X LD_*", "X=2 LD_B=1 LD_A=3" },
                { "LD_B=1 X=2 LD_A=3", "LD_A LD_* X", "LD_A=3 LD_B=1 X=2" },
                { "LD_B=1 X=2 LD_A=3", "LD_* LD_A X", "LD_B=1 LD_A=3 X=2" },
                { "LD_A=1 LD_A=2", "LD_*", "LD_A=2 !LD_A" },
                { "LD_A%=1 LD_\xff=2", "LD_*", "LD_A%=1 ..." },
                /* One journal field has one value. */
                { "path=1 PATH=2", "path PATH", "PATH=2 !path" },
                { "PATH=2 path=1", "path PATH", "PATH=2 !path" },
                { "path=1 PATH=2", "path", "path=1" },
                { "path=1 Path=2", "path Path", "path=1 !Path" },
                { "LD_a=1 LD_A=2 LD_a=3", "LD_*", "LD_A=2 !LD_a" },
                { "LD_%=1 LD__=2 LD_.=3", "LD_*", "LD__=2 !LD_% !LD_." },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                check(table[i].environment, table[i].names, table[i].expected);
}

/* Any number of variables that a prefix asks for can't push out one that is asked for by its name. */
static void test_many(void **state) {
        enum {
                N = 2000
        };
        static char names[N][16];
        static Assignment variables[N + 1];
        char *asked[] = { (char[]){ "LD_*" }, (char[]){ "LD_PRELOAD" } };
        EnvironmentChoice choice;
        bool found = false;
        size_t kept;

        (void) state;
        for (size_t i = 0; i < N; i++) {
                (void) snprintf(names[i], sizeof(names[i]), "LD_%zu", i);
                variables[i] = (Assignment){ bytes_of_string(names[i]), BYTES_LITERAL("x") };
        }
        variables[N] = (Assignment){ BYTES_LITERAL("LD_PRELOAD"), BYTES_LITERAL("y") };
        kept = environment_select(variables, N + 1, asked, ELEMENTSOF(asked), &choice);
        assert_int_equal(kept, ENVIRONMENT_PREFIXED_MAX + 1);
        assert_true(choice.is_cut);
        for (size_t i = 0; i < kept; i++)
                found = found || bytes_equal(variables[i].name, BYTES_LITERAL("LD_PRELOAD"));
        assert_true(found);
}

/* Names too long for a field are cut in it: those that are the same then have one value. */
static void test_long(void **state) {
        char first[80], second[80], *asked[] = { (char[]){ "LD_*" } };
        EnvironmentChoice choice;
        Assignment variables[2];

        (void) state;
        for (size_t size = 50; size < 70; size++) {
                size_t kept;

                memset(first, 'A', sizeof(first));
                memcpy(first, "LD_", 3);
                memcpy(second, first, sizeof(first));
                second[size - 1] = 'B';
                variables[0] = (Assignment){ { first, size }, BYTES_LITERAL("1") };
                variables[1] = (Assignment){ { second, size }, BYTES_LITERAL("2") };
                kept = environment_select(variables, 2, asked, 1, &choice);
                assert_int_equal(kept, size <= 55 ? 2 : 1);
                assert_int_equal(choice.n_duplicates, 2 - kept);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_select),
                cmocka_unit_test(test_many),
                cmocka_unit_test(test_long),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
