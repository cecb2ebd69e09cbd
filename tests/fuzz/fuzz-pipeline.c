/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The whole way of a record, from bytes in the ring to what is written: one of a few configurations, then
 * records of all kinds. Every record that comes out is written in every format and read back; every record
 * that went in is counted.
 *
 * An input is a byte for the configuration, a byte for how many records the sink takes at once, then for each
 * record a byte that says what it is, and its bytes.
 */

#include <errno.h>
#include <sys/mman.h>
#include <syslog.h>

#include "check-formats.h"
#include "fuzz.h"
#include "pipeline/pipeline.h"
#include "pipeline/policy.h"
#include "repair.h"

#include "../unit/fake-ring.h"

#define RING_SIZE (1U << 18)
#define RECORDS_MAX 64

typedef enum Order {
        ORDER_EXEC, /* repaired */
        ORDER_RAW, /* as it is */
        ORDER_CGROUP, /* a byte for its parent, one for itself, its name */
        ORDER_CGROUP_GONE,
        ORDER_DISCARDED,
        _ORDER_MAX,
} Order;

static const char *const configurations[] = {
        "",
        "[Output]\nLabel=SITE=a b\nLabel=RACK=\"\nEnvironment=PATH a A\nUnitMatch=yes\n",
        "[Output]\nRedact=[0-9]+\nRedact=^-p.*\nRedact=secret|\\*\nEnvironment=PATH HOME\n",
        "[Trace]\nFailures=all\n[Filter]\nExcludeExe=/usr/*\nIncludeParent=b* r*\nExcludeUser=0 100-200\n",
        "[Filter]\nIncludeUnit=*.service\nExcludeExe=*/entry.sh\nIncludeGroup=0-100000\n",
};

/* The judge of what comes out. */
typedef struct Judge {
        Sink sink;
        const Policy *policy; /* the pipeline's */
        size_t capacity;
        size_t n_batch;
        size_t n_delivered;
} Judge;

static int judge_append(Sink *sink, const Event *event) {
        static const FormatOptions options = { .facility = LOG_AUTHPRIV, .priority = LOG_INFO };
        Judge *j = (Judge *) sink;

        if (j->n_batch >= j->capacity)
                return -ENOBUFS;
        check_formats(&options, event);
        j->n_batch++;
        return 0;
}

static int judge_append_notice(Sink *sink, const Notice *notice) {
        (void) sink;
        (void) notice;
        return 0;
}

static int judge_flush(Sink *sink) {
        Judge *j = (Judge *) sink;

        j->n_delivered += j->n_batch;
        j->n_batch = 0;
        return 0;
}

/* Made once: compiling the patterns takes longer than all else. */
static const Policy *configuration(size_t i) {
        static Policy *made[ELEMENTSOF(configurations)];

        if (!made[i]) {
                int fd = memfd_create("config", MFD_CLOEXEC);
                char path[sizeof("/proc/self/fd/") + 11];
                ConfigReport report = {};

                assert_true(fd >= 0);
                assert_int_equal(
                        write(fd, configurations[i], strlen(configurations[i])), strlen(configurations[i]));
                (void) snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
                assert_int_equal(policy_load(path, NULL, NULL, 0, &report, &made[i]), 0);
                assert_int_equal(report.n_problems, 0);
                close(fd);
        }
        return made[i];
}

static void put_cgroup(FakeRing *f, Order order, Bytes bytes) {
        Input input = { (const uint8_t *) bytes.data, bytes.size };
        const uint64_t parent = input_number(&input, 1);
        struct exec_cgroup head = {
                .abi = EXEC_RECORD_ABI,
                .kind = order == ORDER_CGROUP ? EXEC_RECORD_CGROUP_MADE : EXEC_RECORD_CGROUP_GONE,
                .id = input_number(&input, 1),
        };
        _cleanup_(buffer_done) Buffer record = BUFFER_NULL;

        if (order == ORDER_CGROUP) {
                head.parent = parent;
                head.name_len = (__u8) (input.size < 255 ? input.size : 254);
                head.name_len++; /* no name is empty */
        }
        buffer_append(&record, &head, sizeof(head));
        for (size_t i = 0; i + 1 < head.name_len; i++)
                buffer_append_char(&record, strchr("/", input.data[i]) ? '_' : (char) input.data[i]);
        if (order == ORDER_CGROUP)
                buffer_append_char(&record, 'x');
        assert_int_equal(buffer_error(&record), 0);
        fake_ring_add(f, record.data, record.size);
}

