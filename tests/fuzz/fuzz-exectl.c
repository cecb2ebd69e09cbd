/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What the viewer parses: times and MATCHes of the command line, arguments of records; and what it makes of
 * them.
 */

#include "arguments.h"
#include "condition.h"
#include "fuzz.h"
#include "json-writer.h"
#include "record-json.h"
#include "show.h"
#include "time-parse.h"
#include "util/timespan.h"
#include "util/utf8.h"

/* Valid UTF-8, in one line, with nothing that changes what a terminal shows around it. */
static void assert_printable(Bytes text) {
        for (size_t i = 0; i < text.size;) {
                uint32_t character;
                size_t n = utf8_decode(text.data + i, text.size - i, &character);

                assert_true(n > 0);
                assert_true(utf8_is_printable(character));
                i += n;
        }
}

static void parse_time(Input *input) {
        uint64_t now = input_number(input, 7), usec = 42;
        char *text = string_of((Bytes){ (const char *) input->data, input->size });
        int r = time_parse(text, now, &usec);

        assert_true(r == 0 || r == -EINVAL || r == -ERANGE);
        if (r < 0)
                assert_int_equal(usec, 42);
        else
                assert_true(usec != USEC_UNSET);
        r = timespan_parse(text, &usec);
        assert_true(r == 0 || r == -EINVAL || r == -ERANGE);
        free(text);
}

static void parse_words(Input *input) {
        Conditions conditions = {};
        char *word = NULL;

        while (input->size > 0) {
                free(word);
                word = string_of(input_text(input));
                if (conditions_add_word(&conditions, word) < 0)
                        continue;
                assert_non_null(conditions.item[conditions.n - 1].field);
                (void) condition_meets(&conditions.item[conditions.n - 1], word, strlen(word));
                if (conditions.n > 1)
                        (void) condition_same_thing(&conditions.item[0], &conditions.item[conditions.n - 1]);
        }
        free(word);
        conditions_done(&conditions);
}

/* What is shown is printable and one line; the JSON of what was read is read back as the same. */
static void check_arguments(const Arguments *arguments) {
        _cleanup_(arguments_done) Arguments again = {};
        _cleanup_(buffer_done) Buffer json = BUFFER_NULL, once = BUFFER_NULL, text = BUFFER_NULL;
        JsonWriter writer = { .out = &json };

        json_open(&writer, NULL, '[');
        for (size_t i = 0; i < arguments->n; i++) {
                json_string(&writer, NULL, arguments->word[i]);
                buffer_clear(&text);
                show_text(&text, arguments->word[i]);
                assert_printable(buffer_bytes(&text));
        }
        json_close(&writer, ']');
        assert_printable(buffer_bytes(&json));
        assert_int_equal(arguments_read(&again, buffer_bytes(&json)), 0);
        assert_int_equal(again.n, arguments->n);

        /* What is no UTF-8 is not the same, but from then on it stays as it is. */
        writer = (JsonWriter){ .out = &once };
        json_open(&writer, NULL, '[');
        for (size_t i = 0; i < again.n; i++)
                json_string(&writer, NULL, again.word[i]);
        json_close(&writer, ']');
        assert_same(buffer_bytes(&once), buffer_bytes(&json));
}

static void parse_arguments(Input *input, int (*read)(Arguments *, Bytes)) {
        _cleanup_(arguments_done) Arguments arguments = {};
        Bytes text = { (const char *) input->data, input->size };
        char *copy = copy_of(text);
        int r = read(&arguments, (Bytes){ copy, text.size });

        assert_true(r == 0 || r == -EBADMSG);
        if (r == 0)
                check_arguments(&arguments);
        else
                assert_int_equal(arguments.n, 0);
        free(copy);
}

/* A record with any values: its JSON and its command line are printable, and each number is one. */
static void show_record(Input *input) {
        _cleanup_(command_line_done) CommandLine line = {};
        _cleanup_(arguments_done) Arguments arguments = {};
        _cleanup_(buffer_done) Buffer text = BUFFER_NULL;
        uint64_t present = input_number(input, 8), number = 42;
        JsonWriter writer = { .out = &text };
        Record record = { .flags = (uint32_t) input_number(input, 4) };
        Bytes extra[8];

        for (RecordField i = 0; i < RECORD_EXTRA; i++)
                if (present & RECORD_BIT(i))
                        record.field[i] = input_text(input);
        record.extra = extra;
        while (record.n_extra < ELEMENTSOF(extra) && input->size > 0)
                extra[record.n_extra++] = input_text(input);

        json_open(&writer, NULL, '{');
        record_json_members(&writer, &record, &arguments);
        json_close(&writer, '}');
        assert_int_equal(writer.depth, 0);
        assert_printable(buffer_bytes(&text));
        assert_printable(bytes_of_string(command_line_of(&line, &record)));
        buffer_clear(&text);
        show_flags(&text, &record);
        show_time(&text, record_time(&record), true, true);
        assert_printable(buffer_bytes(&text));
        if (!record_number(&record, RECORD_PID, &number))
                assert_int_equal(number, 42);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        Input input = { .data = data, .size = size };

        switch (input_number(&input, 1) % 5) {
        case 0:
                parse_time(&input);
                break;
        case 1:
                parse_words(&input);
                break;
        case 2:
                parse_arguments(&input, arguments_read);
                break;
        case 3:
                parse_arguments(&input, arguments_read_raw);
                break;
        default:
                show_record(&input);
        }
        return 0;
}
