/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "sink/datagrams.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "util/cleanup.h"

/*
 * The room for data that the receiver has not read yet. The kernel doubles the value, and allows this much to
 * every process unless net.core.wmem_max was lowered. That is twice the default, or some 330 entries of the
 * usual size, so that the records which come within one delay before draining seldom have to wait. It is no
 * more than that for a reason. A full buffer has room again after three quarters of it were read. But if the
 * messages reach the receiver's own limit first (512 for journald), each message that it reads wakes us up to
 * send another one.
 */
#define SEND_BUFFER_SIZE 212992

/*
 * The memory that an empty batch keeps, which is enough for a full one. The memory for a huge message is
 * freed.
 */
#define BATCH_KEPT (4U * DATAGRAMS_BYTES_MAX)

static int datagrams_connect(Datagrams *d, int type) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        _cleanup_close_ int fd = -EBADF;

        strcpy(address.sun_path, d->path);
        fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return -errno;
        /* With a smaller buffer sending takes longer, but works. */
        (void) setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &(int){ SEND_BUFFER_SIZE }, sizeof(int));
        if (connect(fd, (const struct sockaddr *) &address, sizeof(address)) < 0)
                return errno == EAGAIN ? -EBUSY : -errno; /* -EAGAIN would mean to wait for a descriptor */

        d->fd = TAKE_FD(fd);
        d->is_stream = type == SOCK_STREAM;
        d->partial = 0;
        return 0;
}

/*
 * Connects unless there is a connection. The new receiver may have another type of socket than the last one.
 */
static int datagrams_reach(Datagrams *d) {
        int r;

        if (d->fd >= 0)
                return 0;
        r = datagrams_connect(d, SOCK_DGRAM);
        if (r == -EPROTOTYPE && d->protocol->stream)
                r = datagrams_connect(d, SOCK_STREAM);
        return r;
}

static void datagrams_disconnect(Datagrams *d) {
        closep(&d->fd);
        d->fd = -EBADF;
}

int datagrams_init(Datagrams *d, const DatagramsProtocol *protocol, const char *path) {
        *d = DATAGRAMS_NULL;
        d->protocol = protocol;
        if (strlen(path) >= sizeof(((struct sockaddr_un *) NULL)->sun_path))
                return -ENAMETOOLONG;
        d->path = strdup(path);
        if (!d->path)
                return -ENOMEM;
        return datagrams_reach(d);
}

void datagrams_done(Datagrams *d) {
        datagrams_disconnect(d);
        buffer_done(&d->batch);
        free(d->path);
        d->path = NULL;
}

int datagrams_begin(const Datagrams *d, bool notice) {
        return d->n >= (notice ? ELEMENTSOF(d->ends) : DATAGRAMS_RECORDS_MAX) ? -ENOBUFS : 0;
}

int datagrams_end(Datagrams *d, bool notice) {
        int r = buffer_error(&d->batch);

        if (r >= 0 && !notice && d->batch.size > DATAGRAMS_BYTES_MAX && d->n > 0)
                r = -ENOBUFS;
        if (r < 0) {
                buffer_truncate(&d->batch, d->n > 0 ? d->ends[d->n - 1] : 0);
                d->batch.failed = false;
                return r;
        }
        d->ends[d->n++] = d->batch.size;
        return 0;
}

static Bytes batch_message(const Datagrams *d, size_t i) {
        size_t start = i > 0 ? d->ends[i - 1] : 0;

        return (Bytes){ .data = d->batch.data + start, .size = d->ends[i] - start };
}

