/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Which files make the configuration, and in which order. */

#include "config-case.h"

#define DIRECTORIES 4

/* The four directories, as "etc", "run", "local" and "lib" below that of the test. */
static int load(ConfigCase *c) {
        static const char *const names[DIRECTORIES] = { "etc", "run", "local", "lib" };
        char storage[DIRECTORIES][64];
        const char *directories[DIRECTORIES + 1] = {};

        config_case_forget(c);
        for (size_t i = 0; i < DIRECTORIES; i++) {
                (void) snprintf(storage[i], sizeof(storage[i]), "%s/%s", c->directory, names[i]);
                directories[i] = storage[i];
        }
        return config_case_load_file(c, NULL, directories);
}

static void make_directories(ConfigCase *c) {
        static const char *const names[] = {
                "etc",
                "run",
                "local",
                "lib",
                "etc/exectraced.conf.d",
                "run/exectraced.conf.d",
                "local/exectraced.conf.d",
                "lib/exectraced.conf.d",
        };

        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                assert_int_equal(mkdir(config_case_path(c, names[i]), 0755), 0);
}

static void put(ConfigCase *c, const char *name, const char *text) {
        config_case_write(c, name, text, strlen(text));
}

static void put_link(ConfigCase *c, const char *name, const char *target) {
        assert_int_equal(symlink(target, config_case_path(c, name)), 0);
}

static void take(ConfigCase *c, const char *name) {
        assert_int_equal(remove(config_case_path(c, name)), 0);
}

static void assert_loads(ConfigCase *c, const char *changes) {
        int r = load(c);

        config_case_assert_problems(c, "");
        assert_int_equal(r, 0);
        config_case_assert_changes(c->policy, changes);
}

static void test_no_files(void **state) {
        ConfigCase *c = *state;

        assert_loads(c, ""); /* no directories either */
        make_directories(c);
        assert_loads(c, "");
}

static void test_main_file(void **state) {
        ConfigCase *c = *state;

        make_directories(c);
        put(c, "lib/exectraced.conf", "[Output]\nLabel=LIB=1\n");
        assert_loads(c, "<LIB|1> ");
        put(c, "local/exectraced.conf", "[Output]\nLabel=LOCAL=1\n");
        assert_loads(c, "<LOCAL|1> ");
        put(c, "run/exectraced.conf", "[Output]\nLabel=RUN=1\n");
        assert_loads(c, "<RUN|1> ");
        put(c, "etc/exectraced.conf", "[Output]\nLabel=ETC=1\n");
        assert_loads(c, "<ETC|1> ");

        /* An empty one is one, too. */
        put(c, "etc/exectraced.conf", "");
        assert_loads(c, "");
        take(c, "etc/exectraced.conf");
        put_link(c, "etc/exectraced.conf", "/dev/null");
        assert_loads(c, "");
        take(c, "etc/exectraced.conf");
        assert_loads(c, "<RUN|1> ");
}

static void test_drop_ins(void **state) {
        ConfigCase *c = *state;

        make_directories(c);
        put(c, "lib/exectraced.conf", "[Filter]\nIncludeExe=main\n[Output]\nPriority=0\n");
        put(c, "etc/exectraced.conf.d/50-b.conf", "[Filter]\nIncludeExe=etc50\n");
        put(c, "run/exectraced.conf.d/10-a.conf", "[Filter]\nIncludeExe=run10\n[Output]\nPriority=1\n");
        put(c, "local/exectraced.conf.d/90-c.conf", "[Filter]\nIncludeExe=local90\n");
        put(c, "lib/exectraced.conf.d/5-d.conf", "[Filter]\nIncludeExe=lib5\n");
        put(c, "lib/exectraced.conf.d/Z.conf", "[Filter]\nIncludeExe=libZ\n");
        put(c, "lib/exectraced.conf.d/a.conf", "[Filter]\nIncludeExe=liba\n");
        assert_loads(c, "+exe=main,run10,lib5,etc50,local90,libZ,liba, priority=1 ");

        /* A later one can take back what an earlier one said. */
        put(c, "run/exectraced.conf.d/60-x.conf", "[Filter]\nIncludeExe=\n[Output]\nPriority=\n");
        assert_loads(c, "+exe=local90,libZ,liba, ");

        /* No section goes on in the next file. */
        put(c, "run/exectraced.conf.d/61-x.conf", "Priority=3\n");
        assert_int_equal(load(c), 0);
        config_case_assert_problems(c,
                "run/exectraced.conf.d/61-x.conf:1: warning: Priority= stands before any section, ignored\n");
}

