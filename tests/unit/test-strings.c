/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "event/decode.h"
#include "record.h"
#include "util/cleanup.h"

/* The arguments and the environment of a record. */

#define LIST_MAX 8

typedef struct ArgumentsCase {
        Bytes head, tail;
        uint32_t total; /* 0: as many as there are */
        size_t argc;
        Bytes argv[LIST_MAX];
} ArgumentsCase;

#define T(s) BYTES_LITERAL(s)

static const ArgumentsCase whole_arguments[] = {
        { T(""), T(""), 0, 0, {} },
        { T("a\0"), T(""), 0, 1, { T("a") } },
        { T("a\0bc\0def\0"), T(""), 0, 3, { T("a"), T("bc"), T("def") } },
        { T("\0"), T(""), 0, 1, { T("") } },
        { T("\0\0 \0\0"), T(""), 0, 4, { T(""), T(""), T(" "), T("") } },
        { T("\xff\xfe\0\n\x1b[m\0"), T(""), 0, 2, { T("\xff\xfe"), T("\n\x1b[m") } },
        /* The last NUL was overwritten. */
        { T("a\0bc"), T(""), 0, 2, { T("a"), T("bc") } },
        /* In two parts that meet: no gap, wherever the seam is. */
        { T("ab"), T("cd\0ef\0"), 0, 2, { T("abcd"), T("ef") } },
        { T("ab\0"), T("cd\0"), 0, 2, { T("ab"), T("cd") } },
        { T("ab"), T("\0cd\0"), 0, 2, { T("ab"), T("cd") } },
        { T(""), T("ab\0"), 0, 1, { T("ab") } },
};

static const ArgumentsCase cut_arguments[] = {
        { T("a\0bc"), T("yz\0end\0"), 100, 3, { T("a"), T("bc...yz"), T("end") } },
        { T("a\0bc\0"), T("yz\0end\0"), 100, 4, { T("a"), T("bc"), T("...yz"), T("end") } },
        { T("a\0bc"), T("\0end\0"), 100, 3, { T("a"), T("bc..."), T("end") } },
        { T("a\0bc\0"), T("\0end\0"), 100, 4, { T("a"), T("bc"), T("..."), T("end") } },
        { T("abc"), T("xyz\0"), 100, 1, { T("abc...xyz") } },
        { T("abc"), T("xyz"), 100, 1, { T("abc...xyz") } },
        { T("a\0b"), T("y\0z"), 100, 3, { T("a"), T("b...y"), T("z") } },
        { T("a\0b"), T("y\0\0\0"), 100, 4, { T("a"), T("b...y"), T(""), T("") } },
        { T("a\0b"), T(""), 100, 2, { T("a"), T("b...") } },
        { T("a\0b\0"), T(""), 100, 3, { T("a"), T("b"), T("...") } },
        { T(""), T("y\0z\0"), 100, 2, { T("...y"), T("z") } },
        { T(""), T(""), 100, 1, { T("...") } },
        { T("a"), T("b"), 3, 1, { T("a...b") } },
        { T("a\0b"), T("c\0"), UINT32_MAX, 2, { T("a"), T("b...c") } },
};

static void check_arguments(const ArgumentsCase *c, bool truncated) {
        RecordParts parts = {
                .filename = T("f"),
                .args_head = c->head,
                .args_tail = c->tail,
                .args_total = c->total,
                .environment = T("A=1\0"),
        };
        _cleanup_(decoded_done) Decoded d = {};

        assert_int_equal(decode(&d, &(RecordHead){}, &parts), 0);
        assert_int_equal(d.event.argc, c->argc);
        for (size_t i = 0; i < c->argc; i++)
                assert_bytes(d.event.argv[i], c->argv[i]);
        assert_int_equal(d.event.truncated, truncated);
        assert_int_equal(d.event.argv_bytes, truncated ? c->total : EVENT_NUMBER_UNSET);
        assert_int_equal(d.event.n_environment, 1);
}

static void test_arguments(void **state) {
        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(whole_arguments); i++)
                check_arguments(&whole_arguments[i], false);
        for (size_t i = 0; i < ELEMENTSOF(cut_arguments); i++)
                check_arguments(&cut_arguments[i], true);
}

