/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "event/event.h"
#include "redact/redactor.h"
#include "util/buffer.h"

/* The memory for texts that replace those of an event. It is used again for each. An all-zero one is new. */
typedef struct RedactedEvent {
        Buffer text;
        Assignment *environment;
        size_t environment_allocated;
} RedactedEvent;

void redacted_event_done(RedactedEvent *redacted);

/*
 * The CPU time for the texts of one event: REDACT_BUDGET_NS, or REDACT_BUDGET_BYTE_NS for each byte if that
 * is more. With a dozen patterns, ordinary texts take some nanoseconds a byte.
 */
#define REDACT_BUDGET_NS 8000000U
#define REDACT_BUDGET_BYTE_NS 64U

/*
 * Replaces all matches of the patterns in the arguments, in the values of variables, and in `filename`,
 * `exe` and `cwd`. A text that could not be searched in time is replaced by REDACTED as a whole, and
 * event->redact_timeout is set. A text that is incomplete is replaced as a whole, too, without that mark,
 * because the missing bytes may be those that a pattern needs to match.
 *
 * The function changes the elements of event->argv and makes event->environment point to a copy; both are
 * valid until the next call. Returns 0, or -ENOMEM, and then the event must not be recorded.
 */
int redactor_apply_event(const Redactor *redactor, Event *event, RedactedEvent *redacted);
