/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Searches along PATH on their way through the pipeline: held back, dropped, recorded, whatever the sink
 * does meanwhile.
 */

#include "failing-memory.h"
#include "fake-clock.h"
#include "fake-ring.h"
#include "fake-sink.h"
#include "pipeline/pipeline.h"
#include "record.h"

#define RING_SIZE 16384U
#define EXECS_MAX 64

typedef struct Exec {
        uint32_t pid;
        const char *filename;
        uint16_t error;
} Exec;

/*
 * Three processes: one finds its program, one finds none and one goes on to another; and one that searches
 * for nothing.
 */
static const Exec execs[] = {
        { 1, "/a/x", ENOENT }, /* 1 */
        { 2, "/a/y", ENOENT }, { 9, "/bin/true", 0 }, /* 3, recorded */
        { 1, "/b/x", ENOTDIR }, { 3, "/a/z", ENOENT }, { 2, "/b/y", ENOENT },
        { 1, "/c/x", 0 }, /* 7, recorded */
        { 3, "/b/z", ENOENT }, /* 8, recorded: 3 goes on to another */
        { 9, "/bin/false", 0 }, /* 9, recorded */
        { 3, "/b/w", 0 }, /* 10, recorded */
        { 2, "/c/y", ENOENT }, /* 11, recorded at the end */
        { 9, "/bin/x", EACCES }, /* 12, recorded */
};

static const int64_t recorded[] = { 3, 7, 9, 8, 10, 12, 11 };

typedef struct Flow {
        FakeRing fake;
        Ring *ring;
        FakeSink sink;
        Config config;
        Policy policy;
        Pipeline pipeline;
        uint64_t ends[EXECS_MAX];
        uint32_t tries[EXECS_MAX]; /* by number */
        size_t n;
} Flow;

static void on_event(void *userdata, const Event *event) {
        Flow *f = userdata;

        assert_true(event->seq < EXECS_MAX);
        f->tries[event->seq] = event->tries;
}

static void flow_add(Flow *f, const Exec *exec) {
        const RecordHead head = {
                .kind = exec->error ? EXEC_RECORD_FAILED : EXEC_RECORD_EXEC,
                .tgid = exec->pid,
                .start_ns = exec->pid,
                .time_ns = exec->pid,
                .error = exec->error,
                .comm = "c",
        };
        const RecordParts parts = {
                .filename = bytes_of_string(exec->filename),
                .exe = exec->error ? BYTES_NULL : BYTES_LITERAL("x\0"),
                .args_head = BYTES_LITERAL("a\0b\0"),
        };
        _cleanup_free_ char *record = NULL;
        size_t size;

        record = record_new(&head, &parts, &size);
        fake_ring_add(&f->fake, record, size);
        f->ends[f->n++] = *fake_ring_producer(&f->fake);
}

static void flow_init(Flow *f, FailuresMode failures, size_t capacity) {
        *f = (Flow){ .config = { .failures = failures } };
        fake_ring_init(&f->fake, RING_SIZE, 0);
        assert_int_equal(ring_new(f->fake.fd, RING_SIZE, &f->ring), 0);
        fake_sink_init(&f->sink, capacity);
        f->sink.on_event = on_event;
        f->sink.userdata = f;
        f->policy.config = &f->config;
        f->pipeline = (Pipeline){ .policy = &f->policy, .events.ring = f->ring, .sink = &f->sink.sink };
        for (size_t i = 0; i < ELEMENTSOF(execs); i++)
                flow_add(f, &execs[i]);
}

static void flow_done(Flow *f) {
        pipeline_done(&f->pipeline);
        ring_free(f->ring);
        fake_ring_done(&f->fake);
}

/* What left the ring was recorded, dropped, or is held. */
static void flow_check(const Flow *f) {
        const Totals *totals = &f->pipeline.totals;
        size_t released = 0;

        for (size_t i = 0; i < f->n; i++)
                released += f->ends[i] <= *fake_ring_consumer(&f->fake);
        assert_int_equal(totals->recorded + totals->suppressed + totals->malformed + totals->held, released);
        assert_int_equal(totals->suppressed, totals->collapsed);
}

static void flow_drain(Flow *f, size_t records_max) {
        for (size_t rounds = 0;; rounds++) {
                int r = pipeline_drain(&f->pipeline, ring_end(f->ring), records_max);

                (void) memory_restore();
                assert_true(rounds < 1000);
                flow_check(f);
                if (r == 0 && ring_position(f->ring) == ring_end(f->ring) &&
                        pipeline_deadline(&f->pipeline) != 0)
                        return;
        }
}

/* Each once, and the last of a search that found nothing says how many there were. */
static void check_all(const Flow *f, const FakeSink *const sinks[], size_t n_sinks) {
        size_t times[EXECS_MAX] = {}, n = 0;

        for (size_t k = 0; k < n_sinks; k++)
                for (size_t i = 0; i < sinks[k]->n_delivered; i++, n++)
                        times[sinks[k]->delivered[i]]++;
        assert_int_equal(n, ELEMENTSOF(recorded));
        for (size_t i = 0; i < ELEMENTSOF(recorded); i++)
                assert_int_equal(times[recorded[i]], 1);
        assert_int_equal(f->pipeline.totals.recorded, ELEMENTSOF(recorded));
        assert_int_equal(f->pipeline.totals.collapsed, ELEMENTSOF(execs) - ELEMENTSOF(recorded));
        assert_int_equal(f->pipeline.totals.held, 0);
        assert_int_equal(f->tries[8], 2);
        assert_int_equal(f->tries[11], 3);
        assert_int_equal(f->tries[12], 0);
        assert_true(pipeline_deadline(&f->pipeline) == UINT64_MAX);
}

