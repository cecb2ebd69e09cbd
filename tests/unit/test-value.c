/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "exact.h"
#include "format/value.h"
#include "sample.h"

static void test_base64(void **state) {
        static const struct {
                Bytes bytes;
                const char *base64;
        } cases[] = {
                /* RFC 4648, 10 */
                { BYTES_NULL, "" },
                { BYTES_LITERAL("f"), "Zg==" },
                { BYTES_LITERAL("fo"), "Zm8=" },
                { BYTES_LITERAL("foo"), "Zm9v" },
                { BYTES_LITERAL("foob"), "Zm9vYg==" },
                { BYTES_LITERAL("fooba"), "Zm9vYmE=" },
                { BYTES_LITERAL("foobar"), "Zm9vYmFy" },
                { { "\0\0\0", 3 }, "AAAA" },
                { BYTES_LITERAL("\xfb\xff\xbe"), "+/++" },
                { BYTES_LITERAL("\xff"), "/w==" },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(buffer_done) Buffer buffer = BUFFER_NULL;

                value_base64(&buffer, cases[i].bytes);
                assert_decoded(buffer_bytes(&buffer), cases[i].bytes);
                assert_buffer(&buffer, cases[i].base64);
        }
}

/* Any bytes at all come back. */
static void test_base64_random(void **state) {
        uint64_t seed = random_seed();

        (void) state;
        for (size_t i = 0; i < 5000; i++) {
                _cleanup_(buffer_done) Buffer buffer = BUFFER_NULL;
                char storage[WORD_MAX];
                Bytes word = random_word(&seed, storage);

                value_base64(&buffer, word);
                assert_decoded(buffer_bytes(&buffer), word);
        }
}

static const Field *find(const char *journal) {
        for (size_t i = 0; i < field_table_size; i++)
                if (strcmp(field_table[i].journal, journal) == 0)
                        return &field_table[i];
        fail_msg("no field %s", journal);
        return NULL;
}

static void test_format(void **state) {
        static const struct {
                const char *field;
                const char *value;
        } cases[] = {
                { "EXEC_FILENAME", "./run" },
                { "EXEC_PID", "4194304" },
                { "EXEC_SEQ", "18446744073709551614" },
                { "EXEC_TRUNCATED", "yes" },
                { "EXEC_ENVIRONMENT_TRUNCATED", "yes" },
                { "EXEC_ERRNO", "2" },
                { "EXEC_ERROR", "ENOENT" },
                { "EXEC_PROCESS", "4194304-1f2e3d4c5b" },
                { "EXEC_ARGV", "[\"./run\",\"two words\",\"a\\n\xef\xbf\xbd...\"]" },
                { "EXEC_ARGV_RAW", "Li9ydW4AdHdvIHdvcmRzAGEK/y4uLgA=" },
                { "EXEC_FLAGS", "script,setuid,setgid,unread" },
                { "EXEC_TAGS", "privileged,from-tmp" },
                /* They have several values, or may have. */
                { "EXEC_FLAG", "" },
                { "EXEC_TAG", "" },
                { "EXEC_LABEL_", "" },
                { "EXEC_ENV_", "" },
        };
        Event event = sample_full();

        (void) state;
        event.error = 2;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(buffer_done) Buffer buffer = BUFFER_NULL;

                value_format(&buffer, find(cases[i].field), &event);
                assert_buffer(&buffer, cases[i].value);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_base64),
                cmocka_unit_test(test_base64_random),
                cmocka_unit_test(test_format),
        };

        return cmocka_run_group_tests_name("value", tests, NULL, NULL);
}
