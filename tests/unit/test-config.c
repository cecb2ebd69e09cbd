/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Keys and their values, one file at a time. */

#include "config-case.h"

#define K53 "A2345678901234567890123456789012345678901234567890123"
#define K55 K53 "45"

static void test_defaults(void **state) {
        ConfigCase *c = *state;

        assert_int_equal(config_case_load(c, "", 0), 0);
        config_case_assert_problems(c, "");
        config_case_assert_changes(c->policy, "");
        assert_true(filter_is_empty(&c->policy->filter));
}

static const struct {
        const char *section, *line, *changes;
} good[] = {
        { "Trace", "PidNamespace=all", "" },
        { "Trace", "PidNamespace=self", "pidns=4294967295 " },
        { "Trace", "PidNamespace=1", "pidns=1 " },
        { "Trace", "PidNamespace=4294967294", "pidns=4294967294 " },
        { "Trace", "ArgumentBytes=1K", "args=1024 " },
        { "Trace", "ArgumentBytes=1025", "args=1025 " },
        { "Trace", "ArgumentBytes=1M", "args=1048576 " },
        { "Trace", "EventBuffer=65536", "events=65536 " },
        { "Trace", "EventBuffer=1G", "events=1073741824 " },
        { "Trace", "EventBuffer=0064K", "events=65536 " },
        { "Trace", "LogBuffer=4K", "logs=4096 " },
        { "Trace", "LogBuffer=1024M", "logs=1073741824 " },

        { "Filter", "IncludeUser=root 1000-1999\t7", "+user=0-0,1000-1999,7-7, " },
        { "Filter", "ExcludeUser=0\nExcludeUser=4294967294", "-user=0-0,4294967294-4294967294, " },
        { "Filter", "IncludeGroup=root", "+group=0-0, " },
        { "Filter", "ExcludeGroup=5-5", "-group=5-5, " },
        { "Filter", "IncludeExe=/usr/bin/* /opt/[ab]", "+exe=/usr/bin/*,/opt/[ab], " },
        { "Filter", "ExcludeExe=*/a=b:c", "-exe=*/a=b:c, " },
        { "Filter", "IncludeParent=bash", "+parent=bash, " },
        { "Filter", "ExcludeParent=cron ;x #y", "-parent=cron,;x,#y, " },
        { "Filter", "ExcludeExe=\"/opt/My Program/*\" '/a \"b\"' c\" d\"'e'f",
                "-exe=/opt/My Program/*,/a \"b\",c def, " },
        { "Filter", "ExcludeExe=\"/opt/[a b]\" /c\\*d '\\\\'", "-exe=/opt/[a b],/c\\*d,\\\\, " },
        { "Output", "Environment='PATH' \"HOME\"", "$PATH $HOME " },

        { "Output", "Target=auto", "" },
        { "Output", "Target=journal", "target=1 " },
        { "Output", "Target=syslog", "target=2 " },
        { "Output", "Facility=kern", "facility=0 " },
        { "Output", "Facility=daemon", "facility=24 " },
        { "Output", "Facility=local7", "facility=184 " },
        { "Output", "Priority=emerg", "priority=0 " },
        { "Output", "Priority=7", "priority=7 " },
        { "Output", "Priority=warning", "priority=4 " },
        { "Output", "Priority=warn", "priority=4 " },
        { "Output", "Label=SITE=north", "<SITE|north> " },
        { "Output", "Label=1_A==b \" c\\d ;e \t", "<1_A|=b \" c\\d ;e> " },
        { "Output", "Label=E=", "<E|> " },
        { "Output", "Label=A=1\nLabel=B=2\nLabel=A=3", "<A|3> <B|2> " },
        { "Output", "Label=" K53 "=x", "<" K53 "|x> " },
        { "Output", "Environment=PATH _x  http_proxy\nEnvironment=PATH A1", "$PATH $_x $http_proxy $A1 " },
        { "Output", "Environment=" K55, "$" K55 " " },
        { "Output", "Environment=LD_* A", "$LD_* $A " },
        { "Output", "Redact=a b ;c\nRedact=[[:digit:]]{3}", "redact=2 " },
        { "Output", "BuildId=no", "" },
        { "Output", "UnitMatch=0", "" },
        { "Trace", "Failures=no", "failures=0 " },
        { "Trace", "Failures=OFF", "failures=0 " },
        { "Trace", "Failures=True", "" },
        { "Trace", "Failures=all", "failures=2 " },

        /* Nothing resets. */
        { "Trace", "ArgumentBytes=1K\nArgumentBytes=", "" },
        { "Trace", "PidNamespace=self\nPidNamespace= \t", "" },
        { "Trace", "Failures=no\nFailures=", "" },
        { "Output", "Target=syslog\nTarget=", "" },
        { "Output", "Facility=mail\nFacility=", "" },
        { "Output", "Priority=debug\nPriority=", "" },
        { "Filter", "IncludeUser=1\nExcludeUser=2\nIncludeUser=\nIncludeUser=3", "+user=3-3, -user=2-2, " },
        { "Filter", "ExcludeExe=/a\nExcludeExe=\nExcludeExe=/b", "-exe=/b, " },
        { "Output", "Label=A=1\nLabel=\nLabel=B=2", "<B|2> " },
        { "Output", "Environment=A\nEnvironment=\nEnvironment=B", "$B " },
        { "Output", "Redact=a\nRedact=\nRedact=b\nRedact=c", "redact=2 " },
        { "Output", "Redact=a\nRedact=", "" },
};

