/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "filter/filter.h"
#include "util/cleanup.h"

/* Rules as "KIND+WORD" (include) and "KIND-WORD" (exclude), a blank between two. KIND is one of these. */
static const char kind_letters[] = "uglxtnp";

static void add_rule(Filter *filter, char *rule) {
        const char *letter = strchr(kind_letters, rule[0]);
        FilterKind kind;
        RuleList *list;

        assert_true(letter && (rule[1] == '+' || rule[1] == '-'));
        kind = (FilterKind) (letter - kind_letters);
        list = rule[1] == '+' ? &filter->kinds[kind].include : &filter->kinds[kind].exclude;
        if (kind == FILTER_USER || kind == FILTER_GROUP || kind == FILTER_LOGIN)
                assert_int_equal(rule_list_add_ids(list, rule + 2), 0);
        else
                assert_int_equal(rule_list_add_glob(list, rule + 2), 0);
}

static void add_rules(Filter *filter, const char *rules) {
        _cleanup_free_ char *copy = strdup(rules);
        char *save = NULL;

        assert_non_null(copy);
        for (char *rule = strtok_r(copy, " ", &save); rule; rule = strtok_r(NULL, " ", &save))
                add_rule(filter, rule);
}

/* The same event for every line of a table: a shell executes /usr/bin/true as user 1000, group 100. */
static const Event sample = {
        .uid = 1000,
        .gid = 100,
        .euid = 0,
        .egid = 0,
        .filename = BYTES_LITERAL("true"),
        .exe = BYTES_LITERAL("/usr/bin/true"),
        .cwd = BYTES_LITERAL("/usr/bin"),
        .comm = BYTES_LITERAL("sh"),
        .parent_comm = BYTES_LITERAL("sshd"),
        .place.path = BYTES_LITERAL("/user.slice/user-1000.slice/user@1000.service/app.slice/editor.service"),
        .place.unit = BYTES_LITERAL("user@1000.service"),
        .place.user_unit = BYTES_LITERAL("editor.service"),
};

static void check(const char *rules, const Event *event, bool pass) {
        _cleanup_(filter_done) Filter filter = {};

        add_rules(&filter, rules);
        assert_true(filter_is_empty(&filter) == (rules[0] == '\0'));
        if ((filter_dropped_by(&filter, event) == FILTER_PASSES) != pass)
                fail_msg("\"%s\" on filename \"%.*s\"", rules, (int) event->filename.size,
                        event->filename.data ? event->filename.data : "");
}

/* Which rule it is that is to be counted. */
static void test_which_rule(void **state) {
        static const struct {
                const char *rules;
                int rule;
        } table[] = {
                { "u-1000", EXEC_RULE_EXCLUDE_USER },
                { "u+0", EXEC_RULE_INCLUDE_USER },
                { "g-100", EXEC_RULE_EXCLUDE_GROUP },
                { "g+0", EXEC_RULE_INCLUDE_GROUP },
                { "x-*/true", EXEC_RULE_EXCLUDE_EXE },
                { "x+/sbin/*", EXEC_RULE_INCLUDE_EXE },
                { "t-user@1000.service", EXEC_RULE_EXCLUDE_UNIT },
                { "n-editor.service", EXEC_RULE_EXCLUDE_USER_UNIT },
                { "n+other.service", EXEC_RULE_INCLUDE_USER_UNIT },
                { "t+other.service", EXEC_RULE_INCLUDE_UNIT },
                { "p-sh", EXEC_RULE_EXCLUDE_PARENT },
                { "p+bash", EXEC_RULE_INCLUDE_PARENT },
                /* The first one in their order. */
                { "p-sh x-* g-100 u+0", EXEC_RULE_INCLUDE_USER },
                { "u+1000 u-1000 p-sh", EXEC_RULE_EXCLUDE_USER },
                { "u+1000 p+bash x+*", EXEC_RULE_INCLUDE_PARENT },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                _cleanup_(filter_done) Filter filter = {};

                add_rules(&filter, table[i].rules);
                assert_int_equal(filter_dropped_by(&filter, &sample), table[i].rule);
        }
}

/* Of the place alone, whatever other rules there are. */
static void test_place(void **state) {
        static const CgroupPlace nowhere = { .path = BYTES_LITERAL("/") };
        static const struct {
                const char *rules;
                int in_unit, nowhere;
        } table[] = {
                { "", FILTER_PASSES, FILTER_PASSES },
                { "u-1000 x-*", FILTER_PASSES, FILTER_PASSES },
                { "t-editor.*", FILTER_PASSES, FILTER_PASSES },
                { "n-e*", FILTER_PASSES, FILTER_PASSES },
                { "t-user@*", EXEC_RULE_EXCLUDE_UNIT, FILTER_PASSES },
                { "t+user@*", FILTER_PASSES, EXEC_RULE_INCLUDE_UNIT },
                { "t+user@* t-user@1000.service u+0", EXEC_RULE_EXCLUDE_UNIT, EXEC_RULE_INCLUDE_UNIT },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                _cleanup_(filter_done) Filter filter = {}, none = {};

                add_rules(&filter, table[i].rules);
                assert_int_equal(filter_place_dropped_by(&filter, &sample.place), table[i].in_unit);
                assert_int_equal(filter_place_dropped_by(&filter, &nowhere), table[i].nowhere);
                assert_int_equal(filter_has_kind(&filter, FILTER_UNIT), strchr(table[i].rules, 't') != NULL);
                assert_int_equal(filter_kind_equal(&filter, &none, FILTER_UNIT),
                        !filter_has_kind(&filter, FILTER_UNIT));
        }
}

