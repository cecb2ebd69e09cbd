/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Records that wait for build-ids: in their order, with the ring as the queue. */

#include "flow.h"

#define KINDS "pppspmpddpppmsspppppdpppppspmppppdsmpppppppppppppppddssmmpppd"
#define CAPACITY 5
#define RECORDS_AT_ONCE 9
#define ROUNDS_MAX 1000

/* A flow, and the test in the place of those who read files. */
typedef struct Case {
        Flow flow; /* first */
        FileQuestion question;
        size_t n_asked;
        bool nobody; /* is there to be asked */
        bool silent; /* no answer comes */
        size_t n_with, n_without; /* records */
} Case;

static int on_ask(void *userdata, const FileQuestion *question) {
        Case *c = userdata;

        c->question = *question;
        c->n_asked++;
        return c->nobody ? -EAGAIN : 0;
}

/* Each file's id is its number. */
static void on_event(void *userdata, const Event *event) {
        Case *c = userdata;
        char expected[8];

        if (!bytes_is_set(event->build_id)) {
                c->n_without++;
                return;
        }
        c->n_with++;
        (void) snprintf(expected, sizeof(expected), "%02x", (unsigned) event->file.inode);
        assert_int_equal(event->build_id.size, 2);
        assert_memory_equal(event->build_id.data, expected, 2);
}

static void case_init(Case *c, const char *kinds, size_t n_files) {
        *c = (Case){};
        flow_init(&c->flow, kinds, CAPACITY);
        c->flow.n_files = n_files;
        c->flow.sink.on_event = on_event;
        assert_int_equal(build_ids_new(on_ask, c, &c->flow.pipeline.lookups.build_ids), 0);
}

static void case_done(Case *c) {
        (void) build_ids_free(c->flow.pipeline.lookups.build_ids);
        flow_done(&c->flow);
}

static void answer(Case *c) {
        FileAnswer a = { .version = FILE_PROTOCOL_VERSION,
                .kind = FILE_BUILD_ID,
                .number = c->question.number,
                .build_id = { 1, { (uint8_t) c->question.file.inode } } };

        if (c->silent)
                (void) build_ids_give_up(c->flow.pipeline.lookups.build_ids, false);
        else
                assert_int_equal(build_ids_answer(c->flow.pipeline.lookups.build_ids, &a, sizeof(a)), 0);
}

static int drain(Case *c) {
        return pipeline_drain(&c->flow.pipeline, ring_end(c->flow.ring), RECORDS_AT_ONCE);
}

/* Until all is delivered. Each question waits for three drains. */
static void run(Case *c) {
        size_t waited = 0;

        for (size_t round = 0; flow_feed(&c->flow); round++) {
                int r = drain(c);

                assert_true(round < ROUNDS_MAX);
                flow_check(&c->flow);
                if (r != -EINPROGRESS) {
                        assert_true(r == 0 || r == c->flow.sink.error);
                        continue;
                }
                assert_non_null(build_ids_question(c->flow.pipeline.lookups.build_ids));
                assert_int_equal(c->flow.sink.n_batch, 0);
                assert_int_equal(ring_position(c->flow.ring), *fake_ring_consumer(&c->flow.fake));
                if (++waited % 3 == 0)
                        answer(c);
        }
        assert_int_equal(c->flow.n_added, strlen(c->flow.kinds));
        assert_int_equal(c->flow.sink.n_batch, 0);
        flow_check(&c->flow);
        assert_int_equal(waited, 3 * c->n_asked);
}

static void test_each_waits_once(void **state) {
        _cleanup_(case_done) Case c;

        (void) state;
        case_init(&c, KINDS, 7);
        run(&c);
        assert_int_equal(c.n_asked, 7);
        assert_int_equal(c.n_with, c.flow.pipeline.totals.recorded);
        assert_int_equal(c.n_without, 0);
}

