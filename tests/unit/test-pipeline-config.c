/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the configuration makes of a record, and how another one, with another sink, takes over. */

#include "flow.h"

#include <time.h>

#include "format/json.h"
#include "text.h"

#define CAPACITY 5

static void format_event(void *userdata, const Event *event) {
        Buffer *buffer = userdata;

        json_event(buffer, &(FormatOptions){}, event);
        buffer_append_char(buffer, '\n');
}

/* What the sink was given of one record: a JSON object a line. */
static void assert_given(const Policy *policy, const RecordHead *head, const char *expected) {
        const RecordParts parts = {
                .filename = BYTES_LITERAL("./x"),
                .exe = BYTES_LITERAL("x\0bin\0"),
                .args_head = BYTES_LITERAL("x\0--password=12345\0--user=me\0"),
                .environment = BYTES_LITERAL("LANG=C\0TOKEN=abc12345\0HOME=/\0"),
        };
        _cleanup_(buffer_done) Buffer given = BUFFER_NULL;
        _cleanup_free_ char *record = NULL;
        _cleanup_(flow_done) Flow f;
        size_t size;

        flow_init(&f, "", CAPACITY);
        f.sink.on_event = format_event;
        f.sink.userdata = &given;
        f.sink.on_flush = NULL;
        f.pipeline.policy = policy;
        record = record_new(head, &parts, &size);
        fake_ring_add(&f.fake, record, size);
        assert_int_equal(pipeline_drain(&f.pipeline, ring_end(f.ring), SIZE_MAX), 0);
        assert_int_equal(f.pipeline.totals.recorded, *expected ? 1 : 0);
        assert_int_equal(f.pipeline.totals.suppressed, *expected ? 0 : 1);

        /* When it was says the clock. */
        if (*expected) {
                char *time = memmem(given.data, given.size, ",\"timestamp\":", 13), *end;

                assert_non_null(time);
                end = memchr(time + 1, ',', (size_t) (given.data + given.size - time - 1));
                assert_non_null(end);
                memmove(time, end, (size_t) (given.data + given.size - end));
                given.size -= (size_t) (end - time);
        }
        assert_buffer(&given, expected);
}

#define FRONT "{\"filename\":\"./x\",\"exe\":\"/bin/x\",\"argv\":[\"x\",\"--password="
#define MIDDLE                                                                                          \
        "\",\"--user=me\"],\"truncated\":false,\"pid\":7,\"ppid\":1,\"uid\":1000,\"gid\":0,\"euid\":0," \
        "\"cwd\":\"/\",\"comm\":\"sh\",\"parent_comm\":\"\",\"process\":\"7-0\",\"parent\":\"1-0\","    \
        "\"seq\":1"

static const RecordHead plain = { .tgid = 7, .parent_tgid = 1, .uid = 1000, .comm = "sh" };

static void see_environment(void *userdata, const Event *event) {
        Event *seen = userdata;

        seen->environment_truncated = event->environment_truncated;
}

/* An environment of which the kernel side had room for nothing is marked, where any of it is asked for. */
static void test_environment_cut_to_nothing(void **state) {
        char *names[] = { (char[]){ "LD_PRELOAD" } };
        const RecordParts parts = { .args_head = BYTES_LITERAL("x\0"), .env_total = 100 };

        (void) state;
        for (size_t asked = 0; asked < 2; asked++) {
                Config config = { .environment = names, .n_environment = asked };
                const Policy policy = { .config = &config };
                _cleanup_free_ char *record = NULL;
                _cleanup_(flow_done) Flow f;
                Event seen = {};
                size_t size;

                flow_init(&f, "", CAPACITY);
                f.sink.on_event = see_environment;
                f.sink.on_flush = NULL;
                f.sink.userdata = &seen;
                f.pipeline.policy = &policy;
                record = record_new(&plain, &parts, &size);
                fake_ring_add(&f.fake, record, size);
                assert_int_equal(pipeline_drain(&f.pipeline, ring_end(f.ring), SIZE_MAX), 0);
                assert_int_equal(seen.environment_truncated, asked);
        }
}

static void test_default(void **state) {
        (void) state;
        assert_given(&(Policy){ .config = &(Config){} }, &plain, FRONT "12345" MIDDLE "}\n");
}

