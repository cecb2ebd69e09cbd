/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "redact/environment.h"

#include <string.h>

#include "event/fields.h"

/* The part of a variable's name that fits into the name of a journal field, which has at most 64 bytes. */
#define FIELD_PART_MAX (64 - (sizeof("EXEC_ENV_") - 1))

typedef struct Kept {
        Assignment *variables;
        size_t n;
        size_t n_prefixed;
        size_t ranks[ENVIRONMENT_MAX]; /* for each variable, the index of the first name that matches it */
        bool doubled[ENVIRONMENT_MAX]; /* for each variable, whether it was set more than once */
} Kept;

static bool is_printable(Bytes name) {
        for (size_t i = 0; i < name.size; i++)
                if (name.data[i] <= ' ' || name.data[i] > '~')
                        return false;
        return true;
}

/*
 * Returns 1 when one of the names is that of the variable, 0 when only a prefix matches it, and -1 when none
 * does. Sets *ret_rank to the index of the first name that matches, unless the result is -1.
 */
static int find_name(char *const *names, size_t n_names, Bytes variable, size_t *ret_rank) {
        int found = -1;

        for (size_t i = 0; i < n_names; i++) {
                Bytes name = bytes_of_string(names[i]);
                bool prefix = name.size > 0 && name.data[name.size - 1] == '*';

                if (prefix) {
                        name.size--;
                        if (variable.size < name.size || memcmp(variable.data, name.data, name.size) != 0)
                                continue;
                } else if (!bytes_equal(variable, name))
                        continue;
                if (found < 0)
                        *ret_rank = i;
                if (!prefix)
                        return 1;
                found = 0;
        }
        return found;
}

/* Returns the index of the kept variable of this name, or the number of kept variables. */
static size_t find_kept(const Kept *kept, Bytes name) {
        size_t i = 0;

        while (i < kept->n && !bytes_equal(kept->variables[i].name, name))
                i++;
        return i;
}

static void keep(Kept *kept, Assignment variable, size_t rank) {
        size_t at = kept->n++;

        /* It is inserted in the order of the ranks, and after those of the same rank. */
        for (; at > 0 && kept->ranks[at - 1] > rank; at--) {
                kept->variables[at] = kept->variables[at - 1];
                kept->ranks[at] = kept->ranks[at - 1];
                kept->doubled[at] = kept->doubled[at - 1];
        }
        kept->variables[at] = variable;
        kept->ranks[at] = rank;
        kept->doubled[at] = false;
}

/* Returns true when both variables have the same name as a journal field. */
static bool share_field(Bytes a, Bytes b) {
        size_t a_size = a.size < FIELD_PART_MAX ? a.size : FIELD_PART_MAX;
        size_t b_size = b.size < FIELD_PART_MAX ? b.size : FIELD_PART_MAX;

        if (a_size != b_size)
                return false;
        for (size_t i = 0; i < a_size; i++)
                if (field_name_character(a.data[i]) != field_name_character(b.data[i]))
                        return false;
        return true;
}

static bool is_field_itself(Bytes name) {
        for (size_t i = 0; i < name.size; i++)
                if (field_name_character(name.data[i]) != name.data[i])
                        return false;
        return name.size <= FIELD_PART_MAX;
}

static void add_duplicate(EnvironmentChoice *choice, Bytes name) {
        if (choice->n_duplicates < ENVIRONMENT_MAX)
                choice->duplicates[choice->n_duplicates++] = name;
}

/* Drops each variable that would be a second value of a journal field. */
static void drop_shared(Kept *kept, EnvironmentChoice *choice) {
        bool dropped[ENVIRONMENT_MAX] = {};
        size_t n = 0;

        for (size_t i = 0; i < kept->n; i++)
                for (size_t k = i + 1; k < kept->n; k++) {
                        size_t loser;

                        if (dropped[i] || dropped[k] ||
                                !share_field(kept->variables[i].name, kept->variables[k].name))
                                continue;
                        loser = is_field_itself(kept->variables[k].name) ? i : k;
                        dropped[loser] = true;
                        if (!kept->doubled[loser]) /* otherwise it is a duplicate already */
                                add_duplicate(choice, kept->variables[loser].name);
                }
        for (size_t i = 0; i < kept->n; i++)
                if (!dropped[i])
                        kept->variables[n++] = kept->variables[i];
        kept->n = n;
}

size_t environment_select(
        Assignment *variables, size_t n, char *const *names, size_t n_names, EnvironmentChoice *ret) {
        Kept kept = { .variables = variables };

        ret->n_duplicates = 0;
        ret->is_cut = false;
        for (size_t i = 0; i < n; i++) {
                Assignment variable = variables[i];
                size_t rank = 0, at;
                int found = find_name(names, n_names, variable.name, &rank);

                if (found < 0)
                        continue;
                at = find_kept(&kept, variable.name);
                if (at < kept.n) {
                        kept.variables[at].value = variable.value;
                        kept.doubled[at] = true;
                        continue;
                }
                if (found == 0 &&
                        (kept.n_prefixed == ENVIRONMENT_PREFIXED_MAX || !is_printable(variable.name))) {
                        ret->is_cut = true;
                        continue;
                }
                kept.n_prefixed += found == 0;
                keep(&kept, variable, rank);
        }

        for (size_t i = 0; i < kept.n; i++)
                if (kept.doubled[i])
                        add_duplicate(ret, kept.variables[i].name);
        drop_shared(&kept, ret);
        return kept.n;
}
