/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The texts come from whoever executes something, so no text may keep the daemon busy for long: the search
 * goes step by step, each with a bounded number of places where a match may begin, and looks at the clock
 * in between. That is what re_search() can do and regexec(3) can't. It also sees what is in front of the
 * place where it goes on, so "^" and "\<" mean the same in every step.
 */

#include "redact/redact.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "redact/pattern.h"
#include "util/cleanup.h"

/* Places where a match may begin, tried in one step. A step costs at worst this times the length of the
 * text, at some nanoseconds each: 10 ms for 32 KiB, half a second for 1 MiB. */
#define STEP_STARTS 128U

typedef struct Budget {
        uint64_t limit_ns;
        uint64_t deadline_ns; /* CLOCK_THREAD_CPUTIME_ID; 0: not set yet */
} Budget;

static Budget budget_for(const Redactor *redactor, size_t size) {
        return (Budget){ .limit_ns = REDACT_BUDGET_NS + REDACT_BUDGET_BYTE_NS * redactor->n_patterns * size };
}

/* Of the thread's CPU time, so that a busy machine spends nobody's budget. The first call starts it. */
static bool budget_is_spent(Budget *budget) {
        struct timespec now = {};
        uint64_t now_ns;

        (void) clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
        now_ns = (uint64_t) now.tv_sec * 1000000000U + (uint64_t) now.tv_nsec;

        if (budget->deadline_ns == 0)
                budget->deadline_ns = now_ns + budget->limit_ns;
        return now_ns >= budget->deadline_ns;
}

void redactor_done(Redactor *redactor) {
        for (size_t i = 0; i < redactor->n_patterns; i++)
                regfree(&redactor->patterns[i]);
        free(redactor->patterns);
        *redactor = (Redactor){};
}

static int refuse(char **ret_reason, const char *reason) {
        char *copy = strdup(reason);

        if (!copy)
                return -ENOMEM;
        *ret_reason = copy;
        return -EINVAL;
}

/* On success *ret is compiled and usable. */
static int compile(const char *pattern, regex_t *ret, char **ret_reason) {
        const char *reason = pattern_refuse(pattern);
        char message[256];
        int r;

        if (reason)
                return refuse(ret_reason, reason);
        r = regcomp(ret, pattern, REG_EXTENDED);
        if (r == REG_ESPACE)
                return -ENOMEM;
        if (r != 0) {
                (void) regerror(r, ret, message, sizeof(message));
                return refuse(ret_reason, message);
        }

        if (regexec(ret, "", 0, NULL, 0) == 0) {
                regfree(ret);
                return refuse(ret_reason, "it matches the empty string");
        }
        return 0;
}

int redactor_add(Redactor *redactor, const char *pattern, char **ret_reason) {
        regex_t *patterns;
        int r;

        patterns = reallocarray(redactor->patterns, redactor->n_patterns + 1, sizeof(*patterns));
        if (!patterns)
                return -ENOMEM;
        redactor->patterns = patterns;

        r = compile(pattern, &patterns[redactor->n_patterns], ret_reason);
        if (r < 0)
                return r;
        redactor->n_patterns++;
        return 0;
}

/* Appends `text` to `out` with REDACTED for each match. 1: something was replaced; 0: nothing was, and
 * `out` is as before; -ENOMEM. */
static int replace_matches(regex_t *pattern, Bytes text, Buffer *out, Budget *budget) {
        size_t start = 0, copied = 0;
        bool replaced = false;

        if (text.size > INT_MAX) { /* what re_search() can't count */
                buffer_append_string(out, REDACTED);
                return buffer_error(out) < 0 ? -ENOMEM : 1;
        }

        while (start < text.size) {
                size_t left = text.size - start, starts = left < STEP_STARTS ? left : STEP_STARTS;
                regoff_t at, size;

                if (start > 0 && budget_is_spent(budget)) {
                        at = (regoff_t) start;
                        size = (regoff_t) left;
                } else {
                        at = re_search(pattern, text.data, (regoff_t) text.size, (regoff_t) start,
                                (regoff_t) starts - 1, NULL);
                        if (at == -1) {
                                start += starts;
                                continue;
                        }
                        if (at < 0)
                                return -ENOMEM;
                        size = re_match(pattern, text.data, (regoff_t) text.size, at, NULL);
                        if (size < 0)
                                return -ENOMEM;
                        if (size == 0) { /* "\b" and the like: there is nothing to replace */
                                start = (size_t) at + 1;
                                continue;
                        }
                }

                buffer_append(out, text.data + copied, (size_t) at - copied);
                buffer_append_string(out, REDACTED);
                copied = start = (size_t) at + (size_t) size;
                replaced = true;
        }

        if (!replaced)
                return 0;
        buffer_append(out, text.data + copied, text.size - copied);
        return buffer_error(out) < 0 ? -ENOMEM : 1;
}