static void test_rules(void **state) {
        static const struct {
                const char *rules;
                bool pass;
        } table[] = {
                { "", true },
                /* Users and groups: the real ids only. */
                { "u+1000", true },
                { "u+1001", false },
                { "u+0", false },
                { "u-0", true },
                { "u-1000", false },
                { "u+1 u+900-1100", true },
                { "u+900-1100 u-1000", false },
                { "g+100", true },
                { "g+0", false },
                { "g-0", true },
                { "g-100", false },
                { "g-50-150", false },
                /* What runs. */
                { "x+/usr/bin/true", true },
                { "x+/usr/*", true },
                { "x+true", false },
                { "x-true", true },
                { "x-/usr/bin/*", false },
                { "x+/opt/* x+/usr/*", true },
                /* Who calls: comm, not the comm of its parent. */
                { "p+sh", true },
                { "p+sshd", false },
                { "p-sshd", true },
                { "p-s?", false },
                /* Every kind that has an Include asks for a match; an Exclude wins over an Include. */
                { "u+1000 g+100 x+*/true p+sh", true },
                { "u+1000 g+101", false },
                { "u+1001 g+100", false },
                { "u+1000 x+/sbin/*", false },
                { "u+1000 p+bash", false },
                { "x+* x-*", false },
                { "u+1000 p-sh", false },
                { "u-1001 g-101 x-/sbin/* p-bash", true },
                /* The system's unit alone: a user calls his own as he likes. */
                { "t+user@1000.service", true },
                { "t+editor.service", false },
                { "t-editor.*", true },
                { "t-user@*", false },
                { "n+editor.service", true },
                { "n-editor.*", false },
                { "n-user@*", true },
                { "n+user@*", false },
                { "t+ssh.service", false },
                { "t-ssh.service", true },
                { "t+user@* u-1000", false },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                check(table[i].rules, &sample, table[i].pass);
}

/*
 * In a user namespace of its own anybody may mount what he likes over a path, and an Exclude by it would
 * hide it.
 */
static void test_user_namespace(void **state) {
        static const struct {
                const char *rules;
                bool pass;
        } table[] = {
                { "x-/usr/bin/*", true },
                { "p-sh", true },
                { "n-editor.*", true },
                { "x-/usr/bin/* p-sh n-editor.*", true },
                { "x-/usr/bin/* u-1000", false },
                { "u-1000", false },
                { "g-100", false },
                { "t-user@*", false },
                { "x+/sbin/*", false },
                { "x+/usr/bin/*", true },
                { "p+bash", false },
        };
        Event event = sample;

        (void) state;
        event.flags = EXEC_FLAG_USERNS;
        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                check(table[i].rules, &event, table[i].pass);
}

static void test_unknown(void **state) {
        static const Event unknown = { .uid = EVENT_ID_UNSET, .gid = EVENT_ID_UNSET, .place_unknown = true };
        static const Event running = { .running = true };
        static const char *const kept[] = { "", "u-0-4294967294", "g-0-4294967294", "x-*", "p-*", "t-*",
                "n-*", "p+sh", "t+ssh.service", "n+editor.service" };
        static const char *const dropped[] = { "u+0-4294967294", "g+0-4294967294", "x+*" };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(kept); i++)
                check(kept[i], &unknown, true);
        for (size_t i = 0; i < ELEMENTSOF(dropped); i++)
                check(dropped[i], &unknown, false);
        /* Who called the exec is over, which is no matter of how busy anybody is. */
        check("p+*", &running, false);
}

/* The only glob that the path of the script is to match is itself; an Exclude only where it is sure. */
static void check_script(Bytes filename, Bytes cwd, uint32_t flags, const char *path, bool sure) {
        Event event = { .exe = BYTES_LITERAL("/bin/sh"), .filename = filename, .cwd = cwd, .flags = flags };
        _cleanup_(filter_done) Filter include = {}, exclude = {}, interpreter = {};

        assert_int_equal(rule_list_add_glob(&include.kinds[FILTER_EXE].include, path), 0);
        assert_int_equal(rule_list_add_glob(&exclude.kinds[FILTER_EXE].exclude, path), 0);
        if (filter_dropped_by(&include, &event) != FILTER_PASSES ||
                (filter_dropped_by(&exclude, &event) == FILTER_PASSES) == sure)
                fail_msg("\"%.*s\" is not \"%s\"", (int) filename.size, filename.data, path);

        /* The interpreter is matched as well. */
        add_rules(&interpreter, "x+/bin/sh");
        assert_true((filter_dropped_by(&interpreter, &event) == FILTER_PASSES));
        add_rules(&interpreter, "x-/bin/sh");
        assert_false((filter_dropped_by(&interpreter, &event) == FILTER_PASSES));
}

