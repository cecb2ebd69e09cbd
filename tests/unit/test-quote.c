/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "child.h"
#include "format/quote.h"
#include "text.h"

#define WORDS 3000

typedef struct Case {
        Bytes text;
        const char *quoted;
} Case;

static void check(QuoteKind kind, const Case *cases, size_t n) {
        _cleanup_(buffer_done) Buffer buffer = BUFFER_NULL;

        for (size_t i = 0; i < n; i++) {
                buffer_clear(&buffer);
                quote_append(&buffer, kind, cases[i].text);
                assert_buffer(&buffer, cases[i].quoted);
        }
}

static void test_word(void **state) {
        static const Case cases[] = {
                { BYTES_LITERAL(""), "''" }, { BYTES_NULL, "''" }, { BYTES_LITERAL("ls"), "ls" },
                { BYTES_LITERAL("AZaz09_"), "AZaz09_" },
                { BYTES_LITERAL("/usr/bin/a-b_c.d"), "/usr/bin/a-b_c.d" },
                { BYTES_LITERAL("--opt=a,b:c@d%1+2"), "--opt=a,b:c@d%1+2" },
                { BYTES_LITERAL("if=/dev/zero"), "if=/dev/zero" }, { BYTES_LITERAL("if"), "if" },
                { BYTES_LITERAL(" "), "' '" }, { BYTES_LITERAL("two words"), "'two words'" },
                { BYTES_LITERAL("~"), "'~'" }, { BYTES_LITERAL("#x"), "'#x'" },
                { BYTES_LITERAL("a]b"), "'a]b'" }, { BYTES_LITERAL("{a,b}"), "'{a,b}'" },
                { BYTES_LITERAL("!"), "'!'" }, { BYTES_LITERAL("$HOME"), "'$HOME'" },
                { BYTES_LITERAL("a\\b"), "'a\\b'" }, { BYTES_LITERAL("\"x\""), "'\"x\"'" },
                { BYTES_LITERAL("'"), "''\\'''" }, { BYTES_LITERAL("it's"), "'it'\\''s'" },
                { BYTES_LITERAL("M\xc3\xbcll"), "'M\xc3\xbcll'" },
                { BYTES_LITERAL("\xf0\x9f\x98\x80"), "'\xf0\x9f\x98\x80'" },
                { BYTES_LITERAL("a\nb"), "$'a\\012b'" }, { BYTES_LITERAL("\x1b[31m"), "$'\\033[31m'" },
                { BYTES_LITERAL("\x01"
                                "7"),
                        "$'\\0017'" },
                { BYTES_LITERAL("it's\n\\"), "$'it\\'s\\012\\\\'" }, { BYTES_LITERAL("\xff"), "$'\\377'" },
                { BYTES_LITERAL("\xc3"), "$'\\303'" }, { BYTES_LITERAL("\xc3\xa9\x7f"), "$'\xc3\xa9\\177'" },
                { BYTES_LITERAL("a\xe2\x80\xae"
                                "b"),
                        "$'a\\342\\200\\256b'" }, /* right-to-left override */
                { BYTES_LITERAL("\xc2\x85"), "$'\\302\\205'" }, /* C1 */
        };

        (void) state;
        check(QUOTE_WORD, cases, ELEMENTSOF(cases));
}

