/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A directory of its own for each test of the configuration, what was loaded from there, and what was
 * wrong.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "pipeline/policy.h"
#include "util/buffer.h"

typedef struct ConfigCase {
        char directory[sizeof("/tmp/test-config-XXXXXX")];
        ConfigReport report;
        Policy *policy;
        const Config *config; /* of the policy; NULL: none was loaded */
        char path[256];
} ConfigCase;

static inline int config_case_setup(void **state) {
        ConfigCase *c = calloc(1, sizeof(*c));

        assert_non_null(c);
        strcpy(c->directory, "/tmp/test-config-XXXXXX");
        assert_non_null(mkdtemp(c->directory));
        *state = c;
        return 0;
}

static inline int config_case_remove(const char *path, const struct stat *st, int type, struct FTW *ftw) {
        (void) st;
        (void) type;
        (void) ftw;
        return remove(path);
}

static inline int config_case_teardown(void **state) {
        ConfigCase *c = *state;

        config_report_done(&c->report);
        policy_free(c->policy);
        assert_int_equal(nftw(c->directory, config_case_remove, 8, FTW_DEPTH | FTW_PHYS), 0);
        free(c);
        return 0;
}

#define CONFIG_TEST(function) \
        cmocka_unit_test_setup_teardown(function, config_case_setup, config_case_teardown)

/* Valid until the next call. */
static inline const char *config_case_path(ConfigCase *c, const char *name) {
        assert_true(
                (size_t) snprintf(c->path, sizeof(c->path), "%s/%s", c->directory, name) < sizeof(c->path));
        return c->path;
}

static inline void config_case_write(ConfigCase *c, const char *name, const void *data, size_t size) {
        FILE *file = fopen(config_case_path(c, name), "we");

        assert_non_null(file);
        assert_int_equal(fwrite(data, 1, size, file), size);
        assert_int_equal(fclose(file), 0);
}

static inline void config_case_forget(ConfigCase *c) {
        config_report_done(&c->report);
        c->policy = policy_free(c->policy);
        c->config = NULL;
}

static inline int config_case_load_file(ConfigCase *c, const char *file, const char *const *directories) {
        int r = policy_load(file, directories, NULL, 0, &c->report, &c->policy);

        c->config = c->policy ? c->policy->config : NULL;
        return r;
}

/* Loads these bytes as the one file of a configuration. */
static inline int config_case_load(ConfigCase *c, const void *data, size_t size) {
        config_case_forget(c);
        config_case_write(c, "c.conf", data, size);
        return config_case_load_file(c, config_case_path(c, "c.conf"), NULL);
}

/* Every problem is "FILE:LINE: error: TEXT\n" or "... warning: ...", FILE being below the directory. */
static inline void config_case_assert_problems(const ConfigCase *c, const char *expected) {
        Buffer found = BUFFER_NULL;

        for (size_t i = 0; i < c->report.n_problems; i++) {
                const ConfigProblem *p = &c->report.problems[i];

                assert_int_equal(strncmp(p->file, c->directory, strlen(c->directory)), 0);
                buffer_append_string(&found, p->file + strlen(c->directory) + 1);
                buffer_append_char(&found, ':');
                buffer_append_u64(&found, p->line);
                buffer_append_string(&found, p->fatal ? ": error: " : ": warning: ");
                buffer_append_string(&found, p->text);
                buffer_append_char(&found, '\n');
        }
        buffer_append_char(&found, '\0');
        assert_int_equal(buffer_error(&found), 0);
        assert_string_equal(found.data, expected);
        buffer_done(&found);
}

static inline void describe_number(Buffer *out, const char *name, uint64_t value, uint64_t usual) {
        if (value == usual)
                return;
        buffer_append_string(out, name);
        buffer_append_char(out, '=');
        buffer_append_u64(out, value);
        buffer_append_char(out, ' ');
}

static inline void describe_rules(Buffer *out, const char *name, const RuleList *list) {
        if (rule_list_is_empty(list))
                return;
        buffer_append_string(out, name);
        buffer_append_char(out, '=');
        for (size_t i = 0; i < list->n_ranges; i++) {
                buffer_append_u64(out, list->ranges[i].first);
                buffer_append_char(out, '-');
                buffer_append_u64(out, list->ranges[i].last);
                buffer_append_char(out, ',');
        }
        for (size_t i = 0; i < list->n_globs; i++) {
                buffer_append_string(out, list->globs[i].text);
                buffer_append_char(out, ',');
        }
        if (list->n_open > 0) {
                buffer_append_char(out, '?');
                buffer_append_u64(out, list->n_open);
        }
        buffer_append_char(out, ' ');
}

static inline void describe_filter(Buffer *out, const Filter *filter) {
        static const char *const names[][2] = {
                [FILTER_USER] = { "+user", "-user" },
                [FILTER_GROUP] = { "+group", "-group" },
                [FILTER_LOGIN] = { "+login", "-login" },
                [FILTER_EXE] = { "+exe", "-exe" },
                [FILTER_UNIT] = { "+unit", "-unit" },
                [FILTER_USER_UNIT] = { "+user-unit", "-user-unit" },
                [FILTER_PARENT] = { "+parent", "-parent" },
        };

        for (size_t kind = 0; kind < _FILTER_KIND_MAX; kind++) {
                describe_rules(out, names[kind][0], &filter->kinds[kind].include);
                describe_rules(out, names[kind][1], &filter->kinds[kind].exclude);
        }
}

/* What differs from the defaults, "name=value " each; the name of a boolean stands for its change. */
static inline void config_case_assert_changes(const Policy *policy, const char *expected) {
        const Config *config = policy ? policy->config : NULL;
        Buffer out = BUFFER_NULL;

        if (!config) {
                fail();
                return;
        }
        describe_number(&out, "failures", config->failures, FAILURES_YES);
        describe_number(&out, "hook", config->syscall_hook, SYSCALL_HOOK_AUTO);
        describe_number(&out, "pidns", config->pid_namespace, PID_NAMESPACE_ALL);
        describe_number(&out, "args", config->argument_bytes, 32768);
        describe_number(&out, "events", config->event_buffer, 16777216);
        describe_number(&out, "logs", config->log_buffer, 262144);
        describe_filter(&out, &policy->filter);
        describe_number(&out, "target", config->target, TARGET_AUTO);
        describe_number(&out, "facility", (uint64_t) config->facility, LOG_AUTHPRIV);
        describe_number(&out, "priority", (uint64_t) config->priority, LOG_INFO);
        for (size_t i = 0; i < config->n_labels; i++) {
                buffer_append_char(&out, '<');
                buffer_append_bytes(&out, config->labels[i].name);
                buffer_append_char(&out, '|');
                buffer_append_bytes(&out, config->labels[i].value);
                buffer_append_string(&out, "> ");
        }
        for (size_t i = 0; i < config->n_environment; i++) {
                buffer_append_char(&out, '$');
                buffer_append_string(&out, config->environment[i]);
                buffer_append_char(&out, ' ');
        }
        describe_number(&out, "redact", policy->redactor.n_patterns, 0);
        describe_number(&out, "user-names", config->user_names, false);
        describe_number(&out, "build-id", config->build_id, false);
        describe_number(&out, "unit-match", config->unit_match, false);

        buffer_append_char(&out, '\0');
        assert_int_equal(buffer_error(&out), 0);
        assert_string_equal(out.data, expected);
        buffer_done(&out);
}
