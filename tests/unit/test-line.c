/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "failing-memory.h"
#include "split.h"

#include "child.h"
#include "exact.h"
#include "format/entry.h"
#include "format/line.h"
#include "format/message.h"
#include "journal-receiver.h"
#include "sample.h"

/* The next pair is a field of the journal; a path or name that is not UTF-8 is in two of them. */
static void assert_next(const Split *s, size_t *n, const Assignment *field) {
        Bytes name = field->name, value = field->value;
        size_t i = (*n)++;

        assert_true(i < s->n);
        assert_bytes_equal(s->pairs[i].name, name);
        assert_shown(s->pairs[i].value, value);
        if (utf8_is_valid(value.data, value.size) || memcmp(name.data, "EXEC_LABEL_", 11) == 0 ||
                memcmp(name.data, "EXEC_ENV_", 9) == 0)
                return;

        i = (*n)++;
        assert_true(i < s->n);
        assert_int_equal(s->pairs[i].name.size, name.size + 4);
        assert_memory_equal(s->pairs[i].name.data, name.data, name.size);
        assert_memory_equal(s->pairs[i].name.data + name.size, "_RAW", 4);
        assert_decoded(s->pairs[i].value, value);
}

/* Checks all pairs against what the journal gets: the same, but the arguments are last. */
static void assert_same_fields(const Split *s, const Event *event) {
        _cleanup_(buffer_done) Buffer entry = BUFFER_NULL;
        const FormatOptions options = {};
        ReceivedEntry received;
        size_t n = 0;
        Bytes rest;

        entry_format_event(&entry, &options, event);
        rest = buffer_bytes(&entry);
        receiver_take_entry(&rest, &received);
        for (int last = 0; last < 2; last++)
                for (size_t i = 0; i < received.n; i++) {
                        Bytes name = received.fields[i].name;
                        bool is_argument = bytes_equal(name, BYTES_LITERAL("EXEC_ARGV")) ||
                                bytes_equal(name, BYTES_LITERAL("EXEC_ARGV_RAW"));

                        if (memcmp(name.data, "EXEC_", 5) == 0 && is_argument == (last == 1))
                                assert_next(s, &n, &received.fields[i]);
                }
        assert_int_equal(s->n, n);
}

static void test_small(void **state) {
        _cleanup_(buffer_done) Buffer buffer = BUFFER_NULL;
        Event event = sample_small();

        (void) state;
        buffer_append_string(&buffer, "before|");
        line_format_event(&buffer, &event, LINE_SIZE_MAX);
        assert_buffer(&buffer,
                "before|[3, uid=0, gid=0] EXEC_PID=3 EXEC_UID=0 EXEC_GID=0 EXEC_TIMESTAMP=2 EXEC_SEQ=1 "
                "EXEC_ARGV=\"[]\"");
}

static void test_full(void **state) {
        _cleanup_(buffer_done) Buffer buffer = BUFFER_NULL, message = BUFFER_NULL;
        _cleanup_(split_done) Split s;
        Event event = sample_full();

        (void) state;
        line_format_event(&buffer, &event, LINE_SIZE_MAX);
        split(&s, buffer_bytes(&buffer));
        assert_same_fields(&s, &event);
        message_format(&message, &event, MESSAGE_SIZE_MAX);
        assert_bytes_equal(s.message, buffer_bytes(&message));
        assert_non_null(memmem(buffer.data, buffer.size, " EXEC_LABEL_RACK=\"b\\\"c\" ", 24));
        assert_non_null(memmem(buffer.data, buffer.size, " EXEC_ENV_NO_PROXY=\"x\\ny\" ", 26));
}

