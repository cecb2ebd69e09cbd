/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "event/event.h"
#include "util/buffer.h"

/* The memory for decoding, which is used again for each record. An all-zero decoder is new. */
typedef struct Decoder {
        Buffer text; /* paths that were built from their components, and the argument at the gap */
        Bytes *argv;
        size_t argv_allocated;
        Assignment *environment;
        size_t environment_allocated;
} Decoder;

/* Frees the memory, and makes the decoder a new one. */
void decoder_done(Decoder *decoder);
