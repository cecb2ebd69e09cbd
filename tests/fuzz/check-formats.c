/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "check-formats.h"

#include "check-line.h"
#include "fuzz.h"
#include "oracle-json.h"
#include "oracle-message.h"
#include "oracle-text.h"

#include "../unit/exact.h"
#include "../unit/journal-receiver.h"
#include "../unit/split.h"
#include "format/entry.h"
#include "format/json.h"
#include "format/line.h"
#include "format/message.h"

#define PREFIX "EXEC_"

/* A record in all formats. */
typedef struct Formats {
        Buffer json, entry, line, text;
        Json object;
        ReceivedEntry received;
        Split split;
} Formats;

static void formats_done(Formats *f) {
        json_done(&f->object);
        split_done(&f->split);
        buffer_done(&f->json);
        buffer_done(&f->entry);
        buffer_done(&f->line);
        buffer_done(&f->text);
}

static void formats_read(Formats *f) {
        Bytes rest = buffer_bytes(&f->entry);

        assert_int_equal(buffer_error(&f->json), 0);
        assert_int_equal(buffer_error(&f->entry), 0);
        assert_int_equal(buffer_error(&f->line), 0);

        json_read(&f->object, buffer_bytes(&f->json));
        assert_int_equal(f->object.values[0].type, JSON_OBJECT);
        receiver_take_entry(&rest, &f->received);
        assert_int_equal(rest.size, 0);
        oracle_line(buffer_bytes(&f->line));
        split(&f->split, buffer_bytes(&f->line));
}

static const JsonValue *member(const Formats *f, const char *key) {
        return json_member(&f->object, f->object.values, key);
}

/* Where JSON does not show the exact bytes, they are under KEY_raw, and only there. */
static void check_raw(const Formats *f, const char *key, bool exact, Bytes expected) {
        char raw[64];
        const JsonValue *value;

        (void) snprintf(raw, sizeof(raw), "%s_raw", key);
        value = member(f, raw);
        if (exact)
                assert_null(value);
        else {
                assert_true(value && value->type == JSON_STRING);
                assert_decoded(json_text(&f->object, value), expected);
        }
}

static void check_text(const Formats *f, const char *key, Bytes expected) {
        const JsonValue *value = member(f, key);

        if (bytes_is_set(expected))
                check_raw(f, key, json_assert_shown(&f->object, value, expected), expected);
        else {
                assert_null(value);
                check_raw(f, key, true, BYTES_NULL);
        }
}

static void check_assignments(const Formats *f, const char *key, const Assignment *expected, size_t n) {
        const JsonValue *object = member(f, key), *raw, *value, *raw_value;
        char raw_key[64];
        size_t n_raw = 0;

        (void) snprintf(raw_key, sizeof(raw_key), "%s_raw", key);
        raw = member(f, raw_key);
        if (n == 0) {
                assert_null(object);
                assert_null(raw);
                return;
        }
        assert_true(object && object->type == JSON_OBJECT && (!raw || raw->type == JSON_OBJECT));
        assert_int_equal(object->n_members, n);
        value = json_first(object);
        raw_value = raw ? json_first(raw) : NULL;
        for (size_t i = 0; i < n; i++, value = json_next(value)) {
                assert_shown((Bytes){ f->object.text.data + value->key, value->key_size }, expected[i].name);
                if (json_assert_shown(&f->object, value, expected[i].value))
                        continue;
                assert_true(raw && n_raw++ < raw->n_members);
                assert_decoded(json_text(&f->object, raw_value), expected[i].value);
                raw_value = json_next(raw_value);
        }
        assert_int_equal(n_raw, raw ? raw->n_members : 0);
        assert_true(!raw || n_raw > 0);
}

/* Each argument is ended by NUL. */
static void check_arguments(const Formats *f, const Event *event) {
        _cleanup_(buffer_done) Buffer bytes = BUFFER_NULL;
        bool exact = json_assert_shown_texts(&f->object, member(f, "argv"), event->argv, event->argc);

        for (size_t i = 0; i < event->argc; i++) {
                buffer_append_bytes(&bytes, event->argv[i]);
                buffer_append_char(&bytes, '\0');
        }
        check_raw(f, "argv", exact, buffer_bytes(&bytes));
}

/* The number that stands for "none" is never written. */
static void check_number(const Formats *f, const char *key, uint64_t expected, uint64_t unset) {
        const JsonValue *value = member(f, key);

        if (expected == unset)
                assert_null(value);
        else
                json_assert_number(&f->object, value, expected);
}

