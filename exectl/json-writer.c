/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "json-writer.h"

#include <stdio.h>
#include <string.h>

#include "util/utf8.h"

void json_append_string(Buffer *out, Bytes value) {
        static const char hex[] = "0123456789abcdef";
        size_t i = 0;

        buffer_append_char(out, '"');
        while (i < value.size) {
                size_t start = i, n;
                uint32_t c;

                while (i < value.size) {
                        unsigned char byte = (unsigned char) value.data[i];

                        if (byte < 0x20 || byte == '"' || byte == '\\' || byte >= 0x7f)
                                break;
                        i++;
                }
                buffer_append(out, value.data + start, i - start);
                if (i == value.size)
                        break;

                n = utf8_decode(value.data + i, value.size - i, &c);
                if (n == 0) {
                        buffer_append_string(out, "\xef\xbf\xbd");
                        n = 1;
                } else if (n == 1 && (c == '"' || c == '\\')) {
                        buffer_append_char(out, '\\');
                        buffer_append_char(out, (char) c);
                } else if (!utf8_is_printable(c) && c < 0x10000) {
                        const char escape[] = { '\\', 'u', hex[c >> 12], hex[c >> 8 & 15], hex[c >> 4 & 15],
                                hex[c & 15] };

                        buffer_append(out, escape, sizeof(escape));
                } else if (!utf8_is_printable(c)) {
                        char escapes[32];

                        (void) snprintf(escapes, sizeof(escapes), "\\u%04x\\u%04x",
                                0xd800 | ((c - 0x10000) >> 10), 0xdc00 | ((c - 0x10000) & 0x3ff));
                        buffer_append_string(out, escapes);
                } else
                        buffer_append(out, value.data + i, n);
                i += n;
        }
        buffer_append_char(out, '"');
}

static void new_line(JsonWriter *writer) {
        if (!writer->pretty)
                return;
        buffer_append_char(writer->out, '\n');
        for (unsigned i = 0; i < writer->depth; i++)
                buffer_append_string(writer->out, "        ");
}

/* Writes what precedes a value: a comma, a line break and the key, if necessary. */
static void begin(JsonWriter *writer, const char *key) {
        uint64_t bit = UINT64_C(1) << writer->depth;

        if (writer->depth > 0) {
                if (writer->filled & bit)
                        buffer_append_char(writer->out, ',');
                writer->filled |= bit;
                new_line(writer);
        }
        if (key) {
                json_append_string(writer->out, bytes_of_string(key));
                buffer_append_string(writer->out, writer->pretty ? " : " : ":");
        }
}

void json_open(JsonWriter *writer, const char *key, char bracket) {
        begin(writer, key);
        buffer_append_char(writer->out, bracket);
        writer->depth++;
        writer->filled &= ~(UINT64_C(1) << writer->depth);
}

void json_close(JsonWriter *writer, char bracket) {
        bool filled = writer->filled & (UINT64_C(1) << writer->depth);

        writer->depth--;
        if (filled)
                new_line(writer);
        buffer_append_char(writer->out, bracket);
}

void json_string(JsonWriter *writer, const char *key, Bytes value) {
        begin(writer, key);
        json_append_string(writer->out, value);
}

void json_text(JsonWriter *writer, const char *key, const char *value) {
        json_string(writer, key, bytes_of_string(value));
}

void json_number(JsonWriter *writer, const char *key, uint64_t value) {
        begin(writer, key);
        buffer_append_u64(writer->out, value);
}

void json_fraction(JsonWriter *writer, const char *key, double value) {
        char text[64];
        char *comma;

        (void) snprintf(text, sizeof(text), "%.6g", value);
        /* The decimal point of the locale may be a comma, which is not valid in JSON. */
        comma = strchr(text, ',');
        if (comma)
                *comma = '.';
        begin(writer, key);
        buffer_append_string(writer->out, text);
}

void json_bool(JsonWriter *writer, const char *key, bool value) {
        begin(writer, key);
        buffer_append_string(writer->out, value ? "true" : "false");
}

void json_raw(JsonWriter *writer, Bytes json) {
        begin(writer, NULL);
        buffer_append_bytes(writer->out, json);
}

void json_list(JsonWriter *writer, const char *key, Bytes joined) {
        json_open(writer, key, '[');
        while (joined.size > 0) {
                const char *comma = memchr(joined.data, ',', joined.size);
                size_t n = comma ? (size_t) (comma - joined.data) : joined.size;

                json_string(writer, NULL, (Bytes){ joined.data, n });
                n += comma ? 1 : 0;
                joined.data += n;
                joined.size -= n;
        }
        json_close(writer, ']');
}
