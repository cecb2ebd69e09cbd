/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "event/event.h"
#include "event/fields.h"
#include "util/buffer.h"

/*
 * Appends the value of a field as the journal and syslog have it: bytes as they are, numbers in decimal,
 * "yes", a JSON array of the arguments or base64 of their exact bytes, and lists with commas between their
 * elements. The field must be present, and have exactly one value: nothing is appended for FIELD_LIST,
 * FIELD_LABELS and FIELD_ENVIRONMENT.
 */
void value_format(Buffer *buffer, const Field *field, const Event *event);

/* Appends `bytes` in base64 (RFC 4648, with padding). */
void value_base64(Buffer *buffer, Bytes bytes);
