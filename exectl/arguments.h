/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "util/buffer.h"
#include "util/bytes.h"

/* The arguments of a program, byte by byte as it got them. */
typedef struct Arguments {
        Bytes *word;
        size_t n;
        /* private */
        size_t allocated;
        Buffer storage;
} Arguments;

void arguments_done(Arguments *arguments);

/*
 * Reads EXEC_ARGV, a JSON array of strings, into `arguments`, whose memory is used again. A lone surrogate
 * U+DC80 to U+DCFF is the byte that version 0.1 wrote so. Returns 0, -EBADMSG for what is no such array, or
 * -ENOMEM.
 */
int arguments_read(Arguments *arguments, Bytes json);

/* Reads EXEC_ARGV_RAW: base64 of the arguments, each of which a NUL ends. Returns as above. */
int arguments_read_raw(Arguments *arguments, Bytes base64);
