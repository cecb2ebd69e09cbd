/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "redact/redactor.h"

#include <stdbool.h>
#include <string.h>

/* The marks of a byte of the text. */
enum {
        MARK_COVERED = 1, /* it is part of a match */
        MARK_JOINED = 2, /* it is part of a match to which the byte before it belongs, too */
};

void redactor_done(Redactor *redactor) {
        for (size_t i = 0; i < redactor->n_patterns; i++)
                pattern_free(redactor->patterns[i]);
        free(redactor->patterns);
        matcher_free(redactor->matcher);
        *redactor = (Redactor){};
}

int redactor_add(Redactor *redactor, const char *pattern, char **ret_reason) {
        Pattern **patterns;
        int r;

        if (!redactor->matcher) {
                r = matcher_new(true, &redactor->matcher);
                if (r < 0)
                        return r;
        }
        patterns = reallocarray(redactor->patterns, redactor->n_patterns + 1, sizeof(Pattern *));
        if (!patterns)
                return -ENOMEM;
        redactor->patterns = patterns;

        r = pattern_new(redactor->matcher, pattern, &patterns[redactor->n_patterns], ret_reason);
        if (r < 0)
                return r;
        redactor->n_patterns++;
        return 0;
}

static void mark(char *marks, size_t begin, size_t end) {
        marks[begin] |= MARK_COVERED;
        for (size_t i = begin + 1; i < end; i++)
                marks[i] |= MARK_COVERED | MARK_JOINED;
}

/*
 * Marks the matches of one pattern. There is one byte of marks for each byte of the text. The first match of
 * all patterns appends them to `storage`.
 */
static int mark_matches(Matcher *matcher, const Pattern *pattern, Bytes text, Budget *budget, Buffer *storage,
        size_t offset) {
        size_t at = 0, begin, end;
        int r;

        while (at < text.size) {
                r = pattern_find(matcher, pattern, text, at, budget, &begin, &end);
                if (r <= 0)
                        return r;
                if (storage->size == offset) {
                        r = buffer_reserve(storage, text.size);
                        if (r < 0)
                                return r;
                        memset(storage->data + offset, 0, text.size);
                        storage->size += text.size;
                }
                mark(storage->data + offset, begin, end);
                at = end > at ? end : at + 1;
        }
        return 0;
}

/*
 * Appends the text with REDACTED in place of the matches. The marks are in the same buffer, which may move.
 */
static void replace_marked(Bytes text, Buffer *storage, size_t marks) {
        for (size_t i = 0; i < text.size;) {
                bool covered = storage->data[marks + i] & MARK_COVERED;
                size_t begin = i;

                if (covered) {
                        do
                                i++;
                        while (i < text.size && (storage->data[marks + i] & MARK_JOINED));
                        buffer_append_string(storage, REDACTED);
                } else {
                        do
                                i++;
                        while (i < text.size && !(storage->data[marks + i] & MARK_COVERED));
                        buffer_append(storage, text.data + begin, i - begin);
                }
        }
        buffer_append_char(storage, '\0');
}

int redactor_apply(const Redactor *redactor, Bytes text, Budget *budget, Buffer *storage, size_t *ret_offset,
        size_t *ret_size) {
        size_t offset = storage->size, size;

        for (size_t i = 0; i < redactor->n_patterns; i++) {
                const Pattern *pattern = redactor->patterns[i];
                int r;

                if (text.size < pattern_shortest(pattern))
                        continue;
                r = mark_matches(redactor->matcher, pattern, text, budget, storage, offset);
                if (r < 0) {
                        buffer_truncate(storage, offset);
                        return r == -ETIME ? (int) REDACTION_TIMEOUT : r;
                }
        }
        if (storage->size == offset)
                return REDACTION_NONE;

        replace_marked(text, storage, offset);
        if (buffer_error(storage) < 0)
                return -ENOMEM;

        /* The marks are not needed any more, and the result is moved to their place. */
        size = storage->size - offset - text.size;
        memmove(storage->data + offset, storage->data + offset + text.size, size);
        storage->size = offset + size;
        *ret_offset = offset;
        *ret_size = size - 1;
        return REDACTION_DONE;
}
