/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "event/decoder.h"

/* Stands for what is missing: the front of a path, the middle of an argument. */
#define DECODE_CUT "..."

/*
 * Makes decoder->argv of the arguments that `head` and `tail` hold. Where bytes between the two are missing
 * (`truncated`) the argument at the gap is what is left of it with DECODE_CUT in the middle; it goes to the
 * decoder's text, which must have room for both and DECODE_CUT. 0, their number, and the number of the
 * argument at the gap in *ret_gap, which is their number where there is none; or -ENOMEM.
 */
int decode_arguments(
        Decoder *decoder, Bytes head, Bytes tail, bool truncated, size_t *ret_argc, size_t *ret_gap);

/*
 * Makes decoder->environment of the strings that are NAME=value; others are passed over. Where the end is
 * missing the last string says nothing certain, and is left out. 0 and their number, or -ENOMEM.
 */
int decode_environment(Decoder *decoder, Bytes strings, bool truncated, size_t *ret_n);
