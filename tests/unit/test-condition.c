/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "condition.h"
#include "util/cleanup.h"

static void test_words(void **state) {
        static const struct {
                const char *word;
                ConditionKind kind;
                const char *field, *field2, *value;
                bool glob, basename;
        } cases[] = {
                { "123", CONDITION_PROCESS, "EXEC_PID", NULL, "123", false, false },
                { "123-8aac887acb6", CONDITION_PROCESS, "EXEC_PROCESS", NULL, "123-8aac887acb6", false,
                        false },
                { "123-8AAC", CONDITION_PROGRAM, "EXEC_EXE", "EXEC_FILENAME", "123-8AAC", false, true },
                { "123-", CONDITION_PROGRAM, "EXEC_EXE", "EXEC_FILENAME", "123-", false, true },
                { "curl", CONDITION_PROGRAM, "EXEC_EXE", "EXEC_FILENAME", "curl", false, true },
                { "python3*", CONDITION_PROGRAM, "EXEC_EXE", "EXEC_FILENAME", "python3*", true, true },
                { "/usr/bin/curl", CONDITION_PROGRAM, "EXEC_EXE", "EXEC_FILENAME", "/usr/bin/curl", false,
                        false },
                { "/opt/x.service", CONDITION_PROGRAM, "EXEC_EXE", "EXEC_FILENAME", "/opt/x.service", false,
                        false },
                { "./configure", CONDITION_PROGRAM, "EXEC_EXE", "EXEC_FILENAME", "./configure", false,
                        false },
                { "cron.service", CONDITION_UNIT, "EXEC_UNIT", "EXEC_USER_UNIT", "cron.service", false,
                        false },
                { "run-*.scope", CONDITION_UNIT, "EXEC_UNIT", "EXEC_USER_UNIT", "run-*.scope", true, false },
                { "user.slice", CONDITION_UNIT, "EXEC_SLICE", NULL, "user.slice", false, false },
                { ".service", CONDITION_PROGRAM, "EXEC_EXE", "EXEC_FILENAME", ".service", false, true },
                { "EXEC_UID=0", CONDITION_FIELD, "EXEC_UID", NULL, "0", false, false },
                { "A=", CONDITION_FIELD, "A", NULL, "", false, false },
                { "A=b=c", CONDITION_FIELD, "A", NULL, "b=c", false, false },
                { "a=b", CONDITION_PROGRAM, "EXEC_EXE", "EXEC_FILENAME", "a=b", false, true },
                { "9=b", CONDITION_PROGRAM, "EXEC_EXE", "EXEC_FILENAME", "9=b", false, true },
                { "=b", CONDITION_PROGRAM, "EXEC_EXE", "EXEC_FILENAME", "=b", false, true },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(conditions_done) Conditions conditions = {};
                const Condition *c;

                assert_int_equal(conditions_add_word(&conditions, cases[i].word), 0);
                assert_int_equal(conditions.n, 1);
                c = &conditions.item[0];
                assert_int_equal(c->kind, cases[i].kind);
                assert_string_equal(c->field, cases[i].field);
                assert_string_equal(c->field2 ? c->field2 : "", cases[i].field2 ? cases[i].field2 : "");
                assert_string_equal(c->value, cases[i].value);
                assert_int_equal(c->glob, cases[i].glob);
                assert_int_equal(c->basename, cases[i].basename);
        }
}

static void test_wrong_words(void **state) {
        _cleanup_(conditions_done) Conditions conditions = {};

        (void) state;
        assert_int_equal(conditions_add_word(&conditions, ""), -EINVAL);
        assert_int_equal(conditions_add_word(&conditions, "99999999999"), -EINVAL);
        assert_int_equal(conditions_add_word(&conditions, "99999999999999999999999"), -EINVAL);
        assert_int_equal(conditions.n, 0);
}

static void test_same_thing(void **state) {
        static const struct {
                const char *a, *b;
                bool same;
        } cases[] = {
                { "1", "2", true },
                { "1", "1-ab", true },
                { "curl", "/bin/sh", true },
                { "curl", "1", false },
                { "a.service", "b.scope", true },
                { "a.service", "curl", false },
                { "A=1", "A=2", true },
                { "A=1", "B=1", false },
                { "A=1", "1", false },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(conditions_done) Conditions conditions = {};

                assert_int_equal(conditions_add_word(&conditions, cases[i].a), 0);
                assert_int_equal(conditions_add_word(&conditions, cases[i].b), 0);
                assert_int_equal(
                        condition_same_thing(&conditions.item[0], &conditions.item[1]), cases[i].same);
        }
}

static void test_meets(void **state) {
        static const struct {
                const char *word, *value;
                bool meets;
        } cases[] = {
                { "curl", "/usr/bin/curl", true },
                { "curl", "curl", true },
                { "curl", "/usr/bin/curl2", false },
                { "curl", "/curl/x", false },
                { "python3*", "/usr/bin/python3.11", true },
                { "python3*", "/usr/bin/python2", false },
                { "/usr/bin/curl", "/usr/bin/curl", true },
                { "/usr/bin/curl", "/bin/curl", false },
                { "/usr/*/x", "/usr/bin/x", true },
                { "*.service", "cron.service", true },
                { "*.service", "cron.scope", false },
                { "dev-by\\x2d*.service", "dev-by\\x2dx.service", true },
                { "dev-by\\x2d*.service", "dev-byx2dx.service", false },
                { "/tmp/a[1].sh", "/tmp/a[1].sh", true },
                { "/tmp/a[1].sh", "/tmp/a1.sh", true },
                { "a[1].sh", "/tmp/a[1].sh", true },
                { "/tmp/a\\*", "/tmp/a*", true },
                { "/tmp/a\\*", "/tmp/ab", false },
                { "A=1", "1", true },
                { "A=1", "11", false },
                { "A=", "", true },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(conditions_done) Conditions conditions = {};

                assert_int_equal(conditions_add_word(&conditions, cases[i].word), 0);
                assert_int_equal(condition_meets(&conditions.item[0], cases[i].value, strlen(cases[i].value)),
                        cases[i].meets);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_words),
                cmocka_unit_test(test_wrong_words),
                cmocka_unit_test(test_same_thing),
                cmocka_unit_test(test_meets),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
