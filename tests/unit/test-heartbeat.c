/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A heartbeat with real processes and a ring that is made up. */

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "manager/heartbeat.h"

typedef struct World {
        sd_event *event;
        Heartbeat *heartbeat;
        HeartbeatRing ring;
        unsigned n_executed, n_alive, n_healed, n_blind, n_attached, n_still_blind, n_failed, n_flushed;
        unsigned seen_from; /* executions from this one on are seen; 0: none is */
        int execute_error;
        int attach_error;
        uint64_t seen_usec;
} World;

static int world_execute(void *userdata, pid_t *ret) {
        World *world = userdata;
        pid_t pid;

        if (world->execute_error < 0)
                return world->execute_error;
        pid = fork();
        if (pid == 0)
                _exit(0);
        assert_true(pid > 0);
        world->n_executed++;
        world->ring.end += 100;
        *ret = pid;
        return 0;
}

static HeartbeatRing world_ring(void *userdata) {
        return ((World *) userdata)->ring;
}

static void world_alive(void *userdata, uint64_t seen_usec, bool healed) {
        World *world = userdata;

        world->n_alive++;
        world->n_healed += healed;
        world->seen_usec = seen_usec;
}

static void world_blind(void *userdata, bool attached) {
        World *world = userdata;

        world->n_blind++;
        world->n_still_blind += attached;
}

static void world_failed(void *userdata, int error) {
        World *world = userdata;

        assert_true(error < 0);
        world->n_failed++;
}

static int world_attach(void *userdata) {
        World *world = userdata;

        if (world->attach_error < 0)
                return world->attach_error;
        world->n_attached++;
        return 0;
}

static int world_flush(void *userdata) {
        ((World *) userdata)->n_flushed++;
        return 0;
}

static const HeartbeatOps ops = {
        .execute = world_execute,
        .ring = world_ring,
        .alive = world_alive,
        .blind = world_blind,
        .failed = world_failed,
        .attach = world_attach,
        .flush = world_flush,
};

static int setup(void **state) {
        static World world;
        sigset_t mask;

        world = (World){ .ring = { .last = true } };
        sigemptyset(&mask);
        sigaddset(&mask, SIGCHLD);
        assert_int_equal(sigprocmask(SIG_BLOCK, &mask, NULL), 0);
        assert_true(sd_event_new(&world.event) >= 0);
        assert_int_equal(heartbeat_new(world.event, &ops, &world, &world.heartbeat), 0);
        *state = &world;
        return 0;
}

static int teardown(void **state) {
        World *world = *state;

        (void) heartbeat_free(world->heartbeat);
        sd_event_unref(world->event);
        return 0;
}

/* The daemon reads the ring up to its end, and with it the execs that are seen. */
static void read_ring(World *world) {
        if (heartbeat_pid(world->heartbeat) > 0 && world->seen_from > 0 &&
                world->n_executed >= world->seen_from && world->ring.position < world->ring.end)
                heartbeat_seen(world->heartbeat, 1000, 1250);
        world->ring.position = world->ring.end;
}

