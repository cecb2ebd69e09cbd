/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "event/event.h"
#include "format/options.h"
#include "notice/notice.h"
#include "util/cleanup.h"

/*
 * Where records go. A sink gathers what is appended and hands it over at a flush; what a flush has not
 * confirmed went nowhere yet, and the caller keeps it (in the ring) until then. No call blocks.
 */
typedef struct Sink Sink;

typedef struct SinkOps {
        /*
         * Takes one record into the current batch. 0: taken. -ENOBUFS: the batch is full, nothing was taken,
         * flush first. -ENOMEM: nothing was taken.
         */
        int (*append)(Sink *sink, const Event *event);

        /*
         * Takes one of the daemon's own records. It goes on top of a full batch; -ENOBUFS says that too many
         * of them wait already, and that this one is not taken. -ENOMEM: not taken either.
         */
        int (*append_notice)(Sink *sink, const Notice *notice);

        /*
         * Hands over all that was appended. 0: all of it was delivered, the batch is empty. -EAGAIN: the
         * receiver can't take more now; try again when the descriptor of watch() is ready. -EPIPE: the
         * receiver is gone for good. Any other error: the receiver can't be reached now; try again later. On
         * failure the batch stays.
         */
        int (*flush)(Sink *sink);

        /*
         * The descriptor to wait for, and for which events (0: only to learn that the receiver is gone),
         * after which flush() is worth a try; -EBADF: there is nothing to wait for. It may change with every
         * flush.
         */
        int (*watch)(const Sink *sink, uint32_t *ret_events);

        /*
         * Takes over what another sink of the same kind has gathered, some of which the receiver may have
         * already: a batch that is begun anew would bring that twice. Only before anything is appended. NULL:
         * it can't.
         */
        void (*inherit)(Sink *sink, Sink *from);

        void (*free)(Sink *sink);

        bool is_journal;
} SinkOps;

struct Sink {
        const SinkOps *ops;
        FormatOptions options; /* may be changed between two appends */
};

static inline int sink_append(Sink *sink, const Event *event) {
        return sink->ops->append(sink, event);
}

static inline int sink_append_notice(Sink *sink, const Notice *notice) {
        return sink->ops->append_notice(sink, notice);
}

static inline int sink_flush(Sink *sink) {
        return sink->ops->flush(sink);
}

static inline int sink_watch(const Sink *sink, uint32_t *ret_events) {
        return sink->ops->watch(sink, ret_events);
}

/* Whether it could, and did. */
static inline bool sink_inherit(Sink *sink, Sink *from) {
        if (sink->ops != from->ops || !sink->ops->inherit)
                return false;
        sink->ops->inherit(sink, from);
        return true;
}

/* Whether it writes to the journal, where everything else that the service says is, too. */
static inline bool sink_is_journal(const Sink *sink) {
        return sink->ops->is_journal;
}

static inline void sink_free(Sink *sink) {
        if (sink)
                sink->ops->free(sink);
}

DEFINE_POINTER_CLEANUP(Sink *, sink_free);

/*
 * Each makes a sink with a copy of `options`. Returns 0, -ENOMEM, or what the first step towards the receiver
 * failed with (socket(2), connect(2), fstat(2)).
 */

/* The journal's native protocol, over `socket_path`: JOURNAL_SOCKET, or what a test listens at. */
#define JOURNAL_SOCKET "/run/systemd/journal/socket"
int journal_sink_new(const FormatOptions *options, const char *socket_path, Sink **ret);

/*
 * Syslog's lines, over `socket_path`: SYSLOG_SOCKET, or what a test listens at. A datagram or a stream socket
 * will do.
 */
#define SYSLOG_SOCKET "/dev/log"
int syslog_sink_new(const FormatOptions *options, const char *socket_path, Sink **ret);

/* One record a line to `fd`, which stays the caller's. */
int stdout_sink_new(int fd, OutputFormat format, const FormatOptions *options, Sink **ret);
