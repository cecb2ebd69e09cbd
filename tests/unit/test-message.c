/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "child.h"
#include "format/message.h"
#include "sample.h"
#include "text.h"

static void test_known(void **state) {
        static Bytes argv[] = { BYTES_LITERAL("time"), BYTES_LITERAL("time"), BYTES_LITERAL("") };
        _cleanup_(buffer_done) Buffer buffer = BUFFER_NULL;
        Event event = sample_full();

        (void) state;
        message_format(&buffer, &event, MESSAGE_SIZE_MAX);
        assert_buffer(&buffer,
                "[4194304, comm=\"ba\\\"sh\", uid=1000, gid=100, login=1001, tty=pts/0, "
                "unit=user@1000.service, filename=./run] ./run 'two words' $'a\\012\\377...'");

        event = sample_small();
        buffer_clear(&buffer);
        message_format(&buffer, &event, SIZE_MAX);
        assert_buffer(&buffer, "[3, uid=0, gid=0]");

        event.filename = BYTES_LITERAL("a, uid=5] x");
        event.comm = BYTES_LITERAL("");
        event.argv = argv;
        event.argc = ELEMENTSOF(argv);
        buffer_clear(&buffer);
        message_format(&buffer, &event, SIZE_MAX);
        assert_buffer(&buffer, "[3, comm=\"\", uid=0, gid=0, filename='a, uid=5] x'] 'time' time ''");

        event.place.unit = BYTES_LITERAL("a\\x2db@[1].service");
        event.error = ENOENT;
        buffer_clear(&buffer);
        message_format(&buffer, &event, SIZE_MAX);
        assert_buffer(&buffer,
                "[3, comm=\"\", uid=0, gid=0, unit='a\\x2db@[1].service', error=ENOENT, "
                "filename='a, uid=5] x'] 'time' time ''");

        event = sample_small();
        event.place.unit = BYTES_LITERAL("a.service");
        event.error = 4000;
        buffer_clear(&buffer);
        message_format(&buffer, &event, SIZE_MAX);
        assert_buffer(&buffer, "[3, uid=0, gid=0, unit=a.service, error=4000]");
}

/* Who logged in is said where it is another than who the process runs as. */
static void test_login(void **state) {
        static const struct {
                uint32_t uid, loginuid;
                Bytes tty;
                uint32_t error;
                const char *line;
        } cases[] = {
                { 0, 1000, BYTES_LITERAL("pts/3"), 0, "[3, uid=0, gid=0, login=1000, tty=pts/3]" },
                { 0, 1000, BYTES_NULL, 0, "[3, uid=0, gid=0, login=1000]" },
                { 7, 0, BYTES_NULL, 0, "[3, uid=7, gid=0, login=0]" },
                { 1000, 1000, BYTES_LITERAL("tty1"), 0, "[3, uid=1000, gid=0, tty=tty1]" },
                { 0, EVENT_ID_UNSET, BYTES_LITERAL("a b"), 0, "[3, uid=0, gid=0, tty='a b']" },
                { 0, EVENT_ID_UNSET - 1, BYTES_LITERAL("x, unit=y"), EACCES,
                        "[3, uid=0, gid=0, login=4294967294, tty='x, unit=y', error=EACCES]" },
        };
        _cleanup_(buffer_done) Buffer buffer = BUFFER_NULL;

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Event event = sample_small();

                event.uid = cases[i].uid;
                event.loginuid = cases[i].loginuid;
                event.tty = cases[i].tty;
                event.error = cases[i].error;
                buffer_clear(&buffer);
                message_format(&buffer, &event, SIZE_MAX);
                assert_buffer(&buffer, cases[i].line);
        }
}

static void test_appends(void **state) {
        _cleanup_(buffer_done) Buffer buffer = BUFFER_NULL;
        Event event = sample_small();

        (void) state;
        buffer_append_string(&buffer, "MESSAGE=");
        message_format(&buffer, &event, 17);
        buffer_append_string(&buffer, "|");
        message_format(&buffer, &event, 16);
        assert_buffer(&buffer, "MESSAGE=[3, uid=0, gid=0]|[3, uid=0, gi...");

        event = sample_full();
        buffer_clear(&buffer);
        buffer_append_string(&buffer, "M=");
        message_format(&buffer, &event, 21);
        buffer_append_string(&buffer, "|");
        message_format(&buffer, &event, 2);
        buffer_append_string(&buffer, "|");
        event = sample_small();
        message_format(&buffer, &event, SIZE_MAX);
        assert_buffer(&buffer, "M=[4194304, comm=\"b\"...|..|[3, uid=0, gid=0]");
}

#define HEAD "[3, comm=\"bash\", uid=0, gid=0, filename="

