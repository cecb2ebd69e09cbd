/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The configuration file that is installed: what it shows as a default is the default, its examples work. */

#include "config-case.h"

#define SAMPLE SOURCE_ROOT "/config/exectraced.conf"

static char *read_sample(size_t *ret_size) {
        FILE *file = fopen(SAMPLE, "re");
        char *text = NULL;
        size_t allocated = 0;
        ssize_t size;

        assert_non_null(file);
        size = getdelim(&text, &allocated, '\0', file);
        assert_true(size > 0);
        assert_int_equal(fclose(file), 0);
        *ret_size = (size_t) size;
        return text;
}

/* Whether a line has `prefix` and behind it "Key=" or "[Tag". */
static bool shows_key(const char *line, const char *prefix) {
        size_t n;

        if (strncmp(line, prefix, strlen(prefix)) != 0)
                return false;
        line += strlen(prefix);
        if (strncmp(line, "[Tag ", 5) == 0)
                return true;
        n = strspn(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
        return n > 0 && line[n] == '=' && line[0] >= 'A' && line[0] <= 'Z';
}

/* Loads the sample with the lines that begin with `prefix` and a key switched on. Returns how many. */
static size_t load_sample(ConfigCase *c, const char *prefix) {
        size_t size, n = 0;
        char *text = read_sample(&size);

        for (char *line = text; line; line = strchr(line, '\n')) {
                line += *line == '\n';
                if (shows_key(line, prefix)) {
                        memset(line, ' ', strlen(prefix));
                        n++;
                }
        }
        assert_int_equal(config_case_load(c, text, size), 0);
        free(text);
        return n;
}

static void test_sample_as_it_is(void **state) {
        ConfigCase *c = *state;

        assert_int_equal(config_case_load_file(c, SAMPLE, NULL), 0);
        assert_int_equal(c->report.n_problems, 0);
        config_case_assert_changes(c->policy, "");
}

static void test_sample_defaults(void **state) {
        ConfigCase *c = *state;

        assert_int_equal(load_sample(c, "#"), 34);
        config_case_assert_changes(c->policy, "");
        for (size_t i = 0; i < c->report.n_problems; i++)
                assert_non_null(strstr(c->report.problems[i].text, "not implemented in this version"));
}

static void test_sample_shows_every_key(void **state) {
        static const char *const keys[] = {
                "Failures",
                "SyscallHook",
                "PidNamespace",
                "ArgumentBytes",
                "EventBuffer",
                "LogBuffer",
                "Heartbeat",
                "IncludeUser",
                "ExcludeUser",
                "IncludeGroup",
                "ExcludeGroup",
                "IncludeExe",
                "ExcludeExe",
                "IncludeUnit",
                "ExcludeUnit",
                "IncludeUserUnit",
                "ExcludeUserUnit",
                "IncludeParent",
                "ExcludeParent",
                "Target",
                "Facility",
                "Priority",
                "Label",
                "Environment",
                "Redact",
                "OmitField",
                "UserNames",
                "BuildId",
                "UnitMatch",
        };
        size_t size;
        char *text = read_sample(&size);

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(keys); i++) {
                char line[64];

                (void) snprintf(line, sizeof(line), "\n#%s=", keys[i]);
                assert_non_null(strstr(text, line));
        }
        free(text);
}

/* Whether the sample's patterns change `text`, and that nothing of `secret` is left then. */
static bool redacts(const Policy *policy, const char *text, const char *secret) {
        Budget budget = budget_new(1000000000U, 1);
        Buffer storage = BUFFER_NULL;
        size_t offset, size;
        int r;

        budget_begin(&budget, 1);
        r = redactor_apply(&policy->redactor, bytes_of_string(text), &budget, &storage, &offset, &size);
        assert_in_range(r, REDACTION_NONE, REDACTION_DONE);
        if (r == REDACTION_DONE && secret)
                assert_null(memmem(storage.data + offset, size, secret, strlen(secret)));
        buffer_done(&storage);
        return r == REDACTION_DONE;
}

