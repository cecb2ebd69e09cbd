/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "users/names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/buffer.h"
#include "util/cleanup.h"

void named_ids_done(NamedIds *names) {
        for (size_t i = 0; i < names->n; i++)
                free(names->list[i].name);
        free(names->list);
        *names = (NamedIds){};
}

/*
 * A name in passwd(5) has no colon. One that begins with a sign is an entry of NIS. One that consists of
 * digits and "-" only is an id or a range.
 */
static bool may_be_name(const char *name) {
        size_t size = strlen(name);

        if (size == 0 || size > USER_NAME_MAX || name[0] == '-' || name[0] == '+')
                return false;
        if (name[strspn(name, "0123456789-")] == '\0')
                return false;
        for (size_t i = 0; i < size; i++)
                if ((unsigned char) name[i] < ' ' || name[i] == 0x7f || name[i] == ':' || name[i] == '/')
                        return false;
        return true;
}

NamedId *named_ids_find(const NamedIds *names, UserQuestionKind kind, const char *name) {
        for (size_t i = 0; i < names->n; i++)
                if (names->list[i].kind == kind && strcmp(names->list[i].name, name) == 0)
                        return &names->list[i];
        return NULL;
}

int named_ids_add(NamedIds *names, UserQuestionKind kind, const char *name) {
        _cleanup_free_ char *copy = NULL;
        NamedId *list;

        if (!may_be_name(name))
                return -EINVAL;
        if (named_ids_find(names, kind, name))
                return 0;
        copy = strdup(name);
        if (!copy)
                return -ENOMEM;
        list = reallocarray(names->list, names->n + 1, sizeof(*list));
        if (!list)
                return -ENOMEM;
        names->list = list;
        list[names->n++] = (NamedId){ .kind = kind, .name = TAKE_PTR(copy) };
        return 0;
}

void named_ids_inherit(NamedIds *names, const NamedIds *older) {
        for (size_t i = 0; i < names->n; i++) {
                const NamedId *found = named_ids_find(older, names->list[i].kind, names->list[i].name);

                if (!found || !found->known)
                        continue;
                names->list[i].known = true;
                names->list[i].id = found->id;
        }
}

size_t named_ids_count_open(const NamedIds *names) {
        size_t n = 0;

        for (size_t i = 0; i < names->n; i++)
                n += !names->list[i].known;
        return n;
}

void named_id_ask(const NamedId *name, UserQuestion *ret) {
        *ret = (UserQuestion){ .kind = (uint32_t) name->kind };
        memcpy(ret->name, name->name, strlen(name->name) + 1);
}

bool named_id_learn(NamedId *name, const UserAnswer *answer) {
        bool known = answer->result == 0, changed;

        if (!known && answer->result != -ESRCH)
                return false;
        changed = known != name->known || (known && answer->id != name->id);
        name->known = known;
        name->id = answer->id;
        return changed;
}

int named_ids_describe_open(const NamedIds *names, char **ret) {
        Buffer text = BUFFER_NULL;

        for (size_t i = 0; i < names->n; i++) {
                const NamedId *name = &names->list[i];

                if (name->known)
                        continue;
                buffer_append_string(&text, text.size > 0 ? ", " : "");
                buffer_append_string(&text, name->kind == USER_ID_OF_NAME ? "user " : "group ");
                buffer_append_string(&text, name->name);
        }
        if (text.size > 0)
                buffer_append_char(&text, '\0');
        if (buffer_error(&text) < 0) {
                buffer_done(&text);
                return -ENOMEM;
        }
        *ret = text.data;
        return 0;
}
