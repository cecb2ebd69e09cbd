/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "options.h"
#include "record.h"
#include "util/buffer.h"
#include "util/cleanup.h"

/* Names of users: what the record says itself, else this machine's user database where the record is this
 * machine's. */
typedef struct Names Names;

/* The fields that names are made from. */
#define NAMES_FIELDS                                                                      \
        (RECORD_BIT(RECORD_UID) | RECORD_BIT(RECORD_USER) | RECORD_BIT(RECORD_LOGINUID) | \
                RECORD_BIT(RECORD_LOGIN_USER) | RECORD_BIT(RECORD_MACHINE_ID))

/* 0 or -ENOMEM. */
int names_new(const Options *options, Names **ret);
void names_free(Names *names);
DEFINE_POINTER_CLEANUP(Names *, names_free);

/* Appends the user's name, quoted, or the number where no name is known; nothing where the record has
 * none. */
void names_append_user(Names *names, Buffer *buffer, const Record *record);

/* The same for who logged in. */
void names_append_login(Names *names, Buffer *buffer, const Record *record);

/* Whether the record is this machine's. */
bool names_is_local(const Names *names, const Record *record);
