/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "util/buffer.h"
#include "util/bytes.h"

typedef enum QuoteKind {
        /*
         * A shell reads it as one word with exactly these bytes. The word is written without quotes if that
         * is safe, in '...' if all of it is printable, and otherwise in $'...', with a three-digit octal
         * escape for each byte that is not printable. An empty word is ''.
         */
        QUOTE_WORD,
        /*
         * Like QUOTE_WORD, for the first word of a command line. A word that the shell would read as a
         * keyword ("if") or as an assignment ("A=b") is put in quotes, too.
         */
        QUOTE_COMMAND,
        /* A string in "...", with C escapes for quotes, backslashes and bytes that are not printable. */
        QUOTE_STRING,
        _QUOTE_KIND_MAX,
} QuoteKind;

/* Appends `text` in quotes of this kind. The result is printable UTF-8 in one line. */
void quote_append(Buffer *buffer, QuoteKind kind, Bytes text);

/*
 * Like quote_append(), but appends at most `room` bytes, quotes included. It appends as many characters from
 * the beginning of `text` as fit, always whole characters and whole escape sequences, or nothing if not even
 * one fits. It looks only at the first `room` bytes of `text`, so the kind of quotes depends on what is
 * shown, not on the rest.
 */
void quote_append_front(Buffer *buffer, QuoteKind kind, Bytes text, size_t room);
