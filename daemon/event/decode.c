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
#include "event/lineage.h"
#include "event/strings.h"
#include "util/cleanup.h"
#include "util/clock.h"

/* "/dev/fd/", the digits of a descriptor, a slash. */
#define DIRFD_SIZE_MAX 24

/* Before a path to which none leads from the process's root, as getcwd(3) writes it. Longer than DECODE_CUT. */
#define OUTSIDE "(unreachable)"

/* The variable parts of a record, in their order. */
typedef struct Parts {
        Bytes ancestor; /* struct exec_ancestor; unset: there is none */
        Bytes file; /* struct exec_file; likewise */
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

static size_t extra_size(const struct exec_record *head, uint32_t extra, size_t size) {
        return head->extras & extra ? size : 0;
}

/* 0 when the lengths of the head add up to the `size` bytes that there are. */
static int check_head(const struct exec_record *head, size_t size) {
        uint64_t parts = (uint64_t) extra_size(head, EXEC_EXTRA_ANCESTOR, sizeof(struct exec_ancestor)) +
                extra_size(head, EXEC_EXTRA_FILE, sizeof(struct exec_file)) + head->filename_len +
                head->exe_len + head->cwd_len + head->tty_len + head->args_head + head->args_tail +
                head->env_head;

        if (head->abi != EXEC_RECORD_ABI)
                return -EBADMSG;
        if (head->kind != EXEC_RECORD_EXEC && head->kind != EXEC_RECORD_FAILED)
                return -EBADMSG;
        if ((head->kind == EXEC_RECORD_FAILED) != (head->error != 0))
                return -EBADMSG;
        if (head->extras & ~(EXEC_EXTRA_ANCESTOR | EXEC_EXTRA_FILE))
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

        parts.ancestor = take_part(&p, extra_size(head, EXEC_EXTRA_ANCESTOR, sizeof(struct exec_ancestor)));
        parts.file = take_part(&p, extra_size(head, EXEC_EXTRA_FILE, sizeof(struct exec_file)));
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
        size_t size = parts->filename.size + DIRFD_SIZE_MAX + strlen(DECODE_CUT) + strlen(OUTSIDE) +
                parts->exe.size + strlen(OUTSIDE) + parts->cwd.size + 1 + parts->tty.size + 1;

        if (truncated)
                size += parts->args_head.size + strlen(DECODE_CUT) + parts->args_tail.size;

        buffer_clear(&decoder->text);
        return buffer_reserve(&decoder->text, size);
}

/* Components "c\0b\0a\0" make "/a/b/c", behind `front` when that is not the process's root. There is at least one. */
static Bytes decode_path(Decoder *decoder, Bytes components, const char *front) {
        size_t start = decoder->text.size, end = components.size;

        buffer_append_string(&decoder->text, front);
        while (end > 0) {
                const char *before = memrchr(components.data, '\0', end - 1);
                size_t first = before ? (size_t) (before - components.data) + 1 : 0;

                buffer_append_char(&decoder->text, '/');
                buffer_append(&decoder->text, components.data + first, end - 1 - first);
                end = first;
        }
        return buffer_since(&decoder->text, start);
}

/*
 * What was given to execveat() and failed, written as the kernel writes what succeeded: "/dev/fd/N" for the descriptor
 * alone, else with the name behind it. A record that says nothing of a descriptor has its filename as it is. Where its
 * end is missing, that is said.
 */
static Bytes decode_filename(Decoder *decoder, const struct exec_record *head, Bytes filename) {
        const bool relative = head->kind == EXEC_RECORD_FAILED && (head->flags & EXEC_FLAG_FD);
        const bool cut = head->partial & EXEC_PARTIAL_FILENAME;
        size_t start = decoder->text.size;

        if (!relative && !cut)
                return filename;

        if (relative) {
                buffer_append_string(&decoder->text, "/dev/fd/");
                buffer_append_i64(&decoder->text, head->dirfd);
                if (filename.size > 0)
                        buffer_append_char(&decoder->text, '/');
        }
        buffer_append_bytes(&decoder->text, filename);
        if (cut)
                buffer_append_string(&decoder->text, DECODE_CUT);
        return buffer_since(&decoder->text, start);
}

static const char *path_front(uint32_t partial, uint32_t path) {
        if (partial & path)
                return DECODE_CUT;
        return partial & EXEC_PARTIAL_OUTSIDE(path) ? OUTSIDE : "";
}

static Bytes decode_exe(Decoder *decoder, Bytes components, uint32_t partial) {
        /* A directory does not run: no component means that the kernel side saw no file. */
        if (components.size == 0)
                return BYTES_NULL;
        return decode_path(decoder, components, path_front(partial, EXEC_PARTIAL_EXE));
}

static Bytes decode_cwd(Decoder *decoder, Bytes components, uint32_t partial) {
        if (components.size > 0)
                return decode_path(decoder, components, path_front(partial, EXEC_PARTIAL_CWD));
        if (partial & EXEC_PARTIAL_CWD)
                return BYTES_NULL;
        return partial & EXEC_PARTIAL_CWD_OUTSIDE ? BYTES_LITERAL(OUTSIDE "/") : BYTES_LITERAL("/");
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
        return buffer_since(&decoder->text, start);
}

/* Of the EXEC_COMM_SIZE bytes at `comm` those before the first NUL. */
static Bytes decode_comm(const char *comm) {
        return (Bytes){ .data = comm, .size = strnlen(comm, EXEC_COMM_SIZE) };
}

/* What needs nothing but the head. */
static void decode_head(const struct exec_record *head, int64_t clock_offset, Event *event) {
        bool nested = head->pidns != 0;

        event->seq = head->seq;
        event->timestamp = clock_usec_of(head->time_ns, clock_offset);
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

static void decode_extras(const Parts *parts, Event *event) {
        struct exec_ancestor ancestor;
        struct exec_file file;

        if (parts->ancestor.size > 0) {
                memcpy(&ancestor, parts->ancestor.data, sizeof(ancestor));
                event->ancestor = (ProcessIdentity){ .pid = ancestor.tgid, .start_ns = ancestor.start_ns };
        }
        if (parts->file.size > 0) {
                memcpy(&file, parts->file.data, sizeof(file));
                event->file = (FileIdentity){
                        .inode = file.inode,
                        .ctime_ns = file.ctime_ns,
                        .device = file.device,
                        .known = true,
                };
        }
}

static void decode_texts(Decoder *decoder, const struct exec_record *head, const char *data,
        const Parts *parts, Event *event) {
        if (parts->filename.size > 0 || !(head->partial & EXEC_PARTIAL_FILENAME))
                event->filename = decode_filename(decoder, head, parts->filename);
        event->exe = decode_exe(decoder, parts->exe, head->partial);
        event->cwd = decode_cwd(decoder, parts->cwd, head->partial);
        event->tty = decode_tty(decoder, parts->tty);
        if (!(head->partial & EXEC_PARTIAL_CALLER))
                event->comm = decode_comm(data + offsetof(struct exec_record, comm));
        /* An empty one is a parent that the kernel side could not look at. */
        if (head->parent_comm[0] != '\0')
                event->parent_comm = decode_comm(data + offsetof(struct exec_record, parent_comm));
}

int decode_record(Decoder *decoder, const void *data, size_t size, int64_t clock_offset, Event *ret) {
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
        decode_head(&head, clock_offset, &event);
        decode_extras(&parts, &event);
        decode_texts(decoder, &head, data, &parts, &event);

        r = decode_arguments(decoder, parts.args_head, parts.args_tail, event.truncated, &event.argc);
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

int decode_cgroup(const void *data, size_t size, uint64_t *ret_id, Bytes *ret_lineage) {
        struct exec_cgroup head;
        Bytes lineage;

        if (size < sizeof(head))
                return -EBADMSG;
        memcpy(&head, data, sizeof(head));
        lineage = (Bytes){ .data = (const char *) data + sizeof(head), .size = size - sizeof(head) };
        if (head.abi != EXEC_RECORD_ABI || head.size != size || !lineage_is_whole(lineage))
                return -EBADMSG;
        if (head.kind != EXEC_RECORD_CGROUP_MADE && head.kind != EXEC_RECORD_CGROUP_GONE)
                return -EBADMSG;

        *ret_id = head.id;
        *ret_lineage = lineage;
        return 0;
}
