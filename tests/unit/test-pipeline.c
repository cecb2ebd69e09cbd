/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "fake-clock.h"
#include "flow.h"

#define KINDS "pppspmpddpppmsspppppdpppppspmppppdsmpppppppppppppppddssmmpppd"
#define CAPACITY 5
#define RECORDS_AT_ONCE 9
#define ROUNDS_MAX 1000

static void assert_complete(const Flow *f) {
        flow_check(f);
        assert_int_equal(f->n_added, strlen(f->kinds));
        assert_int_equal(f->pipeline.totals.recorded + f->pipeline.totals.suppressed +
                        f->pipeline.totals.malformed + flow_count(f, 'd'),
                f->n_added);
        assert_int_equal(f->sink.n_batch, 0);
}

/* All notices, each once. */
static void assert_notices(const FakeSink *sink, int64_t n) {
        int64_t next = 1;

        for (size_t i = 0; i < sink->n_delivered; i++)
                if (sink->delivered[i] < 0)
                        assert_int_equal(sink->delivered[i], -next++);
        assert_int_equal(next - 1, n);
}

/* Until all is delivered; every third round there is a notice, too. */
static void run(Flow *f) {
        int64_t notices = 0;

        for (size_t round = 0; flow_feed(f); round++) {
                size_t failed = f->sink.n_failed;
                bool out_of_memory;
                int r;

                assert_true(round < ROUNDS_MAX);
                r = pipeline_drain(&f->pipeline, ring_end(f->ring), RECORDS_AT_ONCE);
                out_of_memory = memory_restore();
                if (r < 0)
                        assert_true(r == f->sink.error ? f->sink.n_failed > failed : out_of_memory);
                flow_check(f);

                if (round % 3 == 1) {
                        const Notice notice = flow_notice(++notices);

                        while ((r = pipeline_notice(&f->pipeline, &notice)) < 0)
                                assert_int_equal(r, -ENOMEM);
                }
        }
        while (f->sink.n_batch > 0)
                (void) pipeline_flush(&f->pipeline);
        assert_complete(f);
        assert_notices(&f->sink, notices);
        assert_true(notices > 0);
}

static void test_all_is_delivered(void **state) {
        _cleanup_(flow_done) Flow f;

        (void) state;
        flow_init(&f, KINDS, CAPACITY);
        run(&f);
        assert_int_equal(f.pipeline.totals.recorded, 41);
        assert_int_equal(f.pipeline.totals.suppressed, 7);
        assert_int_equal(f.pipeline.totals.malformed, 6);
}

/* Each call of the sink fails once, or several in a row, with all that it may fail with. */
static void test_every_call_fails(void **state) {
        static const int errors[] = { -ENOBUFS, -EAGAIN, -ECONNREFUSED, -ENOMEM, -EPIPE };
        static const size_t times[] = { 1, 2, 7 };
        size_t n_failed = 0;

        (void) state;
        for (size_t e = 0; e < ELEMENTSOF(errors); e++)
                for (size_t t = 0; t < ELEMENTSOF(times); t++)
                        for (size_t k = 0, n_calls = SIZE_MAX; k < n_calls; k++) {
                                _cleanup_(flow_done) Flow f;

                                flow_init(&f, KINDS, CAPACITY);
                                f.sink.error = errors[e];
                                f.sink.fail_at = k;
                                f.sink.fail_times = times[t];
                                run(&f);
                                n_calls = f.sink.n_calls;
                                n_failed += f.sink.n_failed;
                        }
        assert_true(n_failed > 1000);
}

/* Each allocation on a record's way fails once. */
static void test_every_allocation_fails(void **state) {
        char *environment[] = { (char[]){ "B" } };
        size_t n = 0;
        bool failed;

        (void) state;
        do {
                _cleanup_(flow_done) Flow f;
                _cleanup_free_ char *reason = NULL;

                flow_init(&f, KINDS, CAPACITY);
                f.config.environment = environment;
                f.config.n_environment = ELEMENTSOF(environment);
                assert_int_equal(redactor_add(&f.policy.redactor, "secret", &reason), 0);
                flow_feed(&f);
                memory_fail_after(n++);
                failed = pipeline_drain(&f.pipeline, ring_end(f.ring), SIZE_MAX) == -ENOMEM;
                assert_true(failed == memory_restore());
                flow_check(&f);
                run(&f);
        } while (failed);
        assert_true(n > 5);
}

