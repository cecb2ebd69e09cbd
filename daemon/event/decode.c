/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * No byte of a record is trusted: nothing is read that check_head() has not found inside the record,
 * whatever its lengths say, and what does not add up is no record. All the text that has to be put together
 * gets its room in one piece before the first pointer into it is taken.
 */

#include "event/decode.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/record.h"
#include "util/cleanup.h"

/* Stands for what is missing: the front of a path, the middle of an argument. */
#define CUT "..."

/* "/dev/fd/", the digits of a descriptor, a slash. */
#define DIRFD_SIZE_MAX 24

/* The variable parts of a record, in their order. */
typedef struct Parts {
        Bytes filename;
        Bytes exe;
        Bytes cwd;
        Bytes tty;
        Bytes args_head;
        Bytes args_tail;
        Bytes environment;
} Parts;

void decoder_done(Decoder *decoder) {
        buffer_done(&decoder->text);
        free(decoder->argv);
        free(decoder->environment);
        *decoder = (Decoder){};
}

static Bytes take_part(const char **p, size_t size) {
        Bytes part = { .data = *p, .size = size };

        *p += size;
        return part;
}

static bool holds_nul(Bytes bytes) {
        return bytes.size > 0 && memchr(bytes.data, '\0', bytes.size);
}

static bool ends_with_nul(Bytes bytes) {
        return bytes.size == 0 || bytes.data[bytes.size - 1] == '\0';
}

/* 0 when the lengths of the head add up to the `size` bytes that there are. */
static int check_head(const struct exec_record *head, size_t size) {
        uint64_t parts = (uint64_t) head->filename_len + head->exe_len + head->cwd_len + head->tty_len +
                head->args_head + head->args_tail + head->env_head;

        if (head->abi != EXEC_RECORD_ABI)
                return -EBADMSG;
        if (head->kind != EXEC_RECORD_EXEC && head->kind != EXEC_RECORD_FAILED)
                return -EBADMSG;
        if ((head->kind == EXEC_RECORD_FAILED) != (head->error != 0))
                return -EBADMSG;
        if (head->size != size || parts != size - sizeof(*head))
                return -EBADMSG;
        if ((uint64_t) head->args_head + head->args_tail > head->args_total)
                return -EBADMSG;
        if (head->kind == EXEC_RECORD_FAILED ? head->env_head > 0 : head->env_head > head->env_total)
                return -EBADMSG;
        return 0;
}

static int find_parts(const struct exec_record *head, const char *data, Parts *ret) {
        const char *p = data + sizeof(*head);
        Parts parts;

        parts.filename = take_part(&p, head->filename_len);
        parts.exe = take_part(&p, head->exe_len);
        parts.cwd = take_part(&p, head->cwd_len);
        parts.tty = take_part(&p, head->tty_len);
        parts.args_head = take_part(&p, head->args_head);
        parts.args_tail = take_part(&p, head->args_tail);
        parts.environment = take_part(&p, head->env_head);

        if (holds_nul(parts.filename) || holds_nul(parts.tty))
                return -EBADMSG;
        if (!ends_with_nul(parts.exe) || !ends_with_nul(parts.cwd))
                return -EBADMSG;

        *ret = parts;
        return 0;
}

/* Makes room for all that the functions below append to the text, so that it does not move under them. */
static int reserve_text(Decoder *decoder, const Parts *parts, bool truncated) {
        size_t size = parts->filename.size + DIRFD_SIZE_MAX + parts->exe.size + strlen(CUT) +
                parts->cwd.size + strlen(CUT) + 1 + parts->tty.size + 1;

        if (truncated)
                size += parts->args_head.size + strlen(CUT) + parts->args_tail.size;

        buffer_clear(&decoder->text);
        return buffer_reserve(&decoder->text, size);
}

/* What was appended to the text since it had `start` bytes. */
static Bytes text_since(const Decoder *decoder, size_t start) {
        return (Bytes){ .data = decoder->text.data + start, .size = decoder->text.size - start };
}

