/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Sections [Tag NAME]: how they are read, and which records they tag. */

#include "config-case.h"

#include "bpf/record.h"

#define TEXT(s) BYTES_LITERAL(s)

static Bytes argv[] = { TEXT("python3"), TEXT("-c"), TEXT("import os; os.system('id')") };

/* Alice, who has become root by sudo, has python3 execute code. */
static const Event sample = {
        .uid = 0,
        .gid = 0,
        .loginuid = 1000,
        .flags = EXEC_FLAG_SETUID | EXEC_FLAG_FD,
        .exe = TEXT("/usr/bin/python3.11"),
        .filename = TEXT("python3"),
        .cwd = TEXT("/tmp/x"),
        .comm = TEXT("sudo"),
        .place = { .unit = TEXT("session-3.scope"), .container = TEXT("web") },
        .argv = argv,
        .argc = ELEMENTSOF(argv),
};

/* The names of the tags, a blank before each. */
static void assert_tags(const ConfigCase *c, const Event *given, const char *section, const char *expected) {
        Event event = *given;
        Buffer found = BUFFER_NULL;

        assert_int_equal(tags_apply(&c->policy->tags, &event), 0);
        for (size_t i = 0; i < event.n_tags; i++) {
                buffer_append_char(&found, ' ');
                buffer_append_bytes(&found, event.tags[i]);
        }
        buffer_append_char(&found, '\0');
        assert_int_equal(buffer_error(&found), 0);
        if (strcmp(found.data, expected) != 0)
                fail_msg("%s: tags \"%s\", not \"%s\"", section, found.data, expected);
        buffer_done(&found);
}

static void check(ConfigCase *c, const char *section, const Event *event, bool matches) {
        char text[512];

        (void) snprintf(text, sizeof(text), "[Tag x]\n%s\n", section);
        assert_int_equal(config_case_load(c, text, strlen(text)), 0);
        assert_int_equal(c->report.n_problems, 0);
        assert_tags(c, event, section, matches ? " x" : "");
}

static const struct {
        const char *section;
        bool matches;
} key_cases[] = {
        { "User=root", true },
        { "User=1000-2000", false },
        { "User=1 0", true },
        { "User=!root", false },
        { "User=!1000", true },
        { "Login=1000", true },
        { "Login=unset", false },
        { "Login=!unset", true },
        { "Login=!1000", false },
        { "Group=root", true },
        { "Group=5", false },
        { "Exe=/usr/bin/python*", true },
        { "Exe=/usr/bin/python", false },
        { "Exe=!/usr/bin/*", false },
        { "Exe=/usr/bin/* !*/perl", true },
        { "Exe=/usr/bin/* !*/python*", false },
        { "Exe=!*/perl !*/ruby", true },
        { "Argument=-c", true },
        { "Argument=-e", false },
        { "Argument=-e -c", true },
        { "Argument=*os.system*", true },
        { "Argument=\"import os; *\"", true },
        { "Argument=python3", false }, /* its own name */
        { "Argument=!python3", true },
        { "Argument=!-c", false },
        { "Argument=!*", false },
        { "Unit=session-*.scope", true },
        { "Unit=ssh.service", false },
        { "Unit=!ssh.service", true },
        { "Parent=sudo su", true },
        { "Parent=bash", false },
        { "Cwd=/tmp /tmp/*", true },
        { "Cwd=/tmp", false },
        { "Flag=setuid", true },
        { "Flag=script memfd", false },
        { "Flag=script fd", true },
        { "Flag=!memfd", true },
        { "Flag=!fd", false },
        { "Error=*", false },
        { "Error=!*", true },
        { "Container=*", true },
        { "Container=db", false },
        { "Container=!*", false },
        /* Every key must match. */
        { "User=root\nLogin=!unset\nParent=sudo", true },
        { "User=root\nLogin=unset\nParent=sudo", false },
        { "Exe=/usr/bin/python*\nArgument=-c\nFlag=!memfd", true },
        { "Exe=/usr/bin/python*\nArgument=-c\nFlag=memfd", false },
        /* Lists add up, and nothing empties them. */
        { "Exe=/a\nExe=/usr/bin/python*", true },
        { "Exe=/a\nExe=\nFlag=fd", true },
        { "Exe=/usr/bin/python*\nExe=\nExe=/a", false },
};

