/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * No byte of a record is trusted: parts_find() checks it. The memory for all texts that have to be built is
 * reserved before the first pointer into it is taken, so that it does not move.
 */

#include "event/decode.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/record.h"
#include "event/parts.h"
#include "event/strings.h"
#include "util/cleanup.h"
#include "util/clock.h"

/* The maximum size of "/dev/fd/", the digits of a descriptor, and a slash. */
#define DIRFD_SIZE_MAX 24

/*
 * The beginning of a path that is not below the root directory of the process, as in getcwd(3). It is longer
 * than DECODE_CUT, so reserve_text() counts only this one for a path.
 */
#define OUTSIDE "(unreachable)"

void decoder_done(Decoder *decoder) {
        buffer_done(&decoder->text);
        free(decoder->argv);
        free(decoder->environment);
        *decoder = (Decoder){};
}

/* Reserves the memory for all that the functions below append to the text, so that it does not move. */
static int reserve_text(Decoder *decoder, const Parts *parts, bool truncated) {
        size_t size = parts->texts.filename.size + DIRFD_SIZE_MAX + strlen(DECODE_CUT) + strlen(OUTSIDE) +
                parts->texts.exe.size + strlen(OUTSIDE) + parts->texts.cwd.size + 1 + parts->texts.tty.size +
                1;

        if (truncated)
                size += parts->texts.args_head.size + strlen(DECODE_CUT) + parts->texts.args_tail.size;

        buffer_clear(&decoder->text);
        return buffer_reserve(&decoder->text, size);
}

/*
 * Builds "/a/b/c" from the components "c\0b\0a\0", of which there is at least one. `front` is written before
 * the path, and is empty when that begins at the root directory of the process.
 */
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
 * Builds the file name. For a failed execveat(2) it is "/dev/fd/N" or "/dev/fd/N/NAME", which is what the
 * kernel itself writes when it succeeds. For a record without a descriptor it is the name in the record. If
 * its end is missing, DECODE_CUT is appended.
 */
