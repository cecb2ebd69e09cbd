/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The whole way of a record into each real sink, while memory runs out at every place where it may, and while
 * the clock is set. Whatever happens, what arrives is what arrives when nothing happens: all of it, once and
 * in order.
 */

#include "failing-memory.h"

#include "cgroup/mount.h"
#include "fake-ring.h"
#include "journal-receiver.h"
#include "pipeline/pipeline.h"
#include "record.h"

#include <syslog.h>
#include <time.h>

#define RING_SIZE 65536U
#define SECOND 1000000000LL
#define BOOT_NS (1000 * SECOND) /* what CLOCK_BOOTTIME says */
#define CGROUP 77
#define ROUNDS_MAX 1000

/* What CLOCK_REALTIME says. */
static int64_t real_ns;

int __real_clock_gettime(clockid_t clock, struct timespec *ret);
int __wrap_clock_gettime(clockid_t clock, struct timespec *ret);
int __wrap_clock_gettime(clockid_t clock, struct timespec *ret) {
        int64_t ns = clock == CLOCK_REALTIME ? real_ns : BOOT_NS;

        if (clock != CLOCK_REALTIME && clock != CLOCK_BOOTTIME)
                return __real_clock_gettime(clock, ret);
        *ret = (struct timespec){ .tv_sec = ns / SECOND, .tv_nsec = ns % SECOND };
        return 0;
}

typedef enum Kind {
        KIND_JOURNAL,
        KIND_SYSLOG,
        KIND_JSON,
        KIND_TEXT,
        _KIND_MAX,
} Kind;

typedef struct Case {
        Kind kind;
        FakeRing fake;
        Ring *ring;
        Receiver receiver;
        int output; /* of the sinks for standard output */
        CgroupTree *cgroups;
        Config config;
        Policy policy;
        Sink *sink;
        Pipeline pipeline;
        Buffer arrived;
} Case;

static void make_sink(Case *c) {
        const FormatOptions options = { .facility = LOG_AUTHPRIV, .priority = LOG_INFO, .unit_match = true };

        switch (c->kind) {
        case KIND_JOURNAL:
                assert_int_equal(journal_sink_new(&options, c->receiver.path, &c->sink), 0);
                break;
        case KIND_SYSLOG:
                assert_int_equal(syslog_sink_new(&options, c->receiver.path, &c->sink), 0);
                break;
        default:
                c->output = memfd_create("output", MFD_CLOEXEC);
                assert_true(c->output >= 0);
                assert_int_equal(stdout_sink_new(c->output, c->kind == KIND_JSON ? OUTPUT_JSON : OUTPUT_TEXT,
                                         &options, &c->sink),
                        0);
                break;
        }
}

static void case_init(Case *c, Kind kind) {
        static char home[] = "HOME", token[] = "TOKEN";
        static char *environment[] = { home, token };
        _cleanup_free_ char *reason = NULL;

        *c = (Case){ .kind = kind, .output = -EBADF };
        c->policy.config = &c->config;
        c->config.environment = environment;
        c->config.n_environment = ELEMENTSOF(environment);
        assert_int_equal(redactor_add(&c->policy.redactor, "secret[0-9]*", &reason), 0);
        assert_int_equal(rule_list_add_glob(&c->policy.filter.kinds[FILTER_UNIT].exclude, "quiet.*"), 0);

        real_ns = 1700000000 * SECOND;
        fake_ring_init(&c->fake, RING_SIZE, RING_SIZE - 1000 + 1000 % 8);
        assert_int_equal(ring_new(c->fake.fd, RING_SIZE, &c->ring), 0);
        receiver_init(&c->receiver);
        receiver_listen(&c->receiver);
        make_sink(c);
        assert_int_equal(cgroup_tree_new(&c->cgroups), 0);
        assert_int_equal(cgroup_tree_root(c->cgroups, CGROUP_ROOT_ID, BYTES_LITERAL("/")), 0);
        c->pipeline = (Pipeline){
                .policy = &c->policy, .events.ring = c->ring, .sink = c->sink, .lookups.cgroups = c->cgroups
        };
        c->pipeline.events.released = ring_position(c->ring);
}

static void case_done(Case *c) {
        pipeline_done(&c->pipeline);
        cgroup_tree_free(c->cgroups);
        sink_free(c->sink);
        receiver_done(&c->receiver);
        closep(&c->output);
        ring_free(c->ring);
        fake_ring_done(&c->fake);
        redactor_done(&c->policy.redactor);
        filter_done(&c->policy.filter);
        buffer_done(&c->arrived);
}