static void test_keys(void **state) {
        ConfigCase *c = *state;

        for (size_t i = 0; i < ELEMENTSOF(key_cases); i++)
                check(c, key_cases[i].section, &sample, key_cases[i].matches);
}

static void test_other_events(void **state) {
        static const Event failed = {
                .error = 13, .filename = TEXT("/opt/x/run"), .loginuid = EVENT_ID_UNSET
        };
        static const Event script = {
                .flags = EXEC_FLAG_SCRIPT,
                .exe = TEXT("/bin/sh"),
                .filename = TEXT("./run"),
                .cwd = TEXT("/opt"),
        };
        static const Event unknown = {
                .uid = EVENT_ID_UNSET, .gid = EVENT_ID_UNSET, .loginuid = EVENT_ID_UNSET
        };
        ConfigCase *c = *state;

        check(c, "Error=EACCES", &failed, true);
        check(c, "Error=ENOENT", &failed, false);
        check(c, "Error=!ENOENT", &failed, true);
        check(c, "Exe=/opt/x/*", &failed, true);
        check(c, "Login=unset", &failed, true);
        check(c, "Login=!unset", &failed, false);
        check(c, "Exe=/opt/run", &script, true);
        check(c, "Exe=/bin/sh", &script, true);
        check(c, "Exe=/opt/other", &script, false);
        /* What is unknown matches no word. */
        check(c, "Exe=*", &unknown, false);
        check(c, "Exe=!*", &unknown, true);
        check(c, "User=0-4294967294", &unknown, false);
        check(c, "Argument=*", &unknown, false);
        check(c, "Cwd=*", &unknown, false);
        check(c, "Unit=*", &unknown, false);
}

static void test_several(void **state) {
        static const char text[] =
                "[Tag b]\nUser=root\nPriority=warning\n[Tag a]\nFlag=setuid\nPriority=crit\n"
                "[Tag no]\nFlag=memfd\nPriority=emerg\n[Tag c.d-e_f]\nParent=sudo\n"
                "[Tag b]\nParent=sudo\n[Tag low]\nUser=!0\n";
        ConfigCase *c = *state;
        Event event = sample;

        assert_int_equal(config_case_load(c, text, strlen(text)), 0);
        assert_int_equal(c->report.n_problems, 0);
        assert_tags(c, &sample, "several", " b a c.d-e_f");
        assert_int_equal(tags_apply(&c->policy->tags, &event), 0);
        assert_int_equal(event_priority(&event, LOG_INFO), LOG_CRIT);

        /* A tag without a priority leaves it as it is. */
        event = sample;
        event.flags = 0;
        event.uid = 5;
        assert_int_equal(tags_apply(&c->policy->tags, &event), 0);
        assert_int_equal(event.n_tags, 2);
        assert_int_equal(event_priority(&event, LOG_INFO), LOG_INFO);
}

static void test_problems(void **state) {
        static const char text[] =
                "[Tag x y]\nUser=0\nFlag=fd\n[Tag ]\nUser=0\n[Tag a]\nFlag=fd wrong\nPriority=9\n"
                "Colour=red\nUser=9-1\nExe='/a\nExe=!\n[Tag empty]\nPriority=info\n[tag b]\nUser=0\n";
        ConfigCase *c = *state;

        assert_int_equal(config_case_load(c, text, strlen(text)), -EINVAL);
        config_case_assert_problems(c,
                "c.conf:1: error: the name of a tag has letters, digits, \"_\", \"-\" and \".\", at most 40 "
                "of them\n"
                "c.conf:4: error: the name of a tag has letters, digits, \"_\", \"-\" and \".\", at most 40 "
                "of "
                "them\n"
                "c.conf:8: error: Tag a.Priority=: expected emerg, alert, crit, err, warning, notice, info, "
                "debug or 0 "
                "to 7, not \"9\"\n"
                "c.conf:9: warning: unknown key Tag a.Colour=, ignored\n"
                "c.conf:11: error: Tag a.Exe=: expected quotes in pairs, not \"'/a\"\n"
                "c.conf:15: warning: unknown section [tag b], ignored\n"
                "c.conf:10: error: Tag a.User=: expected a user name, an id (0 to 4294967294) or a range of "
                "ids (a-b), "
                "not \"9-1\"\n"
                "c.conf:7: error: Tag a.Flag=: expected a flag as EXEC_FLAG= has it, not \"wrong\"\n"
                "c.conf:12: error: Tag a.Exe=: expected a glob, not \"\"\n"
                "c.conf:13: warning: [Tag empty] has no key that a record could match, ignored\n");
}

