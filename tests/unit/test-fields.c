/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "event/fields.h"
#include "event/flags.h"
#include "notice/notice.h"
#include "sample.h"
#include "text.h"

/* What scripts and queries rely on: a name that changes here breaks them. */
static const struct {
        const char *journal;
        const char *json;
} names[] = {
        { "EXEC_FILENAME", "filename" },
        { "EXEC_EXE", "exe" },
        { "EXEC_BUILD_ID", "build_id" },
        { "EXEC_ARGV", "argv" },
        { "EXEC_ARGV_RAW", "argv_raw" },
        { "EXEC_TRUNCATED", "truncated" },
        { "EXEC_ARGV_BYTES", "argv_bytes" },
        { "EXEC_PID", "pid" },
        { "EXEC_PPID", "ppid" },
        { "EXEC_NSPID", "nspid" },
        { "EXEC_PIDNS", "pidns" },
        { "EXEC_PGID", "pgid" },
        { "EXEC_SID", "sid" },
        { "EXEC_UID", "uid" },
        { "EXEC_GID", "gid" },
        { "EXEC_EUID", "euid" },
        { "EXEC_EGID", "egid" },
        { "EXEC_LOGINUID", "loginuid" },
        { "EXEC_SESSION", "session" },
        { "EXEC_USER", "user" },
        { "EXEC_LOGIN_USER", "login_user" },
        { "EXEC_TTY", "tty" },
        { "EXEC_STDIN", "stdin" },
        { "EXEC_CWD", "cwd" },
        { "EXEC_COMM", "comm" },
        { "EXEC_PARENT_COMM", "parent_comm" },
        { "EXEC_PROCESS", "process" },
        { "EXEC_PARENT", "parent" },
        { "EXEC_ANCESTOR", "ancestor" },
        { "EXEC_FLAG", "flags" },
        { "EXEC_FLAGS", "" },
        { "EXEC_UNIT", "unit" },
        { "EXEC_INVOCATION_ID", "invocation_id" },
        { "EXEC_USER_UNIT", "user_unit" },
        { "EXEC_SLICE", "slice" },
        { "EXEC_LOGIND_SESSION", "logind_session" },
        { "EXEC_CONTAINER", "container" },
        { "EXEC_CGROUP", "cgroup" },
        { "EXEC_TAG", "tags" },
        { "EXEC_TAGS", "" },
        { "EXEC_ERRNO", "errno" },
        { "EXEC_ERROR", "error" },
        { "EXEC_TRIES", "tries" },
        { "EXEC_TIMESTAMP", "timestamp" },
        { "EXEC_SEQ", "seq" },
        { "EXEC_LABEL_", "labels" },
        { "EXEC_ENV_", "environment" },
        { "EXEC_ENVIRONMENT_DUPLICATE", "environment_duplicate" },
        { "EXEC_ENVIRONMENT_TRUNCATED", "environment_truncated" },
        { "EXEC_REDACT_TIMEOUT", "redact_timeout" },
};

static const Field *find(const char *json) {
        for (size_t i = 0; i < field_table_size; i++)
                if (strcmp(field_table[i].json, json) == 0)
                        return &field_table[i];
        fail_msg("no field %s", json);
        return NULL;
}

static bool is_present(const char *json, const Event *event) {
        return field_is_present(find(json), event);
}

static void test_table(void **state) {
        (void) state;
        assert_int_equal(field_table_size, ELEMENTSOF(names));
        for (size_t i = 0; i < field_table_size; i++) {
                assert_string_equal(field_table[i].journal, names[i].journal);
                assert_string_equal(field_table[i].json, names[i].json);
                assert_int_equal(field_table[i].journal_size, strlen(names[i].journal));
                assert_int_equal(field_table[i].json_size, strlen(names[i].json));
        }
}

static void test_full(void **state) {
        static const Bytes duplicates[] = { BYTES_LITERAL("PATH") };
        Event event = sample_full();

        (void) state;
        event.error = ENOENT;
        event.redact_timeout = true;
        event.tries = 3;
        event.environment_duplicates = duplicates;
        event.n_environment_duplicates = 1;
        for (size_t i = 0; i < field_table_size; i++)
                assert_true(field_is_present(&field_table[i], &event));

        assert_ptr_equal(field_value(find("pidns"), &event), &event.pidns);
        assert_ptr_equal(field_value(find("parent"), &event), &event.parent);
        assert_ptr_equal(field_value(find("seq"), &event), &event.seq);
}

static void test_error(void **state) {
        char name[ERROR_NAME_SIZE];
        Event event = sample_small();

        (void) state;
        assert_false(is_present("errno", &event));
        assert_false(is_present("error", &event));
        event.error = EACCES;
        assert_true(is_present("errno", &event));
        assert_true(is_present("error", &event));
        assert_string_equal(field_error_name(name, EACCES), "EACCES");
        assert_string_equal(field_error_name(name, 4000), "4000");
}

