/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The object that starts readers of files, with a loop of its own and the real program. */

#include "executable-case.h"

#include <signal.h>
#include <sys/socket.h>

#include "files/readers.h"
#include "files/sandbox.h"

#define PROGRAM BUILD_ROOT "/exectraced-file-reader"
#define DEADLINE_USEC (20ULL * 1000 * 1000)

/* All that is asked about a file is asked well after its last change. */
#define LATER_USEC (3600ULL * 1000 * 1000)

typedef struct Case {
        ExecutableCase *files;
        sd_event *event;
        FileReaders *readers;
        unsigned n_settled;
        int settled_result; /* what the callback returns */
        char warning[256];
        uint64_t seq;
} Case;

static int on_settled(void *userdata) {
        Case *c = userdata;

        c->n_settled++;
        return c->settled_result < 0 ? c->settled_result : sd_event_exit(c->event, 1);
}

static void on_warning(void *userdata, const char *text) {
        Case *c = userdata;

        (void) snprintf(c->warning, sizeof(c->warning), "%s", text);
}

static void start(Case *c, const char *program) {
        static const FileReadersCallbacks callbacks = { .settled = on_settled, .warn = on_warning };

        assert_int_equal(sd_event_new(&c->event), 0);
        assert_int_equal(file_readers_new(c->event, program, &callbacks, c, &c->readers), 0);
        assert_null(file_readers_build_ids(c->readers));
        assert_int_equal(file_readers_enable(c->readers), 0);
        assert_non_null(file_readers_build_ids(c->readers));
}

static void setup(Case *c, const char *program) {
        sigset_t mask;

        sigemptyset(&mask);
        sigaddset(&mask, SIGCHLD);
        assert_int_equal(sigprocmask(SIG_BLOCK, &mask, NULL), 0);
        start(c, program);
}

static void done(Case *c) {
        assert_null(file_readers_free(c->readers));
        assert_null(sd_event_unref(c->event));
}

/* An exec of the file that the case has made, and what is known of its build-id. */
static int find(Case *c, Bytes *ret) {
        FileIdentity file = executable_case_identity(c->files->path);
        Event event = {
                .seq = ++c->seq,
                .timestamp = (uint64_t) file.ctime_ns / 1000 + LATER_USEC,
                .nspid = EVENT_ID_UNSET,
                .pidns = EVENT_ID_UNSET,
                .exe = { c->files->path, strlen(c->files->path) },
                .file = file,
        };

        return build_ids_find(file_readers_build_ids(c->readers), &event, ret);
}

static int on_deadline(sd_event_source *source, uint64_t usec, void *userdata) {
        (void) source;
        (void) usec;
        (void) userdata;
        return -ETIMEDOUT;
}

/* What the loop ended with. */
static int loop(Case *c) {
        sd_event_source *source = NULL;
        int r;

        assert_true(sd_event_add_time_relative(
                            c->event, &source, CLOCK_MONOTONIC, DEADLINE_USEC, 0, on_deadline, NULL) >= 0);
        assert_true(sd_event_source_set_exit_on_failure(source, true) >= 0);
        r = sd_event_loop(c->event);
        sd_event_source_disable_unref(source);
        return r;
}

static void test_answer(void **state) {
        Case c = { .files = *state };
        Bytes id;

        setup(&c, PROGRAM);
        assert_int_equal(find(&c, &id), -EINPROGRESS);
        assert_int_equal(loop(&c), 1);
        assert_int_equal(c.n_settled, 1);
        assert_int_equal(find(&c, &id), 0);
        assert_int_equal(id.size, 2 * c.files->id.size);
        assert_string_equal(c.warning, "");
        done(&c);
}

/* A daemon that can't go on must not live on with a source that is silently disabled. */
static void test_error_ends_the_loop(void **state) {
        Case c = { .files = *state };
        Bytes id;

        setup(&c, PROGRAM);
        c.settled_result = -EBADMSG;
        assert_int_equal(find(&c, &id), -EINPROGRESS);
        assert_int_equal(loop(&c), -EBADMSG);
        assert_int_equal(c.n_settled, 1);
        done(&c);
}

/* Likewise an error after the reader has ended without an answer. */
static void test_error_after_an_end(void **state) {
        Case c = { .files = *state };
        Bytes id;

        if (executable_case_is_emulated())
                skip();
        setup(&c, "/proc/self/exe");
        c.settled_result = -EBADMSG;
        assert_int_equal(find(&c, &id), -EINPROGRESS);
        assert_int_equal(loop(&c), -EBADMSG);
        assert_string_equal(c.warning, "/proc/self/exe is of another version: restart the service to use it");
        done(&c);
}

static void test_no_program(void **state) {
        Case c = { .files = *state };
        Bytes id = BYTES_LITERAL("untouched");

        if (executable_case_is_emulated())
                skip();
        setup(&c, "/no/such/program");
        assert_int_equal(find(&c, &id), 0);
        assert_false(bytes_is_set(id));
        assert_string_equal(
                c.warning, "can't start the reader of files, /no/such/program: No such file or directory");
        assert_int_equal(file_readers_take_skipped(c.readers), 1);
        assert_int_equal(file_readers_take_skipped(c.readers), 0);
        done(&c);
}

/* A program that ends each time is not started for ever. */
static void test_limit_of_starts(void **state) {
        Case c = { .files = *state };
        Bytes id;

        if (executable_case_is_emulated())
                skip();
        setup(&c, "/no/such/program");
        for (int i = 0; i < FILE_READERS_BURST; i++)
                assert_int_equal(find(&c, &id), 0);
        assert_non_null(strstr(c.warning, "can't start"));
        assert_int_equal(find(&c, &id), 0);
        assert_non_null(strstr(c.warning, "too many"));
        c.warning[0] = '\0';
        assert_int_equal(find(&c, &id), 0);
        assert_string_equal(c.warning, ""); /* it is said once */
        done(&c);
}

/* Whatever is asked at the moment. */
static void test_disable(void **state) {
        Case c = { .files = *state };
        Bytes id;

        setup(&c, PROGRAM);
        assert_int_equal(find(&c, &id), -EINPROGRESS);
        file_readers_disable(c.readers);
        assert_null(file_readers_build_ids(c.readers));
        assert_int_equal(file_readers_take_skipped(c.readers), 0);
        assert_int_equal(file_readers_enable(c.readers), 0);
        assert_int_equal(find(&c, &id), -EINPROGRESS);
        assert_int_equal(loop(&c), 1);
        assert_int_equal(find(&c, &id), 0);
        assert_string_equal(c.warning, "");
        done(&c);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, executable_case_setup, executable_case_teardown)

/* This program as a reader: one that does not understand the question. */
static int fail_to_understand(void) {
        char byte;

        return recv(READER_SOCKET_FD, &byte, 1, 0) == 1 ? FILE_READER_MISMATCH : EXIT_FAILURE;
}

int main(int argc, char **argv) {
        const struct CMUnitTest tests[] = {
                TEST(test_answer),
                TEST(test_error_ends_the_loop),
                TEST(test_error_after_an_end),
                TEST(test_no_program),
                TEST(test_limit_of_starts),
                TEST(test_disable),
        };

        if (argc == 1 && strcmp(argv[0], "exectraced-file-reader") == 0)
                return fail_to_understand();
        return cmocka_run_group_tests_name("readers", tests, NULL, NULL);
}
