/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "users/local.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/cleanup.h"

/* Both files have the name first and the id third: NAME:PASSWORD:ID:... */
static bool take_entry(char *line, char **ret_name, uint32_t *ret_id) {
        char *name = strsep(&line, ":"), *id, *end;
        unsigned long number;

        (void) strsep(&line, ":");
        id = strsep(&line, ":");
        if (!line || !id || name[0] == '\0' || strlen(name) > USER_NAME_MAX)
                return false;
        if (name[0] == '#' || name[0] == '+' || name[0] == '-' || id[0] < '0' || id[0] > '9')
                return false; /* a comment, or an entry of NIS (nsswitch.conf(5), compat mode) */
        errno = 0;
        number = strtoul(id, &end, 10);
        if (errno != 0 || *end != '\0' || number >= UINT32_MAX)
                return false;
        *ret_name = name;
        *ret_id = (uint32_t) number;
        return true;
}

static bool is_asked_for(const UserQuestion *question, const char *name, uint32_t id) {
        return question->kind == USER_NAME_OF_ID ? id == question->id : strcmp(name, question->name) == 0;
}

int local_answer(const char *passwd, const char *group, const UserQuestion *question, UserAnswer *ret) {
        _cleanup_fclose_ FILE *file = fopen(question->kind == GROUP_ID_OF_NAME ? group : passwd, "re");
        _cleanup_free_ char *line = NULL;
        size_t allocated = 0;

        if (!file)
                return -errno;
        for (;;) {
                char *name = NULL;
                uint32_t id = 0;

                errno = 0;
                if (getline(&line, &allocated, file) < 0)
                        return errno == 0 || feof(file) ? -ESRCH : -errno;
                if (!take_entry(line, &name, &id) || !is_asked_for(question, name, id))
                        continue;
                *ret = (UserAnswer){ .id = id };
                memcpy(ret->name, name, strlen(name) + 1);
                return 0;
        }
}