static void test_small(void **state) {
        static const char *const present[] = { "argv", "pid", "uid", "gid", "timestamp", "seq" };
        Event event = sample_small();
        size_t n = 0;

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(present); i++)
                assert_true(is_present(present[i], &event));
        for (size_t i = 0; i < field_table_size; i++)
                n += field_is_present(&field_table[i], &event);
        assert_int_equal(n, ELEMENTSOF(present));
}

static void test_presence(void **state) {
        Event event = sample_small();

        (void) state;

        event.ppid = 0; /* a number like any other */
        assert_true(is_present("ppid", &event));
        event.loginuid = 0;
        assert_true(is_present("loginuid", &event));

        event.uid = event.euid = 1000;
        event.gid = event.egid = 100;
        assert_false(is_present("euid", &event));
        assert_false(is_present("egid", &event));
        event.euid = 100;
        assert_true(is_present("euid", &event));
        assert_false(is_present("egid", &event));
        event.euid = 1000;
        event.egid = 1000;
        assert_false(is_present("euid", &event));
        assert_true(is_present("egid", &event));

        event.filename = BYTES_LITERAL(""); /* execveat() with an empty path */
        assert_true(is_present("filename", &event));
        event.comm = BYTES_LITERAL("");
        assert_true(is_present("comm", &event));

        event.argv_bytes = 0;
        assert_true(is_present("argv_bytes", &event));

        event.flags = 1U << EXEC_FLAG_COUNT; /* one that has no name yet */
        assert_false(is_present("flags", &event));
        event.flags |= EXEC_FLAG_SCRIPT;
        assert_true(is_present("flags", &event));

        event.process.start_ns = 1; /* the pid decides */
        assert_false(is_present("process", &event));
        event.process.pid = 1;
        assert_true(is_present("process", &event));
        assert_false(is_present("parent", &event));
}

static const Field *find_journal(const char *name) {
        for (size_t i = 0; i < field_table_size; i++)
                if (strcmp(field_table[i].journal, name) == 0)
                        return &field_table[i];
        fail_msg("no field %s", name);
        return NULL;
}

/* The values of a list in order. */
static void assert_list(const char *name, const Event *event, const char *expected) {
        const Field *field = find_journal(name);
        char text[256] = "";
        size_t i = 0;

        for (Bytes item; bytes_is_set(item = field_list_next(field, event, &i));)
                (void) snprintf(text + strlen(text), sizeof(text) - strlen(text), "%.*s ", (int) item.size,
                        item.data);
        assert_string_equal(text, expected);
}

/* One value is not joined with anything. */
static void test_lists(void **state) {
        static const Bytes tags[] = { BYTES_LITERAL("a"), BYTES_LITERAL("b") };
        Event event = sample_small();

        (void) state;
        assert_list("EXEC_FLAG", &event, "");
        event.flags = EXEC_FLAG_UNREAD | 1U << EXEC_FLAG_COUNT;
        assert_true(is_present("flags", &event));
        assert_false(field_is_present(find_journal("EXEC_FLAGS"), &event));
        assert_list("EXEC_FLAG", &event, "unread ");
        event.flags |= EXEC_FLAG_SCRIPT;
        assert_true(field_is_present(find_journal("EXEC_FLAGS"), &event));
        assert_list("EXEC_FLAGS", &event, "script unread ");

        assert_false(is_present("tags", &event));
        event.tags = tags;
        event.n_tags = 1;
        assert_true(is_present("tags", &event));
        assert_false(field_is_present(find_journal("EXEC_TAGS"), &event));
        event.n_tags = 2;
        assert_true(field_is_present(find_journal("EXEC_TAGS"), &event));
        assert_list("EXEC_TAG", &event, "a b ");
}

static void test_argv_raw(void **state) {
        Bytes argv[] = { BYTES_LITERAL("M\xc3\xbcll"),
                BYTES_LITERAL("12345678\xc3\xbc"
                              "12345678"),
                BYTES_NULL };
        Event event = sample_small();

        (void) state;
        event.argv = argv;
        event.argc = ELEMENTSOF(argv);
        assert_false(is_present("argv_raw", &event));
        argv[2] = BYTES_LITERAL("12345678\xc3");
        assert_true(is_present("argv_raw", &event));
        event.argc = 2;
        assert_false(is_present("argv_raw", &event));
}

