/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "names.h"
#include "record.h"
#include "show.h"
#include "string-set.h"

/* A command that was typed. */
typedef struct Typed {
        uint64_t time;
        unsigned depth; /* how many typed commands are among its ancestors */
        char *command; /* quoted */
        char *error; /* the name of the error with which it failed; or NULL */
        uint64_t pid;
} Typed;

/* A login. */
typedef struct Session {
        Buffer id, login, tty, from; /* not quoted; empty if unknown */
        uint64_t begin, end; /* the times of its first and last record */
        uint64_t n; /* how many programs were executed */
        Typed *typed;
        size_t n_typed, allocated;
} Session;

/* All logins of the records that were read. */
typedef struct Sessions {
        StringSet ids; /* of session and boot; the number of a string is the index of the session */
        Session *session;
        size_t n, allocated;
        StringSet processes; /* by number: */
        unsigned *depth; /* how deep what they make is */
        size_t depth_allocated;
        Buffer key;
        CommandLine line;
} Sessions;

#define SESSION_FIELDS                                                                                   \
        (RECORD_BIT(RECORD_SESSION) | RECORD_BIT(RECORD_LOGIND_SESSION) | RECORD_BIT(RECORD_BOOT_ID) |   \
                NAMES_FIELDS | RECORD_BIT(RECORD_TTY) | RECORD_BIT(RECORD_TIMESTAMP) |                   \
                RECORD_BIT(RECORD_PROCESS) | RECORD_BIT(RECORD_PARENT) | RECORD_BIT(RECORD_ANCESTOR) |   \
                RECORD_BIT(RECORD_PID) | RECORD_BIT(RECORD_ERROR) | FLAGS_FIELDS | COMMAND_LINE_FIELDS | \
                RECORD_BIT(RECORD_EXTRA))

void sessions_done(Sessions *sessions);

/* Adds a record to its session. A record without a session is ignored. Returns 0 or -ENOMEM. */
int sessions_add(Sessions *sessions, Names *names, const Record *record);
