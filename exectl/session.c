/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "origin.h"
#include "util/cleanup.h"

static void session_done(Session *session) {
        for (size_t i = 0; i < session->n_typed; i++) {
                free(session->typed[i].command);
                free(session->typed[i].error);
        }
        free(session->typed);
        buffer_done(&session->id);
        buffer_done(&session->login);
        buffer_done(&session->tty);
        buffer_done(&session->from);
}

void sessions_done(Sessions *sessions) {
        for (size_t i = 0; i < sessions->n; i++)
                session_done(&sessions->session[i]);
        free(sessions->session);
        free(sessions->depth);
        string_set_done(&sessions->ids);
        string_set_done(&sessions->processes);
        buffer_done(&sessions->key);
        command_line_done(&sessions->line);
        *sessions = (Sessions){};
}

/* Returns the number of a value, which is unique within its boot only. */
static uint32_t number_of(Sessions *sessions, StringSet *set, const Record *record, Bytes value) {
        buffer_clear(&sessions->key);
        buffer_append_bytes(&sessions->key, value);
        buffer_append_char(&sessions->key, ' ');
        buffer_append_bytes(&sessions->key, record->field[RECORD_BOOT_ID]);
        return buffer_error(&sessions->key) < 0 ? STRING_SET_NONE
                                                : string_set_add(set, buffer_bytes(&sessions->key));
}

static Session *find_session(Sessions *sessions, const Record *record, Bytes id) {
        uint32_t number = number_of(sessions, &sessions->ids, record, id);

        if (number == STRING_SET_NONE)
                return NULL;
        if (number == sessions->n) {
                if (sessions->n == sessions->allocated) {
                        size_t n = sessions->allocated ? 2 * sessions->allocated : 16;
                        Session *grown = reallocarray(sessions->session, n, sizeof(*grown));

                        if (!grown)
                                return NULL;
                        sessions->session = grown;
                        sessions->allocated = n;
                }
                sessions->session[sessions->n++] = (Session){ .begin = UINT64_MAX };
        }
        return &sessions->session[number];
}

/*
 * Finds the depth of a process, which is at first that of its parent's children, and sets *ret to its place.
 */
static int find_depth(Sessions *sessions, const Record *record, unsigned **ret) {
        Bytes above = record->field[record_has(record, RECORD_ANCESTOR) ? RECORD_ANCESTOR : RECORD_PARENT];
        size_t known = sessions->processes.n;
        uint32_t self, parent = STRING_SET_NONE;

        if (bytes_is_set(above)) {
                buffer_clear(&sessions->key);
                buffer_append_bytes(&sessions->key, above);
                buffer_append_char(&sessions->key, ' ');
                buffer_append_bytes(&sessions->key, record->field[RECORD_BOOT_ID]);
                parent = string_set_find(&sessions->processes, buffer_bytes(&sessions->key));
        }
        self = number_of(sessions, &sessions->processes, record, record->field[RECORD_PROCESS]);
        if (self == STRING_SET_NONE)
                return -ENOMEM;
        if (sessions->processes.n > sessions->depth_allocated) {
                unsigned *grown =
                        reallocarray(sessions->depth, sessions->processes.allocated, sizeof(*grown));

                if (!grown)
                        return -ENOMEM;
                sessions->depth = grown;
                sessions->depth_allocated = sessions->processes.allocated;
        }
        if (self >= known)
                sessions->depth[self] = parent == STRING_SET_NONE ? 0 : sessions->depth[parent];
        *ret = &sessions->depth[self];
        return 0;
}

static int add_typed(Sessions *sessions, Session *session, const Record *record, unsigned depth) {
        const char *command = command_line_of(&sessions->line, record);
        Typed typed = { .time = record_time(record), .depth = depth };

        if (!command)
                return -ENOMEM;
        if (session->n_typed == session->allocated) {
                size_t n = session->allocated ? 2 * session->allocated : 8;
                Typed *grown = reallocarray(session->typed, n, sizeof(*grown));

                if (!grown)
                        return -ENOMEM;
                session->typed = grown;
                session->allocated = n;
        }
        (void) record_number(record, RECORD_PID, &typed.pid);
        typed.command = strdup(command);
        if (typed.command && record_has(record, RECORD_ERRNO)) {
                Bytes error = record->field[record_has(record, RECORD_ERROR) ? RECORD_ERROR : RECORD_ERRNO];

                typed.error = strndup(error.data, error.size);
                if (!typed.error)
                        free(TAKE_PTR(typed.command));
        }
        if (!typed.command)
                return -ENOMEM;
        session->typed[session->n_typed++] = typed;
        return 0;
}

/* Sets a text that is still empty. */
static void learn(Buffer *text, Bytes value) {
        if (text->size == 0)
                buffer_append_bytes(text, value);
}

static int learn_all(Session *session, Names *names, const Record *record, Bytes id) {
        Bytes from = origin_environment(record, "SSH_CONNECTION");

        if (from.size > 0) {
                const char *space = memchr(from.data, ' ', from.size);

                if (space)
                        from.size = (size_t) (space - from.data);
        }
        learn(&session->id, id);
        learn(&session->login, names_login(names, record));
        learn(&session->tty, record->field[RECORD_TTY]);
        learn(&session->from, from);
        return session->id.failed || session->login.failed || session->tty.failed || session->from.failed
                ? -ENOMEM
                : 0;
}

int sessions_add(Sessions *sessions, Names *names, const Record *record) {
        Bytes id = record->field[record_has(record, RECORD_SESSION) ? RECORD_SESSION : RECORD_LOGIND_SESSION];
        bool failed = record_has(record, RECORD_ERRNO);
        uint64_t time = record_time(record);
        unsigned *depth;
        Session *session;
        int r;

        /* What an interpreter only asked about was neither executed nor typed. */
        if (!bytes_is_set(id) || !record_has(record, RECORD_PROCESS) || (record->flags & FLAG_CHECK))
                return 0;
        session = find_session(sessions, record, id);
        if (!session)
                return -ENOMEM;
        r = learn_all(session, names, record, id);
        if (r >= 0)
                r = find_depth(sessions, record, &depth);
        if (r < 0)
                return r;
        if (!failed)
                session->n++;
        if (time < session->begin)
                session->begin = time;
        if (time > session->end)
                session->end = time;
        if (!(record->flags & FLAG_INTERACTIVE))
                return 0;
        r = add_typed(sessions, session, record, *depth);
        /* Nothing is below a command that failed. */
        *depth += !failed;
        return r;
}
