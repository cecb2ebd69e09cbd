/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Cgroups that are gone, and execs in them that are still to be read, by a pipeline that was not told when they were made. */

#include "pipeline/lookahead.h"

#include "failing-memory.h"
#include "fake-ring.h"
#include "fake-sink.h"
#include "lineage.h"
#include "pipeline/pipeline.h"
#include "record.h"
#include "text.h"

#define SIZE 65536U
#define ROOT 1 /* the id of the hierarchy's root */

typedef struct Case {
        FakeRing fake;
        Ring *ring;
        CgroupCache *cache;
        uint64_t ahead;
} Case;

static void new_cache(Case *c) {
        cgroup_cache_free(c->cache);
        assert_int_equal(cgroup_cache_new(&c->cache), 0);
        assert_int_equal(cgroup_cache_add(c->cache, ROOT, BYTES_LITERAL("/")), 0);
}

static void case_init(Case *c) {
        *c = (Case){};
        fake_ring_init(&c->fake, SIZE, SIZE - 64);
        assert_int_equal(ring_new(c->fake.fd, SIZE, &c->ring), 0);
        new_cache(c);
}

static void case_done(Case *c) {
        cgroup_cache_free(c->cache);
        ring_free(c->ring);
        fake_ring_done(&c->fake);
}

/* A child of `parent`. */
static void add_cgroup(Case *c, uint64_t id, enum exec_record_kind kind, const char *name, uint64_t parent) {
        _cleanup_(buffer_done) Buffer lineage = BUFFER_NULL, record = BUFFER_NULL;
        struct exec_cgroup head = { .abi = EXEC_RECORD_ABI, .kind = (uint16_t) kind, .id = id };

        lineage_step(&lineage, name, parent);
        head.size = (uint32_t) (sizeof(head) + lineage.size);
        buffer_append(&record, &head, sizeof(head));
        buffer_append_bytes(&record, buffer_bytes(&lineage));
        assert_int_equal(buffer_error(&record), 0);
        fake_ring_add(&c->fake, record.data, record.size);
}

static void add_exec(Case *c, uint64_t seq, uint64_t cgroup_id) {
        const struct exec_record head = { .seq = seq, .tgid = 1, .cgroup_id = cgroup_id };
        const RecordParts parts = { .filename = BYTES_LITERAL("/x"), .args_head = BYTES_LITERAL("x\0") };
        _cleanup_free_ char *record = NULL;
        size_t size;

        record = record_new(&head, &parts, &size);
        fake_ring_add(&c->fake, record, size);
}

static void assert_path(const Case *c, uint64_t id, const char *path) {
        CgroupPlace place;

        assert_true(cgroup_cache_find(c->cache, id, &place) == (path != NULL));
        if (path)
                assert_bytes_equal(place.path, bytes_of_string(path));
}

static void test_finds_what_is_gone(void **state) {
        _cleanup_(case_done) Case c;
        uint64_t position;

        (void) state;
        case_init(&c);
        assert_int_equal(cgroup_cache_add(c.cache, 9, BYTES_LITERAL("/known")), 0);
        add_exec(&c, 1, 5);
        add_cgroup(&c, 5, EXEC_RECORD_CGROUP_GONE, "five", ROOT);
        add_cgroup(&c, 6, EXEC_RECORD_CGROUP_MADE, "six", ROOT);
        fake_ring_add_discarded(&c.fake, 100);
        add_cgroup(&c, 9, EXEC_RECORD_CGROUP_GONE, "another", ROOT);
        add_cgroup(&c, 7, EXEC_RECORD_CGROUP_GONE, "seven",
                1234); /* of a part of the hierarchy that is not seen */
        fake_ring_add(&c.fake, "?", 1);
        position = ring_position(c.ring);
        assert_int_equal(lookahead_cgroups(c.ring, &c.ahead, c.cache), 0);
        assert_int_equal(c.ahead, ring_end(c.ring));
        assert_int_equal(ring_position(c.ring), position);
        assert_path(&c, 5, "/five");
        assert_path(&c, 6, NULL); /* its record is read before any exec in it */
        assert_path(&c, 9, "/known");
        assert_path(&c, 7, NULL);

        /* Only what came since is looked at. */
        new_cache(&c);
        add_cgroup(&c, 8, EXEC_RECORD_CGROUP_GONE, "eight", ROOT);
        assert_int_equal(lookahead_cgroups(c.ring, &c.ahead, c.cache), 0);
        assert_path(&c, 5, NULL);
        assert_path(&c, 8, "/eight");
}

