/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "event/event.h"
#include "format/options.h"
#include "notice/notice.h"
#include "util/cleanup.h"

/*
 * A sink delivers records to a receiver. Records are appended to a batch, and a flush sends the batch. Until
 * a flush has succeeded no record of the batch counts as delivered, so the caller keeps them in the ring. No
 * call blocks.
 */
typedef struct Sink Sink;

typedef struct SinkOps {
        /*
         * Appends one record to the batch. Returns 0; -ENOBUFS when the batch is full and has to be flushed
         * first; or -ENOMEM. On failure the batch is unchanged.
         */
        int (*append)(Sink *sink, const Event *event);

        /*
         * Appends one of the daemon's own records, for which a full batch still has room. Returns 0; -ENOBUFS
         * when that room is used up, too; or -ENOMEM. On failure the batch is unchanged.
         */
        int (*append_notice)(Sink *sink, const Notice *notice);

        /*
         * Sends the batch. Returns 0 when all of it was delivered; the batch is empty then. Returns -EAGAIN
         * when the receiver can't take more now: try again when the descriptor of watch() is ready. Returns
         * -EPIPE when the receiver is gone for good, and any other negative errno when it can't be reached
         * now: try again later. On failure the batch stays.
         */
        int (*flush)(Sink *sink);

        /*
         * Returns the descriptor to wait for before the next flush(), and sets *ret_events to the events of
         * epoll(7) to wait for; 0 means that only the end of the receiver is reported. Returns -EBADF when
         * there is nothing to wait for. The descriptor may be another one after each flush.
         */
        int (*watch)(const Sink *sink, uint32_t *ret_events);

        /*
         * Moves the batch of another sink of the same kind into this one, which must be empty. The receiver
         * may have a part of that batch already; if its records were appended anew, that part would be
         * delivered twice. NULL: not supported.
         */
        void (*inherit)(Sink *sink, Sink *from);

        void (*free)(Sink *sink);

        bool is_journal;
} SinkOps;

struct Sink {
        const SinkOps *ops;
        FormatOptions options; /* the owner may change them between two appends */
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

/* Returns false when `sink` can't take over the batch of `from`. */
static inline bool sink_inherit(Sink *sink, Sink *from) {
        if (sink->ops != from->ops || !sink->ops->inherit)
                return false;
        sink->ops->inherit(sink, from);
        return true;
}

/* Returns true when the sink writes to the journal, which also has the standard error of the service. */
static inline bool sink_is_journal(const Sink *sink) {
        return sink->ops->is_journal;
}

static inline void sink_free(Sink *sink) {
        if (sink)
                sink->ops->free(sink);
}

DEFINE_POINTER_CLEANUP(Sink *, sink_free);

/*
 * The following functions create a sink with a copy of `options`. They return 0, -ENOMEM, or what socket(2),
 * connect(2) or fstat(2) failed with.
 */

/* Writes the journal's native protocol to `socket_path`: JOURNAL_SOCKET, or the socket of a test. */
#define JOURNAL_SOCKET "/run/systemd/journal/socket"
int journal_sink_new(const FormatOptions *options, const char *socket_path, Sink **ret);

/*
 * Writes lines of syslog to `socket_path`: SYSLOG_SOCKET, or the socket of a test. It may be a datagram or a
 * stream socket.
 */
#define SYSLOG_SOCKET "/dev/log"
int syslog_sink_new(const FormatOptions *options, const char *socket_path, Sink **ret);

/*
 * Writes lines to `fd`, each of which is one record. The caller keeps `fd`, and closes it after the sink.
 * Records of the daemon itself are written as JSON only.
 */
int stdout_sink_new(int fd, OutputFormat format, const FormatOptions *options, Sink **ret);
