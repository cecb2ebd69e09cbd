/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The strings of a record: paths, the terminal, and the names of processes. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "event/decode.h"
#include "record.h"
#include "util/cleanup.h"

static void test_paths(void **state) {
        static const struct {
                Bytes components;
                uint32_t exe_partial, cwd_partial;
                Bytes exe, cwd;
        } table[] = {
                { BYTES_LITERAL(""), 0, 0, BYTES_NULL, BYTES_LITERAL("/") },
                { BYTES_LITERAL(""), EXEC_PARTIAL_EXE, EXEC_PARTIAL_CWD, BYTES_NULL, BYTES_NULL },
                { BYTES_LITERAL("a\0"), 0, 0, BYTES_LITERAL("/a"), BYTES_LITERAL("/a") },
                { BYTES_LITERAL("true\0bin\0usr\0"), 0, 0, BYTES_LITERAL("/usr/bin/true"),
                        BYTES_LITERAL("/usr/bin/true") },
                { BYTES_LITERAL("c\0b\0"), EXEC_PARTIAL_EXE, EXEC_PARTIAL_CWD, BYTES_LITERAL(".../b/c"),
                        BYTES_LITERAL(".../b/c") },
                { BYTES_LITERAL("c\0"), EXEC_PARTIAL_EXE, EXEC_PARTIAL_CWD, BYTES_LITERAL(".../c"),
                        BYTES_LITERAL(".../c") },
                { BYTES_LITERAL("\xff\n\0..\xc3\xa9\0"), 0, 0, BYTES_LITERAL("/..\xc3\xa9/\xff\n"),
                        BYTES_LITERAL("/..\xc3\xa9/\xff\n") },
                { BYTES_LITERAL(""), EXEC_PARTIAL_EXE_OUTSIDE, EXEC_PARTIAL_CWD_OUTSIDE, BYTES_NULL,
                        BYTES_LITERAL("(unreachable)/") },
                { BYTES_LITERAL("c\0b\0"), EXEC_PARTIAL_EXE_OUTSIDE, EXEC_PARTIAL_CWD_OUTSIDE,
                        BYTES_LITERAL("(unreachable)/b/c"), BYTES_LITERAL("(unreachable)/b/c") },
                { BYTES_LITERAL("c\0b\0"), EXEC_PARTIAL_EXE | EXEC_PARTIAL_EXE_OUTSIDE,
                        EXEC_PARTIAL_CWD | EXEC_PARTIAL_CWD_OUTSIDE, BYTES_LITERAL(".../b/c"),
                        BYTES_LITERAL(".../b/c") },
                { BYTES_LITERAL("memfd:a/b\0"), 0, 0, BYTES_LITERAL("/memfd:a/b"),
                        BYTES_LITERAL("/memfd:a/b") },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                RecordHead exe_head = { .partial = table[i].exe_partial };
                RecordHead cwd_head = { .partial = table[i].cwd_partial };
                RecordParts exe = { .exe = table[i].components, .cwd = BYTES_LITERAL("w\0v\0") };
                RecordParts cwd = { .cwd = table[i].components, .exe = BYTES_LITERAL("x\0y\0") };
                _cleanup_(decoded_done) Decoded a = {}, b = {};

                assert_int_equal(decode(&a, &exe_head, &exe), 0);
                assert_bytes(a.event.exe, table[i].exe);
                assert_bytes(a.event.cwd, BYTES_LITERAL("/v/w"));
                assert_int_equal(decode(&b, &cwd_head, &cwd), 0);
                assert_bytes(b.event.cwd, table[i].cwd);
                assert_bytes(b.event.exe, BYTES_LITERAL("/y/x"));
        }
}

/* Both at once have room for what is put before them. */
static void test_paths_outside(void **state) {
        RecordHead head = { .partial = EXEC_PARTIAL_EXE_OUTSIDE | EXEC_PARTIAL_CWD_OUTSIDE };
        RecordParts parts = {
                .filename = BYTES_LITERAL("f"),
                .exe = BYTES_LITERAL("x\0"),
                .cwd = BYTES_LITERAL("c\0"),
                .tty = BYTES_LITERAL("pts1"),
        };
        _cleanup_(decoded_done) Decoded d = {};

        (void) state;
        assert_int_equal(decode(&d, &head, &parts), 0);
        assert_bytes(d.event.exe, BYTES_LITERAL("(unreachable)/x"));
        assert_bytes(d.event.cwd, BYTES_LITERAL("(unreachable)/c"));
        assert_bytes(d.event.tty, BYTES_LITERAL("pts/1"));
}

static void test_bad_texts(void **state) {
        static const RecordParts table[] = {
                { .exe = BYTES_LITERAL("a") },
                { .exe = BYTES_LITERAL("a\0b") },
                { .cwd = BYTES_LITERAL("a") },
                { .cwd = BYTES_LITERAL("a\0b") },
                { .filename = BYTES_LITERAL("a\0") },
                { .filename = BYTES_LITERAL("a\0b") },
                { .tty = BYTES_LITERAL("pts\0") },
                { .tty = BYTES_LITERAL("\0pts") },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                _cleanup_(decoded_done) Decoded d = {};

                assert_int_equal(decode(&d, &(RecordHead){}, &table[i]), -EBADMSG);
        }
}