static void test_masking(void **state) {
        ConfigCase *c = *state;

        make_directories(c);
        put(c, "etc/exectraced.conf.d/1.conf", "[Filter]\nIncludeExe=etc\n");
        put(c, "run/exectraced.conf.d/1.conf", "[Filter]\nIncludeExe=run\n");
        put(c, "run/exectraced.conf.d/2.conf", "[Filter]\nIncludeExe=run2\n");
        put(c, "local/exectraced.conf.d/2.conf", "[Filter]\nIncludeExe=local2\n");
        put(c, "local/exectraced.conf.d/3.conf", "[Filter]\nIncludeExe=local3\n");
        put(c, "lib/exectraced.conf.d/1.conf", "nonsense");
        put(c, "lib/exectraced.conf.d/3.conf", "nonsense");
        assert_loads(c, "+exe=etc,run2,local3, ");

        put(c, "run/exectraced.conf.d/3.conf", "");
        assert_loads(c, "+exe=etc,run2, ");
        put_link(c, "etc/exectraced.conf.d/2.conf", "/dev/null");
        assert_loads(c, "+exe=etc, ");

        /* A mask that is masked masks no less. */
        take(c, "etc/exectraced.conf.d/2.conf");
        put(c, "run/exectraced.conf.d/2.conf", "");
        put(c, "etc/exectraced.conf.d/2.conf", "[Filter]\nIncludeExe=etc2\n");
        assert_loads(c, "+exe=etc,etc2, ");
}

static void test_names(void **state) {
        ConfigCase *c = *state;

        make_directories(c);
        put(c, "etc/exectraced.conf.d/.hidden.conf", "nonsense");
        put(c, "etc/exectraced.conf.d/.conf", "nonsense");
        put(c, "etc/exectraced.conf.d/1.conf~", "nonsense");
        put(c, "etc/exectraced.conf.d/1.conf.bak", "nonsense");
        put(c, "etc/exectraced.conf.d/1conf", "nonsense");
        put(c, "etc/exectraced.conf.d/1.CONF", "nonsense");
        assert_loads(c, "");

        put(c, "etc/real", "[Filter]\nIncludeExe=linked\n");
        put_link(c, "etc/exectraced.conf.d/1.conf", "../real");
        assert_loads(c, "+exe=linked, ");
}

static void test_odd_files(void **state) {
        ConfigCase *c = *state;

        make_directories(c);
        assert_int_equal(mkdir(config_case_path(c, "etc/exectraced.conf.d/1.conf"), 0755), 0);
        put_link(c, "etc/exectraced.conf.d/2.conf", "nowhere");
        assert_int_equal(mkfifo(config_case_path(c, "etc/exectraced.conf.d/3.conf"), 0644), 0);
        put_link(c, "etc/exectraced.conf", "nowhere");
        put(c, "run/exectraced.conf", "[Filter]\nIncludeExe=main\n");
        put(c, "run/exectraced.conf.d/1.conf", "[Filter]\nIncludeExe=run1\n");
        put(c, "run/exectraced.conf.d/2.conf", "[Filter]\nIncludeExe=run2\n");
        assert_int_equal(load(c), 0);
        config_case_assert_problems(c,
                "etc/exectraced.conf:0: warning: a link that leads nowhere, ignored\n"
                "etc/exectraced.conf.d/1.conf:0: warning: not a regular file, ignored\n"
                "etc/exectraced.conf.d/2.conf:0: warning: a link that leads nowhere, ignored\n"
                "etc/exectraced.conf.d/3.conf:0: warning: not a regular file, ignored\n");
        config_case_assert_changes(c->policy, "+exe=main,run1,run2, ");
}

