/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Reads the line for people as its description in exectraced.fields(7) has it, and in no other way. */

#include "event/event.h"
#include "oracle-shell.h"

/* Takes "LABEL123" off, whose number has to be that. */
static inline void message_number(Bytes *rest, const char *label, uint64_t expected) {
        uint64_t number = 0;

        for (; *label; label++)
                assert_int_equal(shell_next(rest), *label);
        assert_true(rest->size > 0 && rest->data[0] >= '0' && rest->data[0] <= '9');
        while (rest->size > 0 && rest->data[0] >= '0' && rest->data[0] <= '9')
                number = number * 10 + (uint64_t) (shell_next(rest) - '0');
        assert_int_equal(number, expected);
}

static inline int message_label(Bytes *rest, const char *label) {
        size_t size = strlen(label);

        if (rest->size < size || memcmp(rest->data, label, size) != 0)
                return 0;
        *rest = (Bytes){ rest->data + size, rest->size - size };
        return 1;
}

/* What follows a label in the head: up to the comma before the next, or the bracket. A comma may be in it. */
static inline void message_word(Bytes *rest, Bytes expected) {
        _cleanup_(buffer_done) Buffer word = BUFFER_NULL;

        shell_word(rest, &word);
        if (rest->size > 0 && rest->data[0] == ' ') { /* what was taken last is the comma */
                assert_int_equal(word.data[word.size - 1], ',');
                word.size--;
                *rest = (Bytes){ rest->data - 1, rest->size + 1 };
                assert_int_equal(rest->data[0], ',');
        }
        assert_same(buffer_bytes(&word), expected);
}

static inline void message_comm(Bytes *rest, Bytes expected) {
        _cleanup_(buffer_done) Buffer comm = BUFFER_NULL;

        assert_int_equal(shell_next(rest), '"');
        shell_quoted(rest, '"', 1, &comm);
        assert_same(buffer_bytes(&comm), expected);
}

/* Takes "[PID, ...]" off the front of *rest, which is that of `event`. */
static inline void message_head(Bytes *rest, const Event *event) {
        message_number(rest, "[", event->pid);
        if (message_label(rest, ", comm="))
                message_comm(rest, event->comm);
        else
                assert_null(event->comm.data);
        message_number(rest, ", uid=", event->uid);
        message_number(rest, ", gid=", event->gid);
        if (event->loginuid != EVENT_ID_UNSET && event->loginuid != event->uid)
                message_number(rest, ", login=", event->loginuid);
        if (message_label(rest, ", tty="))
                message_word(rest, event->tty);
        else
                assert_null(event->tty.data);
        if (message_label(rest, ", unit="))
                message_word(rest, event->place.unit);
        else
                assert_null(event->place.unit.data);

        if (message_label(rest, ", error=")) {
                assert_int_not_equal(event->error, 0);
                while (rest->size > 0 && rest->data[0] != ',' && rest->data[0] != ']')
                        assert_true(shell_is_plain(shell_next(rest)));
        } else
                assert_int_equal(event->error, 0);

        if (message_label(rest, ", filename="))
                message_word(rest, event->filename);
        else
                assert_null(event->filename.data);
        assert_int_equal(shell_next(rest), ']');
}

/*
 * The command line behind the head: the arguments of `event`, all of them, or, where it is `cut`, those
 * that there was room for, and the front of one more.
 */
static inline void message_words(Bytes rest, const Event *event, int cut) {
        size_t n = 0;

        while (rest.size > 0) {
                _cleanup_(buffer_done) Buffer word = BUFFER_NULL;
                const char *start;

                assert_int_equal(shell_next(&rest), ' ');
                if (cut && rest.size == 0)
                        return;
                start = rest.data;
                shell_word(&rest, &word);
                assert_true(n < event->argc);
                if (n == 0 && !(cut && rest.size == 0))
                        assert_false(shell_is_no_command((Bytes){ start, (size_t) (rest.data - start) }));
                if (cut && rest.size == 0) {
                        assert_true(word.size <= event->argv[n].size);
                        word.size = word.size < event->argv[n].size ? word.size : event->argv[n].size;
                        assert_same(buffer_bytes(&word), (Bytes){ event->argv[n].data, word.size });
                } else
                        assert_same(buffer_bytes(&word), event->argv[n]);
                n++;
        }
        if (!cut)
                assert_int_equal(n, event->argc);
}
