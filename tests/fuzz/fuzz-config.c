/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Configuration files. Whatever is in one, it is taken or refused with a word to each problem; and what is
 * taken does not depend on the kind of the line ends, or on comments.
 */

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "oracle-text.h"

#include "../unit/config-case.h"
#include "bpf/record.h"
#include "pipeline/policy.h"

/* A file that was read. */
typedef struct Loaded {
        int r;
        Policy *policy;
        ConfigReport report;
        Buffer text; /* what is in the configuration */
} Loaded;

static void loaded_done(Loaded *l) {
        policy_free(l->policy);
        config_report_done(&l->report);
        buffer_done(&l->text);
}

static void describe(Loaded *l) {
        const Config *c = l->policy->config;
        Buffer *out = &l->text;

        describe_number(out, "failures", c->failures, UINT64_MAX);
        describe_number(out, "hook", c->syscall_hook, UINT64_MAX);
        describe_number(out, "pidns", c->pid_namespace, UINT64_MAX);
        describe_number(out, "args", c->argument_bytes, UINT64_MAX);
        describe_number(out, "events", c->event_buffer, UINT64_MAX);
        describe_number(out, "logs", c->log_buffer, UINT64_MAX);
        describe_filter(out, &l->policy->filter);
        describe_number(out, "target", c->target, UINT64_MAX);
        describe_number(out, "facility", (uint64_t) c->facility, UINT64_MAX);
        describe_number(out, "priority", (uint64_t) c->priority, UINT64_MAX);
        for (size_t i = 0; i < c->n_labels; i++) {
                buffer_append_bytes(out, c->labels[i].name);
                buffer_append_char(out, '=');
                buffer_append_bytes(out, c->labels[i].value);
                buffer_append_char(out, '\n');
        }
        for (size_t i = 0; i < c->n_environment; i++) {
                buffer_append_char(out, '$');
                buffer_append_string(out, c->environment[i]);
        }
        describe_number(out, "patterns", l->policy->redactor.n_patterns, UINT64_MAX);
        describe_number(out, "build-id", c->build_id, UINT64_MAX);
        describe_number(out, "unit-match", c->unit_match, UINT64_MAX);
        assert_int_equal(buffer_error(out), 0);
}

static void load(Loaded *l, Bytes text) {
        int fd = memfd_create("config", MFD_CLOEXEC);
        char path[sizeof("/proc/self/fd/") + 11];

        *l = (Loaded){};
        assert_true(fd >= 0);
        assert_int_equal(write(fd, text.data, text.size), text.size);
        (void) snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        l->r = policy_load(path, NULL, NULL, 0, &l->report, &l->policy);
        close(fd);
        if (l->r == 0)
                describe(l);
}

static bool is_ring_size(uint32_t size, uint32_t min) {
        return size >= min && size <= 1U << 30 && (size & (size - 1)) == 0;
}

static void check_name(const char *prefix, Bytes name) {
        assert_true(name.size > 0 && strlen(prefix) + name.size <= 64);
        for (size_t i = 0; i < name.size; i++)
                assert_true((name.data[i] >= 'A' && name.data[i] <= 'Z') ||
                        (name.data[i] >= '0' && name.data[i] <= '9') || name.data[i] == '_' ||
                        (prefix[5] == 'E' && name.data[i] >= 'a' && name.data[i] <= 'z'));
}

static void check_config(const Config *c) {
        assert_in_range(c->argument_bytes, EXEC_ARGUMENT_BYTES_MIN, EXEC_ARGUMENT_BYTES_MAX);
        assert_true(is_ring_size(c->event_buffer, 64 * 1024));
        assert_true(is_ring_size(c->log_buffer, 4 * 1024));
        assert_in_range(c->priority, LOG_EMERG, LOG_DEBUG);
        assert_in_range(c->facility, LOG_KERN, LOG_LOCAL7);
        assert_int_equal(c->facility % 8, 0);
        assert_true(c->syscall_hook < _SYSCALL_HOOK_MAX && c->target < _TARGET_MAX);
        for (size_t i = 0; i < c->n_labels; i++) {
                check_name("EXEC_LABEL_", c->labels[i].name);
                assert_null(memchr(c->labels[i].value.data, '\n', c->labels[i].value.size));
        }
        for (size_t i = 0; i < c->n_environment; i++)
                check_name("EXEC_ENV_", bytes_of_string(c->environment[i]));
}

static void check_loaded(const Loaded *l, unsigned n_lines) {
        size_t n_errors = 0;

        assert_true(l->r == 0 || l->r == -EINVAL);
        for (size_t i = 0; i < l->report.n_problems; i++) {
                const ConfigProblem *problem = &l->report.problems[i];

                assert_true(problem->line <= n_lines);
                assert_true(problem->text[0] != '\0');
                oracle_line(bytes_of_string(problem->text));
                n_errors += problem->fatal;
        }
        assert_int_equal(l->report.n_errors, n_errors);
        assert_int_equal(l->r, n_errors > 0 ? -EINVAL : 0);
        assert_int_equal(l->policy != NULL, l->r == 0);
        if (l->policy)
                check_config(l->policy->config);
}

/* The same result, line by line. */
static void assert_alike(const Loaded *a, const Loaded *b) {
        assert_int_equal(a->r, b->r);
        assert_same(buffer_bytes(&a->text), buffer_bytes(&b->text));
        assert_int_equal(a->report.n_problems, b->report.n_problems);
        for (size_t i = 0; i < a->report.n_problems; i++) {
                assert_int_equal(a->report.problems[i].line, b->report.problems[i].line);
                assert_string_equal(a->report.problems[i].text, b->report.problems[i].text);
        }
}

/* With other ends of lines, and a comment as the last of them. */
static void rewrite(Bytes text, Buffer *ret) {
        for (size_t i = 0; i < text.size; i++) {
                if (text.data[i] == '\n')
                        buffer_append_char(ret, '\r');
                buffer_append_char(ret, text.data[i]);
        }
        buffer_append_string(ret, "\r\n# end");
        assert_int_equal(buffer_error(ret), 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(loaded_done) Loaded loaded, rewritten;
        _cleanup_(buffer_done) Buffer other = BUFFER_NULL;
        Bytes text = { (const char *) data, size };
        unsigned n_lines = 1;

        for (size_t i = 0; i < size; i++)
                n_lines += data[i] == '\n';
        load(&loaded, text);
        check_loaded(&loaded, n_lines);
        rewrite(text, &other);
        load(&rewritten, buffer_bytes(&other));
        assert_alike(&loaded, &rewritten);
        return 0;
}
