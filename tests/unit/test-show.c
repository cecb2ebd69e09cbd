/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <time.h>

#include "event/flags.h"
#include "json-writer.h"
#include "show.h"
#include "util/cleanup.h"

static void check_text(Buffer *buffer, const char *wanted) {
        assert_string_equal(show_string(buffer), wanted);
        buffer_clear(buffer);
}

static void test_times(void **state) {
        _cleanup_(buffer_done) Buffer buffer = BUFFER_NULL;

        (void) state;
        assert_int_equal(setenv("TZ", "Europe/Berlin", 1), 0);
        tzset();
        show_time(&buffer, UINT64_C(1795457722123456), false, false);
        check_text(&buffer, "2026-11-23 19:15:22.123");
        show_time(&buffer, UINT64_C(1795457722123456), true, true);
        check_text(&buffer, "2026-11-23 18:15:22.123456Z");
        show_time(&buffer, 0, true, false);
        check_text(&buffer, "1970-01-01 00:00:00.000Z");
        show_time_short(&buffer, UINT64_C(1795457722999999), false);
        check_text(&buffer, "11-23 19:15:22");
}

static void test_flags(void **state) {
        _cleanup_(buffer_done) Buffer buffer = BUFFER_NULL;
        Record record = { .flags = FLAG_SETUID | FLAG_SCRIPT };

        (void) state;
        show_flags(&buffer, &record);
        check_text(&buffer, "sh");
        record.field[RECORD_ERRNO] = BYTES_LITERAL("2");
        record.field[RECORD_TRUNCATED] = BYTES_LITERAL("yes");
        show_flags(&buffer, &record);
        check_text(&buffer, "FshT");
        /* Each flag has a name, and a letter of its own. */
        record = (Record){};
        for (unsigned bit = 0; flag_name(bit); bit++) {
                assert_int_equal(record_flag_of(bytes_of_string(flag_name(bit))), 1U << bit);
                record.flags = 1U << bit;
                show_flags(&buffer, &record);
                assert_int_equal(buffer.size, bit + 1);
                for (unsigned k = 0; k < bit; k++)
                        assert_int_not_equal(buffer.data[k], buffer.data[bit]);
        }
        assert_int_equal(record_flag_of(BYTES_LITERAL("nonsense")), 0);
        assert_int_equal(record_flag_of(BYTES_LITERAL("")), 0);
}

static void test_command_lines(void **state) {
        _cleanup_(command_line_done) CommandLine line = {};
        Record record = {
                .field[RECORD_ARGV] = BYTES_LITERAL("[\"if\",\"a b\",\"\\u001b[m\",\"\",\"\xef\xbf\xbd\"]"),
                .field[RECORD_FILENAME] = BYTES_LITERAL("/bin/x y"),
        };

        (void) state;
        assert_string_equal(command_line_of(&line, &record), "'if' 'a b' $'\\033[m' '' '\xef\xbf\xbd'");
        /* The exact bytes are shown where they are kept; where they are damaged, what there is. */
        record.field[RECORD_ARGV_RAW] = BYTES_LITERAL("YQD/AA==");
        assert_string_equal(command_line_of(&line, &record), "a $'\\377'");
        record.field[RECORD_ARGV_RAW] = BYTES_LITERAL("!");
        assert_string_equal(command_line_of(&line, &record), "'if' 'a b' $'\\033[m' '' '\xef\xbf\xbd'");
        record.field[RECORD_ARGV_RAW] = BYTES_NULL;
        record.field[RECORD_ARGV] = BYTES_LITERAL("[1]");
        assert_string_equal(command_line_of(&line, &record), "<'/bin/x y'>");
        record.field[RECORD_ARGV] = BYTES_LITERAL("[]");
        assert_string_equal(command_line_of(&line, &record), "<'/bin/x y'>");
}

static void test_basenames(void **state) {
        static const char *const cases[][2] = {
                { "/usr/bin/x", "x" },
                { "x", "x" },
                { "/", "/" },
                { "a/", "a/" },
                { "", "" },
                { "a/b", "b" },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                assert_true(bytes_equal(
                        show_basename(bytes_of_string(cases[i][0])), bytes_of_string(cases[i][1])));
        assert_false(bytes_is_set(show_basename(BYTES_NULL)));
}

static void test_numbers(void **state) {
        static const struct {
                Bytes text;
                bool good;
                uint64_t value;
        } cases[] = {
                { BYTES_LITERAL("0"), true, 0 },
                { BYTES_LITERAL("18446744073709551615"), true, UINT64_MAX },
                { BYTES_LITERAL("18446744073709551616"), false, 0 },
                { BYTES_LITERAL(""), false, 0 },
                { BYTES_LITERAL("-1"), false, 0 },
                { BYTES_LITERAL("1 "), false, 0 },
                { BYTES_LITERAL("0x1"), false, 0 },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Record record = { .field[RECORD_PID] = cases[i].text };
                uint64_t value = 42;

                assert_int_equal(record_number(&record, RECORD_PID, &value), cases[i].good);
                assert_int_equal(value, cases[i].good ? cases[i].value : 42);
        }
}

static void test_json(void **state) {
        _cleanup_(buffer_done) Buffer buffer = BUFFER_NULL;
        JsonWriter writer = { .out = &buffer };

        (void) state;
        json_open(&writer, NULL, '{');
        json_string(&writer, "a", BYTES_LITERAL("\"\\\n\x1b\x7f\xff\xc3\xa4\xe2\x80\xae\xf3\xa0\x80\x81"));
        json_number(&writer, "b", UINT64_MAX);
        json_bool(&writer, "c", false);
        json_open(&writer, "d", '[');
        json_close(&writer, ']');
        json_open(&writer, "e", '[');
        json_text(&writer, NULL, "x");
        json_fraction(&writer, NULL, 0.5);
        json_raw(&writer, BYTES_LITERAL("{}"));
        json_close(&writer, ']');
        json_close(&writer, '}');
        check_text(&buffer,
                "{\"a\":\"\\\"\\\\\\u000a\\u001b\\u007f\xef\xbf\xbd\xc3\xa4\\u202e\\udb40\\udc01\","
                "\"b\":18446744073709551615,\"c\":false,\"d\":[],\"e\":[\"x\",0.5,{}]}");
        writer = (JsonWriter){ .out = &buffer, .pretty = true };
        json_open(&writer, NULL, '[');
        json_number(&writer, NULL, 1);
        json_open(&writer, NULL, '{');
        json_close(&writer, '}');
        json_close(&writer, ']');
        check_text(&buffer, "[\n        1,\n        {}\n]");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_times),
                cmocka_unit_test(test_flags),
                cmocka_unit_test(test_command_lines),
                cmocka_unit_test(test_basenames),
                cmocka_unit_test(test_numbers),
                cmocka_unit_test(test_json),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
