/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "child.h"
#include "text.h"

static void test_decode(void **state) {
        static const struct {
                Bytes text;
                size_t length;
                uint32_t character;
        } cases[] = {
                { BYTES_LITERAL("a"), 1, 'a' },
                { BYTES_LITERAL("\x7f"), 1, 0x7f },
                { { "\0", 1 }, 1, 0 },
                { BYTES_LITERAL("\xc2\x80"), 2, 0x80 },
                { BYTES_LITERAL("\xdf\xbf!"), 2, 0x7ff },
                { BYTES_LITERAL("\xe0\xa0\x80"), 3, 0x800 },
                { BYTES_LITERAL("\xed\x9f\xbf"), 3, 0xd7ff },
                { BYTES_LITERAL("\xee\x80\x80"), 3, 0xe000 },
                { BYTES_LITERAL("\xef\xbf\xbf"), 3, 0xffff },
                { BYTES_LITERAL("\xf0\x90\x80\x80"), 4, 0x10000 },
                { BYTES_LITERAL("\xf4\x8f\xbf\xbf"), 4, 0x10ffff },
                { BYTES_LITERAL("\x80"), 0, 0 }, /* begins nothing */
                { BYTES_LITERAL("\xbf"), 0, 0 },
                { BYTES_LITERAL("\xc0\x80"), 0, 0 }, /* overlong */
                { BYTES_LITERAL("\xc1\xbf"), 0, 0 },
                { BYTES_LITERAL("\xe0\x9f\xbf"), 0, 0 },
                { BYTES_LITERAL("\xf0\x8f\xbf\xbf"), 0, 0 },
                { BYTES_LITERAL("\xed\xa0\x80"), 0, 0 }, /* surrogates */
                { BYTES_LITERAL("\xed\xbf\xbf"), 0, 0 },
                { BYTES_LITERAL("\xf4\x90\x80\x80"), 0, 0 }, /* past the end */
                { BYTES_LITERAL("\xf5\x80\x80\x80"), 0, 0 },
                { BYTES_LITERAL("\xfe\x80\x80\x80\x80\x80"), 0, 0 },
                { BYTES_LITERAL("\xff"), 0, 0 },
                { BYTES_LITERAL("\xc3"), 0, 0 }, /* not all there */
                { BYTES_LITERAL("\xe2\x82"), 0, 0 },
                { BYTES_LITERAL("\xf0\x9f\x98"), 0, 0 },
                { BYTES_LITERAL("\xc3(("), 0, 0 }, /* something else in the middle */
                { BYTES_LITERAL("\xe2\x82("), 0, 0 },
                { BYTES_LITERAL("\xf0\x9f(\x80"), 0, 0 },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                uint32_t character = 0xabcdef;

                assert_int_equal(
                        utf8_decode(cases[i].text.data, cases[i].text.size, &character), cases[i].length);
                assert_int_equal(character, cases[i].length > 0 ? cases[i].character : 0xabcdef);
        }
}

static void test_decode_every_character(void **state) {
        (void) state;
        for (uint32_t character = 0; character < 0x1fffff; character++) {
                bool valid = character <= 0x10ffff && !(character >= 0xd800 && character <= 0xdfff);
                uint32_t decoded = 0;
                char text[4];
                size_t length = put_character(text, character);

                assert_int_equal(utf8_decode(text, length, &decoded), valid ? length : 0);
                if (!valid)
                        continue;
                assert_int_equal(decoded, character);
                if (length > 1)
                        assert_int_equal(utf8_decode(text, length - 1, &decoded), 0);
        }
}

