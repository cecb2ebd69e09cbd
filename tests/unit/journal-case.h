/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A journal sink with a receiver behind it. Entries are numbered: what arrives has to be exactly what was
 * appended.
 */

#include "failing-memory.h"
#include "journal-receiver.h"

#include <poll.h>
#include <sys/epoll.h>
#include <syslog.h>

#include "format/entry.h"
#include "sample.h"
#include "sink/sink.h"

/* What the sink puts into one datagram at most. */
#define BATCH_ENTRIES 64
#define BATCH_BYTES 65536

/* Larger than what any socket takes in one datagram. */
#define HUGE_SIZE 700000U

typedef struct JournalCase {
        Receiver receiver;
        FormatOptions options;
        Sink *sink;
        uint32_t n_appended;
        uint32_t n_received;
        size_t bytes_received;
        bool any_by_memfd;
} JournalCase;

static inline void journal_case_init(JournalCase *c) {
        *c = (JournalCase){ .options = { .facility = LOG_AUTHPRIV, .priority = LOG_INFO } };
        receiver_init(&c->receiver);
        receiver_listen(&c->receiver);
        assert_int_equal(journal_sink_new(&c->options, c->receiver.path, &c->sink), 0);
}

static inline void journal_case_done(JournalCase *c) {
        sink_free(c->sink);
        receiver_done(&c->receiver);
}

/* A record whose entry is about `size` bytes longer than the shortest; it says itself how it was made. */
static inline Event journal_case_event(uint32_t number, uint32_t size, Bytes *ret_argument, char *storage) {
        Event event = sample_small();

        memset(storage, 'x', size);
        *ret_argument = (Bytes){ storage, size };
        event.seq = number;
        event.ppid = size;
        event.filename = BYTES_LITERAL("a\nMESSAGE=forged\n\nEXEC_SEQ=0");
        event.argv = ret_argument;
        event.argc = 1;
        return event;
}

static inline int journal_case_append(JournalCase *c, uint32_t size) {
        static char storage[HUGE_SIZE];
        Bytes argument;
        const Event event = journal_case_event(c->n_appended + 1, size, &argument, storage);
        int r;

        assert_true(size <= sizeof(storage));
        r = sink_append(c->sink, &event);
        if (r == 0)
                c->n_appended++;
        return r;
}

static inline Notice journal_case_notice(uint32_t number) {
        Notice notice = { .kind = NOTICE_LOST, .priority = LOG_ERR, .message = BYTES_LITERAL("lost\nsome") };

        notice_add_number(&notice, "EXEC_LOST", number);
        return notice;
}

static inline int journal_case_append_notice(JournalCase *c) {
        const Notice notice = journal_case_notice(c->n_appended + 1);
        int r = sink_append_notice(c->sink, &notice);

        if (r == 0)
                c->n_appended++;
        return r;
}

static inline uint32_t received_number(const ReceivedEntry *entry, const char *name) {
        Bytes value = received_value(entry, name);
        uint32_t number = 0;

        assert_true(value.size > 0 && value.size < 10);
        for (size_t i = 0; i < value.size; i++) {
                assert_in_range(value.data[i], '0', '9');
                number = number * 10 + (uint32_t) (value.data[i] - '0');
        }
        return number;
}

/* The next in the order in which they were appended, byte for byte. */
static inline void journal_case_check_entry(JournalCase *c, const ReceivedEntry *entry) {
        static char storage[HUGE_SIZE];
        _cleanup_(buffer_done) Buffer expected = BUFFER_NULL;

        c->n_received++;
        if (bytes_is_set(received_value(entry, "EXECTRACED_EVENT"))) {
                const Notice notice = journal_case_notice(c->n_received);

                assert_int_equal(received_number(entry, "EXEC_LOST"), c->n_received);
                entry_format_notice(&expected, &c->options, &notice);
        } else {
                uint32_t size = received_number(entry, "EXEC_PPID");
                Bytes argument;
                Event event;

                assert_int_equal(received_number(entry, "EXEC_SEQ"), c->n_received);
                assert_true(size <= sizeof(storage));
                event = journal_case_event(c->n_received, size, &argument, storage);
                entry_format_event(&expected, &c->options, &event);
        }
        assert_int_equal(buffer_error(&expected), 0);
        assert_int_equal(entry->text.size, expected.size);
        assert_memory_equal(entry->text.data, expected.data, expected.size);
}

/* One datagram: journald takes no more than one entry from it. */
static inline bool journal_case_receive(JournalCase *c) {
        ReceivedEntry entry;
        Bytes rest;

        c->receiver.n_entries = 0;
        if (!receiver_receive(&c->receiver))
                return false;
        rest = buffer_bytes(&c->receiver.datagram);
        while (rest.size > 0) {
                receiver_take_entry(&rest, &entry);
                journal_case_check_entry(c, &entry);
                c->receiver.n_entries++;
        }
        assert_int_equal(c->receiver.n_entries, 1);
        c->bytes_received += c->receiver.datagram.size;
        c->any_by_memfd = c->any_by_memfd || c->receiver.by_memfd;
        return true;
}

/* All that was appended has arrived, and nothing else. */
static inline void journal_case_assert_complete(JournalCase *c) {
        while (journal_case_receive(c))
                ;
        assert_int_equal(c->n_received, c->n_appended);
}

/* Whether what the sink asks to wait for has happened. */
static inline bool journal_case_is_ready(const JournalCase *c) {
        uint32_t events = 0;
        struct pollfd p = { .fd = sink_watch(c->sink, &events), .events = POLLOUT };

        assert_true(p.fd >= 0);
        assert_int_equal(events, EPOLLOUT);
        assert_in_range(poll(&p, 1, 0), 0, 1);
        return p.revents != 0;
}

static inline void journal_case_assert_no_watch(const JournalCase *c) {
        uint32_t events = 7;

        assert_int_equal(sink_watch(c->sink, &events), -EBADF);
        assert_int_equal(events, 7);
}

/* Flushes and receives by turns, until all that was appended has arrived. */
static inline void journal_case_deliver(JournalCase *c) {
        int r;

        c->bytes_received = 0;
        c->any_by_memfd = false;
        while ((r = sink_flush(c->sink)) == -EAGAIN)
                while (!journal_case_is_ready(c))
                        assert_true(journal_case_receive(c));
        assert_int_equal(r, 0);
        journal_case_assert_complete(c);
        journal_case_assert_no_watch(c);
}

/* Fills the receiver's queue: what was appended last is still in the sink. */
static inline void journal_case_fill(JournalCase *c, uint32_t size) {
        int r = 0;

        while (r == 0) {
                assert_true(c->n_appended < 100000);
                assert_int_equal(journal_case_append(c, size), 0);
                r = sink_flush(c->sink);
        }
        assert_int_equal(r, -EAGAIN);
        assert_false(journal_case_is_ready(c));
}
