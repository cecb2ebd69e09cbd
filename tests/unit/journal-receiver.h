/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* journald's side of its socket: takes datagrams and memfds, and is stricter with them than journald is. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "event/event.h"
#include "util/buffer.h"
#include "util/cleanup.h"

#define RECEIVER_FIELDS_MAX 128
#define RECEIVER_DATAGRAM_MAX (1U << 20)

typedef struct Receiver {
        char directory[sizeof("/tmp/test-journal-XXXXXX")];
        char path[sizeof("/tmp/test-journal-XXXXXX/socket")];
        int fd;
        Buffer datagram; /* the last one */
        bool by_memfd;
        size_t n_entries; /* in it */
} Receiver;

static inline void receiver_listen(Receiver *r) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };

        assert_int_equal(r->fd, -EBADF);
        r->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        assert_true(r->fd >= 0);
        strcpy(address.sun_path, r->path);
        assert_int_equal(bind(r->fd, (const struct sockaddr *) &address, sizeof(address)), 0);
}

/* The socket is closed, but its name stays. */
static inline void receiver_close(Receiver *r) {
        closep(&r->fd);
        r->fd = -EBADF;
}

static inline void receiver_remove(Receiver *r) {
        receiver_close(r);
        assert_int_equal(unlink(r->path), 0);
}

static inline void receiver_init(Receiver *r) {
        *r = (Receiver){ .directory = "/tmp/test-journal-XXXXXX", .fd = -EBADF };
        assert_non_null(mkdtemp(r->directory));
        assert_int_equal(snprintf(r->path, sizeof(r->path), "%s/socket", r->directory), sizeof(r->path) - 1);
}

static inline void receiver_done(Receiver *r) {
        receiver_close(r);
        (void) unlink(r->path);
        assert_int_equal(rmdir(r->directory), 0);
        buffer_done(&r->datagram);
}

/* What journald asks of a descriptor before it reads what is behind it. */
static inline void receiver_read_memfd(Receiver *r, const struct msghdr *message) {
        const struct cmsghdr *header = CMSG_FIRSTHDR(message);
        const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;
        _cleanup_close_ int fd = -EBADF;
        struct stat st;

        if (!header)
                abort();
        assert_int_equal(header->cmsg_level, SOL_SOCKET);
        assert_int_equal(header->cmsg_type, SCM_RIGHTS);
        assert_int_equal(header->cmsg_len, CMSG_LEN(sizeof(int)));
        memcpy(&fd, CMSG_DATA(header), sizeof(fd));
        assert_int_equal(fcntl(fd, F_GET_SEALS) & seals, seals);
        assert_int_equal(fstat(fd, &st), 0);
        buffer_clear(&r->datagram);
        assert_int_equal(buffer_reserve(&r->datagram, (size_t) st.st_size), 0);
        assert_int_equal(pread(fd, r->datagram.data, (size_t) st.st_size, 0), st.st_size);
        r->datagram.size = (size_t) st.st_size;
}

/* The next datagram; false: there is none. */
static inline bool receiver_receive(Receiver *r) {
        union {
                struct cmsghdr header;
                char bytes[CMSG_SPACE(sizeof(int))];
        } control = {};
        struct iovec data;
        struct msghdr message = {
                .msg_iov = &data,
                .msg_iovlen = 1,
                .msg_control = &control,
                .msg_controllen = sizeof(control),
        };
        ssize_t n;

        buffer_clear(&r->datagram);
        assert_int_equal(buffer_reserve(&r->datagram, RECEIVER_DATAGRAM_MAX), 0);
        data = (struct iovec){ .iov_base = r->datagram.data, .iov_len = RECEIVER_DATAGRAM_MAX };
        n = recvmsg(r->fd, &message, MSG_CMSG_CLOEXEC);
        if (n < 0) {
                assert_int_equal(errno, EAGAIN);
                return false;
        }
        assert_int_equal(message.msg_flags & (MSG_TRUNC | MSG_CTRUNC), 0);
        r->datagram.size = (size_t) n;
        r->by_memfd = message.msg_controllen > 0;
        if (r->by_memfd) {
                assert_int_equal(n, 0);
                receiver_read_memfd(r, &message);
        }
        return true;
}

/* One entry, taken apart. */
typedef struct ReceivedEntry {
        Assignment fields[RECEIVER_FIELDS_MAX];
        size_t n;
        Bytes text; /* all of it */
} ReceivedEntry;

static inline void receiver_check_name(Bytes name) {
        assert_true(name.size > 0 && name.size <= 64);
        assert_true(name.data[0] >= 'A' && name.data[0] <= 'Z');
        for (size_t i = 0; i < name.size; i++) {
                char c = name.data[i];

                assert_true((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_');
        }
}

/* Takes one field off the front of `rest`. */
static inline Assignment receiver_take_field(Bytes *rest) {
        const char *p = rest->data, *end = rest->data + rest->size;
        const char *line_end = memchr(p, '\n', rest->size), *equals;
        Assignment field;
        uint64_t size;

        assert_non_null(line_end);
        equals = memchr(p, '=', (size_t) (line_end - p));
        field.name = (Bytes){ p, (size_t) ((equals ? equals : line_end) - p) };
        receiver_check_name(field.name);
        if (equals)
                field.value = (Bytes){ equals + 1, (size_t) (line_end - equals - 1) };
        else {
                p = line_end + 1;
                assert_true((size_t) (end - p) > sizeof(size));
                memcpy(&size, p, sizeof(size));
                size = le64toh(size);
                p += sizeof(size);
                assert_true((size_t) (end - p) > size);
                field.value = (Bytes){ p, size };
                line_end = p + size;
                assert_int_equal(*line_end, '\n');
        }
        *rest = (Bytes){ line_end + 1, (size_t) (end - line_end - 1) };
        return field;
}

/* Takes one entry off the front of `rest`, and the empty line behind it if another one follows. */
static inline void receiver_take_entry(Bytes *rest, ReceivedEntry *ret) {
        ret->text.data = rest->data;
        ret->n = 0;
        do {
                assert_true(ret->n < RECEIVER_FIELDS_MAX);
                ret->fields[ret->n++] = receiver_take_field(rest);
        } while (rest->size > 0 && rest->data[0] != '\n');
        ret->text.size = (size_t) (rest->data - ret->text.data);
        if (rest->size > 0) {
                *rest = (Bytes){ rest->data + 1, rest->size - 1 };
                assert_true(rest->size > 0 && rest->data[0] != '\n');
        }
}

/* The value of the only field of that name; unset: there is none. */
static inline Bytes received_value(const ReceivedEntry *entry, const char *name) {
        Bytes value = BYTES_NULL;

        for (size_t i = 0; i < entry->n; i++)
                if (bytes_equal(entry->fields[i].name, bytes_of_string(name))) {
                        assert_false(bytes_is_set(value));
                        value = entry->fields[i].value;
                }
        return value;
}