/* The names of the secrets are "hunter" and what begins so, or shaped as the pattern wants them. */
static const char *const secrets[][2] = {
        { "--password=hunter two", "hunter two" },
        { "--db-passwd=hunter", "hunter" },
        { "-Dclient-secret=hunter", "hunter" },
        { "--api-key=hunter", "hunter" },
        { "PGPASSWORD=hunter", "hunter" },
        { "mysql_pwd=hunter", "hunter" },
        { "pass:hunter", "hunter" },
        { "{\"password\": \"hunter two\", \"x\": 1}", "hunter two" },
        { "Password='hunter two'", "hunter two" },
        { "aws_secret_access_key=hunter", "hunter" },
        { "GITHUB_TOKEN=hunter", "hunter" },
        { "X-Api-Key: hunter", "hunter" },
        { "private_key=hunter", "hunter" },
        { "AKIAIOSFODNN7EXAMPLE", "IOSFODNN7EXAMPLE" },
        { "Authorization: Basic aHVudGVy", "aHVudGVy" },
        { "authorization:token hunter", "hunter" },
        { "Cookie: a=hunter; b=2", "hunter" },
        { "bearer hunter2.abc~x+/==", "hunter2" },
        { "https://user:hunter@host/path", "hunter" },
        { "postgres://:hunter@host", "hunter" },
        { "ghp_0123456789abcdefghijklmnopqrstuvwxyzABCD", "wxyz" },
        { "github_pat_0123456789abcdefghijkl_xyz", "xyz" },
        { "glpat-0123456789abcdefghij", "efghij" },
        { "xoxb-0123456789-abcdef", "abcdef" },
        { "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "c2lnbmF0dXJl" },
        { "-----BEGIN RSA PRIVATE KEY-----\nhunter\nhunter\n", "hunter" },
};

static const char *const harmless[] = {
        "--password",
        "--sort-key=2",
        "PWD=/home",
        "passenger=1",
        "--tokens",
        "https://host:8080/a@b",
        "user@host:path",
        "/usr/share/keyrings/debian-archive-keyring.gpg",
        "-print",
        "secretary",
        "eyJ.x",
        "-----BEGIN CERTIFICATE-----",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
};

static void test_sample_examples(void **state) {
        ConfigCase *c = *state;

        assert_true(load_sample(c, "# ") > 10);
        for (size_t i = 0; i < c->report.n_problems; i++)
                assert_non_null(strstr(c->report.problems[i].text, "not implemented in this version"));
        assert_true(c->config->n_tags > 0);
        assert_true(c->config->n_labels > 0);
        assert_true(c->config->n_environment > 0);
        /* One of the names is that of no field of the table: MESSAGE. */
        assert_int_equal(__builtin_popcountll(c->policy->format.omit) + 1, c->config->omit_field.n);
        assert_true(c->policy->format.omit_message);
        for (size_t kind = 0; kind < _FILTER_KIND_MAX; kind++)
                if (kind != FILTER_GROUP)
                        assert_false(rule_list_is_empty(&c->policy->filter.kinds[kind].exclude));

        for (size_t i = 0; i < ELEMENTSOF(secrets); i++)
                if (!redacts(c->policy, secrets[i][0], secrets[i][1]))
                        fail_msg("not redacted: %s", secrets[i][0]);
        for (size_t i = 0; i < ELEMENTSOF(harmless); i++)
                if (redacts(c->policy, harmless[i], NULL))
                        fail_msg("redacted: %s", harmless[i]);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                CONFIG_TEST(test_sample_as_it_is),
                CONFIG_TEST(test_sample_defaults),
                CONFIG_TEST(test_sample_shows_every_key),
                CONFIG_TEST(test_sample_examples),
        };

        return cmocka_run_group_tests_name("config-sample", tests, NULL, NULL);
}