static void test_filename(void **state) {
        static const struct {
                Bytes filename;
                uint32_t partial;
                Bytes expected;
        } table[] = {
                { BYTES_LITERAL("./run"), 0, BYTES_LITERAL("./run") },
                { BYTES_LITERAL("./run"), EXEC_PARTIAL_FILENAME, BYTES_LITERAL("./run...") },
                { BYTES_LITERAL(""), EXEC_PARTIAL_FILENAME, BYTES_NULL },
                { BYTES_LITERAL(""), 0, BYTES_LITERAL("") },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                RecordHead head = { .partial = table[i].partial };
                _cleanup_(decoded_done) Decoded d = {};

                assert_int_equal(decode(&d, &head, &(RecordParts){ .filename = table[i].filename }), 0);
                assert_bytes(d.event.filename, table[i].expected);
        }
}

static void test_tty(void **state) {
        static const struct {
                Bytes tty, expected;
        } table[] = {
                { BYTES_LITERAL(""), BYTES_NULL },
                { BYTES_LITERAL("pts0"), BYTES_LITERAL("pts/0") },
                { BYTES_LITERAL("pts1048575"), BYTES_LITERAL("pts/1048575") },
                { BYTES_LITERAL("pts"), BYTES_LITERAL("pts") },
                { BYTES_LITERAL("pt"), BYTES_LITERAL("pt") },
                { BYTES_LITERAL("p"), BYTES_LITERAL("p") },
                { BYTES_LITERAL("pts0a"), BYTES_LITERAL("pts0a") },
                { BYTES_LITERAL("pts/0"), BYTES_LITERAL("pts/0") },
                { BYTES_LITERAL("ptsx"), BYTES_LITERAL("ptsx") },
                { BYTES_LITERAL("xpts0"), BYTES_LITERAL("xpts0") },
                { BYTES_LITERAL("tty1"), BYTES_LITERAL("tty1") },
                { BYTES_LITERAL("ttyS0"), BYTES_LITERAL("ttyS0") },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                _cleanup_(decoded_done) Decoded d = {};

                assert_int_equal(decode(&d, &(RecordHead){}, &(RecordParts){ .tty = table[i].tty }), 0);
                assert_bytes(d.event.tty, table[i].expected);
        }
}

static void test_comm(void **state) {
        static const struct {
                char comm[EXEC_COMM_SIZE];
                Bytes expected, expected_parent;
        } table[] = {
                { "sh", BYTES_LITERAL("sh"), BYTES_LITERAL("sh") },
                { "", BYTES_LITERAL(""), BYTES_LITERAL("") },
                { "fifteen-bytes-x", BYTES_LITERAL("fifteen-bytes-x"), BYTES_LITERAL("fifteen-bytes-x") },
                { { "sixteen-bytes-xy" }, BYTES_LITERAL("sixteen-bytes-xy"),
                        BYTES_LITERAL("sixteen-bytes-xy") },
                { "a\0rest", BYTES_LITERAL("a"), BYTES_LITERAL("a") },
                { "\xff \n", BYTES_LITERAL("\xff \n"), BYTES_LITERAL("\xff \n") },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                RecordHead head = {}, parent_head = {}, partial_head = { .partial = EXEC_PARTIAL_CALLER };
                _cleanup_(decoded_done) Decoded d = {}, parent = {}, partial = {};

                memcpy(head.comm, table[i].comm, EXEC_COMM_SIZE);
                assert_int_equal(decode(&d, &head, &(RecordParts){}), 0);
                assert_bytes(d.event.comm, table[i].expected);
                assert_bytes(d.event.parent_comm, BYTES_LITERAL(""));

                memcpy(parent_head.parent_comm, table[i].comm, EXEC_COMM_SIZE);
                assert_int_equal(decode(&parent, &parent_head, &(RecordParts){}), 0);
                assert_bytes(parent.event.parent_comm, table[i].expected_parent);
                assert_bytes(parent.event.comm, BYTES_LITERAL(""));

                memcpy(partial_head.comm, table[i].comm, EXEC_COMM_SIZE);
                assert_int_equal(decode(&partial, &partial_head, &(RecordParts){}), 0);
                assert_bytes(partial.event.comm, BYTES_NULL);
        }
}

/* A comm that fills its place has no NUL; what is behind it is not its own. */
static void test_full_comms(void **state) {
        static const RecordHead head = {
                .comm = { "caller-caller-xy" },
                .parent_comm = { "parent-parent-xy" },
        };
        _cleanup_(decoded_done) Decoded d = {};

        (void) state;
        assert_int_equal(decode(&d, &head, &(RecordParts){}), 0);
        assert_bytes(d.event.comm, BYTES_LITERAL("caller-caller-xy"));
        assert_bytes(d.event.parent_comm, BYTES_LITERAL("parent-parent-xy"));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_paths),
                cmocka_unit_test(test_paths_outside),
                cmocka_unit_test(test_bad_texts),
                cmocka_unit_test(test_filename),
                cmocka_unit_test(test_tty),
                cmocka_unit_test(test_comm),
                cmocka_unit_test(test_full_comms),
        };

        return cmocka_run_group_tests_name("decode-texts", tests, NULL, NULL);
}
