/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A pipeline in full flow: records of all kinds are put into a small ring as it gets room, and after every
 * call all that has to be true is looked at. In `kinds` stand for one record each: p one that passes, s one
 * that the filter suppresses, m a malformed one, d one that was discarded.
 */

#include "failing-memory.h"
#include "fake-ring.h"
#include "fake-sink.h"
#include "pipeline/pipeline.h"
#include "record.h"

#define FLOW_RING_SIZE 4096U
#define FLOW_RECORDS_MAX 128
#define FLOW_SUPPRESSED_UID 5

typedef struct Flow {
        FakeRing fake;
        Ring *ring;
        FakeSink sink;
        Config config;
        Policy policy;
        Pipeline pipeline;
        const char *kinds;
        /* the records are of so many files, number 1 and up, by turns; 0: they say nothing of files */
        size_t n_files;
        size_t n_added; /* of kinds */
        uint64_t ends[FLOW_RECORDS_MAX]; /* positions behind those */
        int64_t seqs[FLOW_RECORDS_MAX]; /* of those that pass, in their order */
        size_t n_pass;
        size_t n_numbered; /* of all that the reader counts */
} Flow;

static inline size_t flow_count(const Flow *f, char kind) {
        size_t n = 0;

        for (size_t i = 0; i < f->n_added; i++)
                n += f->kinds[i] == kind && f->ends[i] <= *fake_ring_consumer(&f->fake);
        return n;
}

/* Room in the ring is given back for what was delivered and for nothing else, and all of that is counted. */
static inline void flow_check_released(void *userdata) {
        const Flow *f = userdata;

        assert_int_equal(f->pipeline.totals.recorded, flow_count(f, 'p'));
        assert_int_equal(f->pipeline.totals.suppressed, flow_count(f, 's'));
        assert_int_equal(f->pipeline.totals.malformed, flow_count(f, 'm'));
}

/* `sinks` delivered all events up to where the ring is released, each once and in order. */
static inline void flow_check_delivered(const Flow *f, const FakeSink *const sinks[], size_t n_sinks) {
        size_t n = 0;

        flow_check_released((void *) f);
        for (size_t k = 0; k < n_sinks; k++)
                for (size_t i = 0; i < sinks[k]->n_delivered; i++)
                        if (sinks[k]->delivered[i] > 0) {
                                assert_true(n < f->n_pass);
                                assert_int_equal(sinks[k]->delivered[i], f->seqs[n++]);
                        }
        assert_int_equal(n, f->pipeline.totals.recorded);
}

static inline void flow_check(const Flow *f) {
        flow_check_delivered(f, (const FakeSink *const[]){ &f->sink }, 1);
}

static inline void flow_init(Flow *f, const char *kinds, size_t capacity) {
        RuleList *excluded = &f->policy.filter.kinds[FILTER_USER].exclude;

        *f = (Flow){ .kinds = kinds };
        assert_true(strlen(kinds) <= FLOW_RECORDS_MAX);
        fake_ring_init(&f->fake, FLOW_RING_SIZE, FLOW_RING_SIZE - 8);
        assert_int_equal(ring_new(f->fake.fd, FLOW_RING_SIZE, &f->ring), 0);
        fake_sink_init(&f->sink, capacity);
        f->sink.on_flush = flow_check_released;
        f->sink.userdata = f;
        f->policy.config = &f->config;
        assert_int_equal(rule_list_add_ids(excluded, "5"), 0);
        f->pipeline = (Pipeline){ .policy = &f->policy, .events.ring = f->ring, .sink = &f->sink.sink };
        f->pipeline.events.released = ring_position(f->ring);
}

static inline void flow_done(Flow *f) {
        pipeline_done(&f->pipeline);
        filter_done(&f->policy.filter);
        redactor_done(&f->policy.redactor);
        ring_free(f->ring);
        fake_ring_done(&f->fake);
}

/* Bytes that are no record, each time others. */
static inline void flow_damage(struct exec_record *record, size_t *size, size_t i) {
        switch (i % 4) {
        case 0:
                record->abi++;
                break;
        case 1:
                *size = 0;
                break;
        case 2:
                *size -= 1;
                break;
        default:
                record->args_len++;
        }
}

/* Puts one record of that kind into the ring; false: it has no room. */
static inline bool flow_add(Flow *f, char kind) {
        static const char arguments[] = "a\0b\0c\0d\0e\0f\0g\0h\0i\0secret\0";
        size_t i = f->n_added, size;
        const RecordHead head = {
                .uid = kind == 's' ? FLOW_SUPPRESSED_UID : 0,
                .comm = "c",
        };
        const struct exec_file file = { .inode = f->n_files > 0 ? 1 + i % f->n_files : 0, .ctime_ns = 1 };
        const RecordParts parts = {
                .file = { (const char *) &file, f->n_files > 0 ? sizeof(file) : 0 },
                .filename = BYTES_LITERAL("/x"),
                .exe = BYTES_LITERAL("x\0"),
                .args_head = { arguments, i < 10 ? 2 * i : sizeof(arguments) - 1 },
                .environment = BYTES_LITERAL("A=1\0B=secret\0"),
        };
        _cleanup_free_ char *record = record_new(&head, &parts, &size);
        uint64_t end = *fake_ring_producer(&f->fake) + fake_ring_step(size);

        if (end - *fake_ring_consumer(&f->fake) >= FLOW_RING_SIZE)
                return false;
        if (kind == 'm')
                flow_damage((struct exec_record *) (void *) record, &size, i);
        if (kind == 'd')
                fake_ring_add_discarded(&f->fake, size);
        else
                fake_ring_add(&f->fake, record, size);
        if (kind == 'p')
                f->seqs[f->n_pass++] = (int64_t) f->n_numbered + 1;
        if (kind != 'd')
                f->n_numbered++;
        f->ends[f->n_added++] = *fake_ring_producer(&f->fake);
        return true;
}

/* Fills the ring; false: all records were in it, and are gone again. */
static inline bool flow_feed(Flow *f) {
        while (f->kinds[f->n_added] != '\0' && flow_add(f, f->kinds[f->n_added]))
                ;
        return *fake_ring_consumer(&f->fake) != *fake_ring_producer(&f->fake);
}

static inline Notice flow_notice(int64_t number) {
        Notice notice = { .kind = NOTICE_LOST };

        notice_add_number(&notice, "EXEC_LOST", number);
        return notice;
}