/* Of a cgroup called `name`, in the cgroup `parent`. */
static void add_cgroup(Case *c, enum exec_record_kind kind, uint64_t id, uint64_t parent, const char *name) {
        _cleanup_free_ char *record = NULL;
        size_t size;

        record = kind == EXEC_RECORD_CGROUP_MADE ? cgroup_record_new(id, parent, name, &size)
                                                 : cgroup_record_new(id, 0, NULL, &size);
        fake_ring_add(&c->fake, record, size);
}

static void add_exec(Case *c, uint64_t seq, uint64_t cgroup, uint64_t time_ns) {
        static const char arguments[] = "run\0--token=secret123\0a b\n";
        const RecordHead head = {
                .time_ns = time_ns,
                .tgid = (uint32_t) (1000 + seq),
                .cgroup_id = cgroup,
                .comm = "sh",
                .parent_comm = "init",
        };
        const RecordParts parts = {
                .filename = BYTES_LITERAL("./run"),
                .exe = BYTES_LITERAL("run\0bin\0"),
                .cwd = BYTES_LITERAL("root\0"),
                .tty = BYTES_LITERAL("pts3"),
                .args_head = { arguments, sizeof(arguments) },
                .args_total = seq % 3 == 0 ? 1000 : 0,
                .environment = BYTES_LITERAL("PATH=/bin\0TOKEN=secret5\0HOME=/root\0"),
        };
        _cleanup_free_ char *record = NULL;
        size_t size;

        record = record_new(&head, &parts, &size);
        fake_ring_add(&c->fake, record, size);
}

/* Execs in cgroups that come and go, one that the filter drops, and one that is no record. */
static void add_all(Case *c) {
        add_exec(c, 1, CGROUP, 900 * SECOND);
        add_cgroup(c, EXEC_RECORD_CGROUP_MADE, CGROUP + 1000, CGROUP_ROOT_ID, "system.slice");
        add_cgroup(c, EXEC_RECORD_CGROUP_MADE, CGROUP, CGROUP + 1000, "machine-a\\x2db.scope");
        add_exec(c, 2, CGROUP, 901 * SECOND);
        add_cgroup(c, EXEC_RECORD_CGROUP_MADE, CGROUP + 1, CGROUP + 1000, "quiet.service");
        add_exec(c, 3, CGROUP + 1, 902 * SECOND);
        fake_ring_add(&c->fake, "no record", 9);
        add_cgroup(c, EXEC_RECORD_CGROUP_GONE, CGROUP, 0, NULL);
        add_exec(c, 4, CGROUP, 903 * SECOND);
        add_exec(c, 6, CGROUP + 2, 904 * SECOND);
}

static void collect(Case *c) {
        char content[16384];
        ssize_t n;

        switch (c->kind) {
        case KIND_JOURNAL:
        case KIND_SYSLOG:
                while (receiver_receive(&c->receiver)) {
                        buffer_append_bytes(&c->arrived, buffer_bytes(&c->receiver.datagram));
                        buffer_append_char(&c->arrived, '\n');
                }
                break;
        default:
                n = pread(c->output, content, sizeof(content), 0);
                assert_true(n > 0 && (size_t) n < sizeof(content));
                buffer_append(&c->arrived, content, (size_t) n);
                break;
        }
        assert_int_equal(buffer_error(&c->arrived), 0);
}

/* Until all is delivered, with as much memory as it takes. */
static void finish(Case *c) {
        for (size_t round = 0; *fake_ring_consumer(&c->fake) != *fake_ring_producer(&c->fake); round++) {
                assert_true(round < ROUNDS_MAX);
                assert_int_equal(pipeline_drain(&c->pipeline, ring_end(c->ring), 3), 0);
        }
        assert_int_equal(c->pipeline.totals.recorded, 4);
        assert_int_equal(c->pipeline.totals.suppressed, 1);
        assert_int_equal(c->pipeline.totals.malformed, 1);
        collect(c);
}

