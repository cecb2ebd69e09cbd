/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "build-id-case.h"

#define DEVICE (8U << 20 | 1)
#define TICK_USEC (FAKE_CLOCK_TICK_NSEC / 1000)

static void test_asked_once(void **state) {
        BuildIdCase *c = *state;
        Event event = build_id_case_event(c, 1, DEVICE);

        assert_null(build_ids_question(c->ids));
        build_id_case_assert_waits(c, &event);
        build_id_case_assert_waits(c, &event);
        assert_int_equal(c->n_asked, 1);
        assert_true(file_identity_equal(&c->asked.file, &event.file));
        assert_int_equal(c->asked.pid, 101);
        assert_int_equal(c->asked.ppid, 102);
        assert_int_equal(c->asked.nspid, 103);
        assert_int_equal(c->asked.pidns, 104);
        assert_int_equal(c->asked.path_size, event.exe.size);
        assert_memory_equal(c->asked.path, event.exe.data, event.exe.size);

        assert_int_equal(build_id_case_answer(c, 0, 3, 0x0f), 0);
        assert_null(build_ids_question(c->ids));
        for (int i = 0; i < 3; i++) {
                build_id_case_assert_has(c, &event, "0f0f0f");
                event = build_id_case_event(c, 1, DEVICE);
        }
        assert_int_equal(c->n_asked, 1);
        assert_int_equal(build_ids_take_skipped(c->ids), 0);
}

static void test_none(void **state) {
        BuildIdCase *c = *state;
        Event event = build_id_case_event(c, 1, DEVICE);

        build_id_case_assert_waits(c, &event);
        assert_int_equal(build_id_case_answer(c, -ENODATA, 0, 0), 0);
        fake_clock_usec += 1000 * BUILD_ID_RETRY_USEC;
        build_id_case_assert_has(c, &event, NULL);
        event = build_id_case_event(c, 1, DEVICE);
        build_id_case_assert_has(c, &event, NULL);
        assert_int_equal(c->n_asked, 1);
}

/* Failed execs, and all while the kernel side does not tell. */
static void test_no_file(void **state) {
        BuildIdCase *c = *state;
        Event event = build_id_case_event(c, 1, DEVICE);

        event.file.known = false;
        build_id_case_assert_has(c, &event, NULL);
        assert_int_equal(c->n_asked, 0);
        assert_int_equal(build_ids_take_skipped(c->ids), 0);
}

static void test_long_ids(void **state) {
        char expected[2 * BUILD_ID_SIZE_MAX + 1] = {};
        BuildIdCase *c = *state;
        Event event = build_id_case_event(c, 1, DEVICE);

        memset(expected, 'e', sizeof(expected) - 1);
        build_id_case_assert_waits(c, &event);
        assert_int_equal(build_id_case_answer(c, 0, BUILD_ID_SIZE_MAX, 0xee), 0);
        build_id_case_assert_has(c, &event, expected);
}

/* What does not fit, or is not absolute, is not asked by its path. */
static void test_paths(void **state) {
        static char path[FILE_PATH_SIZE + 1];
        BuildIdCase *c = *state;

        memset(path, '/', sizeof(path));
        for (size_t size = FILE_PATH_SIZE - 1; size <= FILE_PATH_SIZE + 1; size++) {
                Event event = build_id_case_event(c, size, DEVICE);

                event.exe = (Bytes){ path, size };
                build_id_case_assert_waits(c, &event);
                assert_int_equal(c->asked.path_size, size < FILE_PATH_SIZE ? size : 0);
                assert_int_equal(build_id_case_answer(c, 0, 1, 1), 0);
        }
        for (int i = 0; i < 2; i++) {
                Event event = build_id_case_event(c, 1 + (uint64_t) i, DEVICE);

                event.exe = i ? BYTES_LITERAL(".../deep/program") : BYTES_NULL;
                build_id_case_assert_waits(c, &event);
                assert_int_equal(c->asked.path_size, 0);
                assert_int_equal(build_id_case_answer(c, 0, 1, 1), 0);
        }
}

/* An answer for one path only. */
static void test_of_path(void **state) {
        BuildIdCase *c = *state;
        FileAnswer answer = { BUILD_ID_ANSWER, .of_path = 1, .build_id = { 1, { 0xab } } };
        Event event = build_id_case_event(c, 1, DEVICE);

        build_id_case_assert_waits(c, &event);
        answer.number = c->asked.number;
        assert_int_equal(build_ids_answer(c->ids, &answer, sizeof(answer)), 0);
        event = build_id_case_event(c, 1, DEVICE);
        build_id_case_assert_has(c, &event, "ab");
        event = build_id_case_event(c, 1, DEVICE);
        event.exe = BYTES_LITERAL("/usr/bin/other");
        build_id_case_assert_waits(c, &event);
}

