/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a file of the configuration may look like, and that problems are told with the right line. */

#include "config-case.h"

static const struct {
        const char *text, *changes, *problems;
} texts[] = {
        /* White space, ends of lines, comments. */
        { "\n  [Trace]  \n\tLogBuffer =\t4K \t\n", "logs=4096 ", "" },
        { "[Trace]\r\nLogBuffer=4K\r\n\r\nFoo=1\r\n", "logs=4096 ",
                "c.conf:4: warning: unknown key Trace.Foo=, ignored\n" },
        { "[Trace]\nLogBuffer=4K", "logs=4096 ", "" },
        { "\xef\xbb\xbf[Trace]\nLogBuffer=4K\n", "logs=4096 ", "" },
        { "\xef\xbb\xbf# Comment\n[Trace]\nLogBuffer=4K\n", "logs=4096 ", "" },
        { " \xef\xbb\xbf \xef\xbb\xbf [X]\nA=b\n", "", "c.conf:1: warning: unknown section [X], ignored\n" },
        { "\xef\xbb\xbf", "", "" },
        { "# a\n\n;b\n  # c = \\\n[Trace]\n\n\n  ;LogBuffer=8K\nFoo=1\n#\n", "",
                "c.conf:9: warning: unknown key Trace.Foo=, ignored\n" },
        { "[Trace]\n[Output]\n[Trace]\nLogBuffer=4K\n", "logs=4096 ", "" },

        /* No comments, quotes or escapes inside values. */
        { "[Output]\nLabel=A=x ;y #z\nLabel=B=\"q\\n\"\n", "<A|x ;y #z> <B|\"q\\n\"> ", "" },
        { "[Output]\nLabel=A=[b]\nLabel=B==:=\n", "<A|[b]> <B|=:=> ", "" },
        { "[Filter]\nIncludeExe=a:b ;c\n", "+exe=a:b,;c, ", "" },

        /* Indented lines are lines of their own. */
        { "[Filter]\nIncludeExe=/a\n  ExcludeExe=/b\n", "+exe=/a, -exe=/b, ", "" },
        { "[Filter]\nIncludeExe=/a\n  /b\n", NULL,
                "c.conf:3: error: expected [Section], Key=value or a comment\n" },

        /* Lines that are joined; the problem is where they begin. */
        { "[Filter]\nIncludeExe=/a \\\n   /b\\\n/c\nFoo=1\n", "+exe=/a,/b,/c, ",
                "c.conf:5: warning: unknown key Filter.Foo=, ignored\n" },
        { "[Filter]\nIncludeExe=/a\\\r\n/b\r\n", "+exe=/a,/b, ", "" },
        { "[Filter]\n\nFoo=1\\\n2\\\n3\nBar=1\n", "",
                "c.conf:3: warning: unknown key Filter.Foo=, ignored\n"
                "c.conf:6: warning: unknown key Filter.Bar=, ignored\n" },
        { "[Filter]\nIncludeExe=/a\\\n# between\n  ; and again\\\n/b\nFoo=1\n", "+exe=/a,/b, ",
                "c.conf:6: warning: unknown key Filter.Foo=, ignored\n" },
        { "[Filter]\nIncludeExe=/a\\\n\nExcludeExe=/b\n", "+exe=/a, -exe=/b, ", "" },
        { "[Filter]\nIncludeExe=/a\n \\\n\\\n[Trace]\nFoo=1\n", "+exe=/a, ",
                "c.conf:6: warning: unknown key Trace.Foo=, ignored\n" },
        { "[Filter]\nIncludeExe=/a\n\\\n/b\n", NULL,
                "c.conf:3: error: expected [Section], Key=value or a comment\n" },
        { "[Filter]\nIncludeExe=/a\\", "+exe=/a, ", "" },
        { "[Filter]\nIncludeExe=/a\\\n", "+exe=/a, ", "" },
        { "[Output]\nLabel=A=b\\\\\nLabel=C=d\\\\\\\ne\n", "<A|b\\\\> <C|d\\\\ e> ", "" },
        { "[Trace]\nLogBuffer=\\\n\\\n5K\n", NULL,
                "c.conf:2: error: Trace.LogBuffer=: expected a size from 4K to 1G, a power of two (nearest: "
                "4K and "
                "8K), not \"5K\"\n" },

        /* Syntax errors, all of them, among others in their order. */
        { "[Trace]\nnonsense\n\nLogBuffer=4K\n=x\n # =\nFoo=\n", NULL,
                "c.conf:2: error: expected [Section], Key=value or a comment\n"
                "c.conf:5: error: expected a key before \"=\"\n"
                "c.conf:7: warning: unknown key Trace.Foo=, ignored\n" },
        { "[Trace\nLogBuffer=x\n[Trace]x\nLogBuffer=x\n[]\nLogBuffer=x\n[Trace "
          ";]\nLogBuffer=x\n[Trace]\nFoo=\n",
                NULL,
                "c.conf:1: error: expected [Section] and nothing else in this line\n"
                "c.conf:3: error: expected [Section] and nothing else in this line\n"
                "c.conf:5: error: expected [Section] and nothing else in this line\n"
                "c.conf:7: error: expected [Section] and nothing else in this line\n"
                "c.conf:10: warning: unknown key Trace.Foo=, ignored\n" },
        { "nonsense", NULL, "c.conf:1: error: expected [Section], Key=value or a comment\n" },
        { "[Trace]\nno\\\nsense\nFoo=\n", NULL,
                "c.conf:2: error: expected [Section], Key=value or a comment\n"
                "c.conf:4: warning: unknown key Trace.Foo=, ignored\n" },
};