static void test_labels_environment_redaction(void **state) {
        static Assignment labels[] = { { BYTES_LITERAL("SITE"), BYTES_LITERAL("12345") } };
        char *environment[] = { (char[]){ "TOKEN" }, (char[]){ "NONE" }, (char[]){ "LANG" } };
        _cleanup_free_ char *reason = NULL;
        Config config = {
                .labels = labels,
                .n_labels = ELEMENTSOF(labels),
                .environment = environment,
                .n_environment = ELEMENTSOF(environment),
        };
        Policy policy = { .config = &config };

        (void) state;
        assert_int_equal(redactor_add(&policy.redactor, "[0-9]{5}", &reason), 0);
        /* Labels are the administrator's own and stay what they are. */
        assert_given(&policy, &plain,
                FRONT REDACTED MIDDLE ",\"labels\":{\"SITE\":\"12345\"},"
                                      "\"environment\":{\"TOKEN\":\"abc" REDACTED "\",\"LANG\":\"C\"}}\n");
        redactor_done(&policy.redactor);
}

static void test_filter(void **state) {
        Config config = {};
        Policy policy = { .config = &config };

        (void) state;
        assert_int_equal(rule_list_add_ids(&policy.filter.kinds[FILTER_USER].exclude, "1000"), 0);
        assert_given(&policy, &plain, "");
        filter_done(&policy.filter);

        policy = (Policy){ .config = &config };
        assert_int_equal(rule_list_add_glob(&policy.filter.kinds[FILTER_EXE].include, "/bin/*"), 0);
        assert_given(&policy, &plain, FRONT "12345" MIDDLE "}\n");
        assert_int_equal(rule_list_add_glob(&policy.filter.kinds[FILTER_PARENT].include, "bash"), 0);
        assert_given(&policy, &plain, "");
        filter_done(&policy.filter);
}

static void keep_timestamp(void *userdata, const Event *event) {
        *(uint64_t *) userdata = event->timestamp;
}

static uint64_t now(clockid_t clock) {
        struct timespec ts;

        assert_int_equal(clock_gettime(clock, &ts), 0);
        return (uint64_t) ts.tv_sec * 1000000000 + (uint64_t) ts.tv_nsec;
}

/* The kernel side's clock counts from the boot; the record's from the epoch. */
static void test_timestamp(void **state) {
        _cleanup_free_ char *record = NULL;
        RecordHead head = plain;
        _cleanup_(flow_done) Flow f;
        uint64_t before, after, timestamp = 0;
        size_t size;

        (void) state;
        flow_init(&f, "", CAPACITY);
        f.sink.on_event = keep_timestamp;
        f.sink.userdata = &timestamp;
        f.sink.on_flush = NULL;
        before = now(CLOCK_REALTIME) / 1000;
        head.time_ns = now(CLOCK_BOOTTIME);
        after = now(CLOCK_REALTIME) / 1000;
        record = record_new(&head, &(RecordParts){}, &size);
        fake_ring_add(&f.fake, record, size);
        assert_int_equal(pipeline_drain(&f.pipeline, ring_end(f.ring), SIZE_MAX), 0);
        /* The two clocks are not read at the very same moment. */
        assert_in_range(timestamp, before - 1000000, after + 1000000);
}

/* Of a cgroup called `name` in cgroup 3. */
static void add_cgroup(FakeRing *fake, enum exec_record_kind kind, uint64_t id, const char *name) {
        _cleanup_free_ char *record = NULL;
        size_t size;

        record = kind == EXEC_RECORD_CGROUP_MADE ? cgroup_record_new(id, 3, name, &size)
                                                 : cgroup_record_new(id, 0, NULL, &size);
        fake_ring_add(fake, record, size);
}

static void add_exec(FakeRing *fake, uint64_t cgroup) {
        RecordHead head = plain;
        _cleanup_free_ char *record = NULL;
        size_t size;

        head.cgroup_id = cgroup;
        record = record_new(&head, &(RecordParts){}, &size);
        fake_ring_add(fake, record, size);
}

static void keep_unit(void *userdata, const Event *event) {
        buffer_append_bytes(userdata, event->place.unit);
        buffer_append_char(userdata, '|');
}

/* Of cgroups that lie elsewhere nothing is known, and their records are no error. */
static void test_cgroups_outside(void **state) {
        _cleanup_(cgroup_tree_freep) CgroupTree *cache = NULL;
        _cleanup_(buffer_done) Buffer units = BUFFER_NULL;
        _cleanup_(flow_done) Flow f;

        (void) state;
        flow_init(&f, "", 100);
        f.sink.on_event = keep_unit;
        f.sink.userdata = &units;
        f.sink.on_flush = NULL;
        assert_int_equal(cgroup_tree_new(&cache), 0);
        assert_int_equal(cgroup_tree_root(cache, 4, BYTES_LITERAL("/")), 0);
        f.pipeline.lookups.cgroups = cache;
        add_cgroup(&f.fake, EXEC_RECORD_CGROUP_MADE, 5, "a.service");
        add_exec(&f.fake, 5);
        add_cgroup(&f.fake, EXEC_RECORD_CGROUP_GONE, 5, "a.service");
        add_exec(&f.fake, 4);
        assert_int_equal(pipeline_drain(&f.pipeline, ring_end(f.ring), SIZE_MAX), 0);
        assert_int_equal(f.pipeline.totals.recorded, 2);
        assert_int_equal(f.pipeline.totals.malformed, 0);
        assert_buffer(&units, "||");
}

