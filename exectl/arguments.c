/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "arguments.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

/* While the storage grows, the data of a word is an offset. settle() replaces it by a pointer. */
static int add_word(Arguments *arguments, size_t start) {
        if (arguments->n == arguments->allocated) {
                size_t n = arguments->allocated ? 2 * arguments->allocated : 16;
                Bytes *grown = reallocarray(arguments->word, n, sizeof(*grown));

                if (!grown)
                        return -ENOMEM;
                arguments->word = grown;
                arguments->allocated = n;
        }
        arguments->word[arguments->n++] = (Bytes){
                .data = (const char *) (uintptr_t) start,
                .size = arguments->storage.size - start,
        };
        return 0;
}

static int settle(Arguments *arguments) {
        if (buffer_error(&arguments->storage) < 0) {
                arguments->n = 0;
                return -ENOMEM;
        }
        for (size_t i = 0; i < arguments->n; i++)
                arguments->word[i].data = arguments->storage.data
                        ? arguments->storage.data + (uintptr_t) arguments->word[i].data
                        : "";
        return 0;
}

static void clear(Arguments *arguments) {
        buffer_clear(&arguments->storage);
        arguments->n = 0;
}

void arguments_done(Arguments *arguments) {
        buffer_done(&arguments->storage);
        free(arguments->word);
        *arguments = (Arguments){};
}

static void skip_space(Bytes *text) {
        while (text->size > 0 &&
                (*text->data == ' ' || *text->data == '\t' || *text->data == '\n' || *text->data == '\r')) {
                text->data++;
                text->size--;
        }
}

static bool take(Bytes *text, char c) {
        if (text->size == 0 || *text->data != c)
                return false;
        text->data++;
        text->size--;
        return true;
}

static int hex_value(char c) {
        if (c >= '0' && c <= '9')
                return c - '0';
        if (c >= 'a' && c <= 'f')
                return c - 'a' + 10;
        if (c >= 'A' && c <= 'F')
                return c - 'A' + 10;
        return -1;
}

/* Takes the four digits after \u. Returns false when they are missing. */
static bool take_unit(Bytes *text, uint32_t *ret) {
        uint32_t unit = 0;

        if (text->size < 4)
                return false;
        for (size_t i = 0; i < 4; i++) {
                int digit = hex_value(text->data[i]);

                if (digit < 0)
                        return false;
                unit = unit << 4 | (uint32_t) digit;
        }
        text->data += 4;
        text->size -= 4;
        *ret = unit;
        return true;
}

static void append_utf8(Buffer *buffer, uint32_t c) {
        if (c < 0x80) {
                buffer_append_char(buffer, (char) c);
                return;
        }
        if (c < 0x800)
                buffer_append_char(buffer, (char) (0xc0 | c >> 6));
        else {
                if (c < 0x10000)
                        buffer_append_char(buffer, (char) (0xe0 | c >> 12));
                else {
                        buffer_append_char(buffer, (char) (0xf0 | c >> 18));
                        buffer_append_char(buffer, (char) (0x80 | (c >> 12 & 0x3f)));
                }
                buffer_append_char(buffer, (char) (0x80 | (c >> 6 & 0x3f)));
        }
        buffer_append_char(buffer, (char) (0x80 | (c & 0x3f)));
}

static bool read_unicode(Bytes *text, Buffer *buffer) {
        uint32_t unit, low;
        Bytes rest;

        if (!take_unit(text, &unit))
                return false;
        if (unit >= 0xdc80 && unit <= 0xdcff) {
                buffer_append_char(buffer, (char) (unit & 0xff));
                return true;
        }
        if (unit >= 0xd800 && unit <= 0xdbff) {
                rest = *text;
                if (take(&rest, '\\') && take(&rest, 'u') && take_unit(&rest, &low) && low >= 0xdc00 &&
                        low <= 0xdfff) {
                        *text = rest;
                        append_utf8(buffer, 0x10000 + ((unit & 0x3ff) << 10 | (low & 0x3ff)));
                        return true;
                }
        }
        append_utf8(buffer, unit >= 0xd800 && unit <= 0xdfff ? 0xfffd : unit);
        return true;
}