/* What stops one record does not hold up those before it. */
static void test_flushed_before_an_error(void **state) {
        _cleanup_(flow_done) Flow f;

        (void) state;
        flow_init(&f, "psppp", 100);
        flow_feed(&f);
        f.sink.error = -ENOMEM;
        f.sink.fail_at = 2;
        f.sink.fail_times = 1;
        assert_int_equal(pipeline_drain(&f.pipeline, ring_end(f.ring), SIZE_MAX), -ENOMEM);
        flow_check(&f);
        assert_int_equal(f.sink.n_delivered, 2);
        assert_int_equal(pipeline_drain(&f.pipeline, ring_end(f.ring), SIZE_MAX), 0);
        assert_complete(&f);
}

/* A sink that delivers nothing is asked once in a drain, not again and again. */
static void test_does_not_insist(void **state) {
        _cleanup_(flow_done) Flow f;

        (void) state;
        flow_init(&f, "ppppp", 3);
        flow_feed(&f);
        f.sink.error = -EAGAIN;
        f.sink.fail_times = SIZE_MAX;
        for (size_t i = 0; i < 3; i++) {
                size_t n_failed = f.sink.n_failed;

                assert_int_equal(pipeline_drain(&f.pipeline, ring_end(f.ring), SIZE_MAX), -EAGAIN);
                assert_int_equal(f.sink.n_failed, n_failed + 1);
                assert_int_equal(f.sink.n_batch, 3);
                flow_check(&f);
        }
        f.sink.error = 0;
        assert_int_equal(pipeline_drain(&f.pipeline, ring_end(f.ring), SIZE_MAX), 0);
        assert_complete(&f);
}

static void test_damaged_ring(void **state) {
        _cleanup_(flow_done) Flow f;
        uint64_t position;

        (void) state;
        flow_init(&f, "psmp", 100);
        flow_feed(&f);
        position = fake_ring_reserve(&f.fake, 8);
        fake_ring_mark(&f.fake, position, 100);
        assert_int_equal(pipeline_drain(&f.pipeline, ring_end(f.ring), SIZE_MAX), -EBADMSG);
        assert_complete(&f);
        assert_int_equal(ring_position(f.ring), position);
}

static void test_bounds(void **state) {
        _cleanup_(flow_done) Flow f;

        (void) state;
        flow_init(&f, "pspdmpp", 100);
        flow_feed(&f);
        assert_int_equal(pipeline_drain(&f.pipeline, ring_end(f.ring), 0), 0);
        assert_int_equal(*fake_ring_consumer(&f.fake), ring_position(f.ring));
        assert_int_equal(f.sink.n_delivered, 0);
        assert_int_equal(pipeline_drain(&f.pipeline, ring_end(f.ring), 2), 0);
        assert_int_equal(*fake_ring_consumer(&f.fake), f.ends[1]);
        assert_int_equal(pipeline_drain(&f.pipeline, f.ends[2], SIZE_MAX), 0);
        assert_int_equal(*fake_ring_consumer(&f.fake), f.ends[2]);
        assert_int_equal(pipeline_drain(&f.pipeline, f.ends[4] + 1, SIZE_MAX), 0);
        assert_int_equal(*fake_ring_consumer(&f.fake), f.ends[5]);
        flow_check(&f);
        assert_int_equal(pipeline_drain(&f.pipeline, ring_end(f.ring), SIZE_MAX), 0);
        assert_complete(&f);
}

/* Lets the clock go on with each record. */
static void take_long(void *userdata, const Event *event) {
        (void) event;
        fake_clock_usec += *(const uint64_t *) userdata;
}