static void test_good_values(void **state) {
        ConfigCase *c = *state;

        for (size_t i = 0; i < ELEMENTSOF(good); i++) {
                char text[512];

                (void) snprintf(text, sizeof(text), "[%s]\n%s\n", good[i].section, good[i].line);
                assert_int_equal(config_case_load(c, text, strlen(text)), 0);
                config_case_assert_problems(c, "");
                config_case_assert_changes(c->policy, good[i].changes);
        }
}

#define SIZE_ARGS "ArgumentBytes=: expected a size from 1K to 1M, not "
#define SIZE_EVENTS "EventBuffer=: expected a size from 64K to 1G, a power of two"
#define SIZE_LOGS "LogBuffer=: expected a size from 4K to 1G, a power of two"
#define NAMESPACE "PidNamespace=: expected all, self or the id of a PID namespace (1 to 4294967294), not "
#define FACILITY                                                                                            \
        "Facility=: expected kern, user, mail, daemon, auth, syslog, lpr, news, uucp, cron, authpriv, ftp " \
        "or local0 to local7, not "
#define PRIORITY "Priority=: expected emerg, alert, crit, err, warning, notice, info, debug or 0 to 7, not "
#define LABEL "Label=: expected KEY=value, KEY of at most 53 capital letters, digits and underscores, not "
#define VARIABLE                                                                                          \
        "Environment=: expected names of variables of at most 55 letters, digits and underscores, which " \
        "may end with a star, not "
#define REGEX "Redact=: expected a regular expression: "

