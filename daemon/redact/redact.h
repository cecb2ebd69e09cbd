/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>

#include "event/event.h"
#include "util/buffer.h"
#include "util/bytes.h"

/* POSIX extended regular expressions whose matches are not to be recorded. All-zero: none. */
typedef struct Redactor {
        regex_t *patterns;
        size_t n_patterns;
} Redactor;

#define REDACTED "***"

void redactor_done(Redactor *redactor);

/*
 * Adds a pattern. -EINVAL: it can't be compiled, it matches the empty string, or it has a back-reference
 * (which POSIX leaves out of extended expressions, and whose cost has no bound); then *ret_reason says why
 * (to be freed). -ENOMEM.
 */
int redactor_add(Redactor *redactor, const char *pattern, char **ret_reason);

/*
 * Replaces what the patterns match inside `text`, each pattern working on what the ones before it left,
 * every match by REDACTED. Matching is by bytes; "^" and "$" are the ends of `text`. True when something
 * was replaced: the result is then in `storage`, appended behind what is there, followed by a NUL that does
 * not count; *ret_offset and *ret_size say where. False: `text` stands as it is, and so does `storage`.
 * Memory that runs out (buffer_error(storage)) must be asked for by the caller, who then may not use
 * `text`.
 *
 * Matching can take time that grows with the square of the text's length, and the text is anybody's. So
 * there is a budget of CPU time: REDACT_BUDGET_NS, and for each byte and pattern REDACT_BUDGET_BYTE_NS
 * more. A pattern takes about 10 ns a byte of plain text; arguments of a few bytes that all match are the
 * dearest of what is honest, with about 150. Once the budget is used up, what has not been searched of a
 * text is replaced by REDACTED as a whole: what might be secret is never recorded for lack of time.
 */
#define REDACT_BUDGET_NS 20000000ULL
#define REDACT_BUDGET_BYTE_NS 250ULL
bool redactor_apply(
        const Redactor *redactor, Bytes text, Buffer *storage, size_t *ret_offset, size_t *ret_size);

/* What replaces parts of an event. Keeps its memory from one event to the next. All-zero is a new one. */
typedef struct RedactedEvent {
        Buffer text;
        Assignment *environment;
        size_t environment_allocated;
} RedactedEvent;

void redacted_event_done(RedactedEvent *redacted);

/*
 * Redacts every argument and the value of every variable in event->environment, all of them together within
 * one budget. The elements of event->argv are changed, event->environment points to a copy; both hold until
 * the next call. 0; -ENOMEM: the event may not be recorded.
 */
int redactor_apply_event(const Redactor *redactor, Event *event, RedactedEvent *redacted);
