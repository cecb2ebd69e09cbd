/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "options.h"

/* What a condition looks at. Of several of one kind one is enough; those of different kinds must all hold. */
typedef enum ConditionKind {
        CONDITION_PROCESS, /* a pid, or an EXEC_PROCESS */
        CONDITION_PROGRAM, /* a path, or a name with or without wildcards */
        CONDITION_UNIT,
        CONDITION_FIELD, /* FIELD=VALUE: each field is a kind of its own */
        _CONDITION_KIND_MAX,
} ConditionKind;

/* One journal match, FIELD=VALUE, or a pattern that stands for the matches with all values that fit. */
typedef struct Condition {
        ConditionKind kind;
        const char *field; /* "EXEC_PID" and the like; of CONDITION_FIELD, allocated */
        const char *field2; /* the value can also be in this one; or NULL */
        char *value;
        bool glob; /* the value is a pattern of fnmatch(3) */
        bool basename; /* ... or is compared with the last part of a path only */
        bool absent; /* the field must not be there: the journal can't answer that */
} Condition;

typedef struct Conditions {
        Condition *item;
        size_t n;
} Conditions;

void conditions_done(Conditions *conditions);

/*
 * Adds what a MATCH of the command line says: a pid, an EXEC_PROCESS, a name, a path, a unit or FIELD=VALUE.
 * Returns 0, -EINVAL for a word that can be none of these, or -ENOMEM.
 */
int conditions_add_word(Conditions *conditions, const char *word);

/* Adds FIELD=VALUE. 0 or -ENOMEM. */
int conditions_add_field(Conditions *conditions, const char *field, const char *value);

/* Adds all that the command line says. Says what is wrong on standard error. 0, -EINVAL or -ENOMEM. */
int conditions_of_options(const Options *options, Conditions *ret);

/* Whether two conditions are on one thing, so that one of them is enough. */
bool condition_same_thing(const Condition *a, const Condition *b);

/* Whether a value of the condition's field meets it. */
bool condition_meets(const Condition *condition, const char *value, size_t size);

/* Whether a word is an EXEC_PROCESS, PID-START. */
bool condition_is_process(const char *word);

/* Whether a word ends as the name of a unit does. */
bool condition_is_unit(const char *word);
