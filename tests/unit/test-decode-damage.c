/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Whole records as they were recorded, and what may become of them. Of damaged ones the decoder says that
 * they are none, or it makes an event all of whose bytes can be read: each record ends where its block of
 * memory does, so sanitizers and valgrind see what is behind it.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event/decode.h"
#include "record.h"
#include "util/cleanup.h"

#define DATA_FILE_MAX 65536U

static void dump_number(FILE *out, const char *name, uint64_t number) {
        (void) fprintf(out, "%s=%" PRIu64 "\n", name, number);
}

static void dump_id(FILE *out, const char *name, uint32_t id) {
        if (id != EVENT_ID_UNSET)
                dump_number(out, name, id);
}

static void dump_bytes(FILE *out, const char *name, Bytes bytes) {
        if (!bytes_is_set(bytes))
                return;
        (void) fprintf(out, "%s=\"", name);
        for (size_t i = 0; i < bytes.size; i++) {
                unsigned char c = (unsigned char) bytes.data[i];

                if (c < ' ' || c > '~' || c == '"' || c == '\\')
                        (void) fprintf(out, "\\x%02x", c);
                else
                        (void) fputc(c, out);
        }
        (void) fputs("\"\n", out);
}

/* All of the event as text, a line for each value that is set. */
static void dump_event(FILE *out, const Event *event) {
        dump_number(out, "timestamp", event->timestamp);
        dump_number(out, "pid", event->pid);
        dump_number(out, "ppid", event->ppid);
        dump_id(out, "nspid", event->nspid);
        dump_id(out, "pidns", event->pidns);
        dump_number(out, "process", event->process.start_ns);
        dump_number(out, "parent", event->parent.start_ns);
        dump_number(out, "uid", event->uid);
        dump_number(out, "gid", event->gid);
        dump_number(out, "euid", event->euid);
        dump_number(out, "egid", event->egid);
        dump_id(out, "loginuid", event->loginuid);
        dump_id(out, "session", event->session);
        dump_number(out, "flags", event->flags);
        dump_bytes(out, "filename", event->filename);
        dump_bytes(out, "exe", event->exe);
        dump_bytes(out, "cwd", event->cwd);
        dump_bytes(out, "tty", event->tty);
        dump_bytes(out, "comm", event->comm);
        dump_bytes(out, "parent_comm", event->parent_comm);
        for (size_t i = 0; i < event->argc; i++)
                dump_bytes(out, "argv", event->argv[i]);
        dump_number(out, "truncated", event->truncated);
        if (event->argv_bytes != EVENT_NUMBER_UNSET)
                dump_number(out, "argv_bytes", event->argv_bytes);
        for (size_t i = 0; i < event->n_environment; i++) {
                dump_bytes(out, "name", event->environment[i].name);
                dump_bytes(out, "value", event->environment[i].value);
        }
        dump_number(out, "environment_truncated", event->environment_truncated);
}

/* To be freed. */
static char *dump_to_string(const Event *event) {
        char *text = NULL;
        size_t size;
        FILE *out;

        out = open_memstream(&text, &size);
        assert_non_null(out);
        dump_event(out, event);
        assert_int_equal(fclose(out), 0);
        return text;
}

/* The contents of a file, in a block of their size. To be freed. */
static char *read_file(const char *path, size_t *ret_size) {
        static char content[DATA_FILE_MAX];
        _cleanup_fclose_ FILE *file = fopen(path, "re");
        char *copy;
        size_t size;

        if (!file)
                fail_msg("can't read %s", path);
        size = fread(content, 1, sizeof(content), file);
        assert_true(size > 0 && size < sizeof(content));
        copy = malloc(size);
        assert_non_null(copy);
        memcpy(copy, content, size);
        *ret_size = size;
        return copy;
}

/* Calls `check` for each record in the test data. */
static void for_each_record(void (*check)(const char *path, const char *record, size_t size)) {
        glob_t found = {};

        assert_int_equal(glob(SOURCE_ROOT "/tests/data/*.rec", 0, NULL, &found), 0);
        for (size_t i = 0; i < found.gl_pathc; i++) {
                _cleanup_free_ char *record = NULL;
                size_t size;

                record = read_file(found.gl_pathv[i], &size);
                check(found.gl_pathv[i], record, size);
        }
        globfree(&found);
}

