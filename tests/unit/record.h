/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Records as the kernel side would write them, and wrong ones. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bpf/record.h"
#include "event/decode.h"
#include "util/buffer.h"
#include "util/bytes.h"

/*
 * What the kernel side knows, before it leaves out what most records need not say. All-zero is a record that
 * says as little as it can.
 */
typedef struct RecordHead {
        uint64_t time_ns, start_ns, parent_start_ns, cgroup_id;
        uint32_t tgid, parent_tgid, ns_tgid, pidns;
        uint32_t pgid, sid; /* 0: the same as tgid */
        uint32_t uid, gid, euid, egid;
        uint32_t loginuid, sessionid; /* 0: unset */
        uint32_t flags, partial;
        enum exec_record_kind kind; /* 0: EXEC_RECORD_EXEC */
        enum exec_stdin standard_input;
        uint32_t error; /* of EXEC_RECORD_FAILED */
        int32_t dirfd;
        struct exec_process maker, ancestor; /* tgid 0: none */
        uint32_t parts; /* beside those that follow */
        char comm[EXEC_COMM_SIZE], parent_comm[EXEC_COMM_SIZE];
} RecordHead;

typedef struct RecordParts {
        Bytes file; /* struct exec_file, or nothing */
        Bytes filename, exe, cwd, tty, args_head, args_tail, environment;
        uint32_t args_total; /* 0: as many as there are */
        uint32_t env_total; /* likewise */
        bool cut; /* some arguments are missing, nobody knows how many */
} RecordParts;

static inline void record_put(Buffer *record, const void *data, size_t size) {
        buffer_append(record, data, size);
        assert_int_equal(buffer_error(record), 0);
}

static inline void record_put_two(Buffer *record, uint32_t a, uint32_t b) {
        record_put(record, &a, sizeof(a));
        record_put(record, &b, sizeof(b));
}

/* The optional parts before the strings, whose bits it returns. */
static inline uint32_t record_put_parts(Buffer *record, const RecordHead *h, const RecordParts *parts) {
        uint32_t has = 0, upper = (uint32_t) (h->cgroup_id >> 32);

        if (h->time_ns - h->start_ns > UINT32_MAX) {
                has |= EXEC_PART_START;
                record_put(record, &h->start_ns, sizeof(h->start_ns));
        }
        if (upper != 0) {
                has |= EXEC_PART_CGROUP;
                record_put(record, &upper, sizeof(upper));
        }
        if (h->euid != h->uid || h->egid != h->gid) {
                has |= EXEC_PART_EFFECTIVE;
                record_put_two(record, h->euid, h->egid);
        }
        if (h->loginuid != 0 || h->sessionid != 0) {
                has |= EXEC_PART_LOGIN;
                record_put_two(record, h->loginuid, h->sessionid);
        }
        if (h->pidns != 0) {
                has |= EXEC_PART_PIDNS;
                record_put_two(record, h->ns_tgid, h->pidns);
        }
        if (h->pgid != 0) {
                has |= EXEC_PART_PGID;
                record_put(record, &h->pgid, sizeof(h->pgid));
        }
        if (h->sid != 0) {
                has |= EXEC_PART_SID;
                record_put(record, &h->sid, sizeof(h->sid));
        }
        if (h->maker.tgid != 0) {
                has |= EXEC_PART_MAKER;
                record_put(record, &h->maker, sizeof(h->maker));
        }
        if (h->ancestor.tgid != 0) {
                has |= EXEC_PART_ANCESTOR;
                record_put(record, &h->ancestor, sizeof(h->ancestor));
        }
        if (parts->file.size > 0) {
                has |= EXEC_PART_FILE;
                record_put(record, parts->file.data, parts->file.size);
        }
        if (h->kind == EXEC_RECORD_FAILED) {
                has |= EXEC_PART_FAILED;
                record_put_two(record, (uint32_t) h->dirfd, h->error);
        }
        return has;
}

/* The parts that stand last. */
static inline uint32_t record_put_lengths(Buffer *record, const RecordParts *parts) {
        uint32_t has = 0, env = (uint32_t) parts->environment.size;
        size_t args = parts->args_head.size + parts->args_tail.size;

        if (env > 0 || parts->env_total > 0) {
                has |= EXEC_PART_ENV;
                record_put_two(record, parts->env_total > 0 ? parts->env_total : env, env);
        }
        if (parts->cut || (parts->args_total > 0 && parts->args_total != args)) {
                has |= EXEC_PART_CUT;
                record_put_two(record, parts->args_total, (uint32_t) parts->args_head.size);
        }
        return has;
}

