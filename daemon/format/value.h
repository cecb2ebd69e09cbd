/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "event/event.h"
#include "event/fields.h"
#include "util/buffer.h"

/*
 * Appends the value of a field that has exactly one, as journal and syslog write it: the bytes as they are,
 * numbers in decimal, "yes", a JSON array of the arguments, base64 of their exact bytes, the values of a list
 * with commas between them. Fields that have several values (FIELD_LIST, FIELD_LABELS, FIELD_ENVIRONMENT)
 * append nothing. The field must be present.
 */
void value_format(Buffer *buffer, const Field *field, const Event *event);

/* Appends base64 (RFC 4648, padded) of `bytes`. */
void value_base64(Buffer *buffer, Bytes bytes);
