/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What is quoted is what a shell reads, and so is as much of it as there is room for. */

#include "format/quote.h"
#include "oracle-shell.h"
#include "oracle-text.h"

static void read_back(QuoteKind kind, Bytes quoted, Buffer *ret) {
        Bytes rest = quoted;

        oracle_line(quoted);
        if (kind == QUOTE_STRING) {
                assert_int_equal(shell_next(&rest), '"');
                shell_quoted(&rest, '"', 1, ret);
        } else
                shell_word(&rest, ret);
        assert_int_equal(rest.size, 0);
        if (kind == QUOTE_COMMAND)
                assert_false(shell_is_no_command(quoted));
}

static void check_word(QuoteKind kind, Bytes word, size_t room) {
        _cleanup_(buffer_done) Buffer quoted = BUFFER_NULL, front = BUFFER_NULL;
        _cleanup_(buffer_done) Buffer read = BUFFER_NULL, read_front = BUFFER_NULL;

        buffer_append_string(&quoted, "before");
        quote_append(&quoted, kind, word);
        assert_int_equal(buffer_error(&quoted), 0);
        assert_memory_equal(quoted.data, "before", 6);
        read_back(kind, buffer_since(&quoted, 6), &read);
        assert_same(buffer_bytes(&read), word);

        quote_append_front(&front, kind, word, room);
        assert_int_equal(buffer_error(&front), 0);
        assert_true(front.size <= room);
        if (front.size > 0)
                read_back(kind == QUOTE_COMMAND ? QUOTE_WORD : kind, buffer_bytes(&front), &read_front);
        assert_true(read_front.size <= word.size);
        assert_same(buffer_bytes(&read_front), (Bytes){ word.data, read_front.size });
        if (quoted.size - 6 <= room && word.size > 0)
                assert_same(buffer_bytes(&front), buffer_since(&quoted, 6));
        /* Two quotes, a dollar, and the longest character: four escapes of four bytes. */
        if (room >= 3 + 16 && word.size > 0)
                assert_true(front.size > 0);
}

/* One byte says how much room there is, the others are words with a NUL between two. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        Input input = { data, size };
        size_t room = (size_t) input_number(&input, 1);

        do {
                const uint8_t *nul = input.size > 0 ? memchr(input.data, '\0', input.size) : NULL;
                Bytes word = input_take(&input, nul ? (size_t) (nul - input.data) : input.size);
                _cleanup_free_ char *copy = copy_of(word);

                (void) input_take(&input, 1);
                for (QuoteKind kind = 0; kind < _QUOTE_KIND_MAX; kind++)
                        check_word(kind, (Bytes){ copy, word.size }, room);
        } while (input.size > 0);
        return 0;
}
