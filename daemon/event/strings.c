/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Splits sequences of strings that each end with NUL. Arguments and environment have this form in the memory
 * of a program.
 */

#include "event/strings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Counts the strings in `bytes`, each of which ends with NUL, except that the last one may not. */
static size_t count_strings(Bytes bytes) {
        const char *p = bytes.data, *end = bytes.data + bytes.size;
        size_t n = 0;

        for (; p < end; n++) {
                const char *nul = memchr(p, '\0', (size_t) (end - p));

                p = nul ? nul + 1 : end;
        }
        return n;
}

/* Removes the first string and its NUL from `bytes`, which is not empty, and returns it. */
static Bytes take_string(Bytes *bytes) {
        const char *nul = memchr(bytes->data, '\0', bytes->size);
        Bytes string = { .data = bytes->data, .size = nul ? (size_t) (nul - bytes->data) : bytes->size };
        size_t used = string.size + (nul ? 1 : 0);

        bytes->data += used;
        bytes->size -= used;
        return string;
}

/* Returns the new size of an array, which at least doubles, so that it rarely grows. */
static size_t grown(size_t allocated, size_t need) {
        return need > allocated * 2 ? need : allocated * 2;
}

static int reserve_argv(Decoder *decoder, size_t n) {
        size_t allocated = grown(decoder->argv_allocated, n);
        Bytes *argv;

        if (n <= decoder->argv_allocated)
                return 0;
        argv = reallocarray(decoder->argv, allocated, sizeof(*argv));
        if (!argv)
                return -ENOMEM;
        decoder->argv = argv;
        decoder->argv_allocated = allocated;
        return 0;
}

static int reserve_environment(Decoder *decoder, size_t n) {
        size_t allocated = grown(decoder->environment_allocated, n);
        Assignment *environment;

        if (n <= decoder->environment_allocated)
                return 0;
        environment = reallocarray(decoder->environment, allocated, sizeof(*environment));
        if (!environment)
                return -ENOMEM;
        decoder->environment = environment;
        decoder->environment_allocated = allocated;
        return 0;
}

/*
 * Builds the argument at the gap from the unfinished one at the end of the head, DECODE_CUT, and the first
 * one of the tail. Removes both.
 */
static Bytes take_gap(Decoder *decoder, Bytes *head, Bytes *tail) {
        const char *nul = head->size > 0 ? memrchr(head->data, '\0', head->size) : NULL;
        size_t whole = nul ? (size_t) (nul - head->data) + 1 : 0, start = decoder->text.size;

        buffer_append(&decoder->text, head->data + whole, head->size - whole);
        head->size = whole;
        buffer_append_string(&decoder->text, DECODE_CUT);
        if (tail->size > 0)
                buffer_append_bytes(&decoder->text, take_string(tail));
        return buffer_since(&decoder->text, start);
}

int decode_arguments(
        Decoder *decoder, Bytes head, Bytes tail, bool truncated, size_t *ret_argc, size_t *ret_gap) {
        size_t argc = 0, gap_number;
        Bytes gap = BYTES_NULL;
        int r;

        if (truncated)
                gap = take_gap(decoder, &head, &tail);
        else { /* the tail follows the head in memory */
                head.size += tail.size;
                tail.size = 0;
        }

        r = reserve_argv(decoder, count_strings(head) + (truncated ? 1 : 0) + count_strings(tail));
        if (r < 0)
                return r;

        while (head.size > 0)
                decoder->argv[argc++] = take_string(&head);
        gap_number = argc;
        if (truncated)
                decoder->argv[argc++] = gap;
        while (tail.size > 0)
                decoder->argv[argc++] = take_string(&tail);

        *ret_argc = argc;
        *ret_gap = gap_number;
        return 0;
}

int decode_environment(Decoder *decoder, Bytes strings, bool truncated, size_t *ret_n) {
        size_t n = 0;
        int r;

        if (truncated) {
                const char *nul = memrchr(strings.data, '\0', strings.size);

                strings.size = nul ? (size_t) (nul - strings.data) + 1 : 0;
        }

        r = reserve_environment(decoder, count_strings(strings));
        if (r < 0)
                return r;

        while (strings.size > 0) {
                Bytes string = take_string(&strings);
                const char *equals = string.size > 0 ? memchr(string.data, '=', string.size) : NULL;
                size_t name = equals ? (size_t) (equals - string.data) : 0;

                if (name == 0)
                        continue;
                decoder->environment[n++] = (Assignment){
                        .name = { string.data, name },
                        .value = { equals + 1, string.size - name - 1 },
                };
        }

        *ret_n = n;
        return 0;
}
