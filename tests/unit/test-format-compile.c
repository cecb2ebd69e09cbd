/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What of [Output] the formats take: OmitField= above all. */

#include "config-case.h"

#include "event/fields.h"
#include "util/cleanup.h"

static const FormatOptions *load(ConfigCase *c, const char *text) {
        assert_int_equal(config_case_load(c, text, strlen(text)), 0);
        return &c->policy->format;
}

static void assert_omits(const FormatOptions *options, const char *const *names, size_t n) {
        FieldSet expected = 0;

        for (size_t i = 0; i < n; i++)
                assert_int_equal(field_set_add(&expected, bytes_of_string(names[i])), 0);
        assert_int_equal(options->omit, expected);
}

static void test_default(void **state) {
        const FormatOptions *options = load(*state, "");

        assert_int_equal(options->omit, 0);
        assert_false(options->omit_message);
        assert_int_equal(options->facility, LOG_AUTHPRIV);
        assert_int_equal(options->priority, LOG_INFO);
        assert_false(options->unit_match);
}

static void test_others(void **state) {
        const FormatOptions *options =
                load(*state, "[Output]\nFacility=kern\nPriority=debug\nUnitMatch=yes\n");

        assert_int_equal(options->facility, LOG_KERN);
        assert_int_equal(options->priority, LOG_DEBUG);
        assert_true(options->unit_match);
}

/* Lines add to each other; an empty one forgets those before it. */
static void test_omit(void **state) {
        static const char *const names[] = { "EXEC_SEQ", "EXEC_ARGV_RAW", "EXEC_FLAGS" };
        ConfigCase *c = *state;
        const FormatOptions *options = load(c,
                "[Output]\nOmitField=EXEC_PID\nOmitField=\nOmitField=EXEC_SEQ  EXEC_ARGV_RAW\n"
                "OmitField=EXEC_FLAGS EXEC_SEQ\n");

        assert_omits(options, names, ELEMENTSOF(names));
        assert_int_equal(c->report.n_problems, 0);
        assert_false(options->omit_message);
}

static void test_message(void **state) {
        ConfigCase *c = *state;
        const FormatOptions *options = load(c, "[Output]\nOmitField=MESSAGE\n");

        assert_true(options->omit_message);
        assert_int_equal(options->omit, 0);
        assert_int_equal(c->report.n_problems, 0);
}

/* Fields whose names the configuration or the program chooses, and one that is no field of the table. */
static void test_other_fields(void **state) {
        ConfigCase *c = *state;
        const FormatOptions *options = load(c,
                "[Output]\nUnitMatch=yes\n"
                "OmitField=EXEC_LABEL_ROLE EXEC_ENV_NO_PROXY EXEC_SEQ OBJECT_SYSTEMD_UNIT\n");

        assert_int_equal(c->report.n_problems, 0);
        assert_omits(options, (const char *const[]){ "EXEC_SEQ" }, 1);
        assert_false(options->unit_match);
        for (size_t i = 0; i < field_table_size; i++) {
                const Field *field = &field_table[i];

                if (field->type == FIELD_LABELS) {
                        assert_true(format_omits_assignment(options, field, BYTES_LITERAL("ROLE")));
                        assert_false(format_omits_assignment(options, field, BYTES_LITERAL("ROLES")));
                        assert_false(format_omits_assignment(options, field, BYTES_LITERAL("NO_PROXY")));
                }
                if (field->type == FIELD_ENVIRONMENT) {
                        assert_true(format_omits_assignment(options, field, BYTES_LITERAL("no_proxy")));
                        assert_false(format_omits_assignment(options, field, BYTES_LITERAL("ROLE")));
                }
        }
}

/* A name that is none, and one that has to be there, are warnings; the rest of the line holds. */
static void test_warnings(void **state) {
        static const char *const problems[] = {
                "Output.OmitField=: expected the name of a field, not \"EXEC_NONSENSE\"",
                "Output.OmitField=: expected the name of a field, not \"seq\"",
                "Output.OmitField=: expected the name of a field, not \"EXEC_ENV_\"",
                "Output.OmitField=: expected the name of a field, not \"EXEC_LABEL_role\"",
                "Output.OmitField=: expected a field that can be left out, not \"SYSLOG_IDENTIFIER\"",
        };
        static const char *const names[] = { "EXEC_SEQ" };
        ConfigCase *c = *state;

        assert_omits(load(c,
                             "[Output]\n\nOmitField=EXEC_NONSENSE seq EXEC_ENV_ EXEC_LABEL_role "
                             "SYSLOG_IDENTIFIER EXEC_SEQ\n"),
                names, ELEMENTSOF(names));
        assert_int_equal(c->report.n_errors, 0);
        assert_int_equal(c->report.n_problems, ELEMENTSOF(problems));
        for (size_t i = 0; i < ELEMENTSOF(problems); i++) {
                assert_string_equal(c->report.problems[i].text, problems[i]);
                assert_int_equal(c->report.problems[i].line, 3);
                assert_false(c->report.problems[i].fatal);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                CONFIG_TEST(test_default),
                CONFIG_TEST(test_others),
                CONFIG_TEST(test_omit),
                CONFIG_TEST(test_message),
                CONFIG_TEST(test_other_fields),
                CONFIG_TEST(test_warnings),
        };

        return cmocka_run_group_tests_name("format-compile", tests, NULL, NULL);
}