/* As the daemon's drain is, the reading is an event of the loop. */
static int on_read(sd_event_source *source, uint64_t usec, void *userdata) {
        (void) usec;
        read_ring(userdata);
        assert_true(sd_event_source_set_time_relative(source, 1000) >= 0);
        return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

/* Lets the loop run until `*counter` is `wanted`; with `reads` the ring is read meanwhile. */
static void run_until(World *world, const unsigned *counter, unsigned wanted, bool reads) {
        sd_event_source *reader = NULL;

        if (reads)
                assert_true(sd_event_add_time_relative(
                                    world->event, &reader, CLOCK_MONOTONIC, 1000, 1, on_read, world) >= 0);
        for (unsigned i = 0; *counter < wanted; i++) {
                assert_true(i < 100000);
                assert_true(sd_event_run(world->event, 10 * 1000 * 1000) > 0);
        }
        sd_event_source_disable_unref(reader);
}

/* Lets the loop run until the process has ended, and then some intervals longer. */
static void run_unread(World *world) {
        run_until(world, &world->n_executed, 1, false);
        while (heartbeat_pid(world->heartbeat) > 0 && kill(heartbeat_pid(world->heartbeat), 0) == 0)
                assert_true(sd_event_run(world->event, 1000) >= 0);
        for (unsigned i = 0; i < 10; i++)
                assert_true(sd_event_run(world->event, 2000) >= 0);
}

static void test_seen(void **state) {
        World *world = *state;

        world->seen_from = 1;
        assert_int_equal(heartbeat_set_interval(world->heartbeat, 1000), 0);
        run_until(world, &world->n_alive, 3, true);
        assert_int_equal(world->n_blind, 0);
        assert_int_equal(world->n_healed, 0);
        assert_int_equal(world->seen_usec, 250);
        assert_int_equal(world->n_executed, 3);
}

static void test_one_is_lost(void **state) {
        World *world = *state;

        world->seen_from = HEARTBEAT_TRIES;
        assert_int_equal(heartbeat_set_interval(world->heartbeat, 1000), 0);
        run_until(world, &world->n_alive, 1, true);
        assert_int_equal(world->n_blind, 0);
        assert_int_equal(world->n_executed, HEARTBEAT_TRIES);
}

static void test_attaching_helps(void **state) {
        World *world = *state;

        world->seen_from = HEARTBEAT_TRIES + 1;
        assert_int_equal(heartbeat_set_interval(world->heartbeat, 1000), 0);
        run_until(world, &world->n_alive, 1, true);
        assert_int_equal(world->n_blind, 1);
        assert_int_equal(world->n_still_blind, 0);
        assert_int_equal(world->n_attached, 1);
        assert_int_equal(world->n_healed, 1);
        assert_true(world->n_flushed > 0);

        /* Later beats have nothing to do with that. */
        run_until(world, &world->n_alive, 2, true);
        assert_int_equal(world->n_healed, 1);
}

static void test_attaching_does_not_help(void **state) {
        World *world = *state;

        assert_int_equal(heartbeat_set_interval(world->heartbeat, 1000), 0);
        run_until(world, &world->n_blind, 2, true);
        assert_int_equal(world->n_still_blind, 1);
        assert_int_equal(world->n_attached, 1);
        assert_int_equal(world->n_executed, 2 * HEARTBEAT_TRIES);

        /* At the next interval it is tried again. */
        world->seen_from = world->n_executed + 1;
        run_until(world, &world->n_alive, 1, true);
        assert_int_equal(world->n_healed, 0);
}

static void test_attaching_fails(void **state) {
        World *world = *state;

        world->attach_error = -ENOMEM;
        assert_int_equal(heartbeat_set_interval(world->heartbeat, 1000), 0);
        run_until(world, &world->n_blind, 2, true);
        assert_int_equal(world->n_still_blind, 0);
        assert_int_equal(world->n_executed, 2 * HEARTBEAT_TRIES);
}

/* While the sink takes nothing the ring is not read: that is no blindness. */
static void test_ring_is_not_read(void **state) {
        World *world = *state;

        world->seen_from = 1;
        assert_int_equal(heartbeat_set_interval(world->heartbeat, 1000), 0);
        run_unread(world);
        assert_int_equal(world->n_executed, 1);
        assert_int_equal(world->n_blind, 0);
        assert_int_equal(world->n_alive, 0);
        run_until(world, &world->n_alive, 1, true);
        assert_int_equal(world->n_blind, 0);
}

static void test_other_ring_follows(void **state) {
        World *world = *state;

        world->ring.last = false;
        world->ring.position = 1000000;
        assert_int_equal(heartbeat_set_interval(world->heartbeat, 1000), 0);
        run_unread(world);
        assert_int_equal(world->n_executed, 1);
        assert_int_equal(world->n_blind, 0);
}

static void test_execute_fails(void **state) {
        World *world = *state;

        world->execute_error = -EAGAIN;
        assert_int_equal(heartbeat_set_interval(world->heartbeat, 1000), 0);
        run_until(world, &world->n_failed, 2, true);
        assert_int_equal(world->n_blind, 0);

        world->execute_error = 0;
        world->seen_from = 1;
        run_until(world, &world->n_alive, 1, true);
}

static void test_never(void **state) {
        World *world = *state;

        assert_int_equal(heartbeat_set_interval(world->heartbeat, 1000), 0);
        assert_int_equal(heartbeat_set_interval(world->heartbeat, 0), 0);
        assert_int_equal(sd_event_run(world->event, 20 * 1000), 0);
        assert_int_equal(world->n_executed, 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_seen, setup, teardown),
                cmocka_unit_test_setup_teardown(test_one_is_lost, setup, teardown),
                cmocka_unit_test_setup_teardown(test_attaching_helps, setup, teardown),
                cmocka_unit_test_setup_teardown(test_attaching_does_not_help, setup, teardown),
                cmocka_unit_test_setup_teardown(test_attaching_fails, setup, teardown),
                cmocka_unit_test_setup_teardown(test_ring_is_not_read, setup, teardown),
                cmocka_unit_test_setup_teardown(test_other_ring_follows, setup, teardown),
                cmocka_unit_test_setup_teardown(test_execute_fails, setup, teardown),
                cmocka_unit_test_setup_teardown(test_never, setup, teardown),
        };

        return cmocka_run_group_tests_name("heartbeat", tests, NULL, NULL);
}
