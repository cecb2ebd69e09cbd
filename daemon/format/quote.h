/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "util/buffer.h"
#include "util/bytes.h"

typedef enum QuoteKind {
        /*
         * A POSIX shell reads back exactly these bytes as one word: as it is where that is safe, in '...'
         * where all of it is printable, else in $'...' with a three-digit octal escape for each byte of what
         * is not. An empty word is ''.
         */
        QUOTE_WORD,
        /*
         * The same for the first word of a command line: a word that the shell would read as a keyword ("if")
         * or as an assignment ("A=b") is put in quotes, too.
         */
        QUOTE_COMMAND,
        /* A "..." string: C escapes for what is not printable, for the quote and for the backslash. */
        QUOTE_STRING,
        _QUOTE_KIND_MAX,
} QuoteKind;

/* Appends `text` in quotes of this kind. The result is printable UTF-8 in one line. */
void quote_append(Buffer *buffer, QuoteKind kind, Bytes text);

/*
 * Appends as much of the front of `text` as comes to at most `room` bytes, its quotes included: whole
 * characters and whole escape sequences, nothing at all when not even one fits. Looks at no more than `room`
 * bytes of `text`, so the quotes suit what is shown, not what is missing.
 */
void quote_append_front(Buffer *buffer, QuoteKind kind, Bytes text, size_t room);