static const Case commands[] = {
        { BYTES_LITERAL(""), "''" },
        { BYTES_LITERAL("ls"), "ls" },
        { BYTES_LITERAL("-bash"), "-bash" },
        { BYTES_LITERAL("/opt/a=b/c"), "/opt/a=b/c" },
        { BYTES_LITERAL("=a"), "=a" },
        { BYTES_LITERAL("a-b=c"), "a-b=c" },
        { BYTES_LITERAL("1a=c"), "1a=c" },
        { BYTES_LITERAL("a+b=c"), "a+b=c" },
        { BYTES_LITERAL("a+"), "a+" },
        { BYTES_LITERAL("+=b"), "+=b" },
        { BYTES_LITERAL("AZaz09_=b"), "'AZaz09_=b'" },
        { BYTES_LITERAL("dot"), "dot" },
        { BYTES_LITERAL("if="), "'if='" },
        { BYTES_LITERAL("A=b"), "'A=b'" },
        { BYTES_LITERAL("_a1=b=c"), "'_a1=b=c'" },
        { BYTES_LITERAL("A+=b"), "'A+=b'" },
        { BYTES_LITERAL("A=b c"), "'A=b c'" },
        { BYTES_LITERAL("A=\n"), "$'A=\\012'" },
        { BYTES_LITERAL("!"), "'!'" },
        { BYTES_LITERAL("{"), "'{'" },
        { BYTES_LITERAL("[["), "'[['" },
        { BYTES_LITERAL("case"), "'case'" },
        { BYTES_LITERAL("coproc"), "'coproc'" },
        { BYTES_LITERAL("do"), "'do'" },
        { BYTES_LITERAL("done"), "'done'" },
        { BYTES_LITERAL("elif"), "'elif'" },
        { BYTES_LITERAL("else"), "'else'" },
        { BYTES_LITERAL("esac"), "'esac'" },
        { BYTES_LITERAL("fi"), "'fi'" },
        { BYTES_LITERAL("for"), "'for'" },
        { BYTES_LITERAL("function"), "'function'" },
        { BYTES_LITERAL("if"), "'if'" },
        { BYTES_LITERAL("in"), "'in'" },
        { BYTES_LITERAL("namespace"), "'namespace'" },
        { BYTES_LITERAL("select"), "'select'" },
        { BYTES_LITERAL("then"), "'then'" },
        { BYTES_LITERAL("time"), "'time'" },
        { BYTES_LITERAL("until"), "'until'" },
        { BYTES_LITERAL("while"), "'while'" },
};

static void test_command(void **state) {
        (void) state;
        check(QUOTE_COMMAND, commands, ELEMENTSOF(commands));
}

static void test_string(void **state) {
        static const Case cases[] = {
                { BYTES_LITERAL(""), "\"\"" },
                { BYTES_NULL, "\"\"" },
                { BYTES_LITERAL("bash"), "\"bash\"" },
                { BYTES_LITERAL("a b'c"), "\"a b'c\"" },
                { BYTES_LITERAL("a\"b\\c"), "\"a\\\"b\\\\c\"" },
                { BYTES_LITERAL("\a\b\t\n\v\f\r"), "\"\\a\\b\\t\\n\\v\\f\\r\"" },
                { BYTES_LITERAL("\x01\x0e\x1b\x7f"), "\"\\001\\016\\033\\177\"" },
                { BYTES_LITERAL("\xc3\xa9\xc3"), "\"\xc3\xa9\\303\"" },
        };

        (void) state;
        check(QUOTE_STRING, cases, ELEMENTSOF(cases));
}