static void test_set(void **state) {
        FieldSet set = 0;

        (void) state;
        for (size_t i = 0; i < field_table_size; i++) {
                Bytes name = { names[i].journal, strlen(names[i].journal) };
                bool is_prefix = name.data[name.size - 1] == '_';

                assert_int_equal(field_set_add(&set, name), is_prefix ? -ENOENT : 0);
                assert_int_equal(field_set_has(set, i), !is_prefix);
        }
        set = 0;
        assert_int_equal(field_set_add(&set, BYTES_LITERAL("EXEC_SEQ")), 0);
        assert_int_equal(field_set_add(&set, BYTES_LITERAL("EXEC_SE")), -ENOENT);
        assert_int_equal(field_set_add(&set, BYTES_LITERAL("seq")), -ENOENT);
        assert_int_equal(field_set_add(&set, BYTES_LITERAL("")), -ENOENT);
        assert_int_equal(field_set_add(&set, BYTES_LITERAL("MESSAGE")), -ENOENT);
        assert_int_equal(__builtin_popcountll(set), 1);
}

static void test_process(void **state) {
        static const struct {
                ProcessIdentity process;
                const char *text;
        } cases[] = {
                { { 1, 0 }, "1-0" },
                { { 4194304, 0x1f2e3d4c5b }, "4194304-1f2e3d4c5b" },
                { { 100, 0xabcdef9876543210 }, "100-abcdef9876543210" },
                { { UINT32_MAX, UINT64_MAX }, "4294967295-ffffffffffffffff" },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char text[PROCESS_IDENTITY_SIZE];

                assert_int_equal(field_format_process(text, &cases[i].process), strlen(cases[i].text));
                assert_string_equal(text, cases[i].text);
        }
}

static void test_flags(void **state) {
        static const struct {
                uint32_t flag;
                const char *name;
        } flags[] = {
                { EXEC_FLAG_SCRIPT, "script" },
                { EXEC_FLAG_FD, "fd" },
                { EXEC_FLAG_MEMFD, "memfd" },
                { EXEC_FLAG_DELETED, "deleted" },
                { EXEC_FLAG_SETUID, "setuid" },
                { EXEC_FLAG_SETGID, "setgid" },
                { EXEC_FLAG_FILECAPS, "filecaps" },
                { EXEC_FLAG_COMPAT, "compat" },
                { EXEC_FLAG_THREAD, "thread" },
                { EXEC_FLAG_KERNEL, "kernel" },
                { EXEC_FLAG_UNREAD, "unread" },
                { EXEC_FLAG_INTERACTIVE, "interactive" },
                { EXEC_FLAG_ORPHAN, "orphan" },
                { EXEC_FLAG_USERNS, "userns" },
                { EXEC_FLAG_TRACED, "traced" },
                { EXEC_FLAG_CHECK, "check" },
                { EXEC_FLAG_DIED, "died" },
                { EXEC_FLAG_RUNNING, "running" },
        };

        (void) state;
        assert_int_equal(ELEMENTSOF(flags), EXEC_FLAG_COUNT);
        for (unsigned i = 0; i < EXEC_FLAG_COUNT; i++) {
                assert_int_equal(flags[i].flag, 1U << i);
                assert_string_equal(flag_name(i), flags[i].name);
        }
}

static void test_notice(void **state) {
        static const char *const kinds[] = {
                "started",
                "stopped",
                "lost",
                "suppressed",
                "reloaded",
                "reload-failed",
                "kernel-log",
                "alive",
                "blind",
        };
        Notice notice = {};

        (void) state;
        assert_int_equal(ELEMENTSOF(kinds), _NOTICE_KIND_MAX);
        for (NoticeKind kind = 0; kind < _NOTICE_KIND_MAX; kind++)
                assert_string_equal(notice_kind_to_string(kind), kinds[kind]);

        notice_add_number(&notice, "EXEC_LOST", -1);
        notice_add_text(&notice, "EXEC_LOST_CAUSE", BYTES_LITERAL("ring-full"));
        notice_add_text(&notice, "EXEC_NOTHING", BYTES_NULL);
        assert_int_equal(notice.n_fields, 2);
        assert_string_equal(notice.fields[0].name, "EXEC_LOST");
        assert_false(bytes_is_set(notice.fields[0].text));
        assert_int_equal(notice.fields[0].number, -1);
        assert_string_equal(notice.fields[1].name, "EXEC_LOST_CAUSE");
        assert_bytes_equal(notice.fields[1].text, BYTES_LITERAL("ring-full"));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_table),
                cmocka_unit_test(test_full),
                cmocka_unit_test(test_error),
                cmocka_unit_test(test_small),
                cmocka_unit_test(test_presence),
                cmocka_unit_test(test_lists),
                cmocka_unit_test(test_argv_raw),
                cmocka_unit_test(test_set),
                cmocka_unit_test(test_process),
                cmocka_unit_test(test_flags),
                cmocka_unit_test(test_notice),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
