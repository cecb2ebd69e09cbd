/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "event/decode.h"
#include "record.h"
#include "util/cleanup.h"

/* What the numbers of a record say, its optional parts, and its kinds. */

static void test_numbers(void **state) {
        static const RecordHead head = {
                .time_ns = 5000123456,
                .start_ns = 4000000001,
                .parent_start_ns = 3000000001,
                .tgid = 1001,
                .parent_tgid = 1002,
                .ns_tgid = 7,
                .pidns = 4026532000,
                .uid = 1003,
                .gid = 1004,
                .euid = 1005,
                .egid = 1006,
                .loginuid = 1007,
                .sessionid = 1008,
                .flags = EXEC_FLAG_SCRIPT | EXEC_FLAG_UNREAD | 1U << EXEC_FLAG_COUNT | 1U << 31,
        };
        _cleanup_(decoded_done) Decoded d = {};

        (void) state;
        assert_int_equal(decode(&d, &head, &(RecordParts){}), 0);
        assert_int_equal(d.event.seq, EVENT_NUMBER_UNSET);
        assert_int_equal(d.event.timestamp, 5000123);
        assert_int_equal(d.event.pid, 1001);
        assert_int_equal(d.event.ppid, 1002);
        assert_int_equal(d.event.process.pid, 1001);
        assert_int_equal(d.event.process.start_ns, 4000000001);
        assert_int_equal(d.event.parent.pid, 1002);
        assert_int_equal(d.event.parent.start_ns, 3000000001);
        assert_int_equal(d.event.nspid, 7);
        assert_int_equal(d.event.pidns, 4026532000);
        assert_int_equal(d.event.uid, 1003);
        assert_int_equal(d.event.gid, 1004);
        assert_int_equal(d.event.euid, 1005);
        assert_int_equal(d.event.egid, 1006);
        assert_int_equal(d.event.loginuid, 1007);
        assert_int_equal(d.event.session, 1008);
        assert_int_equal(d.event.flags, EXEC_FLAG_SCRIPT | EXEC_FLAG_UNREAD);
        assert_int_equal(d.event.n_labels, 0);
}

static void test_unset_numbers(void **state) {
        static const RecordHead head = {
                .tgid = 1001,
        };
        _cleanup_(decoded_done) Decoded d = {};

        (void) state;
        assert_int_equal(decode(&d, &head, &(RecordParts){}), 0);
        assert_int_equal(d.event.nspid, EVENT_ID_UNSET);
        assert_int_equal(d.event.pidns, EVENT_ID_UNSET);
        assert_int_equal(d.event.loginuid, EVENT_ID_UNSET);
        assert_int_equal(d.event.session, EVENT_ID_UNSET);
        assert_int_equal(d.event.argv_bytes, EVENT_NUMBER_UNSET);
        assert_int_equal(d.event.argc, 0);
        assert_false(d.event.truncated);
        assert_false(d.event.environment_truncated);
}

static void test_time(void **state) {
        static const struct {
                uint64_t time_ns;
                int64_t offset_ns;
                uint64_t timestamp;
        } table[] = {
                { 0, 0, 0 },
                { 999, 0, 0 },
                { 1000, 0, 1 },
                { 600, 600, 1 },
                { 5000000000, 1700000000000000000, 1700000005000000 },
                { 5000000000, -4000000000, 1000000 },
                { 5000000000, -5000000000, 0 },
                { 5000000000, -5000000001, 0 },
                { 0, INT64_MIN, 0 },
                { UINT64_MAX, INT64_MAX, UINT64_MAX / 1000 },
                { UINT64_MAX, -1, (UINT64_MAX - 1) / 1000 },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                RecordHead head = { .time_ns = table[i].time_ns };
                _cleanup_(decoded_done) Decoded d = {};
                size_t size;

                d.record = record_new(&head, &(RecordParts){}, &size);
                assert_int_equal(decode_record(&d.decoder, d.record, size, table[i].offset_ns, &d.event), 0);
                assert_int_equal(d.event.timestamp, table[i].timestamp);
        }
}

