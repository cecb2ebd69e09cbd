/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "executable-case.h"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "files/reader.h"

#define PROGRAM BUILD_ROOT "/exectraced-file-reader"
#define PATIENCE_MSEC 20000

static void send_question(int fd, const FileQuestion *question, size_t extra) {
        size_t size = file_question_size(question) + extra;

        assert_int_equal(send(fd, question, size, MSG_NOSIGNAL), size);
}

static bool is_readable(int fd) {
        struct pollfd pollfd = { .fd = fd, .events = POLLIN };

        return poll(&pollfd, 1, PATIENCE_MSEC) == 1;
}

/*
 * Waits for the end of the reader; its exit status, or minus the signal. The alarm is for one that does
 * not end.
 */
static int wait_end(pid_t pid) {
        int status;

        alarm(PATIENCE_MSEC / 1000);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        alarm(0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void test_answers(void **state) {
        ExecutableCase *c = *state;
        FileQuestion question = executable_case_question(c->path, executable_case_identity(c->path));
        FileAnswer answer;
        pid_t pid;
        int fd;

        assert_int_equal(file_reader_start(PROGRAM, &pid, &fd), 0);
        for (int i = 0; i < 3; i++) {
                send_question(fd, &question, 0);
                assert_true(is_readable(fd));
                assert_int_equal(recv(fd, &answer, sizeof(answer), MSG_TRUNC), sizeof(answer));
                executable_case_assert_found(c, &answer);
        }
        question.path_size -= 1;
        send_question(fd, &question, 0);
        assert_true(is_readable(fd));
        assert_int_equal(recv(fd, &answer, sizeof(answer), MSG_TRUNC), sizeof(answer));
        executable_case_assert_error(&answer, -ENOENT);

        /* Several at once are answered one by one. */
        question.path_size += 1;
        for (uint64_t i = 0; i < 5; i++) {
                question.number = i;
                send_question(fd, &question, 0);
        }
        for (uint64_t i = 0; i < 5; i++) {
                assert_true(is_readable(fd));
                assert_int_equal(recv(fd, &answer, sizeof(answer), 0), sizeof(answer));
                assert_int_equal(answer.number, i);
        }
        (void) close(fd);
        assert_int_equal(wait_end(pid), 0);
}

/* The longest path that there may be. */
static void test_long_path(void **state) {
        ExecutableCase *c = *state;
        FileQuestion question = executable_case_question(c->path, executable_case_identity(c->path));
        FileAnswer answer;
        pid_t pid;
        int fd;

        memset(question.path + question.path_size, 'x', sizeof(question.path) - question.path_size);
        question.path_size = sizeof(question.path);
        assert_int_equal(file_reader_start(PROGRAM, &pid, &fd), 0);
        send_question(fd, &question, 0);
        assert_true(is_readable(fd));
        assert_int_equal(recv(fd, &answer, sizeof(answer), MSG_TRUNC), sizeof(answer));
        executable_case_assert_error(&answer, -ENOENT);
        (void) close(fd);
        assert_int_equal(wait_end(pid), 0);
}

/* It does not guess what is meant, but ends. */
static void test_no_questions(void **state) {
        ExecutableCase *c = *state;

        for (int i = 0; i < 3; i++) {
                FileQuestion question = executable_case_question(c->path, executable_case_identity(c->path));
                char byte;
                pid_t pid;
                int fd;

                assert_int_equal(file_reader_start(PROGRAM, &pid, &fd), 0);
                if (i == 0)
                        send_question(fd, &question, 1);
                else if (i == 1) {
                        size_t size = offsetof(FileQuestion, path) + question.path_size;

                        question.path_size = UINT32_MAX;
                        assert_int_equal(send(fd, &question, size, MSG_NOSIGNAL), size);
                } else
                        assert_int_equal(send(fd, "x", 1, MSG_NOSIGNAL), 1);
                assert_true(is_readable(fd));
                assert_int_equal(recv(fd, &byte, 1, 0), 0);
                assert_int_equal(wait_end(pid), EXIT_FAILURE);
                (void) close(fd);
        }
}

/* After an upgrade the daemon that still runs may find a reader of another version. */
static void test_another_version(void **state) {
        ExecutableCase *c = *state;
        FileQuestion question = executable_case_question(c->path, executable_case_identity(c->path));
        char byte;
        pid_t pid;
        int fd;

        question.version++;
        assert_int_equal(file_reader_start(PROGRAM, &pid, &fd), 0);
        send_question(fd, &question, 0);
        assert_true(is_readable(fd));
        assert_int_equal(recv(fd, &byte, 1, 0), 0);
        assert_int_equal(wait_end(pid), FILE_READER_MISMATCH);
        (void) close(fd);
}

/* A kind that is not known is answered, so that nobody waits. */
static void test_another_kind(void **state) {
        ExecutableCase *c = *state;
        FileQuestion question = executable_case_question(c->path, executable_case_identity(c->path));
        FileAnswer answer;
        pid_t pid;
        int fd;

        question.kind = 4711;
        assert_int_equal(file_reader_start(PROGRAM, &pid, &fd), 0);
        send_question(fd, &question, 0);
        assert_true(is_readable(fd));
        assert_int_equal(recv(fd, &answer, sizeof(answer), MSG_TRUNC), sizeof(answer));
        executable_case_assert_error(&answer, -EOPNOTSUPP);
        assert_int_equal(answer.kind, 4711);
        (void) close(fd);
        assert_int_equal(wait_end(pid), 0);
}

static void test_no_program(void **state) {
        pid_t pid = 0;
        int fd = 4711;

        (void) state;
        if (executable_case_is_emulated())
                skip();
        assert_int_equal(file_reader_start("/no/such/program", &pid, &fd), -ENOENT);
        assert_int_equal(file_reader_start("/dev/null", &pid, &fd), -EACCES);
        assert_int_equal(fd, 4711);
}

/* A signal that is meant for the daemon does not end it, its killing does. */
static void test_signals(void **state) {
        ExecutableCase *c = *state;
        FileQuestion question = executable_case_question(c->path, executable_case_identity(c->path));
        static const int numbers[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1 };
        FileAnswer answer;
        pid_t pid;
        int fd;

        assert_int_equal(file_reader_start(PROGRAM, &pid, &fd), 0);
        /* With the first answer it is there for certain. */
        for (size_t i = 0; i <= ELEMENTSOF(numbers); i++) {
                send_question(fd, &question, 0);
                assert_true(is_readable(fd));
                assert_int_equal(recv(fd, &answer, sizeof(answer), 0), sizeof(answer));
                if (i < ELEMENTSOF(numbers))
                        assert_int_equal(kill(pid, numbers[i]), 0);
        }
        assert_int_equal(kill(pid, SIGKILL), 0);
        assert_int_equal(wait_end(pid), -SIGKILL);
        (void) close(fd);
}

/* It does not outlive the one who has started it, also when somebody else keeps the socket open. */
static void test_orphan(void **state) {
        int told[2], hold[2], status;
        pid_t daemon, reader;

        (void) state;
        assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0); /* orphans become ours */
        assert_int_equal(pipe2(told, O_CLOEXEC), 0);
        assert_int_equal(pipe2(hold, O_CLOEXEC), 0);
        daemon = fork();
        assert_true(daemon >= 0);
        if (daemon == 0) {
                char byte;
                int fd;

                (void) close(hold[1]);
                if (file_reader_start(PROGRAM, &reader, &fd) < 0)
                        _exit(1);
                if (fork() == 0) /* keeps the socket until the test has ended */
                        _exit(read(hold[0], &byte, 1) == 0 ? 0 : 1);
                if (write(told[1], &reader, sizeof(reader)) < 0)
                        _exit(1);
                _exit(read(hold[0], &byte, 1) == 0 ? 2 : 1);
        }
        (void) close(told[1]);
        assert_int_equal(read(told[0], &reader, sizeof(reader)), sizeof(reader));
        assert_int_equal(kill(daemon, SIGKILL), 0);
        assert_int_equal(waitpid(daemon, &status, 0), daemon);
        status = wait_end(reader);
        assert_true(
                status == -SIGKILL || status == EXIT_FAILURE); /* the second when it had not come far yet */
        (void) close(told[0]);
        (void) close(hold[0]);
        (void) close(hold[1]);
}

/* One that has no standard input, output and error gets its socket all the same. */
static void test_low_descriptors(void **state) {
        ExecutableCase *c = *state;
        FileQuestion question = executable_case_question(c->path, executable_case_identity(c->path));
        int status;
        pid_t pid = fork();

        assert_true(pid >= 0);
        if (pid == 0) {
                FileAnswer answer = {};
                pid_t reader;
                int fd;

                for (int i = 0; i < 20; i++)
                        (void) close(i);
                if (file_reader_start(PROGRAM, &reader, &fd) < 0 || fd <= 2)
                        _exit(1);
                if (send(fd, &question, offsetof(FileQuestion, path) + question.path_size, MSG_NOSIGNAL) < 0)
                        _exit(2);
                if (!is_readable(fd) || recv(fd, &answer, sizeof(answer), 0) != sizeof(answer))
                        _exit(3);
                _exit(answer.number == 42 && answer.build_id.size == c->id.size ? 0 : 4);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, executable_case_setup, executable_case_teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(test_answers),
                TEST(test_long_path),
                TEST(test_no_questions),
                TEST(test_another_version),
                TEST(test_another_kind),
                TEST(test_no_program),
                TEST(test_signals),
                TEST(test_orphan),
                TEST(test_low_descriptors),
        };

        return cmocka_run_group_tests_name("reader", tests, NULL, NULL);
}
