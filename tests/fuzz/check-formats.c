/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "check-formats.h"

#include "fuzz.h"
#include "oracle-json.h"
#include "oracle-message.h"
#include "oracle-text.h"

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

static void check_text(const Formats *f, const char *key, Bytes expected) {
        const JsonValue *value = member(f, key);

        if (bytes_is_set(expected))
                json_assert_text(&f->object, value, expected);
        else
                assert_null(value);
}

static void check_assignments(const Formats *f, const char *key, const Assignment *expected, size_t n) {
        const JsonValue *object = member(f, key), *value;

        if (n == 0) {
                assert_null(object);
                return;
        }
        assert_true(object && object->type == JSON_OBJECT);
        assert_int_equal(object->n_members, n);
        value = json_first(object);
        for (size_t i = 0; i < n; i++, value = json_next(value)) {
                assert_same((Bytes){ f->object.text.data + value->key, value->key_size }, expected[i].name);
                json_assert_text(&f->object, value, expected[i].value);
        }
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
        check_text(f, "cgroup", event->place.path);
        check_assignments(f, "labels", event->labels, event->n_labels);
        check_assignments(f, "environment", event->environment, event->n_environment);

        json_assert_texts(&f->object, member(f, "argv"), event->argv, event->argc);
        check_number(f, "pid", event->pid, EVENT_ID_UNSET);
        check_number(f, "uid", event->uid, EVENT_ID_UNSET);
        check_number(f, "gid", event->gid, EVENT_ID_UNSET);
        check_number(f, "seq", event->seq, EVENT_NUMBER_UNSET);
        check_number(f, "timestamp", event->timestamp, EVENT_NUMBER_UNSET);
        assert_int_equal(member(f, "truncated")->truth, event->truncated);
        assert_int_equal(member(f, "errno") != NULL, event->error != 0);
}

/* The journal's name of a JSON key. To be freed. */
static char *field_of(const Formats *f, const JsonValue *value, const char *prefix) {
        size_t start = strlen(prefix);
        char *name = malloc(start + value->key_size + 1);

        assert_non_null(name);
        memcpy(name, prefix, start);
        for (size_t i = 0; i < value->key_size; i++) {
                char c = f->object.text.data[value->key + i];

                if (c >= 'a' && c <= 'z')
                        c = (char) (c - 'a' + 'A');
                name[start + i] = (char) ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ? c : '_');
        }
        name[start + value->key_size] = '\0';
        return name;
}

/* One of the entry's fields of that name has that value. */
static void assert_field(const Formats *f, const char *name, Bytes value) {
        size_t size = strlen(name) < 64 ? strlen(name) : 64;

        for (size_t i = 0; i < f->received.n; i++)
                if (bytes_equal(f->received.fields[i].name, (Bytes){ name, size }) &&
                        bytes_equal(f->received.fields[i].value, value))
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

/* The fields that hold one member of the JSON object. Returns how many. */
static size_t check_member(const Formats *f, const JsonValue *value) {
        _cleanup_free_ char *name = field_of(f, value, PREFIX);
        const JsonValue *inside = json_first(value);

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
                assert_string_equal(name, "EXEC_FLAGS");
                for (size_t i = 0; i < value->n_members; i++, inside = json_next(inside))
                        assert_field(f, "EXEC_FLAG", json_text(&f->object, inside));
                return value->n_members;
        case JSON_OBJECT:
                for (size_t i = 0; i < value->n_members; i++, inside = json_next(inside)) {
                        _cleanup_free_ char *field = field_of(
                                f, inside, strcmp(name, "EXEC_LABELS") == 0 ? "EXEC_LABEL_" : "EXEC_ENV_");

                        assert_field(f, field, json_text(&f->object, inside));
                }
                return value->n_members;
        }
        return 0;
}

/* The entry says what the JSON object says, and nothing else. */
static void check_entry(const Formats *f) {
        const JsonValue *object = f->object.values, *value = json_first(object);
        size_t n = 0, n_fields = 0;

        for (size_t i = 0; i < object->n_members; i++, value = json_next(value))
                n += check_member(f, value);
        for (size_t i = 0; i < f->received.n; i++)
                n_fields += f->received.fields[i].name.size > strlen(PREFIX) &&
                        memcmp(f->received.fields[i].name.data, PREFIX, strlen(PREFIX)) == 0;
        assert_int_equal(n, n_fields);
}

static bool is_omitted(Bytes names, Bytes name) {
        while (names.size > 0) {
                const char *comma = memchr(names.data, ',', names.size);
                Bytes one = { names.data, comma ? (size_t) (comma - names.data) : names.size };
                size_t used = one.size + (comma ? 1 : 0);

                if (bytes_equal(one, name) || bytes_equal(one, BYTES_LITERAL("...")))
                        return true;
                names = (Bytes){ names.data + used, names.size - used };
        }
        return false;
}

/* The line for syslog has the fields of the entry, or says that it has not. */
static void check_line(const Formats *f) {
        Bytes omitted = BYTES_NULL;
        size_t n = f->split.n, k = 0;

        assert_true(f->line.size <= LINE_SIZE_MAX);
        if (n > 0 && bytes_equal(f->split.pairs[n - 1].name, BYTES_LITERAL("EXEC_OMITTED")))
                omitted = f->split.pairs[--n].value;
        for (size_t i = 0; i < f->received.n; i++) {
                Assignment field = f->received.fields[i];

                if (field.name.size < 4 || memcmp(field.name.data, "EXEC", 4) != 0)
                        continue;
                if (bytes_equal(field.name, BYTES_LITERAL("EXEC_ARGV"))) { /* the last */
                        if (n == 0 || !bytes_equal(f->split.pairs[n - 1].name, field.name))
                                assert_true(is_omitted(omitted, field.name));
                        else
                                assert_same(f->split.pairs[--n].value, field.value);
                } else if (k < f->split.n && bytes_equal(f->split.pairs[k].name, field.name) &&
                        bytes_equal(f->split.pairs[k].value, field.value))
                        k++;
                else
                        assert_true(is_omitted(omitted, field.name));
        }
        assert_int_equal(k, n);
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

void check_formats(const Config *config, const Event *event) {
        _cleanup_(formats_done) Formats f = {};

        json_event(&f.json, event);
        entry_format_event(&f.entry, config, event);
        line_format_event(&f.line, event, LINE_SIZE_MAX);
        message_format(&f.text, event, SIZE_MAX);
        assert_int_equal(buffer_error(&f.text), 0);
        formats_read(&f);
        check_event(&f, event);
        check_entry(&f);
        check_line(&f);
        check_message(&f, event);
}

void check_notice_formats(const Config *config, const Notice *notice) {
        _cleanup_(formats_done) Formats f = {};

        json_notice(&f.json, notice);
        entry_format_notice(&f.entry, config, notice);
        line_format_notice(&f.line, notice, LINE_SIZE_MAX);
        formats_read(&f);
        oracle_line(received_value(&f.received, "MESSAGE"));
        json_assert_text(&f.object, member(&f, "message"), notice->message);
        check_line(&f);
}