/* What the record says, by its names in JSON. */
static void check_event(const Formats *f, const Event *event) {
        check_text(f, "filename", event->filename);
        check_text(f, "exe", event->exe);
        check_text(f, "cwd", event->cwd);
        check_text(f, "tty", event->tty);
        check_text(f, "comm", event->comm);
        check_text(f, "parent_comm", event->parent_comm);
        check_text(f, "unit", event->place.unit);
        check_text(f, "user_unit", event->place.user_unit);
        check_text(f, "slice", event->place.slice);
        check_text(f, "logind_session", event->place.session);
        check_text(f, "container", event->place.container);
        check_text(f, "invocation_id", event->place.invocation_id);
        check_text(f, "cgroup", event->place.path);
        check_assignments(f, "labels", event->labels, event->n_labels);
        check_assignments(f, "environment", event->environment, event->n_environment);

        check_arguments(f, event);
        if (event->n_tags > 0)
                assert_true(
                        json_assert_shown_texts(&f->object, member(f, "tags"), event->tags, event->n_tags));
        else
                assert_null(member(f, "tags"));
        check_number(f, "pid", event->pid, EVENT_ID_UNSET);
        check_number(f, "uid", event->uid, EVENT_ID_UNSET);
        check_number(f, "gid", event->gid, EVENT_ID_UNSET);
        check_number(f, "seq", event->seq, EVENT_NUMBER_UNSET);
        check_number(f, "timestamp", event->timestamp, EVENT_NUMBER_UNSET);
        assert_int_equal(member(f, "truncated")->truth, event->truncated);
        assert_int_equal(member(f, "errno") != NULL, event->error != 0);
}

/* The journal's name of a JSON key, or of a label or variable. To be freed. */
static char *field_of(const char *prefix, Bytes key) {
        size_t start = strlen(prefix);
        char *name = malloc(start + key.size + 1);

        assert_non_null(name);
        memcpy(name, prefix, start);
        for (size_t i = 0; i < key.size; i++) {
                char c = key.data[i];

                if (c >= 'a' && c <= 'z')
                        c = (char) (c - 'a' + 'A');
                name[start + i] = (char) ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ? c : '_');
        }
        name[start + key.size] = '\0';
        return name;
}

static bool ends_with(Bytes text, const char *end) {
        size_t size = strlen(end);

        return text.size >= size && memcmp(text.data + text.size - size, end, size) == 0;
}

/* One of the entry's fields of that name has that value, as JSON shows it. */
static void assert_field(const Formats *f, const char *name, Bytes value) {
        size_t size = strlen(name) < 64 ? strlen(name) : 64;

        for (size_t i = 0; i < f->received.n; i++)
                if (bytes_equal(f->received.fields[i].name, (Bytes){ name, size }) &&
                        is_shown(value, f->received.fields[i].value))
                        return;
        fail_msg("no field %s of that value", name);
}

static void check_arguments_field(const Formats *f, const JsonValue *expected) {
        Json array;

        json_read(&array, received_value(&f->received, "EXEC_ARGV"));
        assert_int_equal(array.values[0].type, JSON_ARRAY);
        assert_int_equal(array.values[0].n_members, expected->n_members);
        for (size_t i = 0; i <= expected->n_members; i++)
                assert_same(json_text(&array, &array.values[i]), json_text(&f->object, &expected[i]));
        json_done(&array);
}

/* The field of one value of the list that has this name in JSON. */
static const char *single_of(const char *name) {
        static const char *const singles[][2] = {
                { "EXEC_FLAGS", "EXEC_FLAG" },
                { "EXEC_TAGS", "EXEC_TAG" },
                { "EXEC_ENVIRONMENT_DUPLICATE", "EXEC_ENVIRONMENT_DUPLICATE" },
        };

        for (size_t i = 0; i < ELEMENTSOF(singles); i++)
                if (strcmp(name, singles[i][0]) == 0)
                        return singles[i][1];
        fail_msg("%s is no list", name);
        return NULL;
}

/* A field for each value, and one for all where there are two or more. Returns how many fields these are. */
static size_t check_list(const Formats *f, const char *name, const JsonValue *list) {
        const char *single = single_of(name);
        bool is_joined = list->n_members > 1 && strcmp(single, name) != 0;
        const JsonValue *value = json_first(list);
        Buffer joined = BUFFER_NULL;

        for (size_t i = 0; i < list->n_members; i++, value = json_next(value)) {
                assert_field(f, single, json_text(&f->object, value));
                if (i > 0)
                        buffer_append_char(&joined, ',');
                buffer_append_bytes(&joined, json_text(&f->object, value));
        }
        if (is_joined)
                assert_field(f, name, buffer_bytes(&joined));
        buffer_done(&joined);
        return list->n_members + (is_joined ? 1 : 0);
}

