/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "chain.h"
#include "names.h"
#include "util/buffer.h"

/*
 * Appends a text without line breaks about the origin of a chain: a login, a service that systemd started,
 * the kernel, a container and so on.
 */
void origin_append(Buffer *buffer, Names *names, const Chain *chain);

/*
 * Appends the login of a record: "alice, session 3, on pts/0, from 192.0.2.7". Appends nothing when the
 * record has no login user.
 */
void origin_append_login(Buffer *buffer, Names *names, const Record *record);

/* Returns the value of an environment variable in the record, or unset. */
Bytes origin_environment(const Record *record, const char *name);
