/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What outlives the process, whenever that is killed. */

#include "restart/checkpoint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/memfd.h"

/* Figures that are all different, and different for each `n`. */
static CheckpointData figures(uint64_t n) {
        CheckpointData saved = {
                .maps = (uint32_t) n + 1,
                .ring = (uint32_t) n + 2,
                .position = 8 * n,
                .time_ns = n + 4,
                .totals = { .recorded = n + 5, .suppressed = n + 6, .malformed = n + 7, .collapsed = n + 3 },
                .said_suppressed = n + 8,
                .said_filtered = n + 9,
                .said_collapsed = n + 99,
                .said_limited = n + 98,
        };

        for (size_t i = 0; i < _LOST_CAUSE_MAX; i++)
                saved.said_lost[i] = n + 10 + i;
        for (size_t i = 0; i < EXEC_RULE_COUNT; i++) {
                saved.totals.dropped[i] = n + 100 + i;
                saved.said_dropped[i] = n + 200 + i;
        }
        return saved;
}

static void assert_saved(const Checkpoint *checkpoint, const CheckpointData *expected) {
        CheckpointData found;

        memset(&found, 0xff, sizeof(found));
        checkpoint_load(checkpoint, &found);
        assert_int_equal(found.maps, expected->maps);
        assert_int_equal(found.ring, expected->ring);
        assert_int_equal(found.position, expected->position);
        assert_int_equal(found.time_ns, expected->time_ns);
        assert_int_equal(found.totals.recorded, expected->totals.recorded);
        assert_int_equal(found.totals.suppressed, expected->totals.suppressed);
        assert_int_equal(found.totals.malformed, expected->totals.malformed);
        assert_int_equal(found.said_suppressed, expected->said_suppressed);
        assert_int_equal(found.said_filtered, expected->said_filtered);
        assert_int_equal(found.totals.collapsed, expected->totals.collapsed);
        assert_int_equal(found.totals.held, 0);
        assert_int_equal(found.said_collapsed, expected->said_collapsed);
        assert_int_equal(found.said_limited, expected->said_limited);
        assert_memory_equal(found.said_lost, expected->said_lost, sizeof(found.said_lost));
        assert_memory_equal(found.totals.dropped, expected->totals.dropped, sizeof(found.totals.dropped));
        assert_memory_equal(found.said_dropped, expected->said_dropped, sizeof(found.said_dropped));
}

static Checkpoint *new_state(void) {
        Checkpoint *checkpoint = NULL;

        assert_int_equal(checkpoint_new(&checkpoint), 0);
        return checkpoint;
}

static Checkpoint *open_state(int fd) {
        Checkpoint *checkpoint = NULL;

        assert_int_equal(checkpoint_open(fd, &checkpoint), 0);
        return checkpoint;
}

static void test_new_is_empty(void **checkpoint) {
        _cleanup_(checkpoint_freep) Checkpoint *s = new_state();

        (void) checkpoint;
        assert_saved(s, &(CheckpointData){});
        assert_int_equal(checkpoint_accounted(s), 0);
        assert_int_equal(checkpoint_deaths(s), 0);
}

static void test_saved_and_loaded(void **checkpoint) {
        _cleanup_(checkpoint_freep) Checkpoint *s = new_state();

        (void) checkpoint;
        for (uint64_t n = 1; n < 5; n++) {
                const CheckpointData saved = figures(n << 32);

                checkpoint_save(s, &saved);
                assert_saved(s, &saved);
        }
}

/* The next process has no more than the descriptor. */
static void test_opened_again(void **checkpoint) {
        const CheckpointData saved = figures(5);
        _cleanup_(checkpoint_freep) Checkpoint *first = new_state(), *second = NULL;

        (void) checkpoint;
        assert_int_equal(checkpoint_next_generation(first), 1);
        assert_int_equal(checkpoint_next_generation(first), 2);
        checkpoint_save(first, &saved);
        checkpoint_enter(first);
        second = open_state(checkpoint_fd(first));
        assert_int_not_equal(checkpoint_fd(second), checkpoint_fd(first));
        first = checkpoint_free(first);

        assert_saved(second, &saved);
        assert_int_equal(checkpoint_next_generation(second), 3);
        assert_int_equal(checkpoint_deaths(second), 1);
}

/* What one process holds is gone with it: the next counts it as dropped, so that the sum stays. */
static void test_held(void **checkpoint) {
        _cleanup_(checkpoint_freep) Checkpoint *s = new_state();
        CheckpointData saved = { .totals = { .recorded = 10, .suppressed = 5, .collapsed = 3, .held = 2 } };

        (void) checkpoint;
        checkpoint_save(s, &saved);
        assert_int_equal(checkpoint_accounted(s), 17);
        saved.totals = (Totals){ .recorded = 10, .suppressed = 7, .collapsed = 5 };
        assert_saved(s, &saved);
}