/* All different: as many questions as records that pass the filters, and none for the others. */
static void test_only_what_passes_is_asked(void **state) {
        _cleanup_(case_done) Case c;

        (void) state;
        case_init(&c, KINDS, 200);
        run(&c);
        assert_int_equal(c.n_asked, 41);
        assert_int_equal(c.n_with, 41);
        assert_int_equal(c.flow.pipeline.totals.suppressed, 7);
        assert_int_equal(c.flow.pipeline.totals.malformed, 6);
}

/* Whatever the sink does meanwhile. */
static void test_every_call_fails(void **state) {
        static const int errors[] = { -ENOBUFS, -EAGAIN, -ECONNREFUSED, -ENOMEM };

        (void) state;
        for (size_t e = 0; e < ELEMENTSOF(errors); e++)
                for (size_t k = 0, n_calls = SIZE_MAX; k < n_calls; k++) {
                        _cleanup_(case_done) Case c;

                        case_init(&c, KINDS, 200);
                        c.flow.sink.error = errors[e];
                        c.flow.sink.fail_at = k;
                        c.flow.sink.fail_times = 2;
                        run(&c);
                        n_calls = c.flow.sink.n_calls;
                        assert_int_equal(c.n_without, 0);
                }
}

/* Records go on without. */
static void test_no_answers(void **state) {
        _cleanup_(case_done) Case c;

        (void) state;
        case_init(&c, KINDS, 200);
        c.silent = true;
        run(&c);
        assert_int_equal(c.n_with, 0);
        assert_int_equal(c.n_without, 41);
}

static void test_nobody_to_ask(void **state) {
        _cleanup_(case_done) Case c;

        (void) state;
        case_init(&c, KINDS, 200);
        c.nobody = true;
        while (flow_feed(&c.flow))
                assert_int_equal(drain(&c), 0);
        assert_int_equal(c.n_without, 41);
}

/* What waits to be delivered comes before what waits for an answer: the sink has to be watched. */
static void test_blocked_and_waiting(void **state) {
        _cleanup_(case_done) Case c;

        (void) state;
        case_init(&c, "ppp", 1);
        flow_add(&c.flow, 'p');
        assert_int_equal(drain(&c), -EINPROGRESS);
        answer(&c);
        c.flow.n_files = 2;
        flow_feed(&c.flow);
        c.flow.sink.error = -EAGAIN;
        c.flow.sink.fail_at = c.flow.sink.n_calls + 1; /* behind the append of the first */
        c.flow.sink.fail_times = 2;
        assert_int_equal(drain(&c), -EAGAIN);
        assert_int_equal(c.flow.sink.n_batch, 1);
        assert_int_equal(c.flow.sink.n_delivered, 0);
        assert_int_equal(drain(&c), -EAGAIN);
        assert_int_equal(drain(&c), -EINPROGRESS);
        assert_int_equal(c.flow.sink.n_delivered, 1);
        answer(&c);
        assert_int_equal(drain(&c), 0);
        assert_int_equal(c.flow.sink.n_delivered, 3);
        assert_int_equal(c.n_with, 3);
        flow_check(&c.flow);
}

/* A new configuration does without: nothing waits any more. */
static void test_switched_off(void **state) {
        _cleanup_(case_done) Case c;

        (void) state;
        case_init(&c, "pp", 2);
        flow_feed(&c.flow);
        assert_int_equal(drain(&c), -EINPROGRESS);
        assert_int_equal(pipeline_switch(&c.flow.pipeline, &c.flow.policy, &c.flow.sink.sink), 0);
        c.flow.pipeline.lookups.build_ids = build_ids_free(c.flow.pipeline.lookups.build_ids);
        assert_int_equal(drain(&c), 0);
        assert_int_equal(c.n_without, 2);
        flow_check(&c.flow);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_each_waits_once),
                cmocka_unit_test(test_only_what_passes_is_asked),
                cmocka_unit_test(test_every_call_fails),
                cmocka_unit_test(test_no_answers),
                cmocka_unit_test(test_nobody_to_ask),
                cmocka_unit_test(test_blocked_and_waiting),
                cmocka_unit_test(test_switched_off),
        };

        return cmocka_run_group_tests_name("pipeline-build-id", tests, NULL, NULL);
}
