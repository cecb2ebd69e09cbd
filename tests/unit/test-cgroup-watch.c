/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The watch in a loop: what it walks and when, what it tells, and that the loop goes on meanwhile. */

#include "cgroup-case.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroup/watch.h"

typedef struct Case {
        char path[sizeof("/tmp/test-watch-XXXXXX")];
        sd_event *event;
        sd_event_source *tick; /* something else that the loop has to do */
        CgroupWatch *watch;
        uint64_t lost;
        int open_error; /* what the hierarchy can't be opened with; 0: it can */
        unsigned n_changed, n_gone, n_walked, n_ticks, ticks_at_end;
        int result;
        bool exit_when_walked;
} Case;

static void on_changed(void *userdata, uint64_t id, const CgroupPlace *place) {
        Case *c = userdata;

        (void) id;
        c->n_changed += place != NULL;
        c->n_gone += place == NULL;
}

static uint64_t lost(void *userdata) {
        return ((Case *) userdata)->lost;
}

static void on_walked(void *userdata, int result) {
        Case *c = userdata;

        c->n_walked++;
        c->result = result;
        c->ticks_at_end = c->n_ticks;
        if (c->exit_when_walked)
                assert_true(sd_event_exit(c->event, 0) >= 0);
}

static int open_root(void *userdata, int *ret_fd, char **ret_path) {
        const Case *c = userdata;

        if (c->open_error < 0)
                return c->open_error;
        *ret_fd = open(c->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        *ret_path = strdup("/");
        assert_true(*ret_fd >= 0 && *ret_path);
        return 0;
}

static int on_tick(sd_event_source *source, uint64_t usec, void *userdata) {
        Case *c = userdata;

        (void) usec;
        c->n_ticks++;
        assert_true(sd_event_source_set_time_relative(source, 500) >= 0);
        return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int setup(void **state) {
        static const CgroupWatchCalls calls = {
                .changed = on_changed,
                .lost = lost,
                .walked = on_walked,
                .open_root = open_root,
        };
        Case *c = calloc(1, sizeof(*c));

        assert_non_null(c);
        strcpy(c->path, "/tmp/test-watch-XXXXXX");
        assert_non_null(mkdtemp(c->path));
        assert_int_equal(sd_event_new(&c->event), 0);
        assert_int_equal(cgroup_watch_new(c->event, &calls, c, &c->watch), 0);
        *state = c;
        return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw) {
        (void) st;
        (void) type;
        (void) ftw;
        return remove(path);
}

static int teardown(void **state) {
        Case *c = *state;

        sd_event_source_disable_unref(c->tick);
        cgroup_watch_free(c->watch);
        sd_event_unref(c->event);
        assert_int_equal(nftw(c->path, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
        free(c);
        return 0;
}

static void make_many(const Case *c, const char *name, unsigned n) {
        char path[96];

        for (unsigned i = 0; i < n; i++) {
                (void) snprintf(path, sizeof(path), "%s/%s%u", c->path, name, i);
                assert_int_equal(mkdir(path, 0755), 0);
        }
}

/* Runs the loop until the walk that is going on, or is to come, has ended. */
static void run_walk(Case *c) {
        unsigned before = c->n_walked;

        c->exit_when_walked = true;
        assert_true(sd_event_loop(c->event) >= 0);
        assert_int_equal(c->n_walked, before + 1);
        c->exit_when_walked = false;
}

static void test_at_once(void **state) {
        Case *c = *state;

        make_many(c, "u", 10);
        assert_string_equal(cgroup_watch_not_covered(c->watch), "cgroups that a walk has not reached yet");
        assert_int_equal(cgroup_watch_start(c->watch, 10000000), 0);
        assert_int_equal(c->n_walked, 1);
        assert_int_equal(c->result, 0);
        assert_int_equal(c->n_changed, 11);
        assert_int_equal(cgroup_tree_size(cgroup_watch_tree(c->watch)), 11);
        assert_null(cgroup_watch_not_covered(c->watch));
        assert_int_equal(cgroup_watch_check(c->watch), 0);
        assert_int_equal(sd_event_run(c->event, 0), 0); /* nothing is to be done */
}

/* What there was no time for at the start is found in the loop, which sees to all else in between. */
static void test_in_steps(void **state) {
        enum {
                N = 5000
        };
        Case *c = *state;

        make_many(c, "u", N);
        assert_int_equal(cgroup_watch_start(c->watch, 0), 0);
        assert_int_equal(c->n_walked, 0);
        assert_string_equal(cgroup_watch_not_covered(c->watch), "cgroups that a walk has not reached yet");
        assert_true(sd_event_add_time_relative(c->event, &c->tick, CLOCK_MONOTONIC, 0, 1, on_tick, c) >= 0);
        run_walk(c);
        assert_int_equal(cgroup_tree_size(cgroup_watch_tree(c->watch)), N + 1);
        assert_null(cgroup_watch_not_covered(c->watch));
        assert_in_range(c->ticks_at_end, 3, N);
}

/* Changes that could not be told of are looked for, a second after the last walk began. */
static void test_lost(void **state) {
        Case *c = *state;
        struct timespec begin, end;
        char path[96];

        make_many(c, "a", 3);
        assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &begin), 0);
        assert_int_equal(cgroup_watch_start(c->watch, 10000000), 0);
        (void) snprintf(path, sizeof(path), "%s/a1", c->path);
        make_many(c, "b", 5);
        assert_int_equal(rmdir(path), 0); /* last, or its number would be another's */
        c->lost = 8;
        for (int i = 0; i < 3; i++)
                assert_int_equal(cgroup_watch_check(c->watch), 0);
        c->lost = 9; /* before it begins: one walk is for all */
        run_walk(c);
        assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &end), 0);
        assert_true((end.tv_sec - begin.tv_sec) * 1000 + (end.tv_nsec - begin.tv_nsec) / 1000000 >= 999);
        assert_int_equal(c->n_changed, 4 + 5);
        assert_int_equal(c->n_gone, 1);
        assert_int_equal(cgroup_watch_check(c->watch), 0);
        assert_int_equal(c->n_walked, 2);
}

static void test_unreadable(void **state) {
        Case *c = *state;

        c->open_error = -ENOENT;
        assert_int_equal(cgroup_watch_start(c->watch, 10000000), 0);
        assert_int_equal(c->n_walked, 1);
        assert_int_equal(c->result, -ENOENT);
        assert_non_null(cgroup_watch_not_covered(c->watch));

        /* It may be mounted later. */
        c->open_error = 0;
        c->lost = 1;
        assert_int_equal(cgroup_watch_check(c->watch), 0);
        run_walk(c);
        assert_int_equal(c->result, 0);
        assert_null(cgroup_watch_not_covered(c->watch));
}

/* Freed while a walk goes on. */
static void test_freed(void **state) {
        Case *c = *state;

        make_many(c, "u", 1000);
        assert_int_equal(cgroup_watch_start(c->watch, 0), 0);
        assert_int_equal(sd_event_run(c->event, 0), 1);
        c->watch = cgroup_watch_free(c->watch);
        assert_int_equal(sd_event_run(c->event, 0), 0);
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                CASE(test_at_once),
                CASE(test_in_steps),
                CASE(test_lost),
                CASE(test_unreadable),
                CASE(test_freed),
        };

        return cmocka_run_group_tests_name("cgroup-watch", tests, NULL, NULL);
}