/* Records that take long end a drain before its end, and are delivered; the next one goes on from there. */
static void test_bound_of_time(void **state) {
        _cleanup_(flow_done) Flow f;
        uint64_t usec = 10000, drains = 0, begin;

        (void) state;
        flow_init(&f, "ppppppppppppppp", 100);
        flow_feed(&f);
        f.sink.on_event = take_long;
        f.sink.on_flush = NULL;
        f.sink.userdata = &usec;
        f.pipeline.time.usec_max = 50000;
        do {
                begin = fake_clock_usec;
                assert_int_equal(pipeline_drain(&f.pipeline, ring_end(f.ring), SIZE_MAX), 0);
                assert_in_range(fake_clock_usec - begin, 1, 100000);
                assert_int_equal(f.sink.n_batch, 0);
                flow_check(&f);
                drains++;
        } while (f.pipeline.time.is_up);
        assert_int_equal(f.sink.n_delivered, 15);
        assert_in_range(drains, 2, 3);
}

/* A record that is still being written holds up what is behind it, and nothing before. */
static void test_busy(void **state) {
        _cleanup_(flow_done) Flow f;
        uint64_t busy;

        (void) state;
        flow_init(&f, "pp", 100);
        flow_feed(&f);
        busy = fake_ring_reserve(&f.fake, 16);
        assert_int_equal(pipeline_drain(&f.pipeline, ring_end(f.ring), SIZE_MAX), 0);
        assert_int_equal(*fake_ring_consumer(&f.fake), busy);
        assert_int_equal(f.sink.n_delivered, 2);
        fake_ring_mark(&f.fake, busy, 16);
        assert_int_equal(pipeline_drain(&f.pipeline, ring_end(f.ring), SIZE_MAX), 0);
        assert_int_equal(f.pipeline.totals.malformed, 1);
        assert_int_equal(*fake_ring_consumer(&f.fake), *fake_ring_producer(&f.fake));
}

static void assert_times(const Flow *f, uint64_t first_usec, uint64_t last_usec) {
        assert_int_equal(f->pipeline.malformed.first_ns, 1000 * first_usec);
        assert_int_equal(f->pipeline.malformed.last_ns, 1000 * last_usec);
}

/* When the first and the last record that do not parse were taken since the last report. */
static void test_times_of_malformed(void **state) {
        const uint64_t start = fake_clock_usec;
        _cleanup_(flow_done) Flow f;

        (void) state;
        flow_init(&f, "pmpmmp", 100);
        assert_times(&f, 0, 0);
        for (; f.n_added < 4; fake_clock_usec++) {
                assert_true(flow_add(&f, f.kinds[f.n_added]));
                assert_int_equal(pipeline_drain(&f.pipeline, ring_end(f.ring), SIZE_MAX), 0);
        }
        assert_times(&f, start + 1, start + 3);

        /* One that was taken and is not delivered is for the next report. */
        f.pipeline.pending.totals.malformed = 1;
        pipeline_malformed_said(&f.pipeline);
        assert_times(&f, start + 3, start + 3);
        f.pipeline.pending.totals.malformed = 0;
        pipeline_malformed_said(&f.pipeline);
        assert_true(flow_feed(&f));
        assert_int_equal(pipeline_drain(&f.pipeline, ring_end(f.ring), SIZE_MAX), 0);
        assert_times(&f, start + 4, start + 4);
}

/* Notices stand where they were put, and go with the next flush, even without any record. */
static void test_notices(void **state) {
        static const int64_t expected[] = { -1, 1, -2, 2, -3 };
        _cleanup_(flow_done) Flow f;
        Notice notice = flow_notice(1);

        (void) state;
        flow_init(&f, "pp", 100);
        assert_int_equal(pipeline_notice(&f.pipeline, &notice), 0);
        assert_int_equal(f.sink.n_delivered, 0);
        flow_add(&f, 'p');
        assert_int_equal(pipeline_drain(&f.pipeline, ring_end(f.ring), SIZE_MAX), 0);
        notice = flow_notice(2);
        assert_int_equal(pipeline_notice(&f.pipeline, &notice), 0);
        flow_add(&f, 'p');
        assert_int_equal(pipeline_drain(&f.pipeline, ring_end(f.ring), SIZE_MAX), 0);
        notice = flow_notice(3);
        assert_int_equal(pipeline_notice(&f.pipeline, &notice), 0);
        assert_int_equal(pipeline_flush(&f.pipeline), 0);

        assert_int_equal(f.sink.n_delivered, ELEMENTSOF(expected));
        assert_memory_equal(f.sink.delivered, expected, sizeof(expected));
        flow_check(&f);
}