/*
 * A record with these parts. It ends where its block of memory does, so that a read behind it is seen. To be
 * freed.
 */
static inline char *record_new(const RecordHead *h, const RecordParts *parts, size_t *ret_size) {
        const Bytes texts[] = {
                { h->comm, strnlen(h->comm, sizeof(h->comm)) },
                { h->parent_comm, strnlen(h->parent_comm, sizeof(h->parent_comm)) },
                parts->tty,
                parts->filename,
                parts->exe,
                parts->cwd,
                parts->args_head,
                parts->args_tail,
                parts->environment,
        };
        struct exec_record head = {
                .kind = (uint8_t) (h->kind != 0 ? h->kind : EXEC_RECORD_EXEC),
                .partial = (uint8_t) h->partial,
                .abi = EXEC_RECORD_ABI,
                .flags = h->flags,
                .time_ns = h->time_ns,
                .parent_start_ns = h->parent_start_ns,
                .age_ns = (uint32_t) (h->time_ns - h->start_ns),
                .cgroup_id = (uint32_t) h->cgroup_id,
                .tgid = h->tgid,
                .parent_tgid = h->parent_tgid,
                .uid = h->uid,
                .gid = h->gid,
                .args_len = (uint32_t) (parts->args_head.size + parts->args_tail.size),
                .comm_len = (uint8_t) texts[0].size,
                .parent_comm_len = (uint8_t) texts[1].size,
                .tty_len = (uint8_t) parts->tty.size,
                .filename_len = (uint16_t) parts->filename.size,
                .exe_len = (uint16_t) parts->exe.size,
                .cwd_len = (uint16_t) parts->cwd.size,
                .standard_input = (uint8_t) h->standard_input,
        };
        Buffer record = BUFFER_NULL;
        uint32_t has;
        char *copy;

        record_put(&record, &head, sizeof(head));
        has = record_put_parts(&record, h, parts);
        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
                record_put(&record, texts[i].data, texts[i].size);
        has |= record_put_lengths(&record, parts);
        head.parts = (uint16_t) (has | h->parts);
        memcpy(record.data, &head, sizeof(head));

        *ret_size = record.size;
        copy = malloc(record.size);
        assert_non_null(copy);
        memcpy(copy, record.data, record.size);
        buffer_done(&record);
        return copy;
}

/* A record of a cgroup that was made, or (no name) is gone. To be freed. */
static inline char *cgroup_record_new(uint64_t id, uint64_t parent, const char *name, size_t *ret_size) {
        struct exec_cgroup head = {
                .kind = name ? EXEC_RECORD_CGROUP_MADE : EXEC_RECORD_CGROUP_GONE,
                .abi = EXEC_RECORD_ABI,
                .name_len = (uint8_t) (name ? strlen(name) : 0),
                .id = id,
                .parent = parent,
        };
        char *record = malloc(sizeof(head) + head.name_len);

        assert_non_null(record);
        memcpy(record, &head, sizeof(head));
        if (name)
                memcpy(record + sizeof(head), name, head.name_len);
        *ret_size = sizeof(head) + head.name_len;
        return record;
}

/* A decoded record and what it points into. */
typedef struct Decoded {
        Decoder decoder;
        char *record;
        Event event;
} Decoded;

static inline void decoded_done(Decoded *decoded) {
        decoder_done(&decoded->decoder);
        free(decoded->record);
}

static inline int decode(Decoded *ret, const RecordHead *head, const RecordParts *parts) {
        size_t size;

        ret->record = record_new(head, parts, &size);
        return decode_record(&ret->decoder, ret->record, size, 0, &ret->event);
}

/* Equal, or both unset. */
static inline void assert_bytes(Bytes bytes, Bytes expected) {
        assert_int_equal(bytes_is_set(bytes), bytes_is_set(expected));
        assert_int_equal(bytes.size, expected.size);
        if (bytes.size > 0)
                assert_memory_equal(bytes.data, expected.data, bytes.size);
}