static void test_cut(void **state) {
        static Bytes argv[] = {
                BYTES_LITERAL("run"),
                BYTES_LITERAL("it's"),
                BYTES_LITERAL("\xc3\xa9\xc3\xa9\n"),
        };
        static const struct {
                size_t limit;
                const char *line;
        } cases[] = {
                { 0, "" },
                { 1, "." },
                { 2, ".." },
                { 3, "..." },
                { 4, "[..." },
                { 12, "[3, comm=..." },
                { 14, "[3, comm=..." }, /* the quotes alone show nothing */
                { 15, "[3, comm=\"b\"..." },
                { 43, HEAD "..." },
                { 44, HEAD "a..." },
                { 46, HEAD "'a'..." },
                { 47, HEAD "'a '..." },
                { 48, HEAD "'a b'..." },
                { 49, HEAD "'a b']..." },
                { 53, HEAD "'a b'] run..." },
                { 54, HEAD "'a b'] run ..." },
                { 61, HEAD "'a b'] run 'it'..." },
                { 62, HEAD "'a b'] run 'it'\\'''..." },
                { 63, HEAD "'a b'] run 'it'\\''s'..." },
                { 66, HEAD "'a b'] run 'it'\\''s' ..." },
                { 70, HEAD "'a b'] run 'it'\\''s' $'\xc3\xa9'..." },
                { 71, HEAD "'a b'] run 'it'\\''s' $'\xc3\xa9\xc3\xa9'..." },
                { 72, HEAD "'a b'] run 'it'\\''s' $'\xc3\xa9\xc3\xa9\\012'" },
                { SIZE_MAX, HEAD "'a b'] run 'it'\\''s' $'\xc3\xa9\xc3\xa9\\012'" },
        };
        _cleanup_(buffer_done) Buffer buffer = BUFFER_NULL;
        Event event = sample_small();

        (void) state;
        event.comm = BYTES_LITERAL("bash");
        event.filename = BYTES_LITERAL("a b");
        event.argv = argv;
        event.argc = ELEMENTSOF(argv);

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                buffer_clear(&buffer);
                message_format(&buffer, &event, cases[i].limit);
                assert_buffer(&buffer, cases[i].line);
        }
}

/* A line of 2 KiB must not cost the formatting of a megabyte. */
static void test_large(void **state) {
        static char large[1024 * 1024];
        static Bytes many[256 * 1024];
        _cleanup_(buffer_done) Buffer buffer = BUFFER_NULL;
        Event event = sample_small();
        Bytes one = { large, sizeof(large) };

        (void) state;
        memset(large, '\x01', sizeof(large));
        event.argv = &one;
        event.argc = 1;
        message_format(&buffer, &event, MESSAGE_SIZE_MAX);
        assert_true(buffer.size > MESSAGE_SIZE_MAX - 4 && buffer.size <= MESSAGE_SIZE_MAX);
        assert_memory_equal(buffer.data, "[3, uid=0, gid=0] $'\\001\\001", 28);
        assert_memory_equal(buffer.data + buffer.size - 8, "\\001'...", 8);

        for (size_t i = 0; i < ELEMENTSOF(many); i++)
                many[i] = BYTES_LITERAL("abc");
        event.argv = many;
        event.argc = ELEMENTSOF(many);
        buffer_clear(&buffer);
        message_format(&buffer, &event, MESSAGE_SIZE_MAX);
        assert_int_equal(buffer.size, MESSAGE_SIZE_MAX);
        assert_memory_equal(buffer.data, "[3, uid=0, gid=0] abc abc", 25);
        assert_memory_equal(buffer.data + buffer.size - 3, "...", 3);

        assert_true(buffer.allocated <= 8 * MESSAGE_SIZE_MAX);
}

/* An event with the text that it points to. */
typedef struct Sample {
        Event event;
        Bytes words[9];
        char storage[9][WORD_MAX];
} Sample;

static void random_sample(uint64_t *seed, Sample *ret) {
        for (size_t i = 0; i < ELEMENTSOF(ret->words); i++)
                ret->words[i] = random_word(seed, ret->storage[i]);

        ret->event = sample_small();
        if (random_below(seed, 8) > 0) {
                ret->event.comm = ret->words[0];
                if (ret->event.comm.size > 15)
                        ret->event.comm.size = 15;
        }
        if (random_below(seed, 8) > 0)
                ret->event.filename = ret->words[1];
        if (random_below(seed, 4) > 0)
                ret->event.place.unit = ret->words[7];
        if (random_below(seed, 2) > 0)
                ret->event.loginuid = random_below(seed, 2) > 0 ? 1000 : ret->event.uid;
        if (random_below(seed, 4) > 0)
                ret->event.tty = ret->words[8];
        ret->event.argv = ret->words + 2;
        ret->event.argc = random_below(seed, 6);
}

