/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "origin.h"

#include <stdio.h>
#include <string.h>

#include "show.h"
#include "trigger.h"
#include "util/cleanup.h"

Bytes origin_environment(const Record *record, const char *name) {
        char prefix[96];
        size_t n;

        n = (size_t) snprintf(prefix, sizeof(prefix), "EXEC_ENV_%s=", name);
        for (size_t i = 0; i < record->n_extra && n < sizeof(prefix); i++)
                if (record->extra[i].size >= n && memcmp(record->extra[i].data, prefix, n) == 0)
                        return (Bytes){ record->extra[i].data + n, record->extra[i].size - n };
        return BYTES_NULL;
}

static void append_labelled(Buffer *buffer, const char *label, Bytes value) {
        if (!bytes_is_set(value))
                return;
        buffer_append_string(buffer, label);
        show_text(buffer, value);
}

void origin_append_login(Buffer *buffer, Names *names, const Record *record) {
        Bytes from = origin_environment(record, "SSH_CONNECTION");

        if (!record_has(record, RECORD_LOGINUID) && !record_has(record, RECORD_LOGIN_USER))
                return;
        names_append_login(names, buffer, record);
        append_labelled(buffer, ", session ", record->field[RECORD_SESSION]);
        append_labelled(buffer, ", on ", record->field[RECORD_TTY]);
        if (bytes_is_set(from)) {
                const char *space = from.size > 0 ? memchr(from.data, ' ', from.size) : NULL;

                if (space)
                        from.size = (size_t) (space - from.data);
                append_labelled(buffer, ", from ", from);
        }
}

/* Appends the unit, and what started it. */
static void append_unit(Buffer *buffer, const Record *top, Bytes unit, bool local) {
        Bytes trigger = origin_environment(top, "TRIGGER_UNIT");
        _cleanup_free_ char *name = NULL;
        size_t before;

        show_text(buffer, unit);
        append_labelled(buffer, ", run ", top->field[RECORD_INVOCATION_ID]);
        if (bytes_is_set(trigger)) {
                append_labelled(buffer, ", started by systemd for ", trigger);
                return;
        }
        buffer_append_string(buffer, ", started by systemd");
        if (!local)
                return;
        name = strndup(unit.data, unit.size);
        before = buffer->size;
        buffer_append_string(buffer, ", triggered by ");
        if (!name || trigger_append(buffer, name) == 0)
                buffer_truncate(buffer, before);
}

/* Appends the login of the chain, which is that of the outermost record with a login user. */
static void append_login_of_chain(Buffer *buffer, Names *names, const Chain *chain) {
        for (size_t i = chain->n; i > 0; i--)
                for (size_t k = 0; k < chain->level[i - 1].n; k++) {
                        const Record *record = &chain->level[i - 1].program[k];

                        if (!record_has(record, RECORD_LOGINUID))
                                continue;
                        buffer_append_string(buffer, "; login ");
                        origin_append_login(buffer, names, record);
                        return;
                }
}

/* Returns true for the service manager itself. A chain begins with the process that the manager started. */
static bool is_manager(const Record *record) {
        return bytes_equal(record->field[RECORD_PID], BYTES_LITERAL("1")) ||
                ((record->flags & FLAG_RUNNING) &&
                        bytes_equal(record->field[RECORD_UNIT], BYTES_LITERAL("init.scope")));
}

static void append_top(Buffer *buffer, const Record *top, bool local) {
        uint64_t ppid = 0;
        bool managed;

        /* The manager of a container is not process 1 of the initial PID namespace. */
        managed = (record_number(top, RECORD_PPID, &ppid) && ppid == 1) ||
                bytes_equal(top->field[RECORD_PARENT_COMM], BYTES_LITERAL("systemd"));
        if (top->flags & FLAG_KERNEL)
                buffer_append_string(buffer, "the kernel itself executed it");
        else if (record_has(top, RECORD_CONTAINER))
                append_labelled(buffer, "container ", top->field[RECORD_CONTAINER]);
        else if (managed && record_has(top, RECORD_USER_UNIT))
                append_unit(buffer, top, top->field[RECORD_USER_UNIT], false);
        else if (managed && record_has(top, RECORD_UNIT))
                append_unit(buffer, top, top->field[RECORD_UNIT], local);
        else if (bytes_equal(top->field[RECORD_PID], BYTES_LITERAL("1")))
                buffer_append_string(buffer, "the boot");
        else {
                buffer_append_string(
                        buffer, top->flags & FLAG_RUNNING ? "it ran before recording began" : "no record");
                append_labelled(buffer, " of its parent ", top->field[RECORD_PPID]);
                append_labelled(buffer, ", ", top->field[RECORD_PARENT_COMM]);
                append_labelled(buffer, "; unit ", top->field[RECORD_UNIT]);
        }
}

void origin_append(Buffer *buffer, Names *names, const Chain *chain) {
        const Record *top = &chain->level[chain->n - 1].program[0];

        if (chain->n > 1 && is_manager(top))
                top = &chain->level[chain->n - 2].program[0];
        append_top(buffer, top, names_is_local(names, top));
        append_login_of_chain(buffer, names, chain);
}
