/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Build-ids with a test in the place of those who read files. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "failing-memory.h"
#include "fake-clock.h"
#include "files/build-id.h"

/* What every answer begins with. */
#define BUILD_ID_ANSWER .version = FILE_PROTOCOL_VERSION, .kind = FILE_BUILD_ID

#define EXECUTED_USEC 1700000000000000ULL /* a while after every file was changed */

typedef struct BuildIdCase {
        BuildIds *ids;
        FileQuestion asked; /* the last one */
        size_t n_asked;
        int fails; /* what asking returns */
        uint64_t seq;
} BuildIdCase;

static int build_id_case_ask(void *userdata, const FileQuestion *question) {
        BuildIdCase *c = userdata;

        c->n_asked++;
        c->asked = *question;
        return c->fails;
}

static inline int build_id_case_setup(void **state) {
        BuildIdCase *c = calloc(1, sizeof(*c));

        assert_non_null(c);
        assert_int_equal(build_ids_new(build_id_case_ask, c, &c->ids), 0);
        *state = c;
        return 0;
}

static inline int build_id_case_teardown(void **state) {
        BuildIdCase *c = *state;

        assert_null(build_ids_free(c->ids));
        free(c);
        return 0;
}

/* An exec of the file of this number on this device, by the next process. */
static inline Event build_id_case_event(BuildIdCase *c, uint64_t inode, uint32_t device) {
        return (Event){
                .seq = ++c->seq,
                .timestamp = EXECUTED_USEC,
                .pid = 101,
                .ppid = 102,
                .nspid = 103,
                .pidns = 104,
                .exe = BYTES_LITERAL("/usr/bin/program"),
                .file = { .inode = inode,
                        .ctime_ns = (int64_t) (EXECUTED_USEC - 3600000000ULL) * 1000 + 1,
                        .device = device,
                        .known = true },
        };
}

/* `error` 0: an id of `size` bytes, all of the same value. */
static inline int build_id_case_answer(BuildIdCase *c, int error, size_t size, uint8_t value) {
        FileAnswer answer = { BUILD_ID_ANSWER, .number = c->asked.number, .error = error,
                .build_id.size = (uint8_t) size };

        memset(answer.build_id.bytes, value, size < BUILD_ID_SIZE_MAX ? size : BUILD_ID_SIZE_MAX);
        return build_ids_answer(c->ids, &answer, sizeof(answer));
}

static inline void build_id_case_assert_waits(BuildIdCase *c, const Event *event) {
        Bytes id = BYTES_LITERAL("untouched");

        assert_int_equal(build_ids_find(c->ids, event, &id), -EINPROGRESS);
        assert_non_null(build_ids_question(c->ids));
}

/* NULL: it has none. */
static inline void build_id_case_assert_has(BuildIdCase *c, const Event *event, const char *expected) {
        Bytes id = BYTES_LITERAL("untouched");

        assert_int_equal(build_ids_find(c->ids, event, &id), 0);
        assert_int_equal(bytes_is_set(id), expected != NULL);
        if (expected) {
                assert_int_equal(id.size, strlen(expected));
                assert_memory_equal(id.data, expected, id.size);
        }
}
