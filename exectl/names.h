/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "options.h"
#include "record.h"
#include "util/buffer.h"
#include "util/cleanup.h"

/*
 * Finds the names of users. If the record has no name, and is of this machine, the user database of this
 * machine is used.
 */
typedef struct Names Names;

/* The fields that the functions below need. */
#define NAMES_FIELDS                                                                      \
        (RECORD_BIT(RECORD_UID) | RECORD_BIT(RECORD_USER) | RECORD_BIT(RECORD_LOGINUID) | \
                RECORD_BIT(RECORD_LOGIN_USER) | RECORD_BIT(RECORD_MACHINE_ID))

/* Creates the object. Returns 0 or -ENOMEM. */
int names_new(const Options *options, Names **ret);
void names_free(Names *names);
DEFINE_POINTER_CLEANUP(Names *, names_free);

/*
 * Appends the name of the user, quoted, or the number when the name is unknown. Appends nothing when the
 * record has neither.
 */
void names_append_user(Names *names, Buffer *buffer, const Record *record);

/* Appends the name of the login user in the same way. */
void names_append_login(Names *names, Buffer *buffer, const Record *record);

/*
 * Return the same without quotes: valid until the next call, and only as long as the record. Unset when the
 * record has neither name nor number.
 */
Bytes names_user(Names *names, const Record *record);
Bytes names_login(Names *names, const Record *record);

/* Returns true when the record is of this machine. */
bool names_is_local(const Names *names, const Record *record);
