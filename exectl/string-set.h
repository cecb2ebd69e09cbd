/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>
#include <stdlib.h>

#include "util/buffer.h"
#include "util/bytes.h"

/* A set of strings, each of which is kept once and has a number, from 0 on in the order in which they
 * came. */
typedef struct StringSet {
        Buffer storage;
        size_t *offset; /* by number; the string ends with NUL, and may have one in it */
        size_t *size;
        uint32_t *slot; /* number + 1 */
        size_t n, allocated, n_slots;
} StringSet;

#define STRING_SET_NONE UINT32_MAX

void string_set_done(StringSet *set);

/* The number of a string, which is added if it is not there. STRING_SET_NONE when memory runs out. */
uint32_t string_set_add(StringSet *set, Bytes string);

/* The number of a string, or STRING_SET_NONE. */
uint32_t string_set_find(const StringSet *set, Bytes string);

/* The string with this number, which ends with NUL. Valid until another is added. */
static inline const char *string_set_get(const StringSet *set, uint32_t number) {
        return set->storage.data + set->offset[number];
}

static inline Bytes string_set_bytes(const StringSet *set, uint32_t number) {
        return (Bytes){ .data = string_set_get(set, number), .size = set->size[number] };
}
