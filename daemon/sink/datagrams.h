/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "util/buffer.h"
#include "util/bytes.h"

/*
 * Sends messages to a socket in the file system, one datagram for each, and never blocks. Messages are
 * collected in a batch, which takes few system calls to send. The socket is non-blocking and connected. Only
 * for such a socket the kernel reports reliably whether there is room (EAGAIN, and EPOLLOUT as soon as there
 * is), and that its receiver is gone (ECONNREFUSED); it is then connected again.
 */

#define DATAGRAMS_RECORDS_MAX 64
#define DATAGRAMS_NOTICES_MAX 64 /* the daemon's own records, which a full batch has room for, too */
#define DATAGRAMS_BYTES_MAX (64U * 1024U)

/* The differences between the protocols. */
typedef struct DatagramsProtocol {
        /*
         * If true, a stream socket of the receiver is used, too; each message is then followed by a NUL, as
         * by syslog(3). If false, a stream socket is the error -EPROTOTYPE.
         */
        bool stream;

        /*
         * Sends in another way a message for which sendmmsg(2) failed with `error`, which is -EMSGSIZE or
         * -ENOBUFS. Returns 0 when it was sent, or a negative errno, as from sendmsg(2).
         */
        int (*send_large)(int fd, Bytes message, int error);
} DatagramsProtocol;

typedef struct Datagrams {
        const DatagramsProtocol *protocol;
        char *path;
        int fd;
        bool is_stream;
        bool blocked;
        Buffer batch;
        size_t ends[DATAGRAMS_RECORDS_MAX + DATAGRAMS_NOTICES_MAX]; /* the end of each message in the batch */
        size_t n; /* messages in the batch */
        size_t n_sent; /* messages of the batch that were sent */
        size_t partial; /* stream: bytes of the next message that were sent */
} Datagrams;

#define DATAGRAMS_NULL ((Datagrams){ .fd = -EBADF })

/*
 * Connects to the socket `path`. Returns 0, -ENAMETOOLONG, -ENOMEM, -EBUSY when a stream's receiver has no
 * room for another connection, or the error of socket(2) or connect(2). datagrams_done() may be called after
 * a failure, too.
 */
int datagrams_init(Datagrams *d, const DatagramsProtocol *protocol, const char *path);
void datagrams_done(Datagrams *d);

/*
 * Returns 0 when the batch has room for another message, or -ENOBUFS. If it returns 0, the caller appends the
 * message to d->batch and calls datagrams_end(). `notice` is true for the daemon's own records.
 */
int datagrams_begin(const Datagrams *d, bool notice);

/*
 * Adds the bytes that were appended to d->batch as one message. Returns 0; -ENOMEM when there was no memory
 * to append it; or -ENOBUFS when the batch would be larger than DATAGRAMS_BYTES_MAX. A batch of one message,
 * or with `notice`, can be larger. On failure the bytes are removed from d->batch.
 */
int datagrams_end(Datagrams *d, bool notice);

/*
 * These functions do what SinkOps.flush, watch and inherit describe. datagrams_flush() never returns -EPIPE.
 */
int datagrams_flush(Datagrams *d);
int datagrams_watch(const Datagrams *d, uint32_t *ret_events);
void datagrams_inherit(Datagrams *d, Datagrams *from);
