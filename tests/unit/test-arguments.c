/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "arguments.h"
#include "util/cleanup.h"

#define WORDS_MAX 8

typedef struct Case {
        Bytes text;
        size_t n;
        Bytes word[WORDS_MAX];
} Case;

#define TEXT(s) BYTES_LITERAL(s)

static void check(int (*read)(Arguments *, Bytes), const Case *cases, size_t n) {
        _cleanup_(arguments_done) Arguments arguments = {};

        for (size_t i = 0; i < n; i++) {
                assert_int_equal(read(&arguments, cases[i].text), 0);
                assert_int_equal(arguments.n, cases[i].n);
                for (size_t k = 0; k < cases[i].n; k++)
                        assert_true(bytes_equal(arguments.word[k], cases[i].word[k]));
        }
}

static void check_wrong(int (*read)(Arguments *, Bytes), const Bytes *wrong, size_t n) {
        _cleanup_(arguments_done) Arguments arguments = {};

        for (size_t i = 0; i < n; i++) {
                assert_int_equal(read(&arguments, wrong[i]), -EBADMSG);
                assert_int_equal(arguments.n, 0);
        }
}

static void test_json(void **state) {
        static const Case cases[] = {
                { TEXT("[]"), 0, {} },
                { TEXT(" [ ] "), 0, {} },
                { TEXT("[\"\"]"), 1, { TEXT("") } },
                { TEXT("[\"a\",\"b c\"]"), 2, { TEXT("a"), TEXT("b c") } },
                { TEXT("[ \"a\" ,\n\t\"b\" ]"), 2, { TEXT("a"), TEXT("b") } },
                { TEXT("[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]"), 1, { TEXT("\"\\/\b\f\n\r\t") } },
                { TEXT("[\"\\u0041\\u00e4\\u20ac\\ud83d\\ude00\"]"), 1, { TEXT("Aä€😀") } },
                { TEXT("[\"\\u0000\"]"), 1, { TEXT("\0") } },
                /* what version 0.1 wrote for bytes that are not UTF-8 */
                { TEXT("[\"\\udcff\\udc80\"]"), 1, { TEXT("\xff\x80") } },
                { TEXT("[\"\\ud800x\\udfff\"]"), 1, { TEXT("\xef\xbf\xbdx\xef\xbf\xbd") } },
                { TEXT("[\"\\ud83d\\u0041\"]"), 1,
                        { TEXT("\xef\xbf\xbd"
                               "A") } },
        };
        static const Bytes wrong[] = {
                TEXT(""),
                TEXT("["),
                TEXT("]"),
                TEXT("[\"a\""),
                TEXT("[\"a]"),
                TEXT("[\"a\",]"),
                TEXT("[,\"a\"]"),
                TEXT("[\"a\"]x"),
                TEXT("[1]"),
                TEXT("[\"a\" \"b\"]"),
                TEXT("{}"),
                TEXT("\"a\""),
                TEXT("[\"\\x\"]"),
                TEXT("[\"\\u12\"]"),
                TEXT("[\"\\u123g\"]"),
                TEXT("[\"\\"),
                TEXT("[[\"a\"]]"),
                TEXT("null"),
        };

        (void) state;
        check(arguments_read, cases, ELEMENTSOF(cases));
        check_wrong(arguments_read, wrong, ELEMENTSOF(wrong));
}

static void test_raw(void **state) {
        static const Case cases[] = {
                { TEXT(""), 0, {} },
                { TEXT("AA=="), 1, { TEXT("") } },
                { TEXT("AAA="), 2, { TEXT(""), TEXT("") } },
                { TEXT("YQA="), 1, { TEXT("a") } },
                { TEXT("YQA"), 1, { TEXT("a") } },
                { TEXT("YQBi/wA="), 2, { TEXT("a"), TEXT("b\xff") } },
                { TEXT("YWJjAGRlZgA="), 2, { TEXT("abc"), TEXT("def") } },
        };
        static const Bytes wrong[] = { TEXT("YQ=="), TEXT("A"), TEXT("AA!A"), TEXT("AAAAA"), TEXT("A===A") };

        (void) state;
        check(arguments_read_raw, cases, ELEMENTSOF(cases));
        check_wrong(arguments_read_raw, wrong, ELEMENTSOF(wrong));
}

/* Many words, and the memory of the one before. */
static void test_many(void **state) {
        _cleanup_(arguments_done) Arguments arguments = {};
        _cleanup_(buffer_done) Buffer text = BUFFER_NULL;

        (void) state;
        buffer_append_char(&text, '[');
        for (uint64_t i = 0; i < 5000; i++) {
                buffer_append_string(&text, i ? ",\"" : "\"");
                buffer_append_u64(&text, i);
                buffer_append_char(&text, '"');
        }
        buffer_append_char(&text, ']');
        assert_int_equal(buffer_error(&text), 0);
        for (unsigned k = 0; k < 3; k++) {
                assert_int_equal(arguments_read(&arguments, buffer_bytes(&text)), 0);
                assert_int_equal(arguments.n, 5000);
                assert_true(bytes_equal(arguments.word[4999], TEXT("4999")));
                assert_int_equal(arguments_read(&arguments, TEXT("[\"x\"]")), 0);
                assert_int_equal(arguments.n, 1);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_json),
                cmocka_unit_test(test_raw),
                cmocka_unit_test(test_many),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