/* Components "c\0b\0a\0" make "/a/b/c"; with a missing front ".../a/b/c". There is at least one. */
static Bytes decode_path(Decoder *decoder, Bytes components, bool partial) {
        size_t start = decoder->text.size, end = components.size;

        if (partial)
                buffer_append_string(&decoder->text, CUT);

        while (end > 0) {
                const char *before = memrchr(components.data, '\0', end - 1);
                size_t first = before ? (size_t) (before - components.data) + 1 : 0;

                buffer_append_char(&decoder->text, '/');
                buffer_append(&decoder->text, components.data + first, end - 1 - first);
                end = first;
        }
        return text_since(decoder, start);
}

/*
 * What was given to execveat() and failed, written as the kernel writes what succeeded: "/dev/fd/N" for the descriptor
 * alone, else with the name behind it. A record that says nothing of a descriptor has its filename as it is.
 */
static Bytes decode_filename(Decoder *decoder, const struct exec_record *head, Bytes filename) {
        size_t start = decoder->text.size;

        if (head->kind != EXEC_RECORD_FAILED || !(head->flags & EXEC_FLAG_FD))
                return filename;

        buffer_append_string(&decoder->text, "/dev/fd/");
        buffer_append_i64(&decoder->text, head->dirfd);
        if (filename.size > 0) {
                buffer_append_char(&decoder->text, '/');
                buffer_append_bytes(&decoder->text, filename);
        }
        return text_since(decoder, start);
}

static Bytes decode_exe(Decoder *decoder, Bytes components, bool partial) {
        /* A directory does not run: no component means that the kernel side saw no file. */
        if (components.size == 0)
                return BYTES_NULL;
        return decode_path(decoder, components, partial);
}

static Bytes decode_cwd(Decoder *decoder, Bytes components, bool partial) {
        if (components.size == 0)
                return partial ? BYTES_NULL : BYTES_LITERAL("/");
        return decode_path(decoder, components, partial);
}

/* The kernel calls Unix98 terminals "pts0"; their device is /dev/pts/0. Others are named like their
 * device. */
static Bytes decode_tty(Decoder *decoder, Bytes name) {
        const Bytes driver = BYTES_LITERAL("pts");
        size_t start = decoder->text.size;

        if (name.size == 0)
                return BYTES_NULL;
        if (name.size <= driver.size || memcmp(name.data, driver.data, driver.size) != 0)
                return name;
        for (size_t i = driver.size; i < name.size; i++)
                if (name.data[i] < '0' || name.data[i] > '9')
                        return name;

        buffer_append_bytes(&decoder->text, driver);
        buffer_append_char(&decoder->text, '/');
        buffer_append(&decoder->text, name.data + driver.size, name.size - driver.size);
        return text_since(decoder, start);
}

/* How many strings `bytes` holds, each ended by NUL; the last may lack it. */
static size_t count_strings(Bytes bytes) {
        const char *p = bytes.data, *end = bytes.data + bytes.size;
        size_t n = 0;

        for (; p < end; n++) {
                const char *nul = memchr(p, '\0', (size_t) (end - p));

                p = nul ? nul + 1 : end;
        }
        return n;
}

/* Takes the first string off the front of `bytes`, which is not empty, and its NUL with it. */
static Bytes take_string(Bytes *bytes) {
        const char *nul = memchr(bytes->data, '\0', bytes->size);
        Bytes string = { .data = bytes->data, .size = nul ? (size_t) (nul - bytes->data) : bytes->size };
        size_t used = string.size + (nul ? 1 : 0);

        bytes->data += used;
        bytes->size -= used;
        return string;
}

/* How much larger to make an array so that it is not grown again for each record. */
static size_t grown(size_t allocated, size_t need) {
        return need > allocated * 2 ? need : allocated * 2;
}

static int reserve_argv(Decoder *decoder, size_t n) {
        size_t allocated = grown(decoder->argv_allocated, n);
        Bytes *argv;

        if (n <= decoder->argv_allocated)
                return 0;
        argv = reallocarray(decoder->argv, allocated, sizeof(*argv));
        if (!argv)
                return -ENOMEM;
        decoder->argv = argv;
        decoder->argv_allocated = allocated;
        return 0;
}