/* The fields that hold one member of the JSON object. Returns how many. */
static size_t check_member(const Formats *f, const JsonValue *value) {
        _cleanup_free_ char *name =
                field_of(PREFIX, (Bytes){ f->object.text.data + value->key, value->key_size });

        /* The journal has exact bytes in the field itself. */
        if (ends_with(bytes_of_string(name), "_RAW") && strcmp(name, "EXEC_ARGV_RAW") != 0)
                return 0;

        switch (value->type) {
        case JSON_STRING:
        case JSON_NUMBER:
                assert_field(f, name, json_text(&f->object, value));
                return 1;
        case JSON_TRUTH:
                if (value->truth)
                        assert_field(f, name, BYTES_LITERAL("yes"));
                return value->truth;
        case JSON_ARRAY:
                if (strcmp(name, "EXEC_ARGV") == 0) {
                        check_arguments_field(f, value);
                        return 1;
                }
                return check_list(f, name, value);
        case JSON_OBJECT: /* the names may have been changed on the way: check_entry() has the right ones */
                return 0;
        }
        return 0;
}

/* One of the entry's fields of that name has exactly that value. */
static void assert_exact_field(const Formats *f, const char *prefix, const Assignment *expected) {
        _cleanup_free_ char *name = field_of(prefix, expected->name);
        size_t size = strlen(name) < 64 ? strlen(name) : 64;

        for (size_t i = 0; i < f->received.n; i++)
                if (bytes_equal(f->received.fields[i].name, (Bytes){ name, size }) &&
                        bytes_equal(f->received.fields[i].value, expected->value))
                        return;
        fail_msg("no field %s of that value", name);
}

/* The entry says what the JSON object says, and nothing else. */
static void check_entry(const Formats *f, const Event *event) {
        const JsonValue *object = f->object.values, *value = json_first(object);
        size_t n = event->n_labels + event->n_environment, n_fields = 0;

        for (size_t i = 0; i < event->n_labels; i++)
                assert_exact_field(f, "EXEC_LABEL_", &event->labels[i]);
        for (size_t i = 0; i < event->n_environment; i++)
                assert_exact_field(f, "EXEC_ENV_", &event->environment[i]);

        for (size_t i = 0; i < object->n_members; i++, value = json_next(value))
                n += check_member(f, value);
        for (size_t i = 0; i < f->received.n; i++)
                n_fields += f->received.fields[i].name.size > strlen(PREFIX) &&
                        memcmp(f->received.fields[i].name.data, PREFIX, strlen(PREFIX)) == 0;
        assert_int_equal(n, n_fields);
}

/* The message: whole, cut to what the journal gets, and in the line for syslog. */
static void check_message(const Formats *f, const Event *event) {
        Bytes whole = buffer_bytes(&f->text), message = received_value(&f->received, "MESSAGE");
        Bytes rest = whole, in_line = f->split.message;
        size_t head;
        int cut = whole.size > MESSAGE_SIZE_MAX;

        oracle_line(whole);
        message_head(&rest, event);
        head = whole.size - rest.size;
        message_words(rest, event, 0);

        oracle_line(message);
        assert_true(message.size <= MESSAGE_SIZE_MAX);
        if (!cut) {
                assert_same(message, whole);
                message_head(&in_line, event);
                message_words(in_line, event, 0);
                return;
        }
        assert_true(message.size > MESSAGE_SIZE_MAX - 64);
        assert_memory_equal(message.data + message.size - 3, "...", 3);
        message.size -= 3;
        if (message.size < head)
                return;
        assert_memory_equal(message.data, whole.data, head);
        message_words((Bytes){ message.data + head, message.size - head }, event, 1);
        assert_memory_equal(in_line.data + in_line.size - 3, "...", 3);
        in_line.size -= 3;
        message_head(&in_line, event);
        message_words(in_line, event, 1);
}

void check_formats(const FormatOptions *options, const Event *event) {
        _cleanup_(formats_done) Formats f = {};

        json_event(&f.json, options, event);
        entry_format_event(&f.entry, options, event);
        line_format_event(&f.line, event, LINE_SIZE_MAX);
        message_format(&f.text, event, SIZE_MAX);
        assert_int_equal(buffer_error(&f.text), 0);
        formats_read(&f);
        check_event(&f, event);
        check_entry(&f, event);
        check_line(&f.received, &f.split, f.line.size);
        check_message(&f, event);
}

void check_notice_formats(const FormatOptions *options, const Notice *notice) {
        _cleanup_(formats_done) Formats f = {};

        json_notice(&f.json, notice);
        entry_format_notice(&f.entry, options, notice);
        line_format_notice(&f.line, notice, LINE_SIZE_MAX);
        formats_read(&f);
        oracle_line(received_value(&f.received, "MESSAGE"));
        json_assert_text(&f.object, member(&f, "message"), notice->message);
        check_line(&f.received, &f.split, f.line.size);
}