static void test_forged(void **state) {
        static Bytes argv[] = { BYTES_LITERAL("a"), BYTES_LITERAL("EXEC_UID=0"),
                BYTES_LITERAL("x EXEC_UID=0"), BYTES_LITERAL("x EXEC_UID=0\n"),
                BYTES_LITERAL("it's EXEC_A=EXEC_B="), BYTES_LITERAL("'EXEC==1"),
                BYTES_LITERAL("\\' EXEC_=\x01"), BYTES_LITERAL("exec_uid=0 A=b"),
                BYTES_LITERAL("PRE_EXEC_X=1") };
        _cleanup_(buffer_done) Buffer buffer = BUFFER_NULL;
        _cleanup_(split_done) Split s;
        Event event = sample_small();

        (void) state;
        event.filename = BYTES_LITERAL("EXEC_F=1");
        event.comm = BYTES_LITERAL("\" EXEC_COMM=\\");
        event.argv = argv;
        event.argc = ELEMENTSOF(argv);
        line_format_event(&buffer, &event, LINE_SIZE_MAX);
        split(&s, buffer_bytes(&buffer));
        assert_same_fields(&s, &event);
        assert_bytes_equal(s.message,
                BYTES_LITERAL("[3, comm=\"\\\" EXEC_COMM\\075\\\\\", uid=0, gid=0, filename=EXEC_F\\=1] a "
                              "EXEC_UID\\=0 'x EXEC_UID'\\='0' $'x EXEC_UID\\0750\\012' "
                              "'it'\\''s EXEC_A'\\='EXEC_B'\\='' ''\\''EXEC'\\='=1' "
                              "$'\\\\\\' EXEC_\\075\\001' 'exec_uid=0 A=b' PRE_EXEC_X\\=1"));
}

typedef struct Sample {
        char storage[6][2 * WORD_MAX + 16];
        Bytes argv[4];
        Assignment label, variable;
        Event event;
} Sample;

/* A word with something in its middle that looks like a field. */
static Bytes forged_word(uint64_t *seed, char *storage) {
        static const char *const pieces[] = { "", "EXEC_UID=0", " EXEC_UID=", "EXEC=", "=", "'", "\\", "\"",
                "$'" };
        Bytes word = random_word(seed, storage);
        const char *piece = pieces[random_below(seed, ELEMENTSOF(pieces))];
        char rest[WORD_MAX];
        Bytes second;

        word.size = random_below(seed, (uint32_t) word.size + 1);
        memcpy(storage + word.size, piece, strlen(piece));
        word.size += strlen(piece);
        second = random_word(seed, rest);
        memcpy(storage + word.size, second.data, second.size);
        word.size += second.size;
        return word;
}

static void random_sample(uint64_t *seed, Sample *s) {
        s->event = sample_small();
        for (size_t i = 0; i < ELEMENTSOF(s->argv); i++)
                s->argv[i] = forged_word(seed, s->storage[i]);
        s->event.argv = s->argv;
        s->event.argc = 1 + random_below(seed, ELEMENTSOF(s->argv));
        s->event.comm = forged_word(seed, s->storage[4]);
        s->event.filename = forged_word(seed, s->storage[5]);
        s->label = (Assignment){ BYTES_LITERAL("L"), s->argv[3] };
        s->variable = (Assignment){ BYTES_LITERAL("v_9"), s->argv[2] };
        s->event.labels = &s->label;
        s->event.n_labels = 1;
        s->event.environment = &s->variable;
        s->event.n_environment = 1;
}

