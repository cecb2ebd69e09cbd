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

/* Whoever was asked has ended, maybe of this very file. */
static void test_given_up(void **state) {
        BuildIdCase *c = *state;
        Event event = build_id_case_event(c, 1, DEVICE), other;

        assert_int_equal(build_ids_give_up(c->ids, false), 0);
        build_id_case_assert_waits(c, &event);
        assert_int_equal(build_ids_give_up(c->ids, false), BUILD_ID_ASIDE_USEC);
        assert_null(build_ids_question(c->ids));
        build_id_case_assert_has(c, &event, NULL);
        event = build_id_case_event(c, 1, DEVICE);
        build_id_case_assert_has(c, &event, NULL);
        assert_int_equal(build_id_case_answer(c, 0, 1, 1), -EBADMSG);
        /* Others on the same file system are asked for. */
        other = build_id_case_event(c, 2, DEVICE);
        build_id_case_assert_waits(c, &other);
        assert_int_equal(build_id_case_answer(c, 0, 1, 1), 0);
        fake_clock_usec += BUILD_ID_ASIDE_USEC;
        build_id_case_assert_waits(c, &event);
}

/* Time is up for a question about a file of this device. Returns how long it is put aside. */
static uint64_t hang(BuildIdCase *c, uint64_t inode, uint32_t device) {
        Event event = build_id_case_event(c, inode, device);
        uint64_t aside;

        build_id_case_assert_waits(c, &event);
        fake_clock_usec += BUILD_ID_ANSWER_USEC;
        aside = build_ids_give_up(c->ids, true);
        build_id_case_assert_has(c, &event, NULL);
        return aside;
}

static void assert_aside(BuildIdCase *c, uint64_t inode, uint32_t device) {
        Event event = build_id_case_event(c, inode, device);
        size_t n_asked = c->n_asked;

        build_id_case_assert_has(c, &event, NULL);
        assert_int_equal(c->n_asked, n_asked);
}

/* All files of a file system that hangs, for longer and longer, until it answers. */
static void test_hangs(void **state) {
        uint64_t expected = BUILD_ID_ASIDE_USEC, inode = 1;
        BuildIdCase *c = *state;
        Event event;

        for (int i = 0; i < 10; i++) {
                assert_int_equal(hang(c, inode++, DEVICE), expected);
                assert_aside(c, inode++, DEVICE);
                assert_true(build_ids_take_skipped(c->ids) > 0);
                fake_clock_usec += expected - 1;
                assert_aside(c, inode++, DEVICE);
                event = build_id_case_event(c, inode++, DEVICE + 1);
                build_id_case_assert_waits(c, &event);
                assert_int_equal(build_id_case_answer(c, 0, 1, 1), 0);
                fake_clock_usec += 1;
                expected = expected * 2 < BUILD_ID_ASIDE_MAX_USEC ? expected * 2 : BUILD_ID_ASIDE_MAX_USEC;
        }
        event = build_id_case_event(c, inode++, DEVICE);
        build_id_case_assert_waits(c, &event);
        assert_int_equal(build_id_case_answer(c, -ENOENT, 0, 0), 0);
        assert_int_equal(hang(c, inode++, DEVICE), BUILD_ID_ASIDE_USEC);
}

/* Of more than can be remembered the one is forgotten whose time is over first. */
static void test_many_hang(void **state) {
        BuildIdCase *c = *state;
        Event event;

        for (uint32_t device = 0; device <= BUILD_ID_DEVICES_MAX; device++) {
                (void) hang(c, 1, device);
                fake_clock_usec += 3000000; /* enough to be allowed to wait again */
        }
        for (uint32_t device = 1; device <= BUILD_ID_DEVICES_MAX; device++)
                assert_aside(c, 2, device);
        event = build_id_case_event(c, 2, 0);
        build_id_case_assert_waits(c, &event);
}

/* No more than the burst is spent in waiting, and then a tenth of the time, whoever is to blame. */
static void test_allowance(void **state) {
        uint64_t inode = 1, waited = 0, begin, skipped = 0;
        const uint64_t wait = 5000, pause = 1000, span = 100ULL * 1000 * 1000;
        BuildIdCase *c = *state;

        fake_clock_usec += 1000ULL * 1000 * 1000;
        begin = fake_clock_usec;
        while (fake_clock_usec - begin < span) {
                Event event = build_id_case_event(c, inode++, DEVICE);
                Bytes id;

                if (build_ids_find(c->ids, &event, &id) == -EINPROGRESS)
                        waited += wait;
                else {
                        skipped++;
                        fake_clock_usec += pause;
                }
                /* It is asked all the same, for those who come later. */
                assert_true(file_identity_equal(&c->asked.file, &event.file));
                fake_clock_usec += wait;
                assert_int_equal(build_id_case_answer(c, 0, 1, 1), 0);
                event = build_id_case_event(c, event.file.inode, DEVICE);
                build_id_case_assert_has(c, &event, "01");
                fake_clock_usec += pause;
        }
        assert_in_range(waited, BUILD_ID_WAIT_BURST_USEC + span / BUILD_ID_WAIT_SHARE - 100000,
                BUILD_ID_WAIT_BURST_USEC + span / BUILD_ID_WAIT_SHARE + wait);
        assert_true(skipped > 0);
        assert_int_equal(build_ids_take_skipped(c->ids), skipped);
}

/*
 * While something is asked without anybody waiting, what is known is told, and what is not waits for its
 * turn.
 */
static void test_asked_in_passing(void **state) {
        BuildIdCase *c = *state;
        Event known = build_id_case_event(c, 1, DEVICE), first, second;

        build_id_case_assert_waits(c, &known);
        assert_int_equal(build_id_case_answer(c, 0, 1, 0x11), 0);
        for (uint64_t inode = 100; inode < 105; inode++) /* all that may be spent, and more */
                (void) hang(c, inode, (uint32_t) inode);

        first = build_id_case_event(c, 2, DEVICE);
        build_id_case_assert_has(c, &first, NULL);
        assert_true(file_identity_equal(&build_ids_question(c->ids)->file, &first.file));
        known = build_id_case_event(c, 1, DEVICE);
        build_id_case_assert_has(c, &known, "11");

        second = build_id_case_event(c, 3, DEVICE);
        build_id_case_assert_has(c, &second, NULL);
        fake_clock_usec += BUILD_ID_WAIT_BURST_USEC * BUILD_ID_WAIT_SHARE;
        build_id_case_assert_waits(c, &second);
        assert_true(file_identity_equal(&build_ids_question(c->ids)->file, &first.file));
        assert_int_equal(build_id_case_answer(c, 0, 1, 0x22), 0);
        build_id_case_assert_waits(c, &second);
        assert_true(file_identity_equal(&build_ids_question(c->ids)->file, &second.file));
        assert_int_equal(build_id_case_answer(c, 0, 1, 0x33), 0);
        build_id_case_assert_has(c, &second, "33");
        first = build_id_case_event(c, 2, DEVICE);
        build_id_case_assert_has(c, &first, "22");
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
                TEST(test_given_up),
                TEST(test_hangs),
                TEST(test_many_hang),
                TEST(test_allowance),
                TEST(test_asked_in_passing),
                cmocka_unit_test(test_memory),
        };

        return cmocka_run_group_tests_name("build-id", tests, NULL, NULL);
}