static void test_texts(void **state) {
        ConfigCase *c = *state;

        for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
                int r = config_case_load(c, texts[i].text, strlen(texts[i].text));

                config_case_assert_problems(c, texts[i].problems);
                if (texts[i].changes) {
                        assert_int_equal(r, 0);
                        config_case_assert_changes(c->policy, texts[i].changes);
                } else {
                        assert_int_equal(r, -EINVAL);
                        assert_null(c->config);
                }
        }
}

static void test_nul_bytes(void **state) {
        static const struct {
                const char *text;
                size_t size;
                const char *problems;
        } cases[] = {
                { "[Trace]\nFoo=1\nLogBuffer=4K\0\nBar=1\n", 34,
                        "c.conf:2: warning: unknown key Trace.Foo=, ignored\n"
                        "c.conf:3: error: a NUL byte: this is not a text file\n" },
                { "\0", 1, "c.conf:1: error: a NUL byte: this is not a text file\n" },
                { "# comment\n#\0\n", 13, "c.conf:2: error: a NUL byte: this is not a text file\n" },
                { "[Trace]\nFoo=\\\n\0", 15, "c.conf:3: error: a NUL byte: this is not a text file\n" },
        };
        ConfigCase *c = *state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                assert_int_equal(config_case_load(c, cases[i].text, cases[i].size), -EINVAL);
                config_case_assert_problems(c, cases[i].problems);
        }
}

/* Where inih has a limit of its own that is lower, nothing can be said about which it is. */
#ifdef INIH_RUNTIME_OPTIONS
#define LIMIT 65536U
#define LIMIT_TEXT "65536"

/* "[Output]", a label whose whole line has `size` bytes, and one more line. */
static int load_long_line(ConfigCase *c, size_t size, const char *filler, const char *last) {
        Buffer text = BUFFER_NULL;
        size_t start;
        int r;

        buffer_append_string(&text, "[Output]\n\nLabel=A=");
        start = text.size - strlen("Label=A=");
        while (text.size - start + strlen(filler) <= size)
                buffer_append_string(&text, filler);
        while (text.size - start < size)
                buffer_append_char(&text, 'y');
        buffer_append_string(&text, last);
        assert_int_equal(buffer_error(&text), 0);
        r = config_case_load(c, text.data, text.size);
        buffer_done(&text);
        return r;
}