static void test_unreadable(void **state) {
        ConfigCase *c = *state;

        make_directories(c);
        put_link(c, "etc/exectraced.conf", "exectraced.conf");
        take(c, "run/exectraced.conf.d");
        put(c, "run/exectraced.conf.d", "");
        put_link(c, "lib/exectraced.conf.d/1.conf", "1.conf");
        put(c, "local/exectraced.conf.d/2.conf", "nonsense");
        assert_int_equal(load(c), -EINVAL);
        config_case_assert_problems(c,
                "etc/exectraced.conf:0: error: can't be examined: Too many levels of symbolic links\n"
                "run/exectraced.conf.d:0: error: can't be read: Not a directory\n"
                "lib/exectraced.conf.d/1.conf:0: error: can't be examined: Too many levels of symbolic "
                "links\n"
                "local/exectraced.conf.d/2.conf:1: error: expected [Section], Key=value or a comment\n");
        assert_null(c->config);
}

/* Of several files all problems are told, each with its own. */
static void test_problems_of_all(void **state) {
        ConfigCase *c = *state;

        make_directories(c);
        put(c, "etc/exectraced.conf", "[Trace]\nFoo=1\nFailures=perhaps\n");
        put(c, "etc/exectraced.conf.d/2.conf", "[Trace]\n\n\nBar=1\n");
        put(c, "lib/exectraced.conf.d/1.conf", "[Output]\nTarget=x\n");
        assert_int_equal(load(c), -EINVAL);
        assert_int_equal(c->report.n_errors, 2);
        config_case_assert_problems(c,
                "etc/exectraced.conf:2: warning: unknown key Trace.Foo=, ignored\n"
                "etc/exectraced.conf:3: error: Trace.Failures=: expected yes, no or all, not \"perhaps\"\n"
                "lib/exectraced.conf.d/1.conf:2: error: Output.Target=: expected auto, journal or syslog, "
                "not \"x\"\n"
                "etc/exectraced.conf.d/2.conf:4: warning: unknown key Trace.Bar=, ignored\n");
}

static void test_one_file(void **state) {
        ConfigCase *c = *state;

        assert_int_equal(config_case_load_file(c, config_case_path(c, "missing.conf"), NULL), -ENOENT);
        config_case_assert_problems(c, "missing.conf:0: error: can't be opened: No such file or directory\n");
        assert_int_equal(c->report.n_errors, 1);
        config_case_forget(c);

        assert_int_equal(mkdir(config_case_path(c, "directory"), 0755), 0);
        assert_int_equal(config_case_load_file(c, config_case_path(c, "directory"), NULL), -EISDIR);
        config_case_assert_problems(c, "directory:0: error: can't be opened: Is a directory\n");
        config_case_forget(c);

        /* Nobody writes into it: reading would wait for that. */
        assert_int_equal(mkfifo(config_case_path(c, "fifo"), 0600), 0);
        assert_int_equal(config_case_load_file(c, config_case_path(c, "fifo"), NULL), -EINVAL);
        config_case_assert_problems(c, "fifo:0: error: can't be opened: Not a regular file\n");
        config_case_forget(c);

        /* No drop-ins beside it; nothing is as good as an empty file. */
        make_directories(c);
        put(c, "etc/exectraced.conf", "[Filter]\nIncludeExe=main\n");
        put(c, "etc/exectraced.conf.d/1.conf", "[Filter]\nIncludeExe=drop\n");
        assert_int_equal(config_case_load_file(c, config_case_path(c, "etc/exectraced.conf"), NULL), 0);
        config_case_assert_changes(c->policy, "+exe=main, ");
        config_case_forget(c);
        assert_int_equal(config_case_load_file(c, "/dev/null", NULL), 0);
        config_case_assert_changes(c->policy, "");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                CONFIG_TEST(test_no_files),
                CONFIG_TEST(test_main_file),
                CONFIG_TEST(test_drop_ins),
                CONFIG_TEST(test_masking),
                CONFIG_TEST(test_names),
                CONFIG_TEST(test_odd_files),
                CONFIG_TEST(test_unreadable),
                CONFIG_TEST(test_problems_of_all),
                CONFIG_TEST(test_one_file),
        };

        return cmocka_run_group_tests_name("config-files", tests, NULL, NULL);
}