/* Python's decoder is the judge: for each four bytes it says how many of them are a character, and which. */
static void test_decode_as_python(void **state) {
        static const char program[] = "import struct, sys\n"
                                      "def first(b):\n"
                                      "    for n in range(1, 5):\n"
                                      "        try:\n"
                                      "            return n, ord(b[:n].decode('utf-8'))\n"
                                      "        except UnicodeDecodeError:\n"
                                      "            pass\n"
                                      "    return 0, 0\n"
                                      "while b := sys.stdin.buffer.read(4):\n"
                                      "    sys.stdout.buffer.write(struct.pack('=II', *first(b)))\n";
        static const char *const python[] = { "/usr/bin/python3", "-I", "-c", program, NULL };
        static const unsigned char leads[] = { 0xc3, 0xe0, 0xe2, 0xed, 0xef, 0xf0, 0xf1, 0xf4 };
        enum {
                SAMPLES = 100000
        };
        static char samples[SAMPLES][4];
        _cleanup_(buffer_done) Buffer output = BUFFER_NULL;
        uint64_t seed = 0x75746638;

        (void) state;
        for (size_t i = 0; i < SAMPLES; i++) {
                for (size_t k = 0; k < sizeof(samples[i]); k++)
                        samples[i][k] = (char) (random_below(&seed, 4) > 0 ? 0x80 + random_below(&seed, 0x40)
                                                                           : random_below(&seed, 256));
                if (random_below(&seed, 4) > 0)
                        samples[i][0] = (char) leads[random_below(&seed, sizeof(leads))];
        }

        child_run(python, (const char *const[]){ NULL }, (Bytes){ (const char *) samples, sizeof(samples) },
                &output);
        assert_int_equal(output.size, SAMPLES * 2 * sizeof(uint32_t));
        for (size_t i = 0; i < SAMPLES; i++) {
                uint32_t expected[2], character = 0;

                memcpy(expected, output.data + i * sizeof(expected), sizeof(expected));
                assert_int_equal(utf8_decode(samples[i], sizeof(samples[i]), &character), expected[0]);
                assert_int_equal(character, expected[1]);
        }
}

static void test_printable(void **state) {
        static const uint32_t shown[] = { ' ', '~', 0xa0, 0xac, 0xae, 0xe9, 0x34e, 0x350, 0x301, 0x61b, 0x61d,
                0x115e, 0x1161, 0x17b3, 0x17b6, 0x180a, 0x1810, 0x200a, 0x2010, 0x2027, 0x202f, 0x205f,
                0x2070, 0x20ac, 0x3000, 0x3042, 0x3163, 0x3165, 0x4e2d, 0xd7ff, 0xf900, 0xfdcf, 0xfdf0,
                0xfdff, 0xfe10, 0xfefe, 0xff00, 0xff9f, 0xffa1, 0xffef, 0xfffc, 0xfffd, 0x10000, 0x1342f,
                0x13440, 0x1bc9f, 0x1bca4, 0x1d172, 0x1d17b, 0x1f600, 0x1fffd, 0x20000, 0xdfffd, 0xe1000,
                0xefffd };
        static const uint32_t hidden[] = { 0, '\t', '\n', 0x1b, 0x1f, 0x7f, 0x80, 0x85, 0x9b, 0x9f, 0xad,
                0x34f, 0x61c, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x180b, 0x180e, 0x180f, 0x200b, 0x200c, 0x200d,
                0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202e, 0x2060, 0x2066, 0x2069, 0x206f, 0x3164,
                0xd800, 0xdfff, 0xe000, 0xf8ff, 0xfdd0, 0xfdef, 0xfe00, 0xfe0f, 0xfeff, 0xffa0, 0xfff0,
                0xfff9, 0xfffb, 0xfffe, 0xffff, 0x13430, 0x1343f, 0x1bca0, 0x1bca3, 0x1d173, 0x1d17a, 0x1fffe,
                0x1ffff, 0xdffff, 0xe0000, 0xe0001, 0xe0020, 0xe007f, 0xe0100, 0xe0fff, 0xefffe, 0xf0000,
                0x10ffff, 0x110000, UINT32_MAX };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(shown); i++)
                assert_true(utf8_is_printable(shown[i]));
        for (size_t i = 0; i < ELEMENTSOF(hidden); i++)
                assert_false(utf8_is_printable(hidden[i]));
}

