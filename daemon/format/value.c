/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "format/value.h"

#include "format/json-string.h"

/* Base64 of several parts. Three bytes become four digits, and `left` keeps the rest until the next part. */
typedef struct Base64 {
        Buffer *buffer;
        unsigned char left[3];
        size_t n_left;
} Base64;

static void append_digits(Buffer *buffer, const unsigned char three[static 3]) {
        static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        const char four[4] = {
                digits[three[0] >> 2],
                digits[(three[0] & 3) << 4 | three[1] >> 4],
                digits[(three[1] & 15) << 2 | three[2] >> 6],
                digits[three[2] & 63],
        };

        buffer_append(buffer, four, sizeof(four));
}

static void base64_add(Base64 *b, Bytes bytes) {
        for (size_t i = 0; i < bytes.size; i++) {
                b->left[b->n_left++] = (unsigned char) bytes.data[i];
                if (b->n_left == sizeof(b->left)) {
                        append_digits(b->buffer, b->left);
                        b->n_left = 0;
                }
        }
}

static void base64_end(Base64 *b) {
        const size_t n = b->n_left;

        if (n == 0)
                return;
        for (size_t i = n; i < sizeof(b->left); i++)
                b->left[i] = 0;
        append_digits(b->buffer, b->left);
        if (buffer_error(b->buffer) < 0)
                return;
        for (size_t i = n; i < sizeof(b->left); i++)
                b->buffer->data[b->buffer->size - (sizeof(b->left) - i)] = '=';
}

void value_base64(Buffer *buffer, Bytes bytes) {
        Base64 b = { .buffer = buffer };

        base64_add(&b, bytes);
        base64_end(&b);
}

/* Appends base64 of all arguments, with a NUL after each, as in /proc/PID/cmdline. */
static void append_argv_raw(Buffer *buffer, const Event *event) {
        Base64 b = { .buffer = buffer };

        for (size_t i = 0; i < event->argc; i++) {
                base64_add(&b, event->argv[i]);
                base64_add(&b, (Bytes){ "", 1 });
        }
        base64_end(&b);
}

static void append_joined(Buffer *buffer, const Field *field, const Event *event) {
        size_t i = 0;
        Bytes item = field_list_next(field, event, &i);

        while (bytes_is_set(item)) {
                buffer_append_bytes(buffer, item);
                item = field_list_next(field, event, &i);
                if (bytes_is_set(item))
                        buffer_append_char(buffer, ',');
        }
}

static void append_process(Buffer *buffer, const ProcessIdentity *process) {
        char identity[PROCESS_IDENTITY_SIZE];
        size_t size = field_format_process(identity, process);

        buffer_append(buffer, identity, size);
}

void value_format(Buffer *buffer, const Field *field, const Event *event) {
        const void *value = field_value(field, event);
        char error[ERROR_NAME_SIZE];

        switch (field->type) {
        case FIELD_BYTES:
                buffer_append_bytes(buffer, *(const Bytes *) value);
                break;
        case FIELD_ID:
        case FIELD_ERRNO:
                buffer_append_u64(buffer, *(const uint32_t *) value);
                break;
        case FIELD_NUMBER:
                buffer_append_u64(buffer, *(const uint64_t *) value);
                break;
        case FIELD_TRUTH:
        case FIELD_MARK:
                buffer_append_string(buffer, "yes");
                break;
        case FIELD_ERROR:
                buffer_append_string(buffer, field_error_name(error, event->error));
                break;
        case FIELD_STDIN:
                buffer_append_string(buffer, field_stdin_name(*(const enum exec_stdin *) value));
                break;
        case FIELD_ARGV:
                json_strings(buffer, event->argv, event->argc);
                break;
        case FIELD_ARGV_RAW:
                append_argv_raw(buffer, event);
                break;
        case FIELD_PROCESS:
                append_process(buffer, value);
                break;
        case FIELD_JOINED:
                append_joined(buffer, field, event);
                break;
        case FIELD_LIST:
        case FIELD_LABELS:
        case FIELD_ENVIRONMENT:
        case _FIELD_TYPE_MAX:
                break;
        }
}