/* Whatever the words: the fields are those of the journal, and bash reads the command line in the message. */
static void test_random(void **state) {
        enum {
                SAMPLES = 1000
        };
        static Sample samples[SAMPLES];
        static bool whole[SAMPLES];
        _cleanup_(buffer_done) Buffer script = BUFFER_NULL, output = BUFFER_NULL;
        uint64_t seed = random_seed();
        size_t n_whole = 0;
        const char *p;

        (void) state;
        buffer_append_string(&script, "words() { printf '%s\\0' \"$@\"; }\n");
        for (size_t i = 0; i < SAMPLES; i++) {
                _cleanup_(buffer_done) Buffer buffer = BUFFER_NULL, message = BUFFER_NULL;
                _cleanup_(split_done) Split s = {}, without = {};
                size_t argc;

                random_sample(&seed, &samples[i]);
                line_format_event(&buffer, &samples[i].event, 60000);
                split(&s, buffer_bytes(&buffer));
                assert_same_fields(&s, &samples[i].event);

                message_format(&message, &samples[i].event, SIZE_MAX);
                whole[i] = message.size <= MESSAGE_SIZE_MAX;
                if (!whole[i])
                        continue;
                buffer_clear(&message);
                argc = samples[i].event.argc;
                samples[i].event.argc = 0;
                line_format_event(&message, &samples[i].event, 60000);
                samples[i].event.argc = argc;
                split(&without, buffer_bytes(&message));
                buffer_append_string(&script, "words");
                buffer_append(&script, s.message.data + without.message.size,
                        s.message.size - without.message.size);
                buffer_append_char(&script, '\n');
                n_whole++;
        }
        assert_true(n_whole > SAMPLES / 2);

        child_run((const char *const[]){ "bash", "--norc", "-s", NULL }, (const char *const[]){ NULL },
                buffer_bytes(&script), &output);
        p = output.data;
        for (size_t i = 0; i < SAMPLES; i++)
                for (size_t k = 0; whole[i] && k < samples[i].event.argc; k++) {
                        assert_int_equal(strlen(p), samples[i].argv[k].size);
                        assert_memory_equal(p, samples[i].argv[k].data, strlen(p));
                        p += strlen(p) + 1;
                }
        assert_ptr_equal(p, output.data + output.size);
}

/* Whether `name` is one of those in EXEC_OMITTED=, which are in order; takes it off. */
static bool take_omitted(Bytes *omitted, Bytes name) {
        if (omitted->size < name.size || memcmp(omitted->data, name.data, name.size) != 0)
                return false;
        *omitted = (Bytes){ omitted->data + name.size, omitted->size - name.size };
        if (omitted->size > 0) {
                assert_int_equal(omitted->data[0], ',');
                *omitted = (Bytes){ omitted->data + 1, omitted->size - 1 };
        }
        return true;
}

/* Each field is there as a whole, or named as omitted, up to where no more names have room. */
static void check_limit(const Event *event, size_t limit) {
        _cleanup_(buffer_done) Buffer buffer = BUFFER_NULL, complete = BUFFER_NULL;
        _cleanup_(split_done) Split s, all;
        Bytes omitted = BYTES_NULL;
        size_t n = 0;

        line_format_event(&complete, event, 1000000);
        split(&all, buffer_bytes(&complete));
        line_format_event(&buffer, event, limit);
        assert_int_equal(buffer_error(&buffer), 0);
        assert_true(buffer.size <= limit);
        split(&s, buffer_bytes(&buffer));
        assert_bytes_equal(s.message, all.message);
        if (bytes_equal(s.pairs[s.n - 1].name, BYTES_LITERAL("EXEC_OMITTED")))
                omitted = s.pairs[--s.n].value;
        else
                assert_int_equal(s.n, all.n);

        for (size_t i = 0; i < all.n; i++) {
                if (n < s.n && bytes_equal(all.pairs[i].name, s.pairs[n].name)) {
                        assert_bytes_equal(all.pairs[i].value, s.pairs[n++].value);
                        continue;
                }
                if (!bytes_equal(omitted, BYTES_LITERAL("...")))
                        assert_true(take_omitted(&omitted, all.pairs[i].name));
        }
        assert_int_equal(n, s.n);
        assert_true(omitted.size == 0 || bytes_equal(omitted, BYTES_LITERAL("...")));
}

