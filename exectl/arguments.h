/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "util/buffer.h"
#include "util/bytes.h"

/* The arguments of a program, with exactly the bytes that it got. */
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
 * from U+DC80 to U+DCFF stands for a byte that is not UTF-8, which is how version 0.1 wrote it. Returns 0,
 * -EBADMSG when it is not such an array, or -ENOMEM.
 */
int arguments_read(Arguments *arguments, Bytes json);

/* Reads EXEC_ARGV_RAW, which is base64 of the arguments, each with its NUL. Returns like arguments_read(). */
int arguments_read_raw(Arguments *arguments, Bytes base64);