/* NAME.txt has what NAME.rec holds; its times are those of CLOCK_BOOTTIME. */
static void check_values(const char *path, const char *record, size_t size) {
        _cleanup_free_ char *text_path = NULL, *text = NULL, *dump = NULL;
        _cleanup_(decoder_done) Decoder decoder = {};
        size_t text_size;
        Event event;

        assert_true(asprintf(&text_path, "%.*s.txt", (int) (strlen(path) - strlen(".rec")), path) > 0);
        text = read_file(text_path, &text_size);
        assert_int_equal(decode_record(&decoder, record, size, 0, &event), 0);
        dump = dump_to_string(&event);
        if (!bytes_equal(bytes_of_string(dump), (Bytes){ text, text_size }))
                fail_msg("%s holds\n%s", path, dump);
}

static void test_recorded(void **state) {
        (void) state;
        for_each_record(check_values);
}

/* Decodes a copy that ends where its block does, and reads every byte of what comes out of it. */
static int decode_copy(Decoder *decoder, const char *record, size_t size) {
        _cleanup_free_ char *copy = malloc(size > 0 ? size : 1), *dump = NULL;
        Event event, untouched;
        int r;

        assert_non_null(copy);
        memcpy(copy, record, size);
        memset(&event, 0x5a, sizeof(event));
        memset(&untouched, 0x5a, sizeof(untouched));

        r = decode_record(decoder, copy, size, 1700000000000000000, &event);
        assert_true(r == 0 || r == -EBADMSG);
        if (r < 0)
                assert_memory_equal(&event, &untouched, sizeof(event));
        else
                dump = dump_to_string(&event);
        return r;
}

static void check_flips(const char *path, const char *record, size_t size) {
        _cleanup_(decoder_done) Decoder decoder = {};
        _cleanup_free_ char *damaged = malloc(size);
        size_t refused = 0;

        (void) path;
        assert_non_null(damaged);
        for (size_t i = 0; i < size; i++)
                for (unsigned bits = 1; bits < 0x200; bits *= 2) {
                        memcpy(damaged, record, size);
                        damaged[i] = (char) (damaged[i] ^ (bits < 0x100 ? bits : 0xff));
                        refused += decode_copy(&decoder, damaged, size) < 0;
                }

        /*
         * ABI and parts, the lengths: no bit of theirs may change. Of the kind it may be one that looks
         * alike.
         */
        assert_true(refused >= (size_t) 9 * (2 + 4 + 3 * 2 + 3));
}

static void test_flips(void **state) {
        (void) state;
        for_each_record(check_flips);
}

/* No record is shorter or longer than its parts. */
static void check_lengths(const char *path, const char *record, size_t size) {
        _cleanup_(decoder_done) Decoder decoder = {};
        _cleanup_free_ char *damaged = calloc(1, size + 16);

        (void) path;
        assert_non_null(damaged);
        memcpy(damaged, record, size);
        for (size_t length = 0; length < size + 16; length++)
                assert_int_equal(decode_copy(&decoder, damaged, length), length == size ? 0 : -EBADMSG);
}

static void test_lengths(void **state) {
        (void) state;
        for_each_record(check_lengths);
}

