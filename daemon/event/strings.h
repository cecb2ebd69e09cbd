/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "event/decoder.h"

/* Replaces missing bytes: the front of a path, the end of a file name, or the middle of an argument. */
#define DECODE_CUT "..."

/*
 * Fills decoder->argv with the arguments in `head` and `tail`, in which each ends with NUL. If `truncated` is
 * set, bytes between the two are missing: the argument at that gap consists of the end of `head`, DECODE_CUT
 * and the beginning of `tail`, and is written to decoder->text, which must have room for all three. Returns
 * 0, and sets *ret_argc, and *ret_gap to the index of the argument at the gap, which is *ret_argc when there
 * is none; or returns -ENOMEM.
 */
int decode_arguments(
        Decoder *decoder, Bytes head, Bytes tail, bool truncated, size_t *ret_argc, size_t *ret_gap);

/*
 * Fills decoder->environment with the strings of the form NAME=value. Other strings are skipped. If
 * `truncated` is set, the end is missing, and an incomplete last string is left out. Returns 0 and sets
 * *ret_n to their number, or returns -ENOMEM.
 */
int decode_environment(Decoder *decoder, Bytes strings, bool truncated, size_t *ret_n);