typedef struct Delivery {
        Flow *flow;
        size_t n;
        uint64_t last;
} Delivery;

static void on_delivered(void *userdata) {
        Delivery *d = userdata;
        const Flow *f = d->flow;
        size_t n = 0;

        /*
         * Delivered and counted, and the room not given back: who looks now can't take it twice, nor lose
         * it.
         */
        for (size_t i = 0; i < f->n_added && f->ends[i] <= f->pipeline.events.released; i++)
                n++;
        assert_int_equal(
                f->pipeline.totals.recorded + f->pipeline.totals.suppressed + f->pipeline.totals.malformed,
                n);
        assert_int_equal(f->sink.n_delivered, f->pipeline.totals.recorded);
        assert_int_equal(*fake_ring_consumer(&f->fake), d->last);
        d->last = f->pipeline.events.released;
        d->n++;
}

static void test_delivered_is_told_before_room_is_given_back(void **state) {
        static const PipelineOps ops = { .delivered = on_delivered };
        _cleanup_(flow_done) Flow f;
        Delivery d = { .flow = &f };

        (void) state;
        flow_init(&f, "ppspmpppspp", 3);
        f.pipeline.ops = &ops;
        f.pipeline.userdata = &d;
        d.last = ring_position(f.ring);
        flow_feed(&f);

        /* Not for what the sink refuses. */
        f.sink.error = -EAGAIN;
        f.sink.fail_times = SIZE_MAX;
        assert_int_equal(pipeline_drain(&f.pipeline, ring_end(f.ring), SIZE_MAX), -EAGAIN);
        assert_int_equal(d.n, 0);
        f.sink.error = 0;
        assert_int_equal(pipeline_drain(&f.pipeline, ring_end(f.ring), SIZE_MAX), 0);
        assert_true(d.n >= 3);
        assert_complete(&f);
}

/* From one ring to the next: order and totals go on. */
static void test_next_ring(void **state) {
        static const int64_t expected[] = { 1, 2, 3, 4, 5 };
        _cleanup_(flow_done) Flow f, next;

        (void) state;
        flow_init(&f, "pp", 100);
        flow_init(&next, "pppd", 100);
        flow_feed(&f);
        flow_feed(&next);
        assert_int_equal(pipeline_drain(&f.pipeline, ring_end(f.ring), SIZE_MAX), 0);
        pipeline_go_on(&f.pipeline, next.ring);
        f.sink.on_flush = NULL;
        f.sink.error = -EAGAIN;
        f.sink.fail_at = f.sink.n_calls;
        f.sink.fail_times = SIZE_MAX;
        assert_int_equal(pipeline_drain(&f.pipeline, ring_end(next.ring), SIZE_MAX), -EAGAIN);
        assert_int_equal(f.pipeline.events.released, FLOW_RING_SIZE - 8);
        f.sink.error = 0;
        assert_int_equal(pipeline_drain(&f.pipeline, ring_end(next.ring), SIZE_MAX), 0);
        assert_int_equal(f.pipeline.totals.recorded, 5);
        assert_int_equal(f.sink.n_delivered, ELEMENTSOF(expected));
        assert_memory_equal(f.sink.delivered, expected, sizeof(expected));
        assert_int_equal(*fake_ring_consumer(&next.fake), *fake_ring_producer(&next.fake));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_all_is_delivered),
                cmocka_unit_test(test_every_call_fails),
                cmocka_unit_test(test_every_allocation_fails),
                cmocka_unit_test(test_flushed_before_an_error),
                cmocka_unit_test(test_does_not_insist),
                cmocka_unit_test(test_damaged_ring),
                cmocka_unit_test(test_bounds),
                cmocka_unit_test(test_bound_of_time),
                cmocka_unit_test(test_busy),
                cmocka_unit_test(test_times_of_malformed),
                cmocka_unit_test(test_notices),
                cmocka_unit_test(test_delivered_is_told_before_room_is_given_back),
                cmocka_unit_test(test_next_ring),
        };

        return cmocka_run_group_tests_name("pipeline", tests, NULL, NULL);
}