static void test_long_lines(void **state) {
        ConfigCase *c = *state;

        /* The longest possible, and whole. */
        for (unsigned crlf = 0; crlf < 2; crlf++) {
                const char *last = crlf ? "\r\nLabel=B=2\r\n" : "\nLabel=B=2\n";

                assert_int_equal(load_long_line(c, LIMIT, "x", last), 0);
                config_case_assert_problems(c, "");
                assert_int_equal(c->config->n_labels, 2);
                assert_int_equal(c->config->labels[0].value.size, LIMIT - strlen("Label=A="));
        }

        assert_int_equal(load_long_line(c, LIMIT + 1, "x", "\nFoo=1\n"), -EINVAL);
        config_case_assert_problems(c,
                "c.conf:3: error: line too long: more than the " LIMIT_TEXT " bytes that are possible\n"
                "c.conf:4: warning: unknown key Output.Foo=, ignored\n");
        assert_int_equal(load_long_line(c, 5 * LIMIT, "x", "\nFoo=1\n"), -EINVAL);
        config_case_assert_problems(c,
                "c.conf:3: error: line too long: more than the " LIMIT_TEXT " bytes that are possible\n"
                "c.conf:4: warning: unknown key Output.Foo=, ignored\n");

        /* Joined from many that are short: 100 bytes become 99 and a space becomes the 100th. */
#define FILLER                                                                                      \
        "23456789 123456789 123456789 123456789 123456789 123456789 123456789 123456789 123456789 " \
        "12345678\\\n"
        assert_int_equal(load_long_line(c, 2 * LIMIT, FILLER, "\nFoo=1\n"), -EINVAL);
        assert_int_equal(c->report.n_problems, 2);
        assert_int_equal(c->report.problems[0].line, 3);
        assert_true(c->report.problems[0].fatal);
        assert_string_equal(c->report.problems[0].text,
                "line too long: more than the " LIMIT_TEXT " bytes that are possible");
        assert_string_equal(c->report.problems[1].text, "unknown key Output.Foo=, ignored");
        assert_int_equal(load_long_line(c, LIMIT / 2, FILLER, "\nFoo=1\n"), 0);
}

static void test_long_comment(void **state) {
        ConfigCase *c = *state;
        size_t size = 3 * LIMIT;
        char *text = malloc(size);

        assert_non_null(text);
        memset(text, '#', size);
        assert_int_equal(config_case_load(c, text, size), 0);
        config_case_assert_problems(c, "");
        free(text);
}
#endif

/* What was there before a failed load stays, the report too. */
static void test_failure_leaves_result(void **state) {
        ConfigCase *c = *state;
        const Policy *old;
        size_t n;

        assert_int_equal(config_case_load(c, "[Trace]\nLogBuffer=4K\nFoo=1\n", 27), 0);
        old = c->policy;
        n = c->report.n_problems;
        assert_int_equal(n, 1);

        config_case_write(c, "bad.conf", "[Trace]\nLogBuffer=1\n", 20);
        assert_int_equal(config_case_load_file(c, config_case_path(c, "bad.conf"), NULL), -EINVAL);
        assert_ptr_equal(c->policy, old);
        config_case_assert_changes(c->policy, "logs=4096 ");
        assert_int_equal(c->report.n_problems, 2);
        assert_int_equal(c->report.n_errors, 1);

        /* Errors of an earlier load are not those of this one. */
        config_case_write(c, "good.conf", "[Trace]\nLogBuffer=8K\n", 21);
        c->policy = policy_free(c->policy);
        assert_int_equal(config_case_load_file(c, config_case_path(c, "good.conf"), NULL), 0);
        config_case_assert_changes(c->policy, "logs=8192 ");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                CONFIG_TEST(test_texts),
                CONFIG_TEST(test_nul_bytes),
#ifdef INIH_RUNTIME_OPTIONS
                CONFIG_TEST(test_long_lines),
                CONFIG_TEST(test_long_comment),
#endif
                CONFIG_TEST(test_failure_leaves_result),
        };

        return cmocka_run_group_tests_name("config-syntax", tests, NULL, NULL);
}
