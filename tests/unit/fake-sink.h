/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* A sink that fails at will, and remembers what it delivered. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "sink/sink.h"

#define FAKE_SINK_ENTRIES_MAX 512
#define FAKE_SINK_CALLS_MAX 10000 /* more are an endless loop */

typedef struct FakeSink {
        Sink sink;
        size_t capacity; /* events in a batch */

        /*
         * Calls number `fail_at` and the `fail_times` - 1 behind it fail with `error`, where it is one of
         * theirs.
         */
        size_t fail_at;
        size_t fail_times;
        int error;
        size_t n_calls;
        size_t n_failed;

        /* The seq of an event; of a notice minus the number in its first field. */
        int64_t batch[FAKE_SINK_ENTRIES_MAX];
        size_t n_batch, n_batch_events;
        int64_t delivered[FAKE_SINK_ENTRIES_MAX];
        size_t n_delivered;

        void (*on_event)(void *userdata, const Event *event);
        void (*on_flush)(void *userdata);
        void *userdata;
} FakeSink;

static inline bool fake_sink_fails(FakeSink *f, bool possible) {
        size_t call = f->n_calls++;

        assert_true(call < FAKE_SINK_CALLS_MAX);
        if (f->error == 0 || !possible || call < f->fail_at || call - f->fail_at >= f->fail_times)
                return false;
        f->n_failed++;
        return true;
}

static inline void fake_sink_take(FakeSink *f, int64_t entry) {
        assert_true(f->n_batch < FAKE_SINK_ENTRIES_MAX);
        f->batch[f->n_batch++] = entry;
}

static int fake_sink_append(Sink *sink, const Event *event) {
        FakeSink *f = (FakeSink *) sink;

        if (fake_sink_fails(f, f->error == -ENOBUFS || f->error == -ENOMEM))
                return f->error;
        if (f->n_batch_events >= f->capacity)
                return -ENOBUFS;
        f->n_batch_events++;
        fake_sink_take(f, (int64_t) event->seq);
        if (f->on_event)
                f->on_event(f->userdata, event);
        return 0;
}

static int fake_sink_append_notice(Sink *sink, const Notice *notice) {
        FakeSink *f = (FakeSink *) sink;

        if (fake_sink_fails(f, f->error == -ENOMEM))
                return f->error;
        fake_sink_take(f, -notice->fields[0].number);
        return 0;
}

static int fake_sink_flush(Sink *sink) {
        FakeSink *f = (FakeSink *) sink;

        if (f->on_flush)
                f->on_flush(f->userdata);
        if (fake_sink_fails(f, f->error != -ENOBUFS))
                return f->error;
        assert_true(f->n_delivered + f->n_batch <= FAKE_SINK_ENTRIES_MAX);
        memcpy(f->delivered + f->n_delivered, f->batch, f->n_batch * sizeof(f->batch[0]));
        f->n_delivered += f->n_batch;
        f->n_batch = f->n_batch_events = 0;
        return 0;
}

static void fake_sink_inherit(Sink *sink, Sink *from) {
        FakeSink *f = (FakeSink *) sink, *old = (FakeSink *) from;

        assert_int_equal(f->n_batch, 0);
        memcpy(f->batch, old->batch, sizeof(f->batch));
        f->n_batch = old->n_batch;
        f->n_batch_events = old->n_batch_events;
        old->n_batch = old->n_batch_events = 0;
}

static inline void fake_sink_init(FakeSink *f, size_t capacity) {
        static const SinkOps ops = {
                .append = fake_sink_append,
                .append_notice = fake_sink_append_notice,
                .flush = fake_sink_flush,
        };

        *f = (FakeSink){ .sink = { .ops = &ops }, .capacity = capacity };
}

/* One that takes over what another of its kind has gathered. */
static inline void fake_sink_init_heir(FakeSink *f, size_t capacity) {
        static const SinkOps ops = {
                .append = fake_sink_append,
                .append_notice = fake_sink_append_notice,
                .flush = fake_sink_flush,
                .inherit = fake_sink_inherit,
        };

        *f = (FakeSink){ .sink = { .ops = &ops }, .capacity = capacity };
}
