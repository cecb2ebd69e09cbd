/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Files that nobody answers for in time. */

#include "build-id-case.h"

#define DEVICE (8U << 20 | 1)

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

#define TEST(name) cmocka_unit_test_setup_teardown(name, build_id_case_setup, build_id_case_teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(test_given_up),
                TEST(test_hangs),
                TEST(test_many_hang),
                TEST(test_allowance),
                TEST(test_asked_in_passing),
        };

        return cmocka_run_group_tests_name("build-id-hangs", tests, NULL, NULL);
}
