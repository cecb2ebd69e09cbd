/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "event/event.h"
#include "redact/redactor.h"
#include "util/buffer.h"

/* What replaces parts of an event. Keeps its memory from one event to the next. All-zero is a new one. */
typedef struct RedactedEvent {
        Buffer text;
        Assignment *environment;
        size_t environment_allocated;
} RedactedEvent;

void redacted_event_done(RedactedEvent *redacted);

/*
 * The CPU time for the texts of one event: REDACT_BUDGET_NS, or REDACT_BUDGET_BYTE_NS for each byte where
 * that is more. Ordinary texts take some nanoseconds a byte with a dozen of patterns.
 */
#define REDACT_BUDGET_NS 8000000U
#define REDACT_BUDGET_BYTE_NS 64U

/*
 * Takes out of the event what the patterns match in an argument, in the value of a variable, in `filename`,
 * `exe` and `cwd`. A text that could not be searched in time becomes REDACTED as a whole, and
 * event->redact_timeout is set. So does, without that, a text that is not whole, as what is missing of it may
 * be what a pattern would have known it by.
 *
 * The elements of event->argv are changed, event->environment points to a copy; both hold until the next
 * call. 0, or -ENOMEM: the event may not be recorded.
 */
int redactor_apply_event(const Redactor *redactor, Event *event, RedactedEvent *redacted);
