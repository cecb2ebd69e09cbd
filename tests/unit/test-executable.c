/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "executable-case.h"

#include <sys/wait.h>

static void ask(const char *path, FileIdentity file, FileAnswer *ret) {
        FileQuestion question = executable_case_question(path, file);

        memset(ret, 0x55, sizeof(*ret));
        executable_answer(&question, ret);
}

static void test_found(void **state) {
        ExecutableCase *c = *state;
        FileAnswer answer;

        ask(c->path, executable_case_identity(c->path), &answer);
        executable_case_assert_found(c, &answer);
}

/* Under that path there is another file now, in any respect. */
static void test_another_file(void **state) {
        ExecutableCase *c = *state;
        FileIdentity file = executable_case_identity(c->path), other;
        FileAnswer answer;

        other = file;
        other.inode++;
        ask(c->path, other, &answer);
        executable_case_assert_error(&answer, -ENOENT);
        other = file;
        other.ctime_ns--;
        ask(c->path, other, &answer);
        executable_case_assert_error(&answer, -ENOENT);
        other = file;
        other.device ^= 1;
        ask(c->path, other, &answer);
        executable_case_assert_error(&answer, -ENOENT);
}

/* It was written to, or only its mode was changed. */
static void test_changed(void **state) {
        ExecutableCase *c = *state;
        FileIdentity file = executable_case_identity(c->path), now;
        FileAnswer answer;

        do
                assert_int_equal(chmod(c->path, 0700), 0);
        while (now = executable_case_identity(c->path), now.ctime_ns == file.ctime_ns);
        ask(c->path, file, &answer);
        executable_case_assert_error(&answer, -ENOENT);
        ask(c->path, now, &answer);
        executable_case_assert_found(c, &answer);
}

/*
 * The kernel's path of a program has neither links nor dots: whoever put one there wants to lead
 * elsewhere.
 */
static void test_detours(void **state) {
        ExecutableCase *c = *state;
        FileIdentity file = executable_case_identity(c->path);
        char link[128], through[160];
        FileAnswer answer;

        (void) snprintf(link, sizeof(link), "%s/link", c->directory);
        assert_int_equal(symlink(c->path, link), 0);
        ask(link, file, &answer);
        executable_case_assert_error(&answer, -ENOENT);
        assert_int_equal(unlink(link), 0);
        assert_int_equal(symlink(c->directory, link), 0);
        (void) snprintf(through, sizeof(through), "%s/program", link);
        ask(through, file, &answer);
        executable_case_assert_error(&answer, -ENOENT);
        (void) snprintf(through, sizeof(through), "%s/../%s", c->directory, c->path + strlen("/tmp/"));
        ask(through, file, &answer);
        executable_case_assert_error(&answer, -ENOENT);
        ask("/proc/self/exe", executable_case_identity("/proc/self/exe"), &answer);
        executable_case_assert_error(&answer, -ENOENT);
}

/* Nothing but a file is opened, not even for an instant: a FIFO would wait for a writer. */
static void test_no_files(void **state) {
        ExecutableCase *c = *state;
        char path[128], below[160];
        FileAnswer answer;

        (void) snprintf(path, sizeof(path), "%s/fifo", c->directory);
        assert_int_equal(mkfifo(path, 0777), 0);
        ask(path, executable_case_identity(path), &answer);
        executable_case_assert_error(&answer, -ENOENT);
        ask(c->directory, executable_case_identity(c->directory), &answer);
        executable_case_assert_error(&answer, -ENOENT);
        ask("/dev/null", executable_case_identity("/dev/null"), &answer);
        executable_case_assert_error(&answer, -ENOENT);
        (void) snprintf(below, sizeof(below), "%s/x", path);
        ask(below, executable_case_identity(c->path), &answer);
        executable_case_assert_error(&answer, -ENOENT);
        ask("", executable_case_identity(c->path), &answer);
        executable_case_assert_error(&answer, -ENOENT);
}

static void test_without_id(void **state) {
        ExecutableCase *c = *state;
        FileAnswer answer;
        char path[128];
        FILE *file;

        (void) snprintf(path, sizeof(path), "%s/script", c->directory);
        file = fopen(path, "we");
        assert_non_null(file);
        assert_true(fputs("#!/bin/sh\n", file) > 0);
        assert_int_equal(fclose(file), 0);
        ask(path, executable_case_identity(path), &answer);
        executable_case_assert_error(&answer, -ENODATA);
}

static void test_not_readable(void **state) {
        ExecutableCase *c = *state;
        FileAnswer answer;

        if (geteuid() == 0)
                skip();
        assert_int_equal(chmod(c->path, 0111), 0);
        ask(c->path, executable_case_identity(c->path), &answer);
        executable_case_assert_error(&answer, -EACCES);
}

/* What the path does not lead to, the process does, as long as it is there. */
static void test_process(void **state) {
        ExecutableCase *c = *state;
        FileIdentity file = executable_case_identity(c->path);
        FileQuestion question = executable_case_question("/nonexistent", file);
        FileAnswer answer;
        int status, in[2];
        struct stat st;
        pid_t pid;

        /* As far as this can be tested without a process that has a root of its own. */
        assert_int_equal(pipe2(in, O_CLOEXEC), 0);
        pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
                (void) dup2(in[0], STDIN_FILENO);
                (void) close(in[1]);
                (void) execl(c->path, c->path, "--hold", NULL);
                _exit(1);
        }
        (void) close(in[0]);
        assert_int_equal(stat("/proc/self/ns/pid", &st), 0);
        question.nspid = (uint32_t) pid;
        question.pidns = (uint32_t) st.st_ino;
        question.pid = (uint32_t) pid; /* the same, where this is the initial namespace */
        do {
                memset(&answer, 0x55, sizeof(answer));
                executable_answer(&question, &answer);
        } while (answer.error == -ENOENT && waitpid(pid, &status, WNOHANG) == 0); /* until it has executed */
        executable_case_assert_found(c, &answer);
        question.pid = question.nspid = 0x7fffffff;
        executable_answer(&question, &answer);
        executable_case_assert_error(&answer, -ENOENT);

        /* Its root, and with it the path. */
        question = executable_case_question(c->path, file);
        question.pid = question.nspid = (uint32_t) pid;
        question.pidns = (uint32_t) st.st_ino;
        executable_answer(&question, &answer);
        executable_case_assert_found(c, &answer);

        (void) close(in[1]);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, executable_case_setup, executable_case_teardown)

int main(int argc, char **argv) {
        const struct CMUnitTest tests[] = {
                TEST(test_found),
                TEST(test_another_file),
                TEST(test_changed),
                TEST(test_detours),
                TEST(test_no_files),
                TEST(test_without_id),
                TEST(test_not_readable),
                TEST(test_process),
        };
        char byte;

        if (argc > 1 && strcmp(argv[1], "--hold") == 0)
                return read(STDIN_FILENO, &byte, 1) == 0 ? 0 : 1;
        return cmocka_run_group_tests_name("executable", tests, NULL, NULL);
}