/* It stops where the reader will: there it goes on later. */
static void test_record_in_the_making(void **state) {
        _cleanup_(case_done) Case c;
        uint64_t busy;

        (void) state;
        case_init(&c);
        add_cgroup(&c, 5, EXEC_RECORD_CGROUP_GONE, "five", ROOT);
        busy = fake_ring_reserve(&c.fake, 8);
        add_cgroup(&c, 6, EXEC_RECORD_CGROUP_GONE, "six", ROOT);
        assert_int_equal(lookahead_cgroups(c.ring, &c.ahead, c.cache), 0);
        assert_int_equal(c.ahead, busy);
        assert_path(&c, 5, "/five");
        assert_path(&c, 6, NULL);
        fake_ring_mark(&c.fake, busy, 8);
        assert_int_equal(lookahead_cgroups(c.ring, &c.ahead, c.cache), 0);
        assert_path(&c, 6, "/six");

        fake_ring_mark(&c.fake, fake_ring_reserve(&c.fake, 8), 1000); /* damaged */
        assert_int_equal(lookahead_cgroups(c.ring, &c.ahead, c.cache), 0);
}

static void test_behind_the_reader(void **state) {
        _cleanup_(case_done) Case c;
        const void *data;
        size_t size;

        (void) state;
        case_init(&c);
        add_cgroup(&c, 5, EXEC_RECORD_CGROUP_GONE, "five", ROOT);
        add_cgroup(&c, 6, EXEC_RECORD_CGROUP_GONE, "six", ROOT);
        assert_int_equal(ring_next(c.ring, &data, &size), 1);
        ring_release(c.ring);
        assert_int_equal(lookahead_cgroups(c.ring, &c.ahead, c.cache), 0);
        assert_path(&c, 5, NULL);
        assert_path(&c, 6, "/six");
}

static void test_no_memory(void **state) {
        _cleanup_(case_done) Case c;

        (void) state;
        case_init(&c);
        add_cgroup(&c, 5, EXEC_RECORD_CGROUP_GONE, "five", ROOT);
        memory_fail_after(0);
        assert_int_equal(lookahead_cgroups(c.ring, &c.ahead, c.cache), -ENOMEM);
        assert_true(memory_restore());
        assert_path(&c, 5, NULL);
        assert_int_equal(lookahead_cgroups(c.ring, &c.ahead, c.cache), 0);
        assert_path(&c, 5, "/five");
}

static void note_unit(void *userdata, const Event *event) {
        char *units = userdata;

        strncat(units, bytes_is_set(event->place.unit) ? event->place.unit.data : "-",
                bytes_is_set(event->place.unit) ? event->place.unit.size : 1);
        strcat(units, " ");
}

/* On the way of a record: each exec has its unit, whenever the pipeline began. */
static void test_pipeline(void **state) {
        static Config config = {};
        const Policy policy = { .config = &config };
        char units[256] = "";
        _cleanup_(case_done) Case c;
        FakeSink sink;
        Pipeline p = {};

        (void) state;
        case_init(&c);
        fake_sink_init(&sink, 100);
        sink.on_event = note_unit;
        sink.userdata = units;
        sink.on_flush = NULL;
        p = (Pipeline){ .policy = &policy, .ring = c.ring, .sink = &sink.sink, .cgroups = c.cache };
        p.released = ring_position(c.ring);

        add_exec(&c, 1, 5);
        add_exec(&c, 2, 77);
        add_cgroup(&c, 6, EXEC_RECORD_CGROUP_MADE, "six.service", ROOT);
        add_exec(&c, 3, 6);
        add_cgroup(&c, 5, EXEC_RECORD_CGROUP_GONE, "five.service", ROOT);
        add_exec(&c, 4, 8);
        assert_int_equal(pipeline_drain(&p, ring_end(c.ring), SIZE_MAX), 0);
        assert_string_equal(units, "five.service - six.service - ");
        add_exec(&c, 5, 8);
        add_cgroup(&c, 8, EXEC_RECORD_CGROUP_GONE, "eight.service", ROOT);
        assert_int_equal(pipeline_drain(&p, ring_end(c.ring), SIZE_MAX), 0);
        assert_string_equal(units, "five.service - six.service - eight.service ");
        pipeline_done(&p);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_finds_what_is_gone),
                cmocka_unit_test(test_record_in_the_making),
                cmocka_unit_test(test_behind_the_reader),
                cmocka_unit_test(test_no_memory),
                cmocka_unit_test(test_pipeline),
        };

        return cmocka_run_group_tests_name("lookahead", tests, NULL, NULL);
}
