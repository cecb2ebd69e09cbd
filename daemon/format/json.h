/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "event/event.h"
#include "format/options.h"
#include "notice/notice.h"
#include "util/buffer.h"

/*
 * Appends one object, no newline behind it: every field of the record under its JSON key, but for
 * options->omit. Where the text under KEY is not exact, KEY_raw follows with base64 of its exact bytes; of
 * labels and variables it is an object of those values that are concerned.
 */
void json_event(Buffer *buffer, const FormatOptions *options, const Event *event);

/* Appends {"event":"...","message":"...", ...}. */
void json_notice(Buffer *buffer, const Notice *notice);