static Bytes decode_filename(Decoder *decoder, const Parts *parts) {
        const struct exec_record *head = &parts->head;
        const bool relative = head->kind == EXEC_RECORD_FAILED && (head->flags & EXEC_FLAG_FD);
        const bool cut = head->partial & EXEC_PARTIAL_FILENAME;
        size_t start = decoder->text.size;

        if (!relative && !cut)
                return parts->texts.filename;

        if (relative) {
                buffer_append_string(&decoder->text, "/dev/fd/");
                buffer_append_i64(&decoder->text, parts->failure.dirfd);
                if (parts->texts.filename.size > 0)
                        buffer_append_char(&decoder->text, '/');
        }
        buffer_append_bytes(&decoder->text, parts->texts.filename);
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
        /* The root directory can't be executed. No component means that the kernel side saw no file. */
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

/*
 * Returns the name of a terminal. The kernel calls Unix98 terminals "pts0", and their device is /dev/pts/0.
 * All others have the name of their device.
 */
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

static ProcessIdentity decode_process(const struct exec_process *process) {
        return (ProcessIdentity){ .pid = process->tgid, .start_ns = process->start_ns };
}

/* Decodes the ids and the times. */
static void decode_ids(const Parts *parts, int64_t clock_offset, Event *event) {
        const struct exec_record *head = &parts->head;
        bool nested = parts->ids.pidns != 0;

        event->timestamp = clock_usec_of(head->time_ns, clock_offset);
        event->pid = head->tgid;
        event->ppid = head->parent_tgid;
        event->nspid = nested ? parts->ids.ns_tgid : EVENT_ID_UNSET;
        event->pidns = nested ? parts->ids.pidns : EVENT_ID_UNSET;
        event->pgid = parts->ids.pgid != 0 ? parts->ids.pgid : EVENT_ID_UNSET;
        event->sid = parts->ids.sid != 0 ? parts->ids.sid : EVENT_ID_UNSET;
        event->process = (ProcessIdentity){ .pid = head->tgid, .start_ns = parts->ids.start_ns };
        event->parent = (ProcessIdentity){ .pid = head->parent_tgid, .start_ns = head->parent_start_ns };
        if (parts->maker.tgid != 0)
                event->parent = decode_process(&parts->maker);
        event->ancestor = decode_process(&parts->ancestor);
        event->uid = head->uid;
        event->gid = head->gid;
        event->euid = parts->ids.euid;
        event->egid = parts->ids.egid;
        event->loginuid = parts->ids.loginuid == EXEC_ID_UNSET ? EVENT_ID_UNSET : parts->ids.loginuid;
        event->session = parts->ids.sessionid == EXEC_ID_UNSET ? EVENT_ID_UNSET : parts->ids.sessionid;
}

static void decode_rest(const Parts *parts, Event *event) {
        const struct exec_record *head = &parts->head;

        event->seq = EVENT_NUMBER_UNSET; /* the caller assigns it */
        event->cgroup_id = parts->ids.cgroup_id;
        event->flags = head->flags & ((1U << EXEC_FLAG_COUNT) - 1);
        event->standard_input = (enum exec_stdin) head->standard_input;
        event->error = parts->failure.error;
        event->running = head->kind == EXEC_RECORD_RUNNING;
        if (head->parts & EXEC_PART_FILE)
                event->file = (FileIdentity){
                        .inode = parts->file.inode,
                        .ctime_ns = parts->file.ctime_ns,
                        .device = parts->file.device,
                        .known = true,
                };
        event->truncated = head->parts & EXEC_PART_CUT;
        event->argv_bytes = parts->cut.total > 0 ? parts->cut.total : EVENT_NUMBER_UNSET;
        event->environment_truncated = parts->env.head < parts->env.total;
}

static void decode_texts(Decoder *decoder, const Parts *parts, Event *event) {
        const struct exec_record *head = &parts->head;

        if (parts->texts.filename.size > 0 || !(head->partial & EXEC_PARTIAL_FILENAME))
                event->filename = decode_filename(decoder, parts);
        event->filename_cut = head->partial & EXEC_PARTIAL_FILENAME;
        event->exe_cut = head->partial & EXEC_PARTIAL_EXE;
        event->cwd_cut = head->partial & EXEC_PARTIAL_CWD;
        event->exe = head->parts & EXEC_PART_SAME_EXE ? event->filename
                                                      : decode_exe(decoder, parts->texts.exe, head->partial);
        event->cwd = decode_cwd(decoder, parts->texts.cwd, head->partial);
        event->tty = decode_tty(decoder, parts->texts.tty);
        if (!(head->partial & EXEC_PARTIAL_CALLER))
                event->comm = parts->texts.comm;
        event->parent_comm = parts->texts.parent_comm;
}

int decode_record(Decoder *decoder, const void *data, size_t size, int64_t clock_offset, Event *ret) {
        Event event = {};
        Parts parts;
        size_t gap;
        int r;

        r = parts_find(data, size, &parts);
        if (r < 0)
                return r;
        decode_ids(&parts, clock_offset, &event);
        decode_rest(&parts, &event);

        r = reserve_text(decoder, &parts, event.truncated);
        if (r < 0)
                return r;
        decode_texts(decoder, &parts, &event);

        r = decode_arguments(
                decoder, parts.texts.args_head, parts.texts.args_tail, event.truncated, &event.argc, &gap);
        if (r < 0)
                return r;
        event.argv = decoder->argv;
        event.argv_gap = event.truncated ? decoder->argv + gap : NULL;

        r = decode_environment(
                decoder, parts.texts.environment, event.environment_truncated, &event.n_environment);
        if (r < 0)
                return r;
        event.environment = decoder->environment;

        *ret = event;
        return 0;
}

int decode_kind(const void *data, size_t size) {
        const unsigned char *bytes = data;
        uint16_t abi;

        if (size < sizeof(struct exec_cgroup)) /* the smallest kind of record */
                return -EBADMSG;
        memcpy(&abi, bytes + offsetof(struct exec_record, abi), sizeof(abi));
        return abi == EXEC_RECORD_ABI ? bytes[0] : -EBADMSG;
}
_Static_assert(
        offsetof(struct exec_record, abi) == offsetof(struct exec_cgroup, abi), "all records begin alike");

int decode_cgroup(const void *data, size_t size, CgroupChange *ret) {
        struct exec_cgroup head;
        Bytes name;

        if (size < sizeof(head))
                return -EBADMSG;
        memcpy(&head, data, sizeof(head));
        name = (Bytes){ .data = (const char *) data + sizeof(head), .size = size - sizeof(head) };
        if (head.abi != EXEC_RECORD_ABI || head.name_len != name.size)
                return -EBADMSG;
        if (head.kind != EXEC_RECORD_CGROUP_GONE && (head.kind != EXEC_RECORD_CGROUP_MADE || name.size == 0))
                return -EBADMSG;
        if (name.size > 0 && (memchr(name.data, '/', name.size) || memchr(name.data, '\0', name.size)))
                return -EBADMSG;

        *ret = (CgroupChange){ .id = head.id, .parent = head.parent, .name = name };
        return 0;
}

uint64_t decode_time(const void *data, size_t size) {
        uint64_t time_ns;

        if (size < sizeof(struct exec_record))
                return 0;
        memcpy(&time_ns, (const char *) data + offsetof(struct exec_record, time_ns), sizeof(time_ns));
        return time_ns;
}

int decode_late(Decoder *decoder, Bytes arguments, bool truncated, Event *event) {
        size_t gap;
        int r;

        event->argc = 0;
        /*
         * An incomplete last argument is removed. decode_arguments() would write it to decoder->text, which
         * must not move.
         */
        if (truncated) {
                const char *nul = memrchr(arguments.data, '\0', arguments.size);

                arguments.size = nul ? (size_t) (nul - arguments.data) + 1 : 0;
        }
        r = decode_arguments(decoder, arguments, BYTES_NULL, false, &event->argc, &gap);
        if (r < 0)
                return r;
        event->argv = decoder->argv;
        event->argv_gap = NULL; /* there is no incomplete argument */
        event->truncated = truncated;
        event->argv_bytes = EVENT_NUMBER_UNSET;
        return 0;
}