/* Lengths that add up only where a sum overflows, and parts of the arguments that are more than the whole. */
static void test_contradictions(void **state) {
        static const struct {
                uint32_t args_len, cut_total, cut_head, env_total, env_head;
                int r;
        } table[] = {
                { 8, 9, 4, 0, 0, 0 },
                { 8, 9, 0, 0, 0, 0 },
                { 8, 9, 8, 0, 0, 0 },
                { 8, 0, 8, 0, 0, 0 },
                { 8, 8, 4, 0, 0, -EBADMSG },
                { 8, 7, 4, 0, 0, -EBADMSG },
                { 8, 9, 9, 0, 0, -EBADMSG },
                { 8, 9, UINT32_MAX, 0, 0, -EBADMSG },
                { UINT32_MAX, 9, 8, 9, 9, -EBADMSG },
                { UINT32_MAX, UINT32_MAX, UINT32_MAX, 9, 9, -EBADMSG },
                { 0, 9, 0, 8, 8, 0 },
                { 0, 9, 0, UINT32_MAX, 8, 0 },
                { 0, 9, 0, 7, 8, -EBADMSG },
                { 0, 9, 0, 7, 7, -EBADMSG },
                { 0, 9, 0, 9, 9, -EBADMSG },
                { 9, 10, 9, UINT32_MAX, UINT32_MAX, -EBADMSG },
        };
        _cleanup_(decoder_done) Decoder decoder = {};

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                const struct exec_record head = {
                        .abi = EXEC_RECORD_ABI,
                        .kind = EXEC_RECORD_EXEC,
                        .parts = EXEC_PART_CUT | EXEC_PART_ENV,
                        .args_len = table[i].args_len,
                };
                const struct exec_lengths env = { table[i].env_total, table[i].env_head };
                const struct exec_lengths cut = { table[i].cut_total, table[i].cut_head };
                char record[sizeof(head) + 8 + sizeof(env) + sizeof(cut)] = {};

                memcpy(record, &head, sizeof(head));
                memcpy(record + sizeof(head) + 8, &env, sizeof(env));
                memcpy(record + sizeof(head) + 8 + sizeof(env), &cut, sizeof(cut));
                if (decode_copy(&decoder, record, sizeof(record)) != table[i].r)
                        fail_msg("line %zu", i);
        }
}

static uint32_t random_number(uint64_t *state) {
        *state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
        return (uint32_t) (*state >> 33);
}

/* Any bytes behind a head whose lengths are right: they are what the program that executes can choose. */
static void test_random(void **state) {
        _cleanup_(decoder_done) Decoder decoder = {};
        uint64_t seed = 20240229;
        size_t taken = 0;

        (void) state;
        for (size_t round = 0; round < 20000; round++) {
                char bytes[7][40];
                Bytes part[7];
                RecordParts parts = {};
                RecordHead head = {};
                _cleanup_free_ char *record = NULL;
                size_t size;

                for (size_t i = 0; i < 7; i++) {
                        part[i] = (Bytes){ bytes[i], random_number(&seed) % sizeof(bytes[i]) };
                        for (size_t k = 0; k < part[i].size; k++) /* many NULs and '='s */
                                bytes[i][k] = "\0\0=pts019a/.\xff"[random_number(&seed) % 13];
                        if (i < 2 && part[i].size > 0) /* the components of exe and cwd end */
                                bytes[i][part[i].size - 1] = '\0';
                }
                parts.exe = part[0];
                parts.cwd = part[1];
                parts.args_head = part[2];
                parts.args_tail = part[3];
                parts.environment = part[4];
                if (round % 4 == 0) {
                        parts.filename = part[5];
                        parts.tty = part[6];
                }
                if (round % 3 == 0)
                        parts.args_total = 100;
                if (round % 5 == 0)
                        parts.env_total = 100;
                head.partial = random_number(&seed);

                record = record_new(&head, &parts, &size);
                taken += decode_copy(&decoder, record, size) == 0;
        }
        assert_true(taken >= 15000);
}

static void test_garbage(void **state) {
        _cleanup_(decoder_done) Decoder decoder = {};
        uint64_t seed = 19700101;
        char record[400];

        (void) state;
        for (size_t round = 0; round < 20000; round++) {
                size_t size = random_number(&seed) % sizeof(record);
                struct exec_record head;

                for (size_t i = 0; i < sizeof(record); i++)
                        record[i] = (char) random_number(&seed);
                if (round % 2 == 0 && size >= sizeof(head)) {
                        memcpy(&head, record, sizeof(head));
                        head.abi = EXEC_RECORD_ABI;
                        head.kind = EXEC_RECORD_EXEC;
                        memcpy(record, &head, sizeof(head));
                }
                assert_int_equal(decode_copy(&decoder, record, size), -EBADMSG);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_recorded),
                cmocka_unit_test(test_flips),
                cmocka_unit_test(test_lengths),
                cmocka_unit_test(test_contradictions),
                cmocka_unit_test(test_random),
                cmocka_unit_test(test_garbage),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
