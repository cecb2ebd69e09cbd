/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "event/event.h"
#include "util/buffer.h"

/* Keeps the memory that decoding needs from one record to the next. All-zero is a new one. */
typedef struct Decoder {
        Buffer text; /* paths, put together; the argument at the gap */
        Bytes *argv;
        size_t argv_allocated;
        Assignment *environment;
        size_t environment_allocated;
} Decoder;

void decoder_done(Decoder *decoder);
