/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Sends entries to the journal, with its native protocol. Each entry is a datagram of its own, because
 * journald of systemd 254 and later reads only the first entry of a datagram. sd_journal_sendv() is not used,
 * because it blocks while journald is busy, and reports success when the socket does not exist.
 */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "format/entry.h"
#include "sink/datagrams.h"
#include "sink/sink.h"
#include "util/cleanup.h"
#include "util/memfd.h"

typedef struct JournalSink {
        Sink sink;
        Datagrams datagrams;
} JournalSink;

static Datagrams *journal_datagrams(Sink *sink) {
        return &((JournalSink *) sink)->datagrams;
}

static int journal_append(Sink *sink, const Event *event) {
        Datagrams *d = journal_datagrams(sink);

        if (datagrams_begin(d, false) < 0)
                return -ENOBUFS;
        entry_format_event(&d->batch, &sink->options, event);
        return datagrams_end(d, false);
}

static int journal_append_notice(Sink *sink, const Notice *notice) {
        Datagrams *d = journal_datagrams(sink);

        if (datagrams_begin(d, true) < 0)
                return -ENOBUFS;
        entry_format_notice(&d->batch, &sink->options, notice);
        return datagrams_end(d, true);
}

/* Sends an entry that is too large for a datagram as a sealed memfd, which journald accepts instead. */
static int journal_send_memfd(int fd, Bytes entry, int error) {
        _cleanup_close_ int memfd = -EBADF;
        union {
                struct cmsghdr header;
                char bytes[CMSG_SPACE(sizeof(int))];
        } control = {};
        struct msghdr message = { .msg_control = &control, .msg_controllen = sizeof(control) };
        struct cmsghdr *header;

        (void) error;
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
        return sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -errno : 0;
}

static int journal_flush(Sink *sink) {
        return datagrams_flush(journal_datagrams(sink));
}

static int journal_watch(const Sink *sink, uint32_t *ret_events) {
        return datagrams_watch(&((const JournalSink *) sink)->datagrams, ret_events);
}

static void journal_inherit(Sink *sink, Sink *from) {
        datagrams_inherit(journal_datagrams(sink), journal_datagrams(from));
}

static void journal_free(Sink *sink) {
        datagrams_done(journal_datagrams(sink));
        free(sink);
}

int journal_sink_new(const FormatOptions *options, const char *socket_path, Sink **ret) {
        static const SinkOps ops = {
                .append = journal_append,
                .append_notice = journal_append_notice,
                .flush = journal_flush,
                .watch = journal_watch,
                .inherit = journal_inherit,
                .free = journal_free,
                .is_journal = true,
        };
        static const DatagramsProtocol protocol = { .send_large = journal_send_memfd };
        _cleanup_(sink_freep) Sink *sink = NULL;
        JournalSink *s;
        int r;

        s = malloc(sizeof(*s));
        if (!s)
                return -ENOMEM;
        s->sink = (Sink){ .ops = &ops, .options = *options };
        sink = &s->sink;

        r = datagrams_init(&s->datagrams, &protocol, socket_path);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(sink);
        return 0;
}