static int reserve_environment(Decoder *decoder, size_t n) {
        size_t allocated = grown(decoder->environment_allocated, n);
        Assignment *environment;

        if (n <= decoder->environment_allocated)
                return 0;
        environment = reallocarray(decoder->environment, allocated, sizeof(*environment));
        if (!environment)
                return -ENOMEM;
        decoder->environment = environment;
        decoder->environment_allocated = allocated;
        return 0;
}

/* The argument where the gap is: the last, unended one of the head, CUT, and what the tail begins with.
 * Both are taken off. */
static Bytes take_gap(Decoder *decoder, Bytes *head, Bytes *tail) {
        const char *nul = head->size > 0 ? memrchr(head->data, '\0', head->size) : NULL;
        size_t whole = nul ? (size_t) (nul - head->data) + 1 : 0, start = decoder->text.size;

        buffer_append(&decoder->text, head->data + whole, head->size - whole);
        head->size = whole;
        buffer_append_string(&decoder->text, CUT);
        if (tail->size > 0)
                buffer_append_bytes(&decoder->text, take_string(tail));
        return text_since(decoder, start);
}

static int decode_arguments(Decoder *decoder, const Parts *parts, bool truncated, size_t *ret_argc) {
        Bytes head = parts->args_head, tail = parts->args_tail, gap = BYTES_NULL;
        size_t argc = 0;
        int r;

        if (truncated)
                gap = take_gap(decoder, &head, &tail);
        else { /* the two are one run of bytes */
                head.size += tail.size;
                tail.size = 0;
        }

        r = reserve_argv(decoder, count_strings(head) + (truncated ? 1 : 0) + count_strings(tail));
        if (r < 0)
                return r;

        while (head.size > 0)
                decoder->argv[argc++] = take_string(&head);
        if (truncated)
                decoder->argv[argc++] = gap;
        while (tail.size > 0)
                decoder->argv[argc++] = take_string(&tail);

        *ret_argc = argc;
        return 0;
}

/* Strings that are no NAME=value are passed over; the last one, where it is cut, says nothing certain. */
static int decode_environment(Decoder *decoder, Bytes strings, bool truncated, size_t *ret_n) {
        size_t n = 0;
        int r;

        if (truncated) {
                const char *nul = memrchr(strings.data, '\0', strings.size);

                strings.size = nul ? (size_t) (nul - strings.data) + 1 : 0;
        }

        r = reserve_environment(decoder, count_strings(strings));
        if (r < 0)
                return r;

        while (strings.size > 0) {
                Bytes string = take_string(&strings);
                const char *equals = string.size > 0 ? memchr(string.data, '=', string.size) : NULL;
                size_t name = equals ? (size_t) (equals - string.data) : 0;

                if (name == 0)
                        continue;
                decoder->environment[n++] = (Assignment){
                        .name = { string.data, name },
                        .value = { equals + 1, string.size - name - 1 },
                };
        }

        *ret_n = n;
        return 0;
}

/* Of the EXEC_COMM_SIZE bytes at `comm` those before the first NUL. */
static Bytes decode_comm(const char *comm) {
        return (Bytes){ .data = comm, .size = strnlen(comm, EXEC_COMM_SIZE) };
}

/* In microseconds since the epoch; a time that can't be is as near to it as there is a number. */
static uint64_t decode_time(uint64_t boottime_ns, int64_t clock_offset_ns) {
        uint64_t ns;

        if (__builtin_add_overflow(boottime_ns, clock_offset_ns, &ns))
                ns = clock_offset_ns < 0 ? 0 : UINT64_MAX;
        return ns / 1000;
}