static bool apply_within(const Redactor *redactor, Bytes text, Buffer *storage, Budget *budget,
        size_t *ret_offset, size_t *ret_size) {
        _cleanup_(buffer_done) Buffer done = BUFFER_NULL, next = BUFFER_NULL;
        bool replaced = false;
        size_t offset;

        for (size_t i = 0; i < redactor->n_patterns; i++) {
                int r = replace_matches(&redactor->patterns[i], text, &next, budget);

                if (r < 0) {
                        storage->failed = true;
                        return false;
                }
                if (r > 0) {
                        Buffer swap = done;

                        done = next;
                        next = swap;
                        buffer_clear(&next);
                        text = buffer_bytes(&done);
                        replaced = true;
                }
        }
        if (!replaced)
                return false;

        offset = storage->size;
        buffer_append_bytes(storage, text);
        buffer_append_char(storage, '\0');
        if (buffer_error(storage) < 0)
                return false;

        *ret_offset = offset;
        *ret_size = text.size;
        return true;
}

bool redactor_apply(
        const Redactor *redactor, Bytes text, Buffer *storage, size_t *ret_offset, size_t *ret_size) {
        Budget budget = budget_for(redactor, text.size);

        return apply_within(redactor, text, storage, &budget, ret_offset, ret_size);
}

void redacted_event_done(RedactedEvent *redacted) {
        buffer_done(&redacted->text);
        free(redacted->environment);
        *redacted = (RedactedEvent){};
}

/*
 * While `text` may still move, a value that it replaces has its new size and no data. What is replaced
 * holds at least REDACTED, so no other value looks like that; and the texts are one behind another in the
 * order of the values, each ended by NUL, which is how resolve() finds them.
 */
static bool is_pending(Bytes value) {
        return !value.data && value.size > 0;
}

static void redact(const Redactor *redactor, Bytes *value, Buffer *text, Budget *budget) {
        size_t offset, size;

        if (apply_within(redactor, *value, text, budget, &offset, &size))
                *value = (Bytes){ .data = NULL, .size = size };
}

static void resolve(Bytes *value, const Buffer *text, size_t *offset) {
        if (!is_pending(*value))
                return;
        value->data = text->data + *offset;
        *offset += value->size + 1;
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

int redactor_apply_event(const Redactor *redactor, Event *event, RedactedEvent *redacted) {
        size_t offset = 0, size = 0;
        Budget budget;
        int r;

        if (redactor->n_patterns == 0)
                return 0;

        r = copy_environment(event, redacted);
        if (r < 0)
                return r;

        for (size_t i = 0; i < event->argc; i++)
                size += event->argv[i].size;
        for (size_t i = 0; i < event->n_environment; i++)
                size += event->environment[i].value.size;
        budget = budget_for(redactor, size);

        buffer_clear(&redacted->text);
        for (size_t i = 0; i < event->argc; i++)
                redact(redactor, &event->argv[i], &redacted->text, &budget);
        for (size_t i = 0; i < event->n_environment; i++)
                redact(redactor, &redacted->environment[i].value, &redacted->text, &budget);
        if (buffer_error(&redacted->text) < 0)
                return -ENOMEM;

        for (size_t i = 0; i < event->argc; i++)
                resolve(&event->argv[i], &redacted->text, &offset);
        for (size_t i = 0; i < event->n_environment; i++)
                resolve(&redacted->environment[i].value, &redacted->text, &offset);
        if (event->n_environment > 0)
                event->environment = redacted->environment;
        return 0;
}