/* The same while nothing fails. */
static void expect(Kind kind, Buffer *ret) {
        _cleanup_(case_done) Case c;

        case_init(&c, kind);
        add_all(&c);
        finish(&c);
        buffer_append_bytes(ret, buffer_bytes(&c.arrived));
        assert_int_equal(buffer_error(ret), 0);
        assert_true(ret->size > 200);
        assert_null(memmem(ret->data, ret->size, "secret", 6));
        assert_non_null(memmem(ret->data, ret->size, "machine-a", 9));
        assert_null(memmem(ret->data, ret->size, "quiet", 5));
}

static void assert_arrived(const Case *c, const Buffer *expected) {
        assert_int_equal(c->arrived.size, expected->size);
        assert_memory_equal(c->arrived.data, expected->data, expected->size);
}

static void test_every_allocation_fails(void **state) {
        (void) state;
        for (Kind kind = 0; kind < _KIND_MAX; kind++) {
                _cleanup_(buffer_done) Buffer expected = BUFFER_NULL;
                size_t n = 0;
                bool failed;

                expect(kind, &expected);
                do {
                        _cleanup_(case_done) Case c;
                        int r;

                        case_init(&c, kind);
                        add_all(&c);
                        memory_fail_after(n++);
                        r = pipeline_drain(&c.pipeline, ring_end(c.ring), SIZE_MAX);
                        failed = memory_restore();
                        /* A cache that can't grow goes on with what it has. */
                        assert_true(r == 0 || (failed && r == -ENOMEM));
                        finish(&c);
                        assert_arrived(&c, &expected);
                } while (failed);
                assert_true(n > 10);
        }
}

/* One allocation after another fails, at every step: nothing is gained or lost by trying again and again. */
static void test_little_memory(void **state) {
        (void) state;
        for (Kind kind = 0; kind < _KIND_MAX; kind++)
                for (size_t n = 0; n < 8; n++) {
                        _cleanup_(buffer_done) Buffer expected = BUFFER_NULL;
                        _cleanup_(case_done) Case c;

                        expect(kind, &expected);
                        case_init(&c, kind);
                        add_all(&c);
                        for (size_t round = 0; round < 20; round++) {
                                memory_fail_after(n);
                                (void) pipeline_drain(&c.pipeline, ring_end(c.ring), 1 + round % 2);
                                (void) memory_restore();
                        }
                        finish(&c);
                        assert_arrived(&c, &expected);
                }
}

/* The timestamp of the next entry of the journal. */
static uint64_t next_timestamp(Case *c) {
        ReceivedEntry entry;
        Bytes rest, value;
        char digits[24] = {};

        assert_true(receiver_receive(&c->receiver));
        rest = buffer_bytes(&c->receiver.datagram);
        receiver_take_entry(&rest, &entry);
        value = received_value(&entry, "EXEC_TIMESTAMP");
        assert_true(value.size > 0 && value.size < sizeof(digits));
        memcpy(digits, value.data, value.size);
        return strtoull(digits, NULL, 10);
}

/*
 * The clock is set while a record waits. Its time was taken on a clock that nobody sets, so the timestamp is
 * what the clock would have said then if it had been right all the time.
 */
static void test_clock_is_set(void **state) {
        static const struct {
                int64_t real_s; /* what CLOCK_REALTIME is set to at 1000 s after the boot */
                uint64_t timestamp; /* of what was executed 900 s after it */
        } table[] = {
                { 1700000000, 1699999900000000 },
                { 1800000000, 1799999900000000 }, /* ahead */
                { 1600000000, 1599999900000000 }, /* back */
                { 1000, 900000000 }, /* a machine without a clock of its own */
                { 100, 0 }, /* before the epoch: there is no such number */
                { 0, 0 },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                _cleanup_(case_done) Case c;

                case_init(&c, KIND_JOURNAL);
                add_exec(&c, 1, CGROUP, 900 * SECOND);
                memory_fail_after(0);
                assert_int_equal(pipeline_drain(&c.pipeline, ring_end(c.ring), SIZE_MAX), -ENOMEM);
                assert_true(memory_restore());
                real_ns = table[i].real_s * SECOND;
                assert_int_equal(pipeline_drain(&c.pipeline, ring_end(c.ring), SIZE_MAX), 0);
                assert_int_equal(next_timestamp(&c), table[i].timestamp);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_every_allocation_fails),
                cmocka_unit_test(test_little_memory),
                cmocka_unit_test(test_clock_is_set),
        };

        return cmocka_run_group_tests_name("pipeline-sinks", tests, NULL, NULL);
}