/* A name that nobody knows tags nobody until then. */
static void test_names(void **state) {
        static const char text[] = "[Tag a]\nUser=no-such-user-here\n[Tag b]\nUser=!no-such-user-here\n";
        ConfigCase *c = *state;

        assert_int_equal(config_case_load(c, text, strlen(text)), 0);
        assert_int_equal(c->report.n_problems, 2);
        assert_string_equal(c->policy->open_names, "user no-such-user-here");
        assert_tags(c, &sample, "open", " b");
        assert_true(named_id_learn(&c->policy->names.list[0], &(UserAnswer){ .id = 0 }));
        assert_int_equal(policy_apply_names(c->policy), 0);
        assert_tags(c, &sample, "known", " a");
}

static void test_limits(void **state) {
        ConfigCase *c = *state;
        Buffer text = BUFFER_NULL;

        for (unsigned i = 0; i < 256; i++) {
                buffer_append_string(&text, "[Tag t");
                buffer_append_u64(&text, i);
                buffer_append_string(
                        &text, "]\nExe=/a /b /c /d /e /f /g /h /i /j /k /l /m /n /o /usr/bin/python3.11\n");
        }
        assert_int_equal(buffer_error(&text), 0);
        assert_int_equal(config_case_load(c, text.data, text.size), 0);
        assert_int_equal(c->policy->tags.n, 256);

        buffer_append_string(&text, "Exe=/p\n");
        assert_int_equal(config_case_load(c, text.data, text.size), -EINVAL);
        config_case_assert_problems(
                c, "c.conf:513: error: Tag t255.Exe=: expected at most 4096 words in all tags, not \"/p\"\n");
        buffer_append_string(&text, "[Tag more]\nUser=0\nUser=1\n");
        assert_int_equal(config_case_load(c, text.data, text.size), -EINVAL);
        assert_int_equal(c->report.n_errors, 2);
        assert_string_equal(c->report.problems[1].text, "more than 256 tags");
        buffer_done(&text);
}