static void test_script_paths(void **state) {
        static const struct {
                Bytes filename, cwd;
                const char *path;
                bool unsure; /* ".." is behind what may be a symbolic link */
        } table[] = {
                { BYTES_LITERAL("/opt/run"), BYTES_LITERAL("/tmp"), "/opt/run" },
                { BYTES_LITERAL("/opt/run"), BYTES_NULL, "/opt/run" },
                { BYTES_LITERAL("run"), BYTES_LITERAL("/opt/a"), "/opt/a/run" },
                { BYTES_LITERAL("run"), BYTES_LITERAL("/"), "/run" },
                { BYTES_LITERAL("./run"), BYTES_LITERAL("/opt"), "/opt/run" },
                { BYTES_LITERAL("../run"), BYTES_LITERAL("/opt"), "/run" },
                { BYTES_LITERAL("../../../../run"), BYTES_LITERAL("/opt/a"), "/run" },
                { BYTES_LITERAL("/opt/../etc/./init//run"), BYTES_NULL, "/etc/init/run", true },
                { BYTES_LITERAL("//opt///run/"), BYTES_NULL, "/opt/run" },
                { BYTES_LITERAL("/opt/.../..run/run..//.x"), BYTES_NULL, "/opt/.../..run/run../.x" },
                { BYTES_LITERAL("/.."), BYTES_NULL, "/" },
                { BYTES_LITERAL("a/b/../../c"), BYTES_LITERAL("/x"), "/x/c", true },
                { BYTES_LITERAL("\xff/run"), BYTES_LITERAL("/\xfe"), "/\xfe/\xff/run" },
                /* The front of the directory is not known: nothing is above it. */
                { BYTES_LITERAL("run"), BYTES_LITERAL(".../b/c"), ".../b/c/run" },
                { BYTES_LITERAL("../../../run"), BYTES_LITERAL(".../b/c"), ".../run" },
                { BYTES_LITERAL("/run"), BYTES_LITERAL(".../b/c"), "/run" },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                check_script(
                        table[i].filename, table[i].cwd, EXEC_FLAG_SCRIPT, table[i].path, !table[i].unsure);
        check_script(BYTES_LITERAL("/dev/fd/5/../run"), BYTES_LITERAL("/tmp"),
                EXEC_FLAG_SCRIPT | EXEC_FLAG_FD, "/dev/fd/5/../run", false);
}

static void test_no_script_path(void **state) {
        static const Event events[] = {
                { .filename = BYTES_LITERAL("/opt/run"), .exe = BYTES_LITERAL("/bin/sh") },
                { .filename = BYTES_LITERAL("run"), .flags = EXEC_FLAG_SCRIPT },
                { .filename = BYTES_LITERAL(""), .cwd = BYTES_LITERAL("/"), .flags = EXEC_FLAG_SCRIPT },
                { .cwd = BYTES_LITERAL("/"), .flags = EXEC_FLAG_SCRIPT },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(events); i++) {
                check("x+*run x+/", &events[i], false);
                check("x-*run x-/", &events[i], true);
        }
}

/* A path of a memfd has the name that its maker chose; it is no place to go up from. */
static void test_memfd(void **state) {
        static const Event event = { .exe = BYTES_LITERAL("/memfd:a/../../bin/sh"),
                .flags = EXEC_FLAG_MEMFD };

        (void) state;
        check("x+/memfd:*", &event, true);
        check("x+/bin/sh", &event, false);
}

/* The longest path that a record can carry is compared to its last byte. */
static void test_long_script_path(void **state) {
        static char directory[1 + UINT16_MAX], filename[UINT16_MAX];
        Event event = {
                .exe = BYTES_LITERAL("/bin/sh"),
                .cwd = { directory, sizeof(directory) },
                .filename = { filename, sizeof(filename) },
                .flags = EXEC_FLAG_SCRIPT,
        };

        (void) state;
        memset(directory, 'd', sizeof(directory));
        directory[0] = '/';
        memset(filename, 'f', sizeof(filename));
        filename[sizeof(filename) - 1] = 'z';
        check("x+/d*d/f*fz", &event, true);
        check("x-/d*d/f*fz", &event, false);
        check("x+/d*d/f*f", &event, false);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_which_rule),
                cmocka_unit_test(test_place),
                cmocka_unit_test(test_rules),
                cmocka_unit_test(test_user_namespace),
                cmocka_unit_test(test_unknown),
                cmocka_unit_test(test_script_paths),
                cmocka_unit_test(test_no_script_path),
                cmocka_unit_test(test_memfd),
                cmocka_unit_test(test_long_script_path),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
