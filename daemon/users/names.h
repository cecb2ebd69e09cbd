/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "users/question.h"

/* A name that a rule has, and its id once somebody knows it. */
typedef struct NamedId {
        UserQuestionKind kind; /* USER_ID_OF_NAME or GROUP_ID_OF_NAME */
        char *name;
        bool known;
        uint32_t id;
} NamedId;

/* The names of a configuration, each once. All-zero: none. */
typedef struct NamedIds {
        NamedId *list;
        size_t n;
} NamedIds;

void named_ids_done(NamedIds *names);

/* Adds a name that nobody knows yet, unless it is there. 0; -EINVAL: it can be no name; -ENOMEM. */
int named_ids_add(NamedIds *names, UserQuestionKind kind, const char *name);

/* Returns the entry, or NULL. */
NamedId *named_ids_find(const NamedIds *names, UserQuestionKind kind, const char *name);

/* Takes over what `older` knows, for as long as nobody says otherwise. */
void named_ids_inherit(NamedIds *names, const NamedIds *older);

/* Returns how many nobody knows. */
size_t named_ids_count_open(const NamedIds *names);

/* Fills in the question for an entry. */
void named_id_ask(const NamedId *name, UserQuestion *ret);

/*
 * Takes an answer: the id of a name that is known, or that there is no such name. An answer that says neither
 * changes nothing. Returns whether anything is different now.
 */
bool named_id_learn(NamedId *name, const UserAnswer *answer);

/*
 * Lists the names that nobody knows, "user x, group y z". 0 and *ret (to be freed), NULL where all are known;
 * -ENOMEM.
 */
int named_ids_describe_open(const NamedIds *names, char **ret);
