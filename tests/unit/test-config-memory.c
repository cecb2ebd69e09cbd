/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Lets every allocation fail once. The linker hands the daemon's own calls to the functions here (--wrap);
 * those inside of libraries are untouched. That nothing leaks is for the sanitizers to see.
 */

#include "config-case.h"

#define ENDLESS SIZE_MAX

static size_t allocations_left = ENDLESS;
static size_t n_failed;

static bool may_allocate(void) {
        if (allocations_left == ENDLESS)
                return true;
        if (allocations_left == 0) {
                n_failed++;
                return false;
        }
        allocations_left--;
        return true;
}

/* The names are the linker's. */
#define WRAP(type, name, parameters, arguments, failure) \
        type __real_##name parameters;                   \
        type __wrap_##name parameters;                   \
        type __wrap_##name parameters {                  \
                if (!may_allocate())                     \
                        return failure;                  \
                return __real_##name arguments;          \
        }                                                \
        struct swallow_semicolon_##name

WRAP(void *, malloc, (size_t size), (size), NULL);
WRAP(void *, calloc, (size_t n, size_t size), (n, size), NULL);
WRAP(void *, realloc, (void *p, size_t size), (p, size), NULL);
WRAP(void *, reallocarray, (void *p, size_t n, size_t size), (p, n, size), NULL);
WRAP(char *, strdup, (const char *s), (s), NULL);
WRAP(char *, strndup, (const char *s, size_t n), (s, n), NULL);
WRAP(int, vasprintf, (char **ret, const char *format, va_list args), (ret, format, args), -1);

int __wrap_asprintf(char **ret, const char *format, ...);
int __wrap_asprintf(char **ret, const char *format, ...) {
        va_list args;
        int r;

        va_start(args, format);
        r = __wrap_vasprintf(ret, format, args);
        va_end(args);
        return r;
}

/* The same in a build with _FORTIFY_SOURCE. */
int __wrap___vasprintf_chk(char **ret, int flag, const char *format, va_list args);
int __wrap___vasprintf_chk(char **ret, int flag, const char *format, va_list args) {
        (void) flag;
        return __wrap_vasprintf(ret, format, args);
}

int __wrap___asprintf_chk(char **ret, int flag, const char *format, ...);
int __wrap___asprintf_chk(char **ret, int flag, const char *format, ...) {
        va_list args;
        int r;

        (void) flag;
        va_start(args, format);
        r = __wrap_vasprintf(ret, format, args);
        va_end(args);
        return r;
}

static const char *const texts[] = {
        "[Trace]\nArgumentBytes=1K\nFoo=1\n[Filter]\nIncludeUser=0 1-2\nExcludeGroup=root\nIncludeExe=/a /b\n"
        "ExcludeUnit=x\n[Output]\nLabel=A=1\nLabel=B=2\nLabel=A=3\nEnvironment=A B C A\nRedact=a\nRedact=b\n"
        "Redact=\nLabel=\nEnvironment=\nLabel=C=1\nBuildId=yes\n[X]\nA=b\n",
        "[Output]\nLabel=A=1\nLabel=bad\nRedact=a(b\nTarget=x\nEnvironment=1\nnonsense\n=x\n[\n",
        "[Trace]\nLogBuffer=5K\n[Filter]\nIncludeUser=0 no-such-user-here\nIncludeExe=/a \\\n/b\n",
};

static const int results[] = { 0, -EINVAL, -EINVAL };

/* Loads until no allocation fails any more. Returns how often one did. */
static size_t load_with_failures(const char *file, const char *const *directories, int result) {
        for (size_t n = 0;; n++) {
                ConfigReport report = {};
                Policy *policy = NULL;
                size_t failed;
                int r;

                n_failed = 0;
                allocations_left = n;
                r = policy_load(file, directories, NULL, 0, &report, &policy);
                allocations_left = ENDLESS;
                failed = n_failed;

                assert_int_equal(r, failed > 0 ? -ENOMEM : result);
                assert_true(!policy == (r < 0));
                config_report_done(&report);
                policy_free(policy);
                if (failed == 0)
                        return n;
        }
}

static void test_one_file(void **state) {
        ConfigCase *c = *state;

        for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
                config_case_write(c, "c.conf", texts[i], strlen(texts[i]));
                assert_true(load_with_failures(config_case_path(c, "c.conf"), NULL, results[i]) > 10);
        }
        assert_true(load_with_failures(config_case_path(c, "missing"), NULL, -ENOENT) > 0);
}

static void test_all_files(void **state) {
        ConfigCase *c = *state;
        const char *const directories[] = { c->directory, "/nonexistent", NULL };

        assert_int_equal(mkdir(config_case_path(c, "exectraced.conf.d"), 0755), 0);
        assert_int_equal(symlink("nowhere", config_case_path(c, "exectraced.conf.d/3.conf")), 0);
        assert_int_equal(symlink("/dev/null", config_case_path(c, "exectraced.conf.d/4.conf")), 0);
        for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
                config_case_write(c, "exectraced.conf", texts[i], strlen(texts[i]));
                config_case_write(c, "exectraced.conf.d/1.conf", texts[0], strlen(texts[0]));
                config_case_write(c, "exectraced.conf.d/2.conf", texts[i], strlen(texts[i]));
                assert_true(load_with_failures(NULL, directories, results[i]) > 10);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                CONFIG_TEST(test_one_file),
                CONFIG_TEST(test_all_files),
        };

        return cmocka_run_group_tests_name("config-memory", tests, NULL, NULL);
}