/* As many and as much as a record takes, with one decoder: what a smaller one left is no longer seen. */
static void test_many_arguments(void **state) {
        static const char small[] = "a\0b\0";
        _cleanup_free_ char *bytes = calloc(1, EXEC_ARGUMENT_BYTES_MAX);
        _cleanup_(decoded_done) Decoded d = {};

        (void) state;
        assert_non_null(bytes);
        for (size_t round = 0; round < 2; round++) {
                RecordParts many = { .args_head = { bytes, EXEC_ARGUMENT_BYTES_MAX } };
                RecordParts few = { .args_head = { small, sizeof(small) - 1 } };

                assert_int_equal(decode(&d, &(RecordHead){}, &many), 0);
                assert_int_equal(d.event.argc, EXEC_ARGUMENT_BYTES_MAX);
                for (size_t i = 0; i < d.event.argc; i++)
                        assert_true(d.event.argv[i].data && d.event.argv[i].size == 0);
                free(TAKE_PTR(d.record));

                assert_int_equal(decode(&d, &(RecordHead){}, &few), 0);
                assert_int_equal(d.event.argc, 2);
                assert_bytes(d.event.argv[1], BYTES_LITERAL("b"));
                free(TAKE_PTR(d.record));
        }
}

/* A gap inside one argument that is nearly everything: it is put together beside the paths, which hold. */
static void test_large_gap(void **state) {
        enum {
                HALF = EXEC_ARGUMENT_BYTES_MAX / 2
        };
        _cleanup_free_ char *head = malloc(HALF), *tail = malloc(HALF);
        _cleanup_(decoded_done) Decoded d = {};
        RecordParts parts = {
                .exe = BYTES_LITERAL("x\0"),
                .cwd = BYTES_LITERAL("w\0"),
                .tty = BYTES_LITERAL("pts3"),
                .args_head = { head, HALF },
                .args_tail = { tail, HALF },
                .args_total = EXEC_ARGUMENT_BYTES_MAX + 1,
        };

        (void) state;
        assert_non_null(head);
        assert_non_null(tail);
        memset(head, 'h', HALF);
        memset(tail, 't', HALF);
        tail[HALF - 1] = '\0';
        assert_int_equal(decode(&d, &(RecordHead){}, &parts), 0);
        assert_int_equal(d.event.argc, 1);
        assert_int_equal(d.event.argv[0].size, HALF + 3 + HALF - 1);
        assert_memory_equal(d.event.argv[0].data, head, HALF);
        assert_memory_equal(d.event.argv[0].data + HALF, "...", 3);
        assert_memory_equal(d.event.argv[0].data + HALF + 3, tail, HALF - 1);
        assert_bytes(d.event.exe, BYTES_LITERAL("/x"));
        assert_bytes(d.event.cwd, BYTES_LITERAL("/w"));
        assert_bytes(d.event.tty, BYTES_LITERAL("pts/3"));
}

static void test_environment(void **state) {
        static const struct {
                Bytes environment;
                uint32_t total; /* 0: as many bytes as there are */
                bool truncated;
                size_t n;
                Assignment variables[LIST_MAX];
        } table[] = {
                { T(""), 0, false, 0, {} },
                { T(""), 100, true, 0, {} }, /* cut to nothing, or not asked for */
                { T("A=1\0"), 0, false, 1, { { T("A"), T("1") } } },
                { T("A=1\0BB=\0C==x=\0"), 0, false, 3,
                        { { T("A"), T("1") }, { T("BB"), T("") }, { T("C"), T("=x=") } } },
                { T("A=1\0nothing\0=x\0\0==\0B=2\0"), 0, false, 2,
                        { { T("A"), T("1") }, { T("B"), T("2") } } },
                { T("A=1\0A=2\0"), 0, false, 2, { { T("A"), T("1") }, { T("A"), T("2") } } },
                { T("\xff=\n\0"), 0, false, 1, { { T("\xff"), T("\n") } } },
                { T("A=1\0B=2"), 0, false, 2, { { T("A"), T("1") }, { T("B"), T("2") } } },
                /* Cut: the last may lack its end. */
                { T("A=1\0B=2"), 100, true, 1, { { T("A"), T("1") } } },
                { T("A=1\0B=2\0"), 100, true, 2, { { T("A"), T("1") }, { T("B"), T("2") } } },
                { T("A=1"), 100, true, 0, {} },
                { T("\0"), 100, true, 0, {} },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                RecordParts parts = { .args_head = T("a\0"),
                        .environment = table[i].environment,
                        .env_total = table[i].total };
                _cleanup_(decoded_done) Decoded d = {};

                assert_int_equal(decode(&d, &(RecordHead){}, &parts), 0);
                assert_int_equal(d.event.environment_truncated, table[i].truncated);
                assert_int_equal(d.event.n_environment, table[i].n);
                for (size_t k = 0; k < table[i].n; k++) {
                        assert_bytes(d.event.environment[k].name, table[i].variables[k].name);
                        assert_bytes(d.event.environment[k].value, table[i].variables[k].value);
                }
                assert_int_equal(d.event.argc, 1);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_arguments),
                cmocka_unit_test(test_many_arguments),
                cmocka_unit_test(test_large_gap),
                cmocka_unit_test(test_environment),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
