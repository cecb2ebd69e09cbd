/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "event/event.h"
#include "format/options.h"
#include "notice/notice.h"
#include "util/buffer.h"

/*
 * Appends a record as one JSON object, without a newline. It has every field of the record that has a JSON
 * key, except for those in options->omit. If the text of KEY is not exact (json_string()), KEY_raw follows,
 * which has the exact bytes in base64. For labels and environment variables, KEY_raw is an object which has
 * only those values that are not exact.
 */
void json_event(Buffer *buffer, const FormatOptions *options, const Event *event);

/*
 * Appends one of the daemon's own records as {"event":"...","message":"...", ...}, without a newline. Of
 * notice->host it has "host", "machine_id" and "boot_id", where they are known.
 */
void json_notice(Buffer *buffer, const Notice *notice);