/* Records of cgroups say where the execs behind them ran. They are not counted. */
static void test_cgroups(void **state) {
        _cleanup_(cgroup_tree_freep) CgroupTree *cache = NULL;
        _cleanup_(buffer_done) Buffer units = BUFFER_NULL;
        _cleanup_(flow_done) Flow f;

        (void) state;
        flow_init(&f, "", 100);
        f.sink.on_event = keep_unit;
        f.sink.userdata = &units;
        f.sink.on_flush = NULL;
        assert_int_equal(cgroup_tree_new(&cache), 0);
        assert_int_equal(cgroup_tree_root(cache, 1, BYTES_LITERAL("/")), 0);
        assert_int_equal(cgroup_tree_made(cache, 3, 1, BYTES_LITERAL("system.slice")), 1);
        for (unsigned known = 0; known < 2; known++) {
                f.pipeline.lookups.cgroups = known ? cache : NULL;
                add_exec(&f.fake, 5);
                add_cgroup(&f.fake, EXEC_RECORD_CGROUP_MADE, 5, "a.service");
                add_exec(&f.fake, 5);
                add_cgroup(&f.fake, EXEC_RECORD_CGROUP_GONE, 7, "b.service");
                add_cgroup(&f.fake, EXEC_RECORD_CGROUP_MADE, 7, "b.service");
                add_exec(&f.fake, 7);
                add_exec(&f.fake, 8);
                fake_ring_add(&f.fake,
                        &(struct exec_cgroup){ .abi = EXEC_RECORD_ABI, .kind = EXEC_RECORD_CGROUP_MADE },
                        sizeof(struct exec_cgroup));
                assert_int_equal(pipeline_drain(&f.pipeline, ring_end(f.ring), SIZE_MAX), 0);
                assert_int_equal(f.pipeline.totals.recorded, 4 * (known + 1));
                assert_int_equal(f.pipeline.totals.malformed, 0);
                assert_int_equal(*fake_ring_consumer(&f.fake), *fake_ring_producer(&f.fake));
        }
        assert_buffer(&units, "|||||a.service|b.service||");
}

/*
 * Three rounds with a sink whose calls fail from `fail_at` on, and the rest with another. Returns how many
 * failed.
 */
static size_t run_with_two(int error, size_t fail_at) {
        static const char kinds[] = "pppspmpddpppmsspppppdpppppspmppppdsmppppppp";
        size_t lost, made = 0, delivered_notices = 0, n_calls;
        FakeSink second;
        _cleanup_(flow_done) Flow f;

        flow_init(&f, kinds, CAPACITY);
        fake_sink_init(&second, CAPACITY);
        f.sink.error = error;
        f.sink.fail_at = fail_at;
        f.sink.fail_times = SIZE_MAX;
        for (size_t round = 0; round < 3 && flow_feed(&f); round++) {
                const Notice notice = flow_notice(1);

                (void) pipeline_drain(&f.pipeline, ring_end(f.ring), 8);
                made += pipeline_notice(&f.pipeline, &notice) == 0;
        }
        lost = pipeline_switch(&f.pipeline, &f.policy, &second.sink);
        n_calls = f.sink.n_calls;

        for (size_t round = 0; flow_feed(&f); round++) {
                assert_true(round < 100);
                assert_int_equal(pipeline_drain(&f.pipeline, ring_end(f.ring), SIZE_MAX), 0);
                flow_check_delivered(&f, (const FakeSink *const[]){ &f.sink, &second }, 2);
        }
        assert_int_equal(f.n_added, strlen(kinds));
        assert_int_equal(f.sink.n_calls, n_calls);
        for (size_t i = 0; i < f.sink.n_delivered; i++)
                delivered_notices += f.sink.delivered[i] < 0;
        assert_int_equal(delivered_notices + lost, made);
        return f.sink.n_failed;
}

static void test_switch(void **state) {
        static const int errors[] = { -EAGAIN, -ECONNREFUSED, -EPIPE };
        size_t n_failed = 0;

        (void) state;
        for (size_t e = 0; e < ELEMENTSOF(errors); e++)
                for (size_t k = 0; k < 40; k++)
                        n_failed += run_with_two(errors[e], k);
        assert_true(n_failed > 100);
        assert_int_equal(run_with_two(0, 0), 0);
}

