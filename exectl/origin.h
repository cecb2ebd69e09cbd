/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "chain.h"
#include "names.h"
#include "util/buffer.h"

/* Says in one line where a chain comes from: a login, a service that systemd started, the kernel, a
 * container ... */
void origin_append(Buffer *buffer, Names *names, const Chain *chain);

/* Says who had logged in: "alice, session 3, on pts/0, from 192.0.2.7". Nothing where nobody had. */
void origin_append_login(Buffer *buffer, Names *names, const Record *record);

/* The value of an environment variable that the record keeps, or unset. */
Bytes origin_environment(const Record *record, const char *name);
