/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A value can't inject fields into an entry, because a value that contains a newline is sent with its length.
 * Names come from the table of fields, from the configuration or, for environment variables, from the traced
 * process; those of the latter are changed to valid ones.
 */

#include "format/entry.h"

#include <endian.h>
#include <string.h>

#include "event/fields.h"
#include "format/message.h"
#include "format/value.h"
#include "notice/message-ids.h"
#include "util/cleanup.h"

static const char *const notice_message_ids[_NOTICE_KIND_MAX] = {
        [NOTICE_STARTED] = MESSAGE_ID_STARTED,
        [NOTICE_STOPPED] = MESSAGE_ID_STOPPED,
        [NOTICE_LOST] = MESSAGE_ID_LOST,
        [NOTICE_SUPPRESSED] = MESSAGE_ID_SUPPRESSED,
        [NOTICE_RELOADED] = MESSAGE_ID_RELOADED,
        [NOTICE_RELOAD_FAILED] = MESSAGE_ID_RELOAD_FAILED,
        [NOTICE_KERNEL_LOG] = MESSAGE_ID_KERNEL_LOG,
        [NOTICE_ALIVE] = MESSAGE_ID_ALIVE,
        [NOTICE_BLIND] = MESSAGE_ID_BLIND,
};

/* Appends the separator, the value and a newline. */
static void append_value(Buffer *buffer, Bytes value) {
        if (value.size > 0 && memchr(value.data, '\n', value.size)) {
                uint64_t size = htole64(value.size);

                buffer_append_char(buffer, '\n');
                buffer_append(buffer, &size, sizeof(size));
        } else
                buffer_append_char(buffer, '=');
        buffer_append_bytes(buffer, value);
        buffer_append_char(buffer, '\n');
}

void entry_append_field(Buffer *buffer, Bytes name, Bytes value) {
        buffer_append_bytes(buffer, name);
        append_value(buffer, value);
}

/* Appends NAME=. The caller appends a value without newlines, and a newline. */
static void append_name(Buffer *buffer, const Field *field) {
        buffer_append(buffer, field->journal, field->journal_size);
        buffer_append_char(buffer, '=');
}

static void append_list(Buffer *buffer, const Field *field, const Event *event) {
        size_t i = 0;

        for (Bytes item; bytes_is_set(item = field_list_next(field, event, &i));) {
                buffer_append(buffer, field->journal, field->journal_size);
                append_value(buffer, item);
        }
}

static void append_assignments(Buffer *buffer, const FormatOptions *options, const Field *field,
        const Assignment *assignments, size_t n) {
        for (size_t i = 0; i < n; i++) {
                char name[FIELD_NAME_MAX];

                if (format_omits_assignment(options, field, assignments[i].name))
                        continue;
                buffer_append(buffer, name, format_assignment_name(name, field, assignments[i].name));
                append_value(buffer, assignments[i].value);
        }
}

static void append_field(
        Buffer *buffer, const FormatOptions *options, const Field *field, const Event *event) {
        switch (field->type) {
        case FIELD_BYTES:
                entry_append_field(buffer, (Bytes){ field->journal, field->journal_size },
                        *(const Bytes *) field_value(field, event));
                break;
        case FIELD_LIST:
                append_list(buffer, field, event);
                break;
        case FIELD_LABELS:
                append_assignments(buffer, options, field, event->labels, event->n_labels);
                break;
        case FIELD_ENVIRONMENT:
                append_assignments(buffer, options, field, event->environment, event->n_environment);
                break;
        default: /* one value without a newline */
                append_name(buffer, field);
                value_format(buffer, field, event);
                buffer_append_char(buffer, '\n');
        }
}

/*
 * Appends the fields that follow MESSAGE in every entry. The facility is shifted in syslog(3), but not in the
 * journal.
 */
static void append_source(
        Buffer *buffer, const FormatOptions *options, int priority, const char *message_id) {
        buffer_append_string(buffer, "PRIORITY=");
        buffer_append_i64(buffer, priority);
        buffer_append_string(buffer, "\nSYSLOG_FACILITY=");
        buffer_append_i64(buffer, options->facility >> 3);
        buffer_append_string(buffer, "\nSYSLOG_IDENTIFIER=exectrace\nMESSAGE_ID=");
        buffer_append_string(buffer, message_id);
        buffer_append_char(buffer, '\n');
}

static const char *message_id(const Event *event) {
        if (event->error != 0)
                return MESSAGE_ID_FAILED_EXEC;
        return event->running ? MESSAGE_ID_RUNNING : MESSAGE_ID_EXEC;
}

void entry_format_event(Buffer *buffer, const FormatOptions *options, const Event *event) {
        if (!options->omit_message) {
                buffer_append_string(buffer, "MESSAGE=");
                message_format(buffer, event, MESSAGE_SIZE_MAX);
                buffer_append_char(buffer, '\n');
        }
        append_source(buffer, options, event_priority(event, options->priority), message_id(event));

        /* journalctl -u UNIT matches this field, but only in entries from uid 0. */
        if (options->unit_match && bytes_is_set(event->place.unit))
                entry_append_field(buffer, BYTES_LITERAL("OBJECT_SYSTEMD_UNIT"), event->place.unit);

        for (size_t i = 0; i < field_table_size; i++)
                if (!field_set_has(options->omit, i) && field_is_present(&field_table[i], event))
                        append_field(buffer, options, &field_table[i], event);
}

void entry_format_notice(Buffer *buffer, const FormatOptions *options, const Notice *notice) {
        entry_append_field(buffer, BYTES_LITERAL("MESSAGE"), notice->message);
        append_source(buffer, options, notice->priority, notice_message_ids[notice->kind]);
        entry_append_field(buffer, BYTES_LITERAL("EXECTRACED_EVENT"),
                bytes_of_string(notice_kind_to_string(notice->kind)));

        for (size_t i = 0; i < notice->n_fields; i++) {
                const NoticeField *field = &notice->fields[i];

                if (bytes_is_set(field->text))
                        entry_append_field(buffer, bytes_of_string(field->name), field->text);
                else {
                        buffer_append_string(buffer, field->name);
                        buffer_append_char(buffer, '=');
                        buffer_append_i64(buffer, field->number);
                        buffer_append_char(buffer, '\n');
                }
        }
}