static void test_front(void **state) {
        static const struct {
                QuoteKind kind;
                Bytes text;
                size_t room;
                const char *quoted;
        } cases[] = {
                { QUOTE_WORD, BYTES_LITERAL("abc"), 0, "" },
                { QUOTE_WORD, BYTES_LITERAL("abc"), 2, "ab" },
                { QUOTE_WORD, BYTES_LITERAL("abc"), 9, "abc" },
                { QUOTE_WORD, BYTES_LITERAL("a bc"), 1, "a" },
                { QUOTE_WORD, BYTES_LITERAL("a bc"), 2, "" }, /* nothing fits between the quotes */
                { QUOTE_WORD, BYTES_LITERAL("a bc"), 4, "'a '" },
                { QUOTE_WORD, BYTES_LITERAL("'bc"), 5, "" },
                { QUOTE_WORD, BYTES_LITERAL("'bc"), 6, "''\\'''" },
                { QUOTE_WORD, BYTES_LITERAL("\xc3\xa9\xc3\xa9"), 3, "" },
                { QUOTE_WORD, BYTES_LITERAL("\xc3\xa9\xc3\xa9"), 5, "'\xc3\xa9'" },
                { QUOTE_WORD, BYTES_LITERAL("\n\n"), 6, "" },
                { QUOTE_WORD, BYTES_LITERAL("\n\n"), 7, "$'\\012'" },
                { QUOTE_WORD, BYTES_LITERAL("\n\n"), 10, "$'\\012'" },
                { QUOTE_WORD, BYTES_LITERAL("\xe2\x80\xae"), 14, "" }, /* one character, three escapes */
                { QUOTE_WORD, BYTES_LITERAL("\xe2\x80\xae"), 15, "$'\\342\\200\\256'" },
                { QUOTE_COMMAND, BYTES_LITERAL("A=bcd"), 4, "'A='" },
                { QUOTE_STRING, BYTES_LITERAL("abc"), 2, "" },
                { QUOTE_STRING, BYTES_LITERAL("abc"), 4, "\"ab\"" },
                { QUOTE_STRING, BYTES_LITERAL("a\n"), 4, "\"a\"" },
        };
        _cleanup_(buffer_done) Buffer buffer = BUFFER_NULL;

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                buffer_clear(&buffer);
                quote_append_front(&buffer, cases[i].kind, cases[i].text, cases[i].room);
                assert_buffer(&buffer, cases[i].quoted);
        }
}

/* Words in quotes, and what a shell must read: each word ended by NUL. */
typedef struct Batch {
        Buffer script;
        Buffer expected;
        size_t n;
} Batch;

static void batch_done(Batch *batch) {
        buffer_done(&batch->script);
        buffer_done(&batch->expected);
}

static void batch_add(Batch *batch, Bytes quoted, Bytes word) {
        buffer_append_string(&batch->script, batch->n++ % 50 == 0 ? "\nprintf '%s\\0' " : " ");
        buffer_append_bytes(&batch->script, quoted);
        buffer_append_bytes(&batch->expected, word);
        buffer_append_char(&batch->expected, '\0');
}

static void batch_run(Batch *batch, const char *const shell[]) {
        static const char *const locales[] = { "LC_ALL=C", "LC_ALL=C.UTF-8" };

        buffer_append_char(&batch->script, '\n');
        assert_int_equal(buffer_error(&batch->script), 0);
        assert_int_equal(buffer_error(&batch->expected), 0);

        for (size_t i = 0; i < ELEMENTSOF(locales); i++) {
                const char *const environment[] = { locales[i], NULL };
                _cleanup_(buffer_done) Buffer output = BUFFER_NULL;

                child_run(shell, environment, buffer_bytes(&batch->script), &output);
                assert_bytes_equal(buffer_bytes(&output), buffer_bytes(&batch->expected));
        }
}

static void read_back(const char *const shell[], bool dollar) {
        uint64_t seed = random_seed();
        _cleanup_(batch_done) Batch batch = {};
        _cleanup_(buffer_done) Buffer quoted = BUFFER_NULL;

        for (size_t i = 0; i < WORDS; i++) {
                char storage[WORD_MAX];
                Bytes word = random_word(&seed, storage);

                buffer_clear(&quoted);
                quote_append(&quoted, i % 2 ? QUOTE_WORD : QUOTE_COMMAND, word);
                assert_printable(buffer_bytes(&quoted));
                if (dollar || quoted.data[0] != '$')
                        batch_add(&batch, buffer_bytes(&quoted), word);
        }
        assert_true(batch.n > WORDS / 4);
        batch_run(&batch, shell);
}

static void test_bash(void **state) {
        (void) state;
        read_back((const char *const[]){ "bash", "--norc", "-s", NULL }, true);
}

static void test_dash(void **state) {
        (void) state;
        if (!child_is_there("dash"))
                skip();
        read_back((const char *const[]){ "dash", "-s", NULL }, false);
}

