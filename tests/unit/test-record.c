/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The viewer knows every field that the daemon writes, under the same JSON key. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "event/fields.h"
#include "record-json.h"
#include "record.h"
#include "show.h"
#include "util/cleanup.h"

static const RecordFieldInfo *find(const char *name) {
        for (RecordField i = 0; i < RECORD_EXTRA; i++)
                if (strcmp(record_fields[i].name, name) == 0)
                        return &record_fields[i];
        return NULL;
}

static void test_fields_of_the_daemon(void **state) {
        (void) state;
        for (size_t i = 0; i < field_table_size; i++) {
                const Field *field = &field_table[i];
                const RecordFieldInfo *info;

                if (field->type == FIELD_LABELS || field->type == FIELD_ENVIRONMENT)
                        continue;
                /* What the lists say already, for readers that keep one value of a field. */
                if (strcmp(field->journal, "EXEC_FLAGS") == 0 || strcmp(field->journal, "EXEC_TAGS") == 0)
                        continue;
                info = find(field->journal);
                if (!info)
                        fail_msg("%s is not known", field->journal);
                else
                        assert_string_equal(info->key, field->json);
        }
}

static void test_table(void **state) {
        (void) state;
        for (RecordField i = 0; i < RECORD_EXTRA; i++) {
                assert_int_equal(record_fields[i].name_size, strlen(record_fields[i].name));
                for (RecordField k = 0; k < i; k++) {
                        assert_string_not_equal(record_fields[i].name, record_fields[k].name);
                        assert_string_not_equal(record_fields[i].key, record_fields[k].key);
                }
        }
}

/* What a later version of the daemon writes is not lost, and no key is there twice. */
static void test_unknown_fields(void **state) {
        static Bytes extra[] = {
                BYTES_LITERAL("EXEC_LABEL_ROLE=web"),
                BYTES_LITERAL("EXEC_ENV_HOME=/"),
                BYTES_LITERAL("EXEC_ENV_PATH=/bin"),
                BYTES_LITERAL("EXEC_NOVELTY=1"),
                BYTES_LITERAL("EXEC_NOVELTY=2"),
                BYTES_LITERAL("EXEC_HOST=forged"),
                BYTES_LITERAL("EXEC_FLAGS=a,b"),
                BYTES_LITERAL("EXEC_TAGS=a,b"),
                BYTES_LITERAL("EXECTRACED_HOOKS=x"),
                BYTES_LITERAL("EXEC_=x"),
                BYTES_LITERAL("EXEC_NOTHING"),
        };
        _cleanup_(arguments_done) Arguments arguments = {};
        _cleanup_(buffer_done) Buffer buffer = BUFFER_NULL;
        JsonWriter writer = { .out = &buffer };
        Record record = { .extra = extra, .n_extra = ELEMENTSOF(extra) };

        (void) state;
        record.field[RECORD_PID] = BYTES_LITERAL("1");
        record.field[RECORD_FLAG] = BYTES_LITERAL("a,b");
        json_open(&writer, NULL, '{');
        record_json_members(&writer, &record, &arguments);
        json_close(&writer, '}');
        assert_string_equal(show_string(&buffer),
                "{\"pid\":1,\"flags\":[\"a\",\"b\"],\"labels\":{\"ROLE\":\"web\"},"
                "\"environment\":{\"HOME\":\"/\",\"PATH\":\"/bin\"},\"novelty\":\"1\"}");
}

/* "truncated" is there also when it is false, where there are arguments. */
static void test_truncated(void **state) {
        static const struct {
                Bytes truncated, argv_bytes;
                const char *json;
        } cases[] = {
                { {}, {}, "{\"argv\":[\"x\"],\"truncated\":false}" },
                { BYTES_LITERAL("yes"), {}, "{\"argv\":[\"x\"],\"truncated\":true}" },
                /* OmitField=EXEC_TRUNCATED */
                { {}, BYTES_LITERAL("9"), "{\"argv\":[\"x\"],\"argv_bytes\":9}" },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(arguments_done) Arguments arguments = {};
                _cleanup_(buffer_done) Buffer buffer = BUFFER_NULL;
                JsonWriter writer = { .out = &buffer };
                Record record = {};

                record.field[RECORD_ARGV] = BYTES_LITERAL("[\"x\"]");
                record.field[RECORD_TRUNCATED] = cases[i].truncated;
                record.field[RECORD_ARGV_BYTES] = cases[i].argv_bytes;
                json_open(&writer, NULL, '{');
                record_json_members(&writer, &record, &arguments);
                json_close(&writer, '}');
                assert_string_equal(show_string(&buffer), cases[i].json);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_fields_of_the_daemon),
                cmocka_unit_test(test_table),
                cmocka_unit_test(test_unknown_fields),
                cmocka_unit_test(test_truncated),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