static const struct {
        const char *section, *line, *problem;
} bad[] = {
        { "Trace", "Failures=maybe", "Failures=: expected yes, no or all, not \"maybe\"" },
        { "Trace", "SyscallHook=Auto",
                "SyscallHook=: expected auto, trampoline, tracepoint or none, not \"Auto\"" },
        { "Trace", "PidNamespace=0", NAMESPACE "\"0\"" },
        { "Trace", "PidNamespace=4294967295", NAMESPACE "\"4294967295\"" },
        { "Trace", "PidNamespace=99999999999999999999", NAMESPACE "\"99999999999999999999\"" },
        { "Trace", "PidNamespace=-1", NAMESPACE "\"-1\"" },
        { "Trace", "PidNamespace=1x", NAMESPACE "\"1x\"" },
        { "Trace", "ArgumentBytes=1023", SIZE_ARGS "\"1023\"" },
        { "Trace", "ArgumentBytes=1048577", SIZE_ARGS "\"1048577\"" },
        { "Trace", "ArgumentBytes=K", SIZE_ARGS "\"K\"" },
        { "Trace", "ArgumentBytes=32k", SIZE_ARGS "\"32k\"" },
        { "Trace", "ArgumentBytes=32 K", SIZE_ARGS "\"32 K\"" },
        { "Trace", "ArgumentBytes=32KB", SIZE_ARGS "\"32KB\"" },
        { "Trace", "ArgumentBytes=-32K", SIZE_ARGS "\"-32K\"" },
        { "Trace", "ArgumentBytes=18014398509481985K", SIZE_ARGS "\"18014398509481985K\"" },
        { "Trace", "EventBuffer=10M", SIZE_EVENTS " (nearest: 8M and 16M), not \"10M\"" },
        { "Trace", "EventBuffer=65537", SIZE_EVENTS " (nearest: 64K and 128K), not \"65537\"" },
        { "Trace", "EventBuffer=1073741823", SIZE_EVENTS " (nearest: 512M and 1G), not \"1073741823\"" },
        { "Trace", "EventBuffer=32K", SIZE_EVENTS " (nearest: 64K), not \"32K\"" },
        { "Trace", "EventBuffer=0", SIZE_EVENTS " (nearest: 64K), not \"0\"" },
        { "Trace", "EventBuffer=4G", SIZE_EVENTS " (nearest: 1G), not \"4G\"" },
        { "Trace", "EventBuffer=99999999999999999999",
                SIZE_EVENTS " (nearest: 1G), not \"99999999999999999999\"" },
        { "Trace", "EventBuffer=big", SIZE_EVENTS ", not \"big\"" },
        { "Trace", "LogBuffer=2K", SIZE_LOGS " (nearest: 4K), not \"2K\"" },
        { "Trace", "LogBuffer=5K", SIZE_LOGS " (nearest: 4K and 8K), not \"5K\"" },

        { "Filter", "ExcludeUser=2-1",
                "ExcludeUser=: expected a user name, an id (0 to 4294967294) or a range of ids (a-b), not "
                "\"2-1\"" },
        { "Filter", "IncludeGroup=4294967295",
                "IncludeGroup=: expected a group name, an id (0 to 4294967294) or a range of ids (a-b), not "
                "\"4294967295\"" },
        { "Filter", "IncludeUser=1000-",
                "IncludeUser=: expected a user name, an id (0 to 4294967294) or a range of ids (a-b), not "
                "\"1000-\"" },

        { "Filter", "ExcludeExe=/a 'b c", "ExcludeExe=: expected quotes in pairs, not \" 'b c\"" },
        { "Filter", "ExcludeExe=/a ''", "ExcludeExe=: expected a glob, not \"\"" },
        { "Output", "Environment=A \"B", "Environment=: expected quotes in pairs, not \" \"B\"" },

        { "Output", "Target=file", "Target=: expected auto, journal or syslog, not \"file\"" },
        { "Output", "Facility=local8", FACILITY "\"local8\"" },
        { "Output", "Facility=4", FACILITY "\"4\"" },
        { "Output", "Priority=8", PRIORITY "\"8\"" },
        { "Output", "Priority=INFO", PRIORITY "\"INFO\"" },
        { "Output", "Priority=10", PRIORITY "\"10\"" },
        { "Output", "Label=SITE", LABEL "\"SITE\"" },
        { "Output", "Label==x", LABEL "\"=x\"" },
        { "Output", "Label=site=x", LABEL "\"site=x\"" },
        { "Output", "Label=A B=x", LABEL "\"A B=x\"" },
        { "Output", "Label=" K53 "4=x", LABEL "\"" K53 "4=x\"" },
        { "Output", "Environment=A 1B", VARIABLE "\"1B\"" },
        { "Output", "Environment=A=b", VARIABLE "\"A=b\"" },
        { "Output", "Environment=*", VARIABLE "\"*\"" },
        { "Output", "Environment=A*B", VARIABLE "\"A*B\"" },
        { "Output", "Environment=A**", VARIABLE "\"A**\"" },
        { "Output", "Environment=" K55 "6", VARIABLE "\"" K55 "6\"" },
        { "Output", "Redact=a(b", REGEX "missing closing parenthesis, at byte 3" },
        { "Output", "Redact=x*", REGEX "it matches the empty string" },
        { "Output", "BuildId=2", "BuildId=: expected yes or no, not \"2\"" },
        { "Output", "UnitMatch=yess", "UnitMatch=: expected yes or no, not \"yess\"" },

        /* What was found is shown as one short line. */
        { "Output", "Target=\033[31mred\001\x7f\xff",
                "Target=: expected auto, journal or syslog, not \"\\x1b[31mred\\x01\\x7f\\xff\"" },
        { "Output", "Target=gr\xc3\xbcn", "Target=: expected auto, journal or syslog, not \"gr\xc3\xbcn\"" },
        { "Output", "Target=" K53 "4567890123456789012345678901",
                "Target=: expected auto, journal or syslog, not \"" K53 "456789012345678901234567...\"" },
};

static void test_bad_values(void **state) {
        ConfigCase *c = *state;

        for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
                char text[512], problem[512];

                (void) snprintf(text, sizeof(text), "[%s]\n%s\n", bad[i].section, bad[i].line);
                (void) snprintf(
                        problem, sizeof(problem), "c.conf:2: error: %s.%s\n", bad[i].section, bad[i].problem);
                assert_int_equal(config_case_load(c, text, strlen(text)), -EINVAL);
                config_case_assert_problems(c, problem);
                assert_null(c->config);
        }
}

/* The last value counts, and one that is the default again is no change. */
static void test_last_value_counts(void **state) {
        static const char text[] = "[Trace]\nFailures=yes\nFailures=no\nFailures=\nSyscallHook=auto\n"
                                   "SyscallHook=trampoline\nSyscallHook=tracepoint\n"
                                   "[Filter]\nIncludeUnit=a.service b*\nExcludeUnit=c\nExcludeUnit=\n"
                                   "[Output]\nBuildId=no\nBuildId=t\nUnitMatch=on\nUnitMatch=off\n";
        ConfigCase *c = *state;

        assert_int_equal(config_case_load(c, text, strlen(text)), 0);
        assert_int_equal(c->report.n_problems, 0);
        config_case_assert_changes(c->policy, "hook=2 +unit=a.service,b*, build-id=1 ");
}