/* The head is read wherever the record begins. */
static void test_unaligned(void **state) {
        static const RecordHead head = { .tgid = 17 };
        static const RecordParts parts = { .exe = BYTES_LITERAL("a\0"),
                .args_head = BYTES_LITERAL("x\0y\0") };
        _cleanup_(decoder_done) Decoder decoder = {};
        _cleanup_free_ char *record = NULL;
        size_t size;

        (void) state;
        record = record_new(&head, &parts, &size);
        for (size_t shift = 0; shift < 8; shift++) {
                _cleanup_free_ char *moved = malloc(size + shift);
                Event event;

                assert_non_null(moved);
                memcpy(moved + shift, record, size);
                assert_int_equal(decode_record(&decoder, moved + shift, size, 0, &event), 0);
                assert_int_equal(event.pid, 17);
                assert_bytes(event.exe, BYTES_LITERAL("/a"));
                assert_int_equal(event.argc, 2);
        }
}

static const RecordHead all_parts = {
        .time_ns = 1ULL << 50,
        .start_ns = 17,
        .cgroup_id = 3ULL << 32 | 4,
        .tgid = 5,
        .euid = 6,
        .egid = 7,
        .loginuid = 8,
        .sessionid = 9,
        .ns_tgid = 10,
        .pidns = 11,
        .pgid = 12,
        .sid = 13,
        .maker = { .start_ns = 14, .tgid = 15 },
        .ancestor = { .start_ns = 0x123456789a, .tgid = 4321 },
        .parent_tgid = 1,
        .standard_input = EXEC_STDIN_PIPE,
        .comm = "sh",
};

/* Each optional part by itself, and all_parts of them at once: none is taken for another. */
static void test_parts(void **state) {
        const struct exec_file file = { .inode = 1ULL << 40, .ctime_ns = -5, .device = 8U << 20 | 1 };
        const RecordParts parts = {
                .file = { (const char *) &file, sizeof(file) },
                .filename = BYTES_LITERAL("name"),
                .tty = BYTES_LITERAL("tty1"),
                .args_head = BYTES_LITERAL("a\0"),
                .environment = BYTES_LITERAL("A=1\0"),
        };
        _cleanup_(decoded_done) Decoded d = {}, none = {}, second = {};

        (void) state;
        assert_int_equal(decode(&d, &all_parts, &parts), 0);
        assert_int_equal(d.event.process.start_ns, 17);
        assert_int_equal(d.event.cgroup_id, 3ULL << 32 | 4);
        assert_int_equal(d.event.euid, 6);
        assert_int_equal(d.event.egid, 7);
        assert_int_equal(d.event.loginuid, 8);
        assert_int_equal(d.event.session, 9);
        assert_int_equal(d.event.nspid, 10);
        assert_int_equal(d.event.pidns, 11);
        assert_int_equal(d.event.pgid, 12);
        assert_int_equal(d.event.sid, 13);
        assert_int_equal(d.event.ppid, 1);
        assert_int_equal(d.event.parent.pid, 15);
        assert_int_equal(d.event.parent.start_ns, 14);
        assert_int_equal(d.event.ancestor.pid, 4321);
        assert_int_equal(d.event.ancestor.start_ns, 0x123456789a);
        assert_true(d.event.file.known);
        assert_int_equal(d.event.file.inode, 1ULL << 40);
        assert_int_equal(d.event.file.ctime_ns, -5);
        assert_int_equal(d.event.file.device, 8U << 20 | 1);
        assert_int_equal(d.event.standard_input, EXEC_STDIN_PIPE);
        assert_bytes(d.event.filename, BYTES_LITERAL("name"));
        assert_int_equal(d.event.n_environment, 1);
        assert_false(d.event.running);

        assert_int_equal(decode(&none, &(RecordHead){ .tgid = 5 }, &(RecordParts){}), 0);
        assert_int_equal(none.event.ancestor.pid, 0);
        assert_false(none.event.file.known);
        assert_int_equal(none.event.pgid, 5);
        assert_int_equal(none.event.sid, 5);

        /* One without those before it. */
        assert_int_equal(decode(&second, &(RecordHead){}, &(RecordParts){ .file = parts.file }), 0);
        assert_int_equal(second.event.ancestor.pid, 0);
        assert_int_equal(second.event.file.inode, 1ULL << 40);

        /* One that nobody knows. */
        free(TAKE_PTR(none.record));
        assert_int_equal(
                decode(&none, &(RecordHead){ .parts = EXEC_PART_SAME_EXE << 1 }, &(RecordParts){}), -EBADMSG);
}