static void test_together(void **state) {
        _cleanup_(flow_done) Flow f;

        (void) state;
        flow_init(&f, FAILURES_YES, 100);
        flow_drain(&f, SIZE_MAX);
        assert_int_equal(f.pipeline.totals.held, 1);
        assert_int_equal(pipeline_deadline(&f.pipeline), fake_clock_usec + SEARCH_USEC);
        fake_clock_usec += SEARCH_USEC - 1;
        flow_drain(&f, SIZE_MAX);
        assert_int_equal(f.pipeline.totals.held, 1);
        fake_clock_usec++;
        flow_drain(&f, SIZE_MAX);
        assert_memory_equal(f.sink.delivered, recorded, sizeof(recorded));
        check_all(&f, (const FakeSink *const[]){ &f.sink }, 1);
}

static void test_each(void **state) {
        _cleanup_(flow_done) Flow f;

        (void) state;
        flow_init(&f, FAILURES_ALL, 100);
        flow_drain(&f, SIZE_MAX);
        assert_int_equal(f.sink.n_delivered, ELEMENTSOF(execs));
        for (size_t i = 0; i < ELEMENTSOF(execs); i++) {
                assert_int_equal(f.sink.delivered[i], i + 1);
                assert_int_equal(f.tries[i + 1], 0);
        }
        assert_int_equal(f.pipeline.totals.held, 0);
}

/* Each call of the sink fails, once or several times, and records come in small batches. */
static void test_every_call_fails(void **state) {
        static const int errors[] = { -ENOBUFS, -EAGAIN, -ECONNREFUSED, -ENOMEM };
        size_t n_failed = 0;

        (void) state;
        for (size_t e = 0; e < ELEMENTSOF(errors); e++)
                for (size_t times = 1; times <= 3; times++)
                        for (size_t k = 0, n_calls = SIZE_MAX; k < n_calls; k++) {
                                _cleanup_(flow_done) Flow f;

                                flow_init(&f, FAILURES_YES, 1 + k % 3);
                                f.sink.error = errors[e];
                                f.sink.fail_at = k;
                                f.sink.fail_times = times;
                                flow_drain(&f, 1 + k % 4);
                                pipeline_hold_nothing(&f.pipeline);
                                flow_drain(&f, 1 + k % 4);
                                check_all(&f, (const FakeSink *const[]){ &f.sink }, 1);
                                n_calls = f.sink.n_calls;
                                n_failed += f.sink.n_failed;
                        }
        assert_true(n_failed > 100);
}

static void test_every_allocation_fails(void **state) {
        size_t n = 0;
        bool failed;

        (void) state;
        do {
                _cleanup_(flow_done) Flow f;

                flow_init(&f, FAILURES_YES, 2);
                memory_fail_after(n++);
                failed = pipeline_drain(&f.pipeline, ring_end(f.ring), SIZE_MAX) == -ENOMEM;
                assert_true(failed == memory_restore());
                flow_check(&f);
                flow_drain(&f, SIZE_MAX);
                pipeline_hold_nothing(&f.pipeline);
                flow_drain(&f, SIZE_MAX);
                check_all(&f, (const FakeSink *const[]){ &f.sink }, 1);
        } while (failed);
        assert_true(n > 5);
}

/*
 * Another sink takes over anywhere, while the old one delivers nothing any more: nothing is lost or
 * counted twice.
 */
static void test_switched(void **state) {
        (void) state;
        for (size_t at = 0; at <= ELEMENTSOF(execs); at++) {
                _cleanup_(flow_done) Flow f;
                FakeSink other;

                flow_init(&f, FAILURES_YES, 100);
                fake_sink_init(&other, 100);
                other.on_event = on_event;
                other.userdata = &f;
                (void) pipeline_drain(&f.pipeline, ring_end(f.ring), at);
                flow_check(&f);
                f.sink.error = -EAGAIN;
                f.sink.fail_at = 0;
                f.sink.fail_times = SIZE_MAX;
                fake_clock_usec += SEARCH_USEC; /* what was held is in the batch that is never delivered */
                (void) pipeline_drain(&f.pipeline, ring_end(f.ring), 3);
                flow_check(&f);
                assert_int_equal(pipeline_switch(&f.pipeline, &f.policy, &other.sink), 0);
                flow_check(&f);
                flow_drain(&f, SIZE_MAX);
                pipeline_hold_nothing(&f.pipeline);
                flow_drain(&f, SIZE_MAX);
                assert_int_equal(f.pipeline.totals.recorded + f.pipeline.totals.collapsed, ELEMENTSOF(execs));
                assert_int_equal(f.pipeline.totals.held, 0);
                assert_int_equal(f.sink.n_delivered + other.n_delivered, f.pipeline.totals.recorded);
        }
}

/* A configuration that wants each failure has what was held delivered. */
static void test_policy_switched(void **state) {
        _cleanup_(flow_done) Flow f;
        Config each = { .failures = FAILURES_ALL };
        Policy policy = { .config = &each };

        (void) state;
        flow_init(&f, FAILURES_YES, 100);
        flow_drain(&f, SIZE_MAX);
        assert_int_equal(pipeline_switch(&f.pipeline, &policy, f.pipeline.sink), 0);
        assert_int_equal(pipeline_deadline(&f.pipeline), 0);
        flow_drain(&f, SIZE_MAX);
        check_all(&f, (const FakeSink *const[]){ &f.sink }, 1);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_together),
                cmocka_unit_test(test_each),
                cmocka_unit_test(test_every_call_fails),
                cmocka_unit_test(test_every_allocation_fails),
                cmocka_unit_test(test_switched),
                cmocka_unit_test(test_policy_switched),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