/* A name that nobody knows is a warning, and the rule is there. */
static void test_names(void **state) {
        static const char text[] =
                "[Filter]\nIncludeUser=root no-such-user-here\nExcludeGroup=no-such-group-here\n";
        ConfigCase *c = *state;

        assert_int_equal(config_case_load(c, text, strlen(text)), 0);
        config_case_assert_problems(c,
                "c.conf:2: warning: Filter.IncludeUser=: nobody knows a user \"no-such-user-here\" so far: "
                "it "
                "matches nobody until then\n"
                "c.conf:3: warning: Filter.ExcludeGroup=: nobody knows a group \"no-such-group-here\" so "
                "far: it "
                "matches nobody until then\n");
        config_case_assert_changes(c->policy, "+user=0-0,?1 -group=?1 ");
        assert_string_equal(c->policy->open_names, "user no-such-user-here, group no-such-group-here");

        /* Then somebody knows one. */
        assert_true(
                named_id_learn(&c->policy->names.list[c->policy->names.n - 1], &(UserAnswer){ .id = 77 }) ||
                named_id_learn(&c->policy->names.list[0], &(UserAnswer){ .id = 77 }));
        assert_int_equal(policy_apply_names(c->policy), 0);
        assert_int_equal(named_ids_count_open(&c->policy->names), 1);
}

/* The name of a group may have blanks. */
static void test_quoted_names(void **state) {
        static const char text[] = "[Filter]\nExcludeGroup=\"domain users here\" 'root' \"1-2\"\n";
        ConfigCase *c = *state;

        assert_int_equal(config_case_load(c, text, strlen(text)), 0);
        assert_string_equal(c->policy->open_names, "group domain users here");
        config_case_assert_changes(c->policy, "-group=0-0,1-2,?1 ");
}

static void test_unknown(void **state) {
        static const char text[] =
                "Early=1\n[Trace]\nFoo=1\nfailures=no\nTarget=auto\n\n[trace]\nFailures=x\nA=b\n"
                "[Nothing]\n[Output]\nTarget=syslog\n[\033x]\nA=b\n";
        ConfigCase *c = *state;

        assert_int_equal(config_case_load(c, text, strlen(text)), 0);
        config_case_assert_problems(c,
                "c.conf:1: warning: Early= stands before any section, ignored\n"
                "c.conf:3: warning: unknown key Trace.Foo=, ignored\n"
                "c.conf:4: warning: unknown key Trace.failures=, ignored\n"
                "c.conf:5: warning: unknown key Trace.Target=, ignored\n"
                "c.conf:7: warning: unknown section [trace], ignored\n"
                "c.conf:13: warning: unknown section [\\x1bx], ignored\n");
        config_case_assert_changes(c->policy, "target=2 ");
}

static size_t add_line(char *text, size_t size, const char *key, unsigned number, const char *rest) {
        return size + (size_t) sprintf(text + size, "%s=L%u%s\n", key, number, rest);
}

/* As many labels and variables as an entry of the journal can bear, and not one more. */
static void test_too_many(void **state) {
        static const struct {
                const char *key, *rest, *problem;
        } lists[] = {
                { "Label", "=x", "Label=: expected at most 256 labels, not \"L256=x\"" },
                { "Environment", "", "Environment=: expected at most 256 variables, not \"L256\"" },
        };
        ConfigCase *c = *state;

        for (size_t i = 0; i < ELEMENTSOF(lists); i++) {
                char text[8192] = "[Output]\n", problem[128];
                size_t size = strlen(text);

                for (unsigned n = 0; n < 256; n++)
                        size = add_line(text, size, lists[i].key, n, lists[i].rest);
                /* One that is there already is none more. */
                size = add_line(text, size, lists[i].key, 7, lists[i].rest);
                assert_int_equal(config_case_load(c, text, size), 0);
                assert_int_equal(c->config->n_labels + c->config->n_environment, 256);

                size = add_line(text, size, lists[i].key, 256, lists[i].rest);
                assert_int_equal(config_case_load(c, text, size), -EINVAL);
                (void) snprintf(problem, sizeof(problem), "c.conf:259: error: Output.%s\n", lists[i].problem);
                config_case_assert_problems(c, problem);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                CONFIG_TEST(test_defaults),
                CONFIG_TEST(test_good_values),
                CONFIG_TEST(test_bad_values),
                CONFIG_TEST(test_last_value_counts),
                CONFIG_TEST(test_names),
                CONFIG_TEST(test_quoted_names),
                CONFIG_TEST(test_unknown),
                CONFIG_TEST(test_too_many),
        };

        return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