static void test_accounted(void **checkpoint) {
        _cleanup_(checkpoint_freep) Checkpoint *s = new_state();
        const CheckpointData saved = {
                .totals = { .recorded = 1, .suppressed = 20, .malformed = 300 },
                /* The malformed ones are among the totals. */
                .said_lost = {
                        [LOST_RING_FULL] = 4000,
                        [LOST_SLOT_BUSY] = 50000,
                        [LOST_FAILURES_FULL] = 600000,
                        [LOST_MALFORMED] = 300,
                },
                .said_suppressed = 1ULL << 40,
                .said_filtered = 1ULL << 40,
        };

        (void) checkpoint;
        checkpoint_save(s, &saved);
        assert_int_equal(checkpoint_accounted(s), 654321);
}

/* Deaths that have the same records in common count, others don't. */
static void test_deaths(void **checkpoint) {
        _cleanup_(checkpoint_freep) Checkpoint *s = new_state();
        CheckpointData saved = figures(1);

        (void) checkpoint;
        checkpoint_save(s, &saved);
        for (uint64_t n = 1; n < 4; n++) {
                checkpoint_enter(s);
                assert_int_equal(checkpoint_deaths(s), n);
        }
        checkpoint_save(s, &saved);
        assert_int_equal(checkpoint_deaths(s), 3);
        saved.position += 8;
        checkpoint_save(s, &saved); /* some came through, and the process goes on with others */
        assert_int_equal(checkpoint_deaths(s), 1);
        checkpoint_leave(s);
        assert_int_equal(checkpoint_deaths(s), 0);
        checkpoint_enter(s);
        checkpoint_leave(s);
        assert_int_equal(checkpoint_deaths(s), 0);
        saved.position += 8;
        checkpoint_save(s, &saved); /* a notice, say */
        assert_int_equal(checkpoint_deaths(s), 0);
}

/* Figures of two moments are never mixed, wherever the process was killed. */
static void test_killed(void **checkpoint) {
        uint64_t furthest = 0;

        (void) checkpoint;
        for (int round = 0; round < 200; round++) {
                _cleanup_(checkpoint_freep) Checkpoint *s = new_state(), *again = NULL;
                CheckpointData found, expected;
                pid_t pid = fork();
                int status;

                assert_true(pid >= 0);
                for (uint64_t n = 1; pid == 0; n++) {
                        const CheckpointData saved = figures(n);

                        checkpoint_save(s, &saved);
                }
                do
                        checkpoint_load(s, &found);
                while (found.position <= 8 * (uint64_t) round * 10);
                assert_int_equal(kill(pid, SIGKILL), 0);
                assert_int_equal(waitpid(pid, &status, 0), pid);

                again = open_state(checkpoint_fd(s));
                checkpoint_load(again, &found);
                expected = figures(found.position / 8);
                assert_saved(again, &expected);
                if (found.position > furthest)
                        furthest = found.position;
        }
        assert_true(furthest > 8 * 1000);
}

static void assert_refused(int fd) {
        Checkpoint *checkpoint = (Checkpoint *) &fd;

        assert_int_equal(checkpoint_open(fd, &checkpoint), -EBADMSG);
        assert_ptr_equal(checkpoint, &fd);
        if (fd >= 0)
                assert_true(fcntl(fd, F_GETFD) >= 0);
}

static void test_others_are_refused(void **checkpoint) {
        _cleanup_(checkpoint_freep) Checkpoint *s = new_state();
        _cleanup_close_ int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
        _cleanup_close_ int unsealed = memfd_new("unsealed"), zero = memfd_new("zero"),
                            small = memfd_new("small");
        struct stat st;

        (void) checkpoint;
        assert_int_equal(fstat(checkpoint_fd(s), &st), 0);
        assert_refused(-EBADF);
        assert_refused(file);
        assert_int_equal(ftruncate(unsealed, st.st_size), 0);
        assert_refused(unsealed);
        assert_int_equal(ftruncate(zero, st.st_size), 0);
        assert_int_equal(fcntl(zero, F_ADD_SEALS, F_SEAL_SHRINK), 0);
        assert_refused(zero);
        assert_int_equal(ftruncate(small, st.st_size - 1), 0);
        assert_int_equal(fcntl(small, F_ADD_SEALS, F_SEAL_SHRINK), 0);
        assert_refused(small);
        /* Nobody can take the memory away. */
        assert_true(ftruncate(checkpoint_fd(s), 0) < 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_new_is_empty),
                cmocka_unit_test(test_saved_and_loaded),
                cmocka_unit_test(test_opened_again),
                cmocka_unit_test(test_accounted),
                cmocka_unit_test(test_held),
                cmocka_unit_test(test_deaths),
                cmocka_unit_test(test_killed),
                cmocka_unit_test(test_others_are_refused),
        };

        return cmocka_run_group_tests_name("checkpoint", tests, NULL, NULL);
}