static void test_every_limit(void **state) {
        _cleanup_(buffer_done) Buffer whole = BUFFER_NULL;
        _cleanup_(buffer_done) Buffer cut = BUFFER_NULL;
        uint64_t seed = random_seed();

        (void) state;
        for (size_t i = 0; i < 200; i++) {
                Sample sample;

                random_sample(&seed, &sample);
                buffer_clear(&whole);
                message_format(&whole, &sample.event, SIZE_MAX);
                assert_printable(buffer_bytes(&whole));

                for (size_t limit = 0; limit <= 200; limit++) {
                        buffer_clear(&cut);
                        message_format(&cut, &sample.event, limit);
                        assert_printable(buffer_bytes(&cut));
                        assert_true(cut.size <= limit);
                        if (whole.size <= limit) {
                                assert_bytes_equal(buffer_bytes(&cut), buffer_bytes(&whole));
                                continue;
                        }
                        assert_memory_equal(
                                cut.data + cut.size - (limit < 3 ? limit : 3), "...", limit < 3 ? limit : 3);
                        /*
                         * What is left unused is less than a character of four bytes, each an escape, in
                         * $''.
                         */
                        assert_true(cut.size + 16 + 3 > limit);
                }
        }
        assert_int_equal(buffer_error(&whole), 0);
        assert_int_equal(buffer_error(&cut), 0);
}

/* Appends the words of the event's message, as they are after the head. Returns whether all are there. */
static bool append_words(Buffer *script, const Event *event, size_t limit) {
        _cleanup_(buffer_done) Buffer line = BUFFER_NULL;
        Event head = *event;
        size_t start;
        bool whole;

        head.argc = 0;
        message_format(&line, &head, SIZE_MAX);
        start = line.size;

        buffer_clear(&line);
        message_format(&line, event, SIZE_MAX);
        whole = line.size <= limit;

        buffer_clear(&line);
        message_format(&line, event, limit);
        if (!whole)
                line.size -= 3;
        if (line.size > start)
                buffer_append(script, line.data + start, line.size - start);
        return whole;
}

/* bash reads the command line of each message; of one that was cut, the words up to there. */
static void test_read_back(void **state) {
        enum {
                SAMPLES = 1000
        };
        static Sample samples[SAMPLES];
        static bool whole[SAMPLES];
        _cleanup_(buffer_done) Buffer script = BUFFER_NULL;
        _cleanup_(buffer_done) Buffer output = BUFFER_NULL;
        uint64_t seed = random_seed();
        const char *p;

        (void) state;
        buffer_append_string(&script, "words() { printf '%s\\0' $# \"$@\"; }\n");
        for (size_t i = 0; i < SAMPLES; i++) {
                random_sample(&seed, &samples[i]);
                buffer_append_string(&script, "words");
                whole[i] = append_words(&script, &samples[i].event,
                        random_below(&seed, 2) ? SIZE_MAX : 200 + random_below(&seed, 800));
                buffer_append_char(&script, '\n');
        }
        assert_int_equal(buffer_error(&script), 0);

        child_run((const char *const[]){ "bash", "--norc", "-s", NULL }, (const char *const[]){ NULL },
                buffer_bytes(&script), &output);
        buffer_append_char(&output, '\0');

        p = output.data;
        for (size_t i = 0; i < SAMPLES; i++) {
                const Event *event = &samples[i].event;
                size_t n = strtoul(p, NULL, 10);

                assert_true(whole[i] ? n == event->argc : n <= event->argc);
                for (size_t k = 0; k < n; k++) {
                        p += strlen(p) + 1;
                        assert_true(strlen(p) <= event->argv[k].size);
                        if (whole[i] || k + 1 < n)
                                assert_int_equal(strlen(p), event->argv[k].size);
                        assert_memory_equal(p, event->argv[k].data, strlen(p));
                }
                p += strlen(p) + 1;
        }
        assert_ptr_equal(p, output.data + output.size - 1);
}

/* Memory that runs out is said, and nothing else happens. */
static void test_no_memory(void **state) {
        Buffer buffer = { .failed = true };
        Event event = sample_full();

        (void) state;
        message_format(&buffer, &event, MESSAGE_SIZE_MAX);
        message_format(&buffer, &event, 20);
        assert_int_equal(buffer_error(&buffer), -ENOMEM);
        assert_int_equal(buffer.size, 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_known),
                cmocka_unit_test(test_login),
                cmocka_unit_test(test_appends),
                cmocka_unit_test(test_cut),
                cmocka_unit_test(test_large),
                cmocka_unit_test(test_every_limit),
                cmocka_unit_test(test_read_back),
                cmocka_unit_test(test_no_memory),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
