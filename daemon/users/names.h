/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "users/question.h"

/* The name of a user or group in a rule, and its id if that is known. */
typedef struct NamedId {
        UserQuestionKind kind; /* USER_ID_OF_NAME or GROUP_ID_OF_NAME */
        char *name;
        bool known;
        uint32_t id;
} NamedId;

/* The names of a configuration, each once. An all-zero list is empty. */
typedef struct NamedIds {
        NamedId *list;
        size_t n;
} NamedIds;

void named_ids_done(NamedIds *names);

/*
 * Adds a name, as unknown, unless it is there already. Returns 0, -EINVAL when it can't be a name, or
 * -ENOMEM.
 */
int named_ids_add(NamedIds *names, UserQuestionKind kind, const char *name);

/* Returns the entry, or NULL. */
NamedId *named_ids_find(const NamedIds *names, UserQuestionKind kind, const char *name);

/* Copies the ids of `older` for the same names. A later answer of the user database replaces them. */
void named_ids_inherit(NamedIds *names, const NamedIds *older);

/* Returns how many names are unknown. */
size_t named_ids_count_open(const NamedIds *names);

/* Fills in the question for an entry. */
void named_id_ask(const NamedId *name, UserQuestion *ret);

/*
 * Takes an answer, which is an id, or says that there is no such name. An answer that failed changes nothing.
 * Returns true when the entry has changed.
 */
bool named_id_learn(NamedId *name, const UserAnswer *answer);

/*
 * Lists the unknown names: "user x, group y z". Returns 0 and sets *ret (to be freed), which is NULL when all
 * names are known; or returns -ENOMEM.
 */
int named_ids_describe_open(const NamedIds *names, char **ret);
