/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* A record with anything in its fields: also what no decoder makes of any bytes. */

#include "event/event.h"
#include "fuzz.h"

#define ANY_ARGUMENTS_MAX 16
#define ANY_NAME_MAX 55 /* of a variable that Environment= may name */

typedef struct AnyEvent {
        Event event;
        Bytes argv[ANY_ARGUMENTS_MAX];
        Assignment environment[1];
        Assignment labels[1];
        Bytes tags[3];
} AnyEvent;

/* No text of a record holds a NUL. */
static inline Bytes without_nul(Bytes text) {
        return (Bytes){ text.data, strnlen(text.data, text.size) };
}

/* Unset where `set` lacks the bit. */
static inline Bytes any_text(Input *input, uint64_t set, unsigned bit) {
        Bytes text = without_nul(input_text(input));

        return set >> bit & 1 ? text : BYTES_NULL;
}

static inline uint32_t any_id(Input *input, uint64_t set, unsigned bit) {
        uint32_t id = (uint32_t) input_number(input, 4);

        return set >> bit & 1 ? id : EVENT_ID_UNSET;
}

/* What it points into are the input and *ret. */
static inline void any_event(Input *input, AnyEvent *ret) {
        Event *e = &ret->event;
        uint64_t set = input_number(input, 4);

        *ret = (AnyEvent){};
        e->filename = any_text(input, set, 0);
        e->exe = any_text(input, set, 1);
        e->cwd = any_text(input, set, 2);
        e->tty = any_text(input, set, 3);
        e->comm = any_text(input, set, 4);
        e->parent_comm = any_text(input, set, 5);
        e->place.unit = any_text(input, set, 6);
        e->place.user_unit = any_text(input, set, 7);
        e->place.slice = any_text(input, set, 8);
        e->place.session = any_text(input, set, 9);
        e->place.container = any_text(input, set, 10);
        e->place.invocation_id = any_text(input, set, 10);
        e->place.path = any_text(input, set, 11);
        e->place_unknown = !bytes_is_set(e->place.path);

        e->uid = (uint32_t) input_number(input, 4);
        e->gid = (uint32_t) input_number(input, 4);
        e->euid = set >> 12 & 1 ? e->uid : (uint32_t) input_number(input, 4);
        e->egid = set >> 13 & 1 ? e->gid : (uint32_t) input_number(input, 4);
        e->pid = (uint32_t) input_number(input, 4);
        e->ppid = any_id(input, set, 14);
        e->nspid = any_id(input, set, 15);
        e->pidns = any_id(input, set, 16);
        e->loginuid = any_id(input, set, 17);
        e->session = any_id(input, set, 18);
        e->flags = (uint32_t) input_number(input, 4);
        e->error = set >> 19 & 1 ? (uint32_t) input_number(input, 2) : 0;
        e->seq = input_number(input, 8);
        e->timestamp = input_number(input, 8);
        e->process = (ProcessIdentity){ .pid = e->pid, .start_ns = input_number(input, 8) };
        e->parent = (ProcessIdentity){ .pid = (uint32_t) input_number(input, 4), .start_ns = e->seq };
        e->truncated = set >> 20 & 1;
        e->argv_bytes = e->truncated ? input_number(input, 8) : EVENT_NUMBER_UNSET;
        e->environment_truncated = set >> 21 & 1;

        ret->labels[0] = (Assignment){ BYTES_LITERAL("SITE"), without_nul(input_text(input)) };
        ret->environment[0].name = without_nul(input_text(input));
        if (ret->environment[0].name.size > ANY_NAME_MAX)
                ret->environment[0].name.size = ANY_NAME_MAX;
        ret->environment[0].value = without_nul(input_text(input));
        e->labels = ret->labels;
        e->n_labels = set >> 22 & 1;
        e->environment = ret->environment;
        e->n_environment = set >> 23 & 1;

        ret->tags[0] = BYTES_LITERAL("a");
        ret->tags[1] = BYTES_LITERAL("tag-2");
        ret->tags[2] = BYTES_LITERAL("t_3");
        e->tags = ret->tags;
        e->n_tags = set >> 24 & 3;

        e->argv = ret->argv;
        while (input->size > 0 && e->argc < ANY_ARGUMENTS_MAX)
                ret->argv[e->argc++] = without_nul(input_long_text(input));
}