static void test_printable_run(void **state) {
        static const bool stop[256] = { UTF8_STOP_ALWAYS, ['"'] = true };
        static const struct {
                Bytes text;
                size_t run;
        } cases[] = {
                { BYTES_LITERAL(""), 0 },
                { BYTES_LITERAL("plain ~"), 7 },
                { BYTES_LITERAL("a\"b"), 1 },
                { BYTES_LITERAL("ab\n"), 2 },
                { BYTES_LITERAL("ab\x7f"), 2 },
                { BYTES_LITERAL("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z"), 10 },
                { BYTES_LITERAL("\xc3\xa9\"z"), 2 },
                { BYTES_LITERAL("a\xc2\x85z"), 1 }, /* C1 */
                { BYTES_LITERAL("a\xe2\x80\xaez"), 1 }, /* right-to-left override */
                { BYTES_LITERAL("a\xffz"), 1 },
                { BYTES_LITERAL("ab\xe2\x82"), 2 },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                assert_int_equal(
                        utf8_printable_run(cases[i].text.data, cases[i].text.size, stop), cases[i].run);
}

static void test_clip(void **state) {
        static const struct {
                Bytes text;
                size_t limit;
                size_t clipped;
        } cases[] = {
                { BYTES_LITERAL(""), 0, 0 },
                { BYTES_LITERAL("abc"), 9, 3 },
                { BYTES_LITERAL("abc"), 3, 3 },
                { BYTES_LITERAL("abc"), 2, 2 },
                { BYTES_LITERAL("a\xc3\xa9z"), 2, 1 },
                { BYTES_LITERAL("a\xc3\xa9z"), 3, 3 },
                { BYTES_LITERAL("\xf0\x9f\x98\x80z"), 3, 0 },
                { BYTES_LITERAL("\xf0\x9f\x98\x80z"), 1, 0 },
                { BYTES_LITERAL("\xf0\x9f\x98\x80z"), 4, 4 },
                { BYTES_LITERAL("ab\xf0\x9f\x98\x80"), 5, 2 },
                { BYTES_LITERAL("a\x80\x80\x80\x80"), 3, 3 }, /* no character: each byte by itself */
                { BYTES_LITERAL("\xe2\x82(("), 1, 1 },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                assert_int_equal(
                        utf8_clip(cases[i].text.data, cases[i].text.size, cases[i].limit), cases[i].clipped);
}

static void test_make_printable(void **state) {
        static const struct {
                const char *text, *expected;
        } cases[] = {
                { "", "" },
                { "plain", "plain" },
                { "\n", "?" },
                { "a\tb\x7f", "a?b?" },
                { "\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80" },
                { "\xc3", "?" },
                { "\xe2\x82", "??" },
                { "\xff\xc3\xbc\x80", "?\xc3\xbc?" },
                { "a\xe2\x80\xa8z", "a???z" }, /* a line separator */
                { "\xc2\x85", "??" },
        };

        (void) state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                char text[32];

                strcpy(text, cases[i].text);
                utf8_make_printable(text);
                assert_string_equal(text, cases[i].expected);
        }
}

/*
 * A text is valid when each of its characters is: at every place of a word of eight bytes, and cut at its
 * end.
 */
static void test_valid(void **state) {
        static const char *const pieces[] = { "a", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\x80",
                "\xed\xa0\x80", "\xc3", "\xf4\x90\x80\x80" };

        (void) state;
        assert_true(utf8_is_valid(NULL, 0));
        for (size_t before = 0; before < 20; before++)
                for (size_t after = 0; after < 20; after++)
                        for (size_t i = 0; i < ELEMENTSOF(pieces); i++) {
                                char text[64];
                                size_t size = strlen(pieces[i]);

                                memset(text, 'x', sizeof(text));
                                memcpy(text + before, pieces[i], size);
                                assert_int_equal(utf8_is_valid(text, before + size + after), i < 4);
                                if (i < 4 && size > 1)
                                        assert_false(utf8_is_valid(text, before + size - 1));
                        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_valid),
                cmocka_unit_test(test_decode),
                cmocka_unit_test(test_decode_every_character),
                cmocka_unit_test(test_decode_as_python),
                cmocka_unit_test(test_printable),
                cmocka_unit_test(test_printable_run),
                cmocka_unit_test(test_clip),
                cmocka_unit_test(test_make_printable),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
