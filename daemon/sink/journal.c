/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The journal, by its native protocol: a datagram for each entry, over a connected socket, which is the only
 * kind that says truly whether there is room. sd_journal_sendv() would block while journald is
 * busy, and report success when its socket is not there.
 */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "format/entry.h"
#include "sink/sink.h"
#include "util/buffer.h"
#include "util/memfd.h"

/*
 * How much is gathered before it is sent. Each entry is a datagram: journald of systemd 254 and later takes only the first
 * entry of a datagram that has several. They go in one system call nevertheless.
 */
#define BATCH_ENTRIES_MAX 64
#define BATCH_BYTES_MAX (64U * 1024U)

/* The daemon's own records go on top of a full batch. */
#define BATCH_NOTICES_MAX 64

/*
 * Room for what journald has not read yet. The kernel doubles it, and gives this much to everyone unless net.core.wmem_max
 * was made less: twice the default, some 330 entries of the usual size, so that what comes within one delay before draining
 * seldom has to wait. No more than that: a full buffer has room again once three quarters of it were read, but where the
 * entries reach journald's own limit first, 512 of them, each one that it reads wakes us to send another.
 */
#define SEND_BUFFER_SIZE 212992

typedef struct JournalSink {
        Sink sink;
        const Config *config;
        char *path;
        int fd;
        bool blocked;
        Buffer batch;
        size_t ends[BATCH_ENTRIES_MAX + BATCH_NOTICES_MAX]; /* where each entry of the batch ends */
        size_t n_entries;
        size_t n_sent; /* of these */
} JournalSink;

static JournalSink *journal_sink(Sink *sink) {
        return (JournalSink *) sink;
}

static int journal_connect(JournalSink *s) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        _cleanup_close_ int fd = -EBADF;

        if (s->fd >= 0)
                return 0;
        if (strlen(s->path) >= sizeof(address.sun_path))
                return -ENAMETOOLONG;
        strcpy(address.sun_path, s->path);

        fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return -errno;
        /* With less room it takes longer, and that is all. */
        (void) setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &(int){ SEND_BUFFER_SIZE }, sizeof(int));
        if (connect(fd, (const struct sockaddr *) &address, sizeof(address)) < 0)
                return errno == EAGAIN ? -EBUSY : -errno; /* -EAGAIN asks to wait for a descriptor */

        s->fd = TAKE_FD(fd);
        return 0;
}

static void journal_disconnect(JournalSink *s) {
        closep(&s->fd);
        s->fd = -EBADF;
}

/* Takes back what was appended behind `size` when memory ran out on the way. */
static int batch_finish(JournalSink *s, size_t size) {
        int r = buffer_error(&s->batch);

        if (r < 0) {
                buffer_truncate(&s->batch, size);
                s->batch.failed = false;
                return r;
        }
        s->ends[s->n_entries++] = s->batch.size;
        return 0;
}

static int journal_append(Sink *sink, const Event *event) {
        JournalSink *s = journal_sink(sink);
        size_t before = s->batch.size;
        int r;

        if (s->n_entries >= BATCH_ENTRIES_MAX)
                return -ENOBUFS;

        entry_format_event(&s->batch, s->config, event);
        r = batch_finish(s, before);
        if (r < 0)
                return r;

        /* One that is larger than the limit goes alone. */
        if (s->batch.size > BATCH_BYTES_MAX && s->n_entries > 1) {
                buffer_truncate(&s->batch, before);
                s->n_entries--;
                return -ENOBUFS;
        }
        return 0;
}

static int journal_append_notice(Sink *sink, const Notice *notice) {
        JournalSink *s = journal_sink(sink);
        size_t before = s->batch.size;

        if (s->n_entries >= ELEMENTSOF(s->ends))
                return -ENOMEM;
        entry_format_notice(&s->batch, s->config, notice);
        return batch_finish(s, before);
}

