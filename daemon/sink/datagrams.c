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
 * Room for what the receiver has not read yet. The kernel doubles it, and gives this much to everyone unless
 * net.core.wmem_max was made less: twice the default, some 330 entries of the usual size, so that what comes
 * within one delay before draining seldom has to wait. No more than that: a full buffer has room again once
 * three quarters of it were read, but where the messages reach the receiver's own limit first (512 of
 * journald's), each one that it reads wakes us to send another.
 */
#define SEND_BUFFER_SIZE 212992

/* Memory that a batch keeps: what a full one takes. A giant message does not leave its own behind. */
#define BATCH_KEPT (4U * DATAGRAMS_BYTES_MAX)

static int datagrams_connect(Datagrams *d, int type) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        _cleanup_close_ int fd = -EBADF;

        strcpy(address.sun_path, d->path);
        fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return -errno;
        /* With less room it takes longer, and that is all. */
        (void) setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &(int){ SEND_BUFFER_SIZE }, sizeof(int));
        if (connect(fd, (const struct sockaddr *) &address, sizeof(address)) < 0)
                return errno == EAGAIN ? -EBUSY : -errno; /* -EAGAIN asks to wait for a descriptor */

        d->fd = TAKE_FD(fd);
        d->is_stream = type == SOCK_STREAM;
        d->partial = 0;
        return 0;
}

/* The receiver that is there now may be of another kind than the one before. */
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

/* Sends as many messages as there is room for. Returns how many, or a negative errno when it was none. */
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
 * Sends what there is room for of one message and the NUL behind it. Returns 1 once it is whole, 0, or a
 * negative errno.
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

/* Whether the socket that we are connected to is nobody's any more: the receiver made a new one, or will. */
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
                return r == -EPIPE ? -ECONNRESET : r; /* the receiver comes back: it is never gone for good */
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

        /* On a stream a message may be sent in part, and what is sent elsewhere may be read before it. */
        if (from->fd >= 0 && strcmp(d->path, from->path) == 0) {
                datagrams_disconnect(d);
                d->fd = TAKE_FD(from->fd);
                d->is_stream = from->is_stream;
                d->partial = from->partial;
        }
}