static Bytes argv_code[] = { TEXT("sh"), TEXT("-c"), TEXT("id") };
static Bytes argv_clustered[] = { TEXT("bash"), TEXT("-lc"), TEXT("id") };
static Bytes argv_none[] = { TEXT("bash") };
static Bytes argv_asked[] = { TEXT("bash"), TEXT("-s") };
static Bytes argv_file[] = { TEXT("bash"), TEXT("run.sh") };
static Bytes argv_enable[] = { TEXT("systemctl"), TEXT("enable"), TEXT("x.service") };
static Bytes argv_status[] = { TEXT("systemctl"), TEXT("status"), TEXT("x.service") };
static Bytes argv_keys[] = { TEXT("tee"), TEXT("-a"), TEXT("/home/a/.ssh/authorized_keys") };
static Bytes argv_nc[] = { TEXT("nc"), TEXT("-e"), TEXT("/bin/sh") };
static const struct {
        const char *file;
        Event event;
        const char *tags;
} example_cases[] = {
        { "privileged",
                { .exe = TEXT("/usr/bin/sudo"), .uid = 0, .loginuid = 1000, .flags = EXEC_FLAG_SETUID },
                " privileged-command gained-privileges as-root" },
        { "privileged", { .exe = TEXT("/usr/bin/id"), .uid = 0, .loginuid = 1000 }, " as-root" },
        { "privileged", { .exe = TEXT("/usr/bin/id"), .uid = 0, .loginuid = EVENT_ID_UNSET }, "" },
        { "privileged", { .exe = TEXT("/usr/sbin/useradd"), .uid = 0, .loginuid = 0 }, " accounts" },
        { "reconnaissance", { .exe = TEXT("/usr/bin/whoami"), .loginuid = EVENT_ID_UNSET },
                " reconnaissance-host" },
        { "reconnaissance", { .exe = TEXT("/usr/bin/whoami"), .loginuid = 1000 }, "" },
        { "reconnaissance", { .exe = TEXT("/usr/bin/nmap"), .loginuid = 1000 }, " scanner" },
        { "persistence", { .exe = TEXT("/usr/bin/crontab") }, " persistence-jobs" },
        { "persistence", { .exe = TEXT("/usr/bin/systemctl"), .argv = argv_enable, .argc = 3 },
                " persistence-systemd" },
        { "persistence", { .exe = TEXT("/usr/bin/systemctl"), .argv = argv_status, .argc = 3 }, "" },
        { "persistence", { .exe = TEXT("/usr/bin/tee"), .argv = argv_keys, .argc = 3 },
                " persistence-files" },
        { "persistence", { .exe = TEXT("/usr/bin/cat"), .argv = argv_keys, .argc = 3 }, "" },
        { "code", { .exe = TEXT("/usr/bin/dash"), .argv = argv_code, .argc = 3 }, " code-on-command-line" },
        { "code", { .exe = TEXT("/usr/bin/bash"), .argv = argv_clustered, .argc = 3 },
                " code-on-command-line" },
        { "code", { .exe = TEXT("/usr/bin/bash"), .argv = argv_none, .argc = 1, .loginuid = EVENT_ID_UNSET },
                " code-from-input" },
        { "code", { .exe = TEXT("/usr/bin/bash"), .argv = argv_none, .argc = 1, .loginuid = 1000 }, "" },
        { "code", { .exe = TEXT("/usr/bin/bash"), .argv = argv_asked, .argc = 2 },
                " code-from-input-asked-for" },
        { "code", { .exe = TEXT("/usr/bin/bash"), .argv = argv_file, .argc = 2 }, "" },
        { "code", { .exe = TEXT("/usr/bin/nc.openbsd"), .argv = argv_nc, .argc = 3 }, " network-shell" },
        { "places", { .exe = TEXT("/dev/shm/x") }, " from-writable-place" },
        { "places", { .exe = TEXT("/memfd:x"), .flags = EXEC_FLAG_MEMFD | EXEC_FLAG_DELETED },
                " from-memory from-deleted-file" },
        { "places", { .exe = TEXT("/var/lib/.x/y") }, " from-hidden-place" },
        { "places", { .exe = TEXT("/home/a/.cargo/bin/cargo") }, "" },
        { "places", { .exe = TEXT("/usr/bin/id") }, "" },
};

/* What the drop-ins that are installed as examples tag: each must be right as it is. */
static void test_examples(void **state) {
        ConfigCase *c = *state;

        for (size_t i = 0; i < ELEMENTSOF(example_cases); i++) {
                char path[256];

                (void) snprintf(
                        path, sizeof(path), SOURCE_ROOT "/config/tags/%s.conf", example_cases[i].file);
                config_case_forget(c);
                assert_int_equal(config_case_load_file(c, path, NULL), 0);
                assert_int_equal(c->report.n_problems, 0);
                assert_tags(c, &example_cases[i].event, path, example_cases[i].tags);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                CONFIG_TEST(test_keys),
                CONFIG_TEST(test_other_events),
                CONFIG_TEST(test_several),
                CONFIG_TEST(test_problems),
                CONFIG_TEST(test_names),
                CONFIG_TEST(test_limits),
                CONFIG_TEST(test_examples),
        };

        return cmocka_run_group_tests_name("tags", tests, NULL, NULL);
}