/* What is taken again from the ring is looked at with the new configuration's eyes. */
static void test_switch_config(void **state) {
        _cleanup_(flow_done) Flow f;
        FakeSink second;
        Config config = {};
        Policy policy = { .config = &config };

        (void) state;
        flow_init(&f, "ppsp", CAPACITY);
        fake_sink_init(&second, CAPACITY);
        assert_int_equal(rule_list_add_ids(&policy.filter.kinds[FILTER_USER].exclude, "0"), 0);
        f.sink.error = -ECONNREFUSED;
        f.sink.fail_times = SIZE_MAX;
        flow_feed(&f);
        assert_int_equal(pipeline_drain(&f.pipeline, ring_end(f.ring), SIZE_MAX), -ECONNREFUSED);
        assert_int_equal(pipeline_switch(&f.pipeline, &policy, &second.sink), 0);
        assert_int_equal(ring_position(f.ring), *fake_ring_consumer(&f.fake));
        assert_int_equal(pipeline_drain(&f.pipeline, ring_end(f.ring), SIZE_MAX), 0);
        assert_int_equal(f.pipeline.totals.recorded, 1);
        assert_int_equal(f.pipeline.totals.suppressed, 3);
        assert_int_equal(second.n_delivered, 1);
        assert_int_equal(second.delivered[0], 3);
        filter_done(&policy.filter);
}

/* One of the same kind inherits: nothing is begun anew, nothing is gone, and what it counts stays. */
static void test_switch_to_an_heir(void **state) {
        _cleanup_(flow_done) Flow f;
        const Notice notice = flow_notice(1);
        FakeSink first, second;

        (void) state;
        flow_init(&f, "ppspp", CAPACITY);
        fake_sink_init_heir(&first, CAPACITY);
        fake_sink_init_heir(&second, CAPACITY);
        f.pipeline.sink = &first.sink;
        first.error = -EAGAIN;
        first.fail_times = SIZE_MAX;
        flow_feed(&f);
        assert_int_equal(pipeline_drain(&f.pipeline, f.ends[2], SIZE_MAX), -EAGAIN);
        assert_int_equal(pipeline_notice(&f.pipeline, &notice), 0);
        assert_int_equal(pipeline_switch(&f.pipeline, &f.policy, &second.sink), 0);
        assert_int_equal(ring_position(f.ring), f.ends[2]);
        assert_int_equal(second.n_batch, 3);
        assert_int_equal(first.n_batch, 0);
        assert_int_equal(pipeline_drain(&f.pipeline, ring_end(f.ring), SIZE_MAX), 0);
        flow_check_delivered(&f, (const FakeSink *const[]){ &first, &second }, 2);
        assert_int_equal(first.n_delivered, 0);
        assert_int_equal(second.n_delivered, 5);
        assert_int_equal(f.pipeline.totals.recorded, 4);
}

/* A sink that stays keeps what it has: what was half written is not begun anew. */
static void test_switch_to_the_same(void **state) {
        _cleanup_(flow_done) Flow f;
        const Notice notice = flow_notice(1);
        Config config = {};
        Policy policy = { .config = &config };

        (void) state;
        flow_init(&f, "ppspp", CAPACITY);
        f.sink.error = -EAGAIN;
        f.sink.fail_times = SIZE_MAX;
        flow_feed(&f);
        assert_int_equal(pipeline_drain(&f.pipeline, f.ends[2], SIZE_MAX), -EAGAIN);
        assert_int_equal(pipeline_notice(&f.pipeline, &notice), 0);
        assert_int_equal(pipeline_switch(&f.pipeline, &policy, &f.sink.sink), 0);
        assert_ptr_equal(f.pipeline.policy, &policy);
        assert_int_equal(f.sink.n_batch, 3);
        f.sink.error = 0;
        assert_int_equal(pipeline_drain(&f.pipeline, ring_end(f.ring), SIZE_MAX), 0);
        flow_check(&f);
        assert_int_equal(f.pipeline.totals.recorded, 4);
        assert_int_equal(f.sink.n_delivered, 5);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_default),
                cmocka_unit_test(test_environment_cut_to_nothing),
                cmocka_unit_test(test_labels_environment_redaction),
                cmocka_unit_test(test_filter),
                cmocka_unit_test(test_timestamp),
                cmocka_unit_test(test_cgroups),
                cmocka_unit_test(test_cgroups_outside),
                cmocka_unit_test(test_switch),
                cmocka_unit_test(test_switch_config),
                cmocka_unit_test(test_switch_to_an_heir),
                cmocka_unit_test(test_switch_to_the_same),
        };

        return cmocka_run_group_tests_name("pipeline-config", tests, NULL, NULL);
}