/* Sends as many messages as the socket has room for. Returns their number, or a negative errno if it is 0. */
static int send_datagrams(const Datagrams *d) {
        struct mmsghdr messages[DATAGRAMS_RECORDS_MAX] = {};
        struct iovec parts[DATAGRAMS_RECORDS_MAX];
        unsigned n = 0;
        int r;

        for (size_t i = d->n_sent; i < d->n && n < DATAGRAMS_RECORDS_MAX; i++, n++) {
                Bytes message = batch_message(d, i);

                parts[n] = (struct iovec){ .iov_base = (void *) message.data, .iov_len = message.size };
                messages[n].msg_hdr = (struct msghdr){ .msg_iov = &parts[n], .msg_iovlen = 1 };
        }
        r = sendmmsg(d->fd, messages, n, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (r >= 0)
                return r;
        r = -errno;
        if (r == -EMSGSIZE || r == -ENOBUFS) {
                r = d->protocol->send_large(d->fd, batch_message(d, d->n_sent), r);
                if (r >= 0)
                        return 1;
        }
        return r;
}

/*
 * Sends as much of one message and the NUL after it as the socket has room for. Returns 1 when the message is
 * complete, 0 when a part is left, or a negative errno.
 */
static int send_stream(Datagrams *d) {
        const Bytes message = batch_message(d, d->n_sent);
        const size_t whole = message.size + 1;
        struct iovec parts[] = {
                { .iov_base = (void *) message.data, .iov_len = message.size },
                { .iov_base = (void *) "", .iov_len = 1 },
        };
        struct msghdr header = { .msg_iov = parts, .msg_iovlen = ELEMENTSOF(parts) };
        ssize_t n;

        if (d->partial < message.size) {
                parts[0].iov_base = (char *) parts[0].iov_base + d->partial;
                parts[0].iov_len -= d->partial;
        } else {
                header.msg_iov = &parts[1];
                header.msg_iovlen = 1;
        }
        n = sendmsg(d->fd, &header, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0)
                return -errno;
        d->partial += (size_t) n;
        if (d->partial < whole)
                return 0;
        d->partial = 0;
        return 1;
}

static int datagrams_send(Datagrams *d) {
        int r;

        r = datagrams_reach(d);
        if (r < 0)
                return r;
        while (d->n_sent < d->n) {
                r = d->is_stream ? send_stream(d) : send_datagrams(d);
                if (r < 0)
                        return r;
                d->n_sent += (size_t) r;
        }
        return 0;
}

/* Returns true when the receiver has closed its socket. It has created a new one, or will do so. */
static bool error_is_disconnect(int error) {
        return error == -ECONNREFUSED || error == -ECONNRESET || error == -ENOTCONN || error == -EPIPE;
}

int datagrams_flush(Datagrams *d) {
        int r;

        d->blocked = false;
        if (d->n == 0)
                return 0;

        r = datagrams_send(d);
        if (error_is_disconnect(r)) {
                datagrams_disconnect(d);
                r = datagrams_send(d);
        }
        if (r == -EAGAIN) {
                d->blocked = true;
                return r;
        }
        if (r < 0) {
                datagrams_disconnect(d);
                return r == -EPIPE ? -ECONNRESET : r; /* the receiver can come back */
        }

        buffer_shrink(&d->batch, BATCH_KEPT);
        d->n = d->n_sent = 0;
        return 0;
}

int datagrams_watch(const Datagrams *d, uint32_t *ret_events) {
        if (!d->blocked)
                return -EBADF;
        *ret_events = EPOLLOUT;
        return d->fd;
}

void datagrams_inherit(Datagrams *d, Datagrams *from) {
        assert(d->n == 0);
        buffer_done(&d->batch);
        d->batch = from->batch;
        memcpy(d->ends, from->ends, sizeof(d->ends));
        d->n = from->n;
        d->n_sent = from->n_sent;
        from->batch = BUFFER_NULL;
        from->n = from->n_sent = 0;

        /*
         * Keeps the connection: a stream may have sent a part of a message, and records that are sent over
         * another connection may be read before those of this one.
         */
        if (from->fd >= 0 && strcmp(d->path, from->path) == 0) {
                datagrams_disconnect(d);
                d->fd = TAKE_FD(from->fd);
                d->is_stream = from->is_stream;
                d->partial = from->partial;
        }
}
