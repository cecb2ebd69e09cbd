/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "redact/environment.h"

#include <stdbool.h>

/* Index of the first variable of this name, or `n`. */
static size_t find(const Assignment *variables, size_t n, Bytes name) {
        size_t i = 0;

        while (i < n && !bytes_equal(variables[i].name, name))
                i++;
        return i;
}

static bool is_listed(char *const *names, size_t n_names, Bytes name) {
        for (size_t i = 0; i < n_names; i++)
                if (bytes_equal(bytes_of_string(names[i]), name))
                        return true;
        return false;
}

size_t environment_select(Assignment *variables, size_t n, char *const *names, size_t n_names) {
        size_t kept = 0, sorted = 0;

        for (size_t i = 0; i < n; i++) {
                Assignment variable = variables[i];

                if (is_listed(names, n_names, variable.name) && find(variables, kept, variable.name) == kept)
                        variables[kept++] = variable;
        }

        /* Each name is there once by now, so swapping loses no order that counts. */
        for (size_t i = 0; i < n_names; i++) {
                size_t found = find(variables, kept, bytes_of_string(names[i]));

                if (found < kept && found >= sorted) {
                        Assignment variable = variables[found];

                        variables[found] = variables[sorted];
                        variables[sorted++] = variable;
                }
        }
        return kept;
}