static void test_busybox(void **state) {
        (void) state;
        if (!child_is_there("busybox"))
                skip();
        read_back((const char *const[]){ "busybox", "sh", "-s", NULL }, true);
}

/* Whatever the room is: what is written fits, and is read as the front of the word. */
static void test_front_read_back(void **state) {
        _cleanup_(batch_done) Batch batch = {};
        _cleanup_(buffer_done) Buffer quoted = BUFFER_NULL;
        _cleanup_(buffer_done) Buffer whole = BUFFER_NULL;
        _cleanup_(buffer_done) Buffer output = BUFFER_NULL;
        uint64_t seed = random_seed();
        const char *p;

        (void) state;
        for (size_t i = 0; i < WORDS; i++) {
                char storage[WORD_MAX];
                Bytes word = random_word(&seed, storage);
                size_t room = random_below(&seed, WORD_MAX);

                buffer_clear(&quoted);
                quote_append_front(&quoted, i % 2 ? QUOTE_WORD : QUOTE_COMMAND, word, room);
                assert_printable(buffer_bytes(&quoted));
                assert_true(quoted.size <= room);
                if (quoted.size > 0)
                        batch_add(&batch, buffer_bytes(&quoted), word);
                if (room >= 19 &&
                        word.size > 0) /* two quotes, a dollar, the escapes of a character of four bytes */
                        assert_true(quoted.size > 0);

                buffer_clear(&whole);
                quote_append(&whole, i % 2 ? QUOTE_WORD : QUOTE_COMMAND, word);
                if (whole.size <= room && word.size > 0)
                        assert_bytes_equal(buffer_bytes(&quoted), buffer_bytes(&whole));
        }

        buffer_append_char(&batch.script, '\n');
        child_run((const char *const[]){ "bash", "--norc", "-s", NULL }, (const char *const[]){ NULL },
                buffer_bytes(&batch.script), &output);
        p = output.data;
        for (const char *word = batch.expected.data; word < batch.expected.data + batch.expected.size;
                word += strlen(word) + 1) {
                assert_true(p < output.data + output.size);
                assert_true(strlen(p) <= strlen(word));
                assert_memory_equal(p, word, strlen(p));
                p += strlen(p) + 1;
        }
        assert_ptr_equal(p, output.data + output.size);
}

/* As commands: bash calls the handler for what it does not know, and only for that. */
static void test_command_read_back(void **state) {
        static const char *const environment[] = { "PATH=/nonexistent", NULL };
        _cleanup_(buffer_done) Buffer script = BUFFER_NULL;
        _cleanup_(buffer_done) Buffer expected = BUFFER_NULL;
        _cleanup_(buffer_done) Buffer output = BUFFER_NULL;

        (void) state;
        buffer_append_string(&script, "command_not_found_handle() { printf '%s\\n' \"$@\"; }\n");
        for (size_t i = 0; i < ELEMENTSOF(commands); i++) {
                if (memchr(commands[i].text.data, '/', commands[i].text.size))
                        continue;
                quote_append(&script, QUOTE_COMMAND, commands[i].text);
                buffer_append_string(&script, " arg\n");
                buffer_append_bytes(&expected, commands[i].text);
                buffer_append_string(&expected, "\narg\n");
        }

        child_run((const char *const[]){ "bash", "--norc", "-s", NULL }, environment, buffer_bytes(&script),
                &output);
        assert_bytes_equal(buffer_bytes(&output), buffer_bytes(&expected));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_word),
                cmocka_unit_test(test_command),
                cmocka_unit_test(test_string),
                cmocka_unit_test(test_front),
                cmocka_unit_test(test_bash),
                cmocka_unit_test(test_dash),
                cmocka_unit_test(test_busybox),
                cmocka_unit_test(test_front_read_back),
                cmocka_unit_test(test_command_read_back),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