/* Returns whether the pipeline has something to count. */
static bool put(FakeRing *f, Order order, Bytes bytes) {
        _cleanup_free_ char *record = copy_of(bytes);

        switch (order) {
        case ORDER_CGROUP:
        case ORDER_CGROUP_GONE:
                put_cgroup(f, order, bytes);
                return false;
        case ORDER_DISCARDED:
                fake_ring_add_discarded(f, bytes.size);
                return false;
        case ORDER_EXEC:
                (void) repair_record(record, bytes.size);
                if (bytes.size >=
                        sizeof(struct exec_record)) /* one of the cgroups that there are, if it can be */
                        ((struct exec_record *) (void *) record)->cgroup_id &= 0xff;
                break;
        default:
                break;
        }
        fake_ring_add(f, record, bytes.size);
        return true;
}

static void drain(Judge *judge, FakeRing *f, Ring *ring, size_t n_counted, bool exact) {
        _cleanup_(cgroup_tree_freep) CgroupTree *cgroups = NULL;
        _cleanup_(pipeline_done) Pipeline pipeline = {
                .policy = judge->policy,
                .events = { .ring = ring, .released = ring_position(ring) },
                .sink = &judge->sink,
        };
        const Totals *totals = &pipeline.totals;

        assert_int_equal(cgroup_tree_new(&cgroups), 0);
        assert_int_equal(cgroup_tree_root(cgroups, 1, BYTES_LITERAL("/")), 0);
        pipeline.lookups.cgroups = cgroups;
        for (size_t i = 0; ring_position(ring) < ring_end(ring); i++) {
                assert_true(i <= RECORDS_MAX);
                assert_int_equal(pipeline_drain(&pipeline, ring_end(ring), 7), 0);
        }
        assert_int_equal(*fake_ring_consumer(f), *fake_ring_producer(f));
        if (exact)
                assert_int_equal(
                        totals->recorded + totals->suppressed + totals->malformed + totals->held, n_counted);

        /* What was held back comes at the end. */
        pipeline_hold_nothing(&pipeline);
        assert_int_equal(pipeline_drain(&pipeline, ring_end(ring), 7), 0);
        assert_int_equal(totals->held, 0);
        assert_true(pipeline_deadline(&pipeline) == UINT64_MAX);
        assert_int_equal(totals->recorded, judge->n_delivered);
        if (exact)
                assert_int_equal(totals->recorded + totals->suppressed + totals->malformed, n_counted);
        assert_true(totals->recorded + totals->suppressed + totals->malformed <= n_counted + RECORDS_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static const SinkOps ops = {
                .append = judge_append,
                .append_notice = judge_append_notice,
                .flush = judge_flush,
        };
        Input input = { data, size };
        const Policy *policy = configuration(input_number(&input, 1) % ELEMENTSOF(configurations));
        Judge judge = {
                .sink = { .ops = &ops }, .policy = policy, .capacity = 1 + input_number(&input, 1) % 8
        };
        _cleanup_(ring_freep) Ring *ring = NULL;
        size_t n_counted = 0;
        bool exact = true;
        FakeRing fake;

        fake_ring_init(&fake, RING_SIZE, RING_SIZE - 4096);
        assert_int_equal(ring_new(fake.fd, RING_SIZE, &ring), 0);
        for (size_t i = 0; i < RECORDS_MAX && input.size > 0; i++) {
                Order order = input_number(&input, 1) % _ORDER_MAX;
                Bytes bytes = input_long_text(&input);

                if (*fake_ring_producer(&fake) + fake_ring_step(bytes.size + 2 * sizeof(struct exec_cgroup)) -
                                *fake_ring_consumer(&fake) >=
                        RING_SIZE)
                        break;
                n_counted += put(&fake, order, bytes);
                exact = exact && order != ORDER_RAW; /* which may be anything */
        }
        drain(&judge, &fake, ring, n_counted, exact);
        fake_ring_done(&fake);
        return 0;
}