static bool read_escape(Bytes *text, Buffer *buffer) {
        static const char letters[][2] = {
                { '"', '"' },
                { '\\', '\\' },
                { '/', '/' },
                { 'b', '\b' },
                { 'f', '\f' },
                { 'n', '\n' },
                { 'r', '\r' },
                { 't', '\t' },
        };

        if (take(text, 'u'))
                return read_unicode(text, buffer);
        for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
                if (take(text, letters[i][0])) {
                        buffer_append_char(buffer, letters[i][1]);
                        return true;
                }
        return false;
}

/* Takes a string with its quotes. */
static bool read_string(Bytes *text, Buffer *buffer) {
        if (!take(text, '"'))
                return false;
        while (text->size > 0) {
                size_t n = 0;

                while (n < text->size && text->data[n] != '"' && text->data[n] != '\\')
                        n++;
                buffer_append(buffer, text->data, n);
                text->data += n;
                text->size -= n;
                if (take(text, '"'))
                        return true;
                if (!take(text, '\\') || !read_escape(text, buffer))
                        return false;
        }
        return false;
}

static int read_array(Arguments *arguments, Bytes json) {
        int r;

        skip_space(&json);
        if (!take(&json, '['))
                return -EBADMSG;
        skip_space(&json);
        if (!take(&json, ']'))
                for (;;) {
                        size_t start = arguments->storage.size;

                        skip_space(&json);
                        if (!read_string(&json, &arguments->storage))
                                return -EBADMSG;
                        r = add_word(arguments, start);
                        if (r < 0)
                                return r;
                        skip_space(&json);
                        if (take(&json, ']'))
                                break;
                        if (!take(&json, ','))
                                return -EBADMSG;
                }
        skip_space(&json);
        return json.size == 0 ? 0 : -EBADMSG;
}

int arguments_read(Arguments *arguments, Bytes json) {
        int r;

        clear(arguments);
        r = read_array(arguments, json);
        if (r < 0) {
                arguments->n = 0;
                return r;
        }
        return settle(arguments);
}

static int base64_value(char c) {
        if (c >= 'A' && c <= 'Z')
                return c - 'A';
        if (c >= 'a' && c <= 'z')
                return c - 'a' + 26;
        if (c >= '0' && c <= '9')
                return c - '0' + 52;
        if (c == '+')
                return 62;
        return c == '/' ? 63 : -1;
}

static int read_base64(Buffer *buffer, Bytes text) {
        while (text.size > 0 && text.data[text.size - 1] == '=')
                text.size--;
        if (text.size % 4 == 1)
                return -EBADMSG;
        for (size_t i = 0; i < text.size; i += 4) {
                size_t n = text.size - i < 4 ? text.size - i : 4;
                uint32_t bits = 0;

                for (size_t k = 0; k < 4; k++) {
                        int value = k < n ? base64_value(text.data[i + k]) : 0;

                        if (value < 0)
                                return -EBADMSG;
                        bits = bits << 6 | (uint32_t) value;
                }
                for (size_t k = 0; k + 1 < n; k++)
                        buffer_append_char(buffer, (char) (bits >> (16 - 8 * k) & 0xff));
        }
        return 0;
}

int arguments_read_raw(Arguments *arguments, Bytes base64) {
        Buffer *storage = &arguments->storage;
        int r;

        clear(arguments);
        r = read_base64(storage, base64);
        if (r >= 0 && storage->size > 0 && storage->data[storage->size - 1] != '\0')
                r = -EBADMSG;
        for (size_t i = 0, start = 0; i < storage->size && r >= 0; i++)
                if (storage->data[i] == '\0') {
                        r = add_word(arguments, start);
                        if (r >= 0)
                                arguments->word[arguments->n - 1].size = i - start;
                        start = i + 1;
                }
        if (r < 0) {
                arguments->n = 0;
                return r;
        }
        return settle(arguments);
}