static void test_limit(void **state) {
        static char names[40][53], value[900], argument[20000];
        Assignment labels[ELEMENTSOF(names)];
        Bytes argv[] = { { argument, sizeof(argument) } };
        Event event = sample_full();

        (void) state;
        memset(value, '"', sizeof(value));
        memset(argument, 'a', sizeof(argument));
        for (size_t i = 0; i < ELEMENTSOF(labels); i++) {
                memset(names[i], (int) ('A' + i % 26), sizeof(names[i]));
                labels[i] = (Assignment){ { names[i], 3 + i }, { value, i % 3 == 0 ? 3 : sizeof(value) } };
        }
        event.argv = argv;
        event.argc = 1;
        for (size_t limit = LINE_SIZE_MIN; limit < 3 * LINE_SIZE_MAX; limit += 97) {
                event.n_labels = 0;
                check_limit(&event, limit);
                event.labels = labels;
                event.n_labels = limit % ELEMENTSOF(labels) + 1;
                check_limit(&event, limit);
        }
}

/* The longest of messages, twice as long when its look-alikes are written in another way. */
static void test_longest_message(void **state) {
        static char argument[4096];
        _cleanup_(buffer_done) Buffer buffer = BUFFER_NULL;
        _cleanup_(split_done) Split s;
        Bytes argv[] = { { argument, sizeof(argument) } };
        Event event = sample_small();

        (void) state;
        for (size_t i = 0; i < sizeof(argument); i++)
                argument[i] = " EXEC="[i % 6];
        event.argv = argv;
        event.argc = 1;
        line_format_event(&buffer, &event, LINE_SIZE_MIN);
        assert_true(buffer.size <= LINE_SIZE_MIN);
        split(&s, buffer_bytes(&buffer));
        assert_true(s.message.size > MESSAGE_SIZE_MAX);
        assert_bytes_equal(s.pairs[s.n - 1].name, BYTES_LITERAL("EXEC_OMITTED"));
        assert_bytes_equal(s.pairs[s.n - 1].value, BYTES_LITERAL("EXEC_ARGV"));
}

static void test_notice(void **state) {
        _cleanup_(buffer_done) Buffer buffer = BUFFER_NULL;
        Notice notice = { .kind = NOTICE_RELOAD_FAILED, .message = BYTES_LITERAL("two words") };

        (void) state;
        notice_add_number(&notice, "EXEC_LOST", -5);
        notice_add_text(&notice, "EXEC_LOST_CAUSE", BYTES_LITERAL("a \"b\"=c"));
        notice_add_text(&notice, "EXECTRACED_X", BYTES_LITERAL(""));
        line_format_notice(&buffer, &notice, LINE_SIZE_MAX);
        assert_buffer(&buffer,
                "two words EXECTRACED_EVENT=reload-failed EXEC_LOST=-5 EXEC_LOST_CAUSE=\"a \\\"b\\\"=c\" "
                "EXECTRACED_X=\"\"");
}

/* An allocation that fails is never passed over in silence. */
static void test_memory(void **state) {
        static char argument[LINE_SIZE_MAX];
        Bytes argv[] = { { memset(argument, 'a', sizeof(argument)), sizeof(argument) } };
        Event event = sample_full();
        Notice notice = { .message = BYTES_LITERAL("m") };
        bool failed;
        size_t n = 0;

        (void) state;
        event.argv = argv;
        event.argc = 1;
        notice_add_number(&notice, "EXEC_LOST", 1);
        do {
                _cleanup_(buffer_done) Buffer buffer = BUFFER_NULL, second = BUFFER_NULL;

                memory_fail_after(n++);
                line_format_event(&buffer, &event, LINE_SIZE_MAX);
                line_format_notice(&second, &notice, LINE_SIZE_MAX);
                failed = memory_restore();
                assert_int_equal((buffer_error(&buffer) < 0) + (buffer_error(&second) < 0), failed);
        } while (failed);
        assert_true(n > 8);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_small),
                cmocka_unit_test(test_full),
                cmocka_unit_test(test_forged),
                cmocka_unit_test(test_random),
                cmocka_unit_test(test_limit),
                cmocka_unit_test(test_longest_message),
                cmocka_unit_test(test_notice),
                cmocka_unit_test(test_memory),
        };

        return cmocka_run_group_tests_name("line", tests, NULL, NULL);
}