/* The file's path is the filename; then it is not there twice, and the filename is. */
static void test_same_exe(void **state) {
        const RecordHead same = { .parts = EXEC_PART_SAME_EXE };
        _cleanup_(decoded_done) Decoded d = {}, none = {}, twice = {};

        (void) state;
        assert_int_equal(decode(&d, &same, &(RecordParts){ .filename = BYTES_LITERAL("/bin/x") }), 0);
        assert_bytes(d.event.filename, BYTES_LITERAL("/bin/x"));
        assert_bytes(d.event.exe, BYTES_LITERAL("/bin/x"));
        assert_int_equal(decode(&none, &same, &(RecordParts){}), -EBADMSG);
        assert_int_equal(
                decode(&twice, &same,
                        &(RecordParts){ .filename = BYTES_LITERAL("/x"), .exe = BYTES_LITERAL("x\0") }),
                -EBADMSG);
}

static void test_kinds(void **state) {
        const RecordHead failed = {
                .kind = EXEC_RECORD_FAILED, .error = 13, .dirfd = 7, .flags = EXEC_FLAG_FD
        };
        const RecordHead running = { .kind = EXEC_RECORD_RUNNING, .flags = EXEC_FLAG_RUNNING };
        _cleanup_(decoded_done) Decoded f = {}, r = {}, unknown = {}, no_error = {};

        (void) state;
        assert_int_equal(
                decode(&f, &failed, &(RecordParts){ .filename = BYTES_LITERAL("x"), .cut = true }), 0);
        assert_int_equal(f.event.error, 13);
        assert_bytes(f.event.filename, BYTES_LITERAL("/dev/fd/7/x"));
        assert_true(f.event.truncated);
        assert_int_equal(f.event.argv_bytes, EVENT_NUMBER_UNSET);
        assert_int_equal(decode(&r, &running, &(RecordParts){}), 0);
        assert_true(r.event.running);
        assert_int_equal(r.event.seq, EVENT_NUMBER_UNSET);
        assert_int_equal(decode(&unknown, &(RecordHead){ .kind = EXEC_RECORD_CGROUP_MADE }, &(RecordParts){}),
                -EBADMSG);
        assert_int_equal(
                decode(&no_error, &(RecordHead){ .kind = EXEC_RECORD_FAILED }, &(RecordParts){}), -EBADMSG);
}

static void test_cgroup(void **state) {
        static const char *const names[] = { "a", "user.slice", NULL };
        CgroupChange change;
        size_t size;

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                _cleanup_free_ char *record =
                        cgroup_record_new(1ULL << 40, names[i] ? 3 : 0, names[i], &size);

                assert_int_equal(decode_kind(record, size),
                        names[i] ? EXEC_RECORD_CGROUP_MADE : EXEC_RECORD_CGROUP_GONE);
                assert_int_equal(decode_cgroup(record, size, &change), 0);
                assert_int_equal(change.id, 1ULL << 40);
                assert_int_equal(change.parent, names[i] ? 3 : 0);
                assert_int_equal(change.name.size, names[i] ? strlen(names[i]) : 0);
                assert_int_equal(decode_cgroup(record, size - 1, &change), -EBADMSG);
        }
        {
                _cleanup_free_ char *record = cgroup_record_new(5, 3, "named", &size);

                record[0] = EXEC_RECORD_CGROUP_GONE;
                assert_int_equal(decode_cgroup(record, size, &change), 0);
                assert_int_equal(change.parent, 3);
                assert_int_equal(change.name.size, strlen("named"));
        }
        for (size_t i = 0; i < 3; i++) {
                static const char *const wrong[] = { "a/b", "/", "" };
                _cleanup_free_ char *record = cgroup_record_new(5, 3, wrong[i], &size);

                assert_int_equal(decode_cgroup(record, size, &change), -EBADMSG);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_numbers),
                cmocka_unit_test(test_unset_numbers),
                cmocka_unit_test(test_time),
                cmocka_unit_test(test_unaligned),
                cmocka_unit_test(test_parts),
                cmocka_unit_test(test_same_exe),
                cmocka_unit_test(test_kinds),
                cmocka_unit_test(test_cgroup),
        };

        return cmocka_run_group_tests_name("decode", tests, NULL, NULL);
}