/* What needs nothing but the head. */
static void decode_head(const struct exec_record *head, int64_t clock_offset_ns, Event *event) {
        bool nested = head->pidns != 0;

        event->seq = head->seq;
        event->timestamp = decode_time(head->time_ns, clock_offset_ns);
        event->pid = head->tgid;
        event->ppid = head->parent_tgid;
        event->nspid = nested ? head->ns_tgid : EVENT_ID_UNSET;
        event->pidns = nested ? head->pidns : EVENT_ID_UNSET;
        event->process = (ProcessIdentity){ .pid = head->tgid, .start_ns = head->start_ns };
        event->parent = (ProcessIdentity){ .pid = head->parent_tgid, .start_ns = head->parent_start_ns };
        event->uid = head->uid;
        event->gid = head->gid;
        event->euid = head->euid;
        event->egid = head->egid;
        event->loginuid = head->loginuid == EXEC_ID_UNSET ? EVENT_ID_UNSET : head->loginuid;
        event->session = head->sessionid == EXEC_ID_UNSET ? EVENT_ID_UNSET : head->sessionid;
        event->cgroup_id = head->cgroup_id;
        event->flags = head->flags & ((1U << EXEC_FLAG_COUNT) - 1);
}

static void decode_texts(Decoder *decoder, const struct exec_record *head, const char *data,
        const Parts *parts, Event *event) {
        if (parts->filename.size > 0 || !(head->partial & EXEC_PARTIAL_FILENAME))
                event->filename = decode_filename(decoder, head, parts->filename);
        event->exe = decode_exe(decoder, parts->exe, head->partial & EXEC_PARTIAL_EXE);
        event->cwd = decode_cwd(decoder, parts->cwd, head->partial & EXEC_PARTIAL_CWD);
        event->tty = decode_tty(decoder, parts->tty);
        if (!(head->partial & EXEC_PARTIAL_CALLER))
                event->comm = decode_comm(data + offsetof(struct exec_record, comm));
        /* An empty one is a parent that the kernel side could not look at. */
        if (head->parent_comm[0] != '\0')
                event->parent_comm = decode_comm(data + offsetof(struct exec_record, parent_comm));
}

int decode_record(Decoder *decoder, const void *data, size_t size, int64_t clock_offset_ns, Event *ret) {
        struct exec_record head;
        Event event = {};
        Parts parts;
        int r;

        if (size < sizeof(head))
                return -EBADMSG;
        memcpy(&head, data, sizeof(head)); /* `data` need not be aligned */

        r = check_head(&head, size);
        if (r < 0)
                return r;
        r = find_parts(&head, data, &parts);
        if (r < 0)
                return r;

        event.error = head.error;
        event.truncated = (uint64_t) head.args_head + head.args_tail < head.args_total;
        event.argv_bytes = event.truncated ? head.args_total : EVENT_NUMBER_UNSET;
        if (head.partial & EXEC_PARTIAL_ARGS)
                event.truncated = true; /* and how many there were nobody knows */
        event.environment_truncated = head.env_head > 0 && head.env_head < head.env_total;

        r = reserve_text(decoder, &parts, event.truncated);
        if (r < 0)
                return r;
        decode_head(&head, clock_offset_ns, &event);
        decode_texts(decoder, &head, data, &parts, &event);

        r = decode_arguments(decoder, &parts, event.truncated, &event.argc);
        if (r < 0)
                return r;
        event.argv = decoder->argv;

        r = decode_environment(decoder, parts.environment, event.environment_truncated, &event.n_environment);
        if (r < 0)
                return r;
        event.environment = decoder->environment;

        *ret = event;
        return 0;
}

int decode_kind(const void *data, size_t size) {
        struct exec_cgroup head; /* the smallest that there is: all begin alike */

        if (size < sizeof(head))
                return -EBADMSG;
        memcpy(&head, data, sizeof(head));
        if (head.abi != EXEC_RECORD_ABI || head.size != size)
                return -EBADMSG;
        return head.kind;
}

int decode_cgroup(const void *data, size_t size, uint64_t *ret_id, Bytes *ret_path) {
        struct exec_cgroup head;
        Bytes path;

        if (size < sizeof(head))
                return -EBADMSG;
        memcpy(&head, data, sizeof(head));
        path = (Bytes){ .data = (const char *) data + sizeof(head), .size = size - sizeof(head) };
        if (head.abi != EXEC_RECORD_ABI || head.size != size || holds_nul(path))
                return -EBADMSG;
        if (head.kind != EXEC_RECORD_CGROUP_MADE && head.kind != EXEC_RECORD_CGROUP_GONE)
                return -EBADMSG;

        *ret_id = head.id;
        *ret_path = path;
        return 0;
}