/* journald takes a sealed memfd in the place of a datagram that is too large. */
static int journal_send_memfd(const JournalSink *s, Bytes entry) {
        _cleanup_close_ int memfd = -EBADF;
        union {
                struct cmsghdr header;
                char bytes[CMSG_SPACE(sizeof(int))];
        } control = {};
        struct msghdr message = { .msg_control = &control, .msg_controllen = sizeof(control) };
        struct cmsghdr *header;

        memfd = memfd_new("exectraced-entry");
        if (memfd < 0)
                return memfd;
        for (size_t done = 0; done < entry.size;) {
                ssize_t n = write(memfd, entry.data + done, entry.size - done);
                if (n < 0)
                        return -errno;
                done += (size_t) n;
        }
        if (fcntl(memfd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0)
                return -errno;

        header = CMSG_FIRSTHDR(&message);
        assert(header);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &memfd, sizeof(int));
        return sendmsg(s->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -errno : 0;
}

static Bytes batch_entry(const JournalSink *s, size_t i) {
        size_t start = i > 0 ? s->ends[i - 1] : 0;

        return (Bytes){ .data = s->batch.data + start, .size = s->ends[i] - start };
}

/* Sends as many of the entries as there is room for. How many, or a negative errno when it was none. */
static int journal_send_datagrams(const JournalSink *s) {
        struct mmsghdr messages[BATCH_ENTRIES_MAX] = {};
        struct iovec parts[BATCH_ENTRIES_MAX];
        unsigned n = 0;
        int r;

        for (size_t i = s->n_sent; i < s->n_entries && n < BATCH_ENTRIES_MAX; i++, n++) {
                Bytes entry = batch_entry(s, i);

                parts[n] = (struct iovec){ .iov_base = (void *) entry.data, .iov_len = entry.size };
                messages[n].msg_hdr = (struct msghdr){ .msg_iov = &parts[n], .msg_iovlen = 1 };
        }
        r = sendmmsg(s->fd, messages, n, MSG_NOSIGNAL | MSG_DONTWAIT);
        return r < 0 ? -errno : r;
}

static int journal_send(JournalSink *s) {
        int r;

        r = journal_connect(s);
        if (r < 0)
                return r;

        while (s->n_sent < s->n_entries) {
                r = journal_send_datagrams(s);
                if (r == -EMSGSIZE || r == -ENOBUFS) {
                        r = journal_send_memfd(s, batch_entry(s, s->n_sent));
                        if (r >= 0)
                                r = 1;
                }
                if (r < 0)
                        return r;
                s->n_sent += (size_t) r;
        }
        return 0;
}

/* Whether the socket that we are connected to is nobody's any more: journald made a new one, or will. */
static bool error_is_disconnect(int error) {
        return error == -ECONNREFUSED || error == -ECONNRESET || error == -ENOTCONN || error == -EPIPE;
}

static int journal_flush(Sink *sink) {
        JournalSink *s = journal_sink(sink);
        int r;

        s->blocked = false;
        if (s->batch.size == 0)
                return 0;

        r = journal_send(s);
        if (error_is_disconnect(r)) {
                journal_disconnect(s);
                r = journal_send(s);
        }
        if (r == -EAGAIN) {
                s->blocked = true;
                return r;
        }
        if (r < 0) {
                journal_disconnect(s);
                return r == -EPIPE ? -ECONNRESET : r; /* the journal comes back: it is never gone for good */
        }

        buffer_clear(&s->batch);
        s->n_entries = s->n_sent = 0;
        return 0;
}

static int journal_watch(const Sink *sink, uint32_t *ret_events) {
        const JournalSink *s = (const JournalSink *) sink;

        if (!s->blocked)
                return -EBADF;
        *ret_events = EPOLLOUT;
        return s->fd;
}

static void journal_inherit(Sink *sink, Sink *from) {
        JournalSink *s = journal_sink(sink), *old = journal_sink(from);

        assert(s->n_entries == 0);
        buffer_done(&s->batch);
        s->batch = old->batch;
        memcpy(s->ends, old->ends, sizeof(s->ends));
        s->n_entries = old->n_entries;
        s->n_sent = old->n_sent;
        old->batch = BUFFER_NULL;
        old->n_entries = old->n_sent = 0;
}

static void journal_free(Sink *sink) {
        JournalSink *s = journal_sink(sink);

        journal_disconnect(s);
        buffer_done(&s->batch);
        free(s->path);
        free(s);
}

int journal_sink_new(const Config *config, const char *socket_path, Sink **ret) {
        static const SinkOps ops = {
                .append = journal_append,
                .append_notice = journal_append_notice,
                .flush = journal_flush,
                .watch = journal_watch,
                .inherit = journal_inherit,
                .free = journal_free,
        };
        _cleanup_(sink_freep) Sink *sink = NULL;
        JournalSink *s;
        int r;

        s = calloc(1, sizeof(*s));
        if (!s)
                return -ENOMEM;
        s->sink.ops = &ops;
        s->fd = -EBADF;
        s->config = config;
        sink = &s->sink;

        s->path = strdup(socket_path);
        if (!s->path)
                return -ENOMEM;
        r = journal_connect(s);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(sink);
        return 0;
}
