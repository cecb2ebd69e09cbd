/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "redact/redact.h"

#include <stdlib.h>
#include <string.h>

#include "event/strings.h"

/* filename, exe, cwd. */
#define N_PATHS 3U

/* Added to the size of a text, because a search has a fixed cost, too. */
#define WEIGHT_LEAST 16U

void redacted_event_done(RedactedEvent *redacted) {
        buffer_done(&redacted->text);
        free(redacted->environment);
        *redacted = (RedactedEvent){};
}

static int copy_environment(const Event *event, RedactedEvent *redacted) {
        if (event->n_environment > redacted->environment_allocated) {
                Assignment *environment =
                        reallocarray(redacted->environment, event->n_environment, sizeof(*environment));

                if (!environment)
                        return -ENOMEM;
                redacted->environment = environment;
                redacted->environment_allocated = event->n_environment;
        }
        if (event->n_environment > 0)
                memcpy(redacted->environment, event->environment,
                        event->n_environment * sizeof(*event->environment));
        return 0;
}

static size_t count_texts(const Event *event) {
        return event->argc + event->n_environment + N_PATHS;
}

/* Returns the text with the index `i` among those that are searched. */
static Bytes *text_at(Event *event, RedactedEvent *redacted, size_t i) {
        if (i < event->argc)
                return &event->argv[i];
        i -= event->argc;
        if (i < event->n_environment)
                return &redacted->environment[i].value;
        i -= event->n_environment;
        return i == 0 ? &event->filename : i == 1 ? &event->exe : &event->cwd;
}

/*
 * Returns true when a part of the text is missing, unless all of it is, because then there is no secret in
 * it.
 */
static bool is_cut(const Event *event, const Bytes *text) {
        if (text == event->argv_gap)
                return !bytes_equal(*text, BYTES_LITERAL(DECODE_CUT));
        return (text == &event->filename && event->filename_cut) || (text == &event->exe && event->exe_cut) ||
                (text == &event->cwd && event->cwd_cut);
}

static uint64_t weight_of(Bytes text) {
        return text.size + WEIGHT_LEAST;
}

/*
 * A text that was replaced has its new size and no data while `redacted->text` may still move. The size is
 * not 0, because it contains REDACTED, so no other text has this form.
 */
static bool is_pending(Bytes text) {
        return !text.data && text.size > 0;
}

static int redact(const Redactor *redactor, Event *event, Bytes *text, Buffer *storage, Budget *budget) {
        size_t offset, size;
        int r;

        budget_begin(budget, weight_of(*text));
        if (text->size == 0)
                return 0;
        if (is_cut(event, text)) {
                *text = BYTES_LITERAL(REDACTED);
                return 0;
        }

        r = redactor_apply(redactor, *text, budget, storage, &offset, &size);
        if (r == REDACTION_TIMEOUT) {
                event->redact_timeout = true;
                *text = BYTES_LITERAL(REDACTED);
        } else if (r == REDACTION_DONE)
                *text = (Bytes){ .data = NULL, .size = size };
        return r < 0 ? r : 0;
}

/*
 * Sets the data of a text that was replaced. The texts in `storage` follow each other, and each ends with
 * NUL.
 */
static void resolve(Bytes *text, const Buffer *storage, size_t *offset) {
        if (!is_pending(*text))
                return;
        text->data = storage->data + *offset;
        *offset += text->size + 1;
}

static Budget budget_of(Event *event, RedactedEvent *redacted) {
        uint64_t limit, weight = 0, size = 0;

        for (size_t i = 0; i < count_texts(event); i++) {
                const Bytes *text = text_at(event, redacted, i);

                size += text->size;
                weight += weight_of(*text);
        }
        limit = size * REDACT_BUDGET_BYTE_NS;
        return budget_new(limit > REDACT_BUDGET_NS ? limit : REDACT_BUDGET_NS, weight);
}

int redactor_apply_event(const Redactor *redactor, Event *event, RedactedEvent *redacted) {
        size_t n = count_texts(event), offset = 0;
        Budget budget;
        int r;

        if (redactor->n_patterns == 0)
                return 0;
        r = copy_environment(event, redacted);
        if (r < 0)
                return r;

        budget = budget_of(event, redacted);
        buffer_clear(&redacted->text);
        for (size_t i = 0; i < n; i++) {
                r = redact(redactor, event, text_at(event, redacted, i), &redacted->text, &budget);
                if (r < 0)
                        return r;
        }
        for (size_t i = 0; i < n; i++)
                resolve(text_at(event, redacted, i), &redacted->text, &offset);
        if (event->n_environment > 0)
                event->environment = redacted->environment;
        return 0;
}
