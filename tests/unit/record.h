/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Records as the kernel side would write them, and wrong ones. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bpf/record.h"
#include "event/decode.h"
#include "util/bytes.h"

typedef struct RecordParts {
        Bytes ancestor, file; /* the extras; as many bytes as they have */
        Bytes filename, exe, cwd, tty, args_head, args_tail, environment;
        uint32_t args_total; /* 0: as many as there are */
        uint32_t env_total; /* likewise */
} RecordParts;

static inline char *record_append(char *p, Bytes part) {
        if (part.size > 0)
                memcpy(p, part.data, part.size);
        return p + part.size;
}

/* A record with the parts behind `head`, whose lengths are filled in. It ends where its block of memory
 * does, so that a read behind it is seen. To be freed. */
static inline char *record_new(const struct exec_record *head, const RecordParts *parts, size_t *ret_size) {
        size_t size = sizeof(*head) + parts->ancestor.size + parts->file.size + parts->filename.size +
                parts->exe.size + parts->cwd.size + parts->tty.size + parts->args_head.size +
                parts->args_tail.size + parts->environment.size;
        size_t args = parts->args_head.size + parts->args_tail.size;
        struct exec_record whole = *head;
        char *record = malloc(size), *p;

        assert_non_null(record);
        whole.size = (uint32_t) size;
        whole.abi = EXEC_RECORD_ABI;
        whole.kind = EXEC_RECORD_EXEC;
        whole.extras |= (parts->ancestor.size > 0 ? EXEC_EXTRA_ANCESTOR : 0) |
                (parts->file.size > 0 ? EXEC_EXTRA_FILE : 0);
        whole.filename_len = (uint16_t) parts->filename.size;
        whole.exe_len = (uint16_t) parts->exe.size;
        whole.cwd_len = (uint16_t) parts->cwd.size;
        whole.tty_len = (uint16_t) parts->tty.size;
        whole.args_head = (uint32_t) parts->args_head.size;
        whole.args_tail = (uint32_t) parts->args_tail.size;
        whole.args_total = parts->args_total > 0 ? parts->args_total : (uint32_t) args;
        whole.env_head = (uint32_t) parts->environment.size;
        whole.env_total = parts->env_total > 0 ? parts->env_total : whole.env_head;

        memcpy(record, &whole, sizeof(whole));
        p = record + sizeof(whole);
        p = record_append(p, parts->ancestor);
        p = record_append(p, parts->file);
        p = record_append(p, parts->filename);
        p = record_append(p, parts->exe);
        p = record_append(p, parts->cwd);
        p = record_append(p, parts->tty);
        p = record_append(p, parts->args_head);
        p = record_append(p, parts->args_tail);
        p = record_append(p, parts->environment);
        assert_ptr_equal(p, record + size);

        *ret_size = size;
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

static inline int decode(Decoded *ret, const struct exec_record *head, const RecordParts *parts) {
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
