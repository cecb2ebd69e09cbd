/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "options.h"

/*
 * What a condition is about. If there are several conditions of one kind, a record has to meet only one of
 * them. It has to meet conditions of each kind.
 */
typedef enum ConditionKind {
        CONDITION_PROCESS, /* a pid, or an EXEC_PROCESS */
        CONDITION_PROGRAM, /* a path, or a name with or without wildcards */
        CONDITION_UNIT,
        CONDITION_FIELD, /* FIELD=VALUE, where each field counts as a kind of its own */
        _CONDITION_KIND_MAX,
} ConditionKind;

/*
 * A match of the journal, FIELD=VALUE, or a pattern that stands for the matches with all values that it fits.
 */
typedef struct Condition {
        ConditionKind kind;
        const char *field; /* "EXEC_PID", for example; allocated for CONDITION_FIELD only */
        const char *field2; /* another field that may have the value, or NULL */
        char *value;
        bool glob; /* the value is a pattern of fnmatch(3) */
        bool basename; /* the value is compared with the last component of a path only */
        bool absent; /* the field must not exist, for which the journal has no match */
} Condition;

typedef struct Conditions {
        Condition *item;
        size_t n;
} Conditions;

void conditions_done(Conditions *conditions);

/*
 * Adds the conditions of a MATCH on the command line, which is a pid, an EXEC_PROCESS, a name, a path, a unit
 * or FIELD=VALUE. Returns 0, -EINVAL when it is none of these, or -ENOMEM.
 */
int conditions_add_word(Conditions *conditions, const char *word);

/* Adds the condition FIELD=VALUE. Returns 0 or -ENOMEM. */
int conditions_add_field(Conditions *conditions, const char *field, const char *value);

/*
 * Makes the conditions of the whole command line. Returns 0 and sets *ret; -EINVAL when one is not valid,
 * which it reports on standard error; or -ENOMEM.
 */
int conditions_of_options(const Options *options, Conditions *ret);

/* Returns true when both conditions are of one kind, so that a record has to meet only one of them. */
bool condition_same_thing(const Condition *a, const Condition *b);

/* Returns true when a value of the condition's field meets it. */
bool condition_meets(const Condition *condition, const char *value, size_t size);

/*
 * Returns true when the condition is an absolute path without wildcards, which a relative EXEC_FILENAME meets
 * in the right EXEC_CWD.
 */
static inline bool condition_is_path(const Condition *condition) {
        return condition->kind == CONDITION_PROGRAM && !condition->glob && condition->value[0] == '/';
}

/* Returns true when a word is an EXEC_PROCESS, which has the form PID-START. */
bool condition_is_process(const char *word);

/* Returns true when a word ends like the name of a unit. */
bool condition_is_unit(const char *word);
