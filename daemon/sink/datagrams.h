/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "util/buffer.h"
#include "util/bytes.h"

/*
 * Sends messages, a datagram each, to a socket of the file system, and never blocks. Messages are gathered in
 * a batch, which goes out in few system calls. The socket is non-blocking and connected: only of such a
 * socket the kernel says truly whether there is room (EAGAIN, and EPOLLOUT once there is), and that its
 * receiver is gone (ECONNREFUSED). It is connected anew then.
 */

#define DATAGRAMS_RECORDS_MAX 64
#define DATAGRAMS_NOTICES_MAX 64 /* the daemon's own records go on top of a full batch */
#define DATAGRAMS_BYTES_MAX (64U * 1024U)

/* What a protocol wants of it. */
typedef struct DatagramsProtocol {
        /*
         * Also take a stream socket where the receiver has one. A message is ended by NUL there, as syslog(3)
         * does it. False: -EPROTOTYPE.
         */
        bool stream;

        /*
         * Sends a message for which send(2) failed with `error`, -EMSGSIZE or -ENOBUFS, in another way. 0: it
         * is sent; else a negative errno, as from sendmsg(2).
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
        size_t ends[DATAGRAMS_RECORDS_MAX + DATAGRAMS_NOTICES_MAX]; /* where each message of the batch ends */
        size_t n;
        size_t n_sent; /* of these */
        size_t partial; /* stream: bytes that are sent of the next message */
} Datagrams;

#define DATAGRAMS_NULL ((Datagrams){ .fd = -EBADF })

/*
 * Connects to `path`. 0; -ENAMETOOLONG; -ENOMEM; -EBUSY: a stream's receiver has no room for one more
 * connection; or what socket(2) or connect(2) failed with. On failure there is nothing to be done, but
 * datagrams_done() may be called.
 */
int datagrams_init(Datagrams *d, const DatagramsProtocol *protocol, const char *path);
void datagrams_done(Datagrams *d);

/*
 * Whether one more message has a place in the batch: 0 or -ENOBUFS. When it has, the caller appends the
 * message to d->batch and calls datagrams_end(). `notice`: it is one of the daemon's own records.
 */
int datagrams_begin(const Datagrams *d, bool notice);

/*
 * Takes what was appended to d->batch as one message. 0: taken. -ENOMEM: there was no memory for it.
 * -ENOBUFS: with this one the batch would be too large (a message that is too large by itself goes alone). On
 * failure it is taken back.
 */
int datagrams_end(Datagrams *d, bool notice);

/* As SinkOps.flush, watch and inherit. */
int datagrams_flush(Datagrams *d);
int datagrams_watch(const Datagrams *d, uint32_t *ret_events);
void datagrams_inherit(Datagrams *d, Datagrams *from);