/* Nobody believes the one who answers. */
static void test_bad_answers(void **state) {
        BuildIdCase *c = *state;
        FileAnswer answer = { BUILD_ID_ANSWER, .build_id = { 1, { 1 } } };
        Event event = build_id_case_event(c, 1, DEVICE);

        assert_int_equal(build_ids_answer(c->ids, &answer, sizeof(answer)), -EBADMSG);
        build_id_case_assert_waits(c, &event);
        answer.number = c->asked.number + 1;
        assert_int_equal(build_ids_answer(c->ids, &answer, sizeof(answer)), -EBADMSG);
        answer.number = c->asked.number;
        answer.version++;
        assert_int_equal(build_ids_answer(c->ids, &answer, sizeof(answer)), -EBADMSG);
        answer.version--;
        answer.kind++;
        assert_int_equal(build_ids_answer(c->ids, &answer, sizeof(answer)), -EBADMSG);
        answer.kind--;
        assert_int_equal(build_ids_answer(c->ids, &answer, sizeof(answer) - 1), -EBADMSG);
        assert_int_equal(build_ids_answer(c->ids, &answer, sizeof(answer) + 1), -EBADMSG);
        assert_int_equal(build_id_case_answer(c, 0, BUILD_ID_SIZE_MAX + 1, 1), -EBADMSG);
        assert_int_equal(build_id_case_answer(c, 0, 0, 1), -EBADMSG);
        assert_int_equal(build_id_case_answer(c, -ENODATA, 1, 1), -EBADMSG);
        build_id_case_assert_waits(c, &event);
        assert_int_equal(build_ids_answer(c->ids, &answer, sizeof(answer)), 0);
        assert_int_equal(build_ids_answer(c->ids, &answer, sizeof(answer)), -EBADMSG);
        build_id_case_assert_has(c, &event, "01");
}

/* A file that can't be opened is asked for again, but not at once. */
static void test_unreadable(void **state) {
        BuildIdCase *c = *state;
        Event event = build_id_case_event(c, 1, DEVICE);

        build_id_case_assert_waits(c, &event);
        assert_int_equal(build_id_case_answer(c, -ENOENT, 0, 0), 0);
        fake_clock_usec += BUILD_ID_RETRY_USEC - 1;
        build_id_case_assert_has(c, &event, NULL);
        event = build_id_case_event(c, 1, DEVICE);
        build_id_case_assert_has(c, &event, NULL);
        fake_clock_usec += 1;
        build_id_case_assert_waits(c, &event);
        assert_int_equal(build_id_case_answer(c, 0, 1, 1), 0);
        build_id_case_assert_has(c, &event, "01");
}

/* Written so shortly before that it may have been written again in the same tick. */
static void test_changed_just_now(void **state) {
        static const struct {
                int64_t age_ns;
                bool fraction, certain;
        } cases[] = {
                { 0, true, false },
                { 2 * FAKE_CLOCK_TICK_NSEC, true, false },
                { 2 * FAKE_CLOCK_TICK_NSEC + 1000, true, true },
                { -2 * FAKE_CLOCK_TICK_NSEC, true, false },
                { -2 * FAKE_CLOCK_TICK_NSEC - 1000, true, true },
                { 1000000000, false, false },
                { 2000000000, false, false },
                { 3000000000, false, true },
                { 1000000000, true, true },
        };
        BuildIdCase *c = *state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Event event = build_id_case_event(c, 100 + i, DEVICE);

                /* 1 µs, so that no sum of these is a whole second. */
                event.timestamp = EXECUTED_USEC + (cases[i].fraction ? 1 : 0);
                event.file.ctime_ns = (int64_t) event.timestamp * 1000 - cases[i].age_ns;
                if (cases[i].certain) {
                        build_id_case_assert_waits(c, &event);
                        assert_int_equal(build_id_case_answer(c, 0, 1, 1), 0);
                }
                build_id_case_assert_has(c, &event, cases[i].certain ? "01" : NULL);
        }
        for (int i = 0; i < 4; i++) {
                Event event = build_id_case_event(c, 200, DEVICE);

                event.file.ctime_ns = i & 1 ? INT64_MIN : INT64_MAX;
                event.timestamp = i & 2 ? UINT64_MAX : 0;
                (void) build_ids_find(c->ids, &event, &(Bytes){});
                (void) build_ids_give_up(c->ids, false);
        }
        /* What is known is not certain, either. */
        for (int i = 0; i < 2; i++) {
                Event event = build_id_case_event(c, 300, DEVICE);

                if (i == 0) {
                        build_id_case_assert_waits(c, &event);
                        assert_int_equal(build_id_case_answer(c, 0, 1, 1), 0);
                } else
                        event.timestamp = (uint64_t) (event.file.ctime_ns / 1000 + TICK_USEC);
                build_id_case_assert_has(c, &event, i == 0 ? "01" : NULL);
        }
}

/* Nobody is there who could be asked. */
static void test_nobody(void **state) {
        BuildIdCase *c = *state;
        Event event = build_id_case_event(c, 1, DEVICE);

        c->fails = -EAGAIN;
        build_id_case_assert_has(c, &event, NULL);
        assert_null(build_ids_question(c->ids));
        build_id_case_assert_has(c, &event, NULL);
        assert_int_equal(c->n_asked, 2);
        assert_int_equal(build_ids_take_skipped(c->ids), 2);
        assert_int_equal(build_ids_take_skipped(c->ids), 0);
        c->fails = 0;
        build_id_case_assert_waits(c, &event);
}

static void test_memory(void **state) {
        BuildIds *ids = NULL;
        size_t n = 0;
        int r;

        (void) state;
        do {
                memory_fail_after(n++);
                r = build_ids_new(build_id_case_ask, NULL, &ids);
                assert_int_equal(r, memory_restore() ? -ENOMEM : 0);
        } while (r < 0);
        assert_true(n > 2);
        assert_null(build_ids_free(ids));
        assert_null(build_ids_free(NULL));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, build_id_case_setup, build_id_case_teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(test_asked_once),
                TEST(test_none),
                TEST(test_no_file),
                TEST(test_long_ids),
                TEST(test_paths),
                TEST(test_of_path),
                TEST(test_bad_answers),
                TEST(test_unreadable),
                TEST(test_changed_just_now),
                TEST(test_nobody),
                cmocka_unit_test(test_memory),
        };

        return cmocka_run_group_tests_name("build-id", tests, NULL, NULL);
}
