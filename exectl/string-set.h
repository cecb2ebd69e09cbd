/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>
#include <stdlib.h>

#include "util/buffer.h"
#include "util/bytes.h"

/* A set of strings. Each has a number, which begins at 0 and is in the order in which they were added. */
typedef struct StringSet {
        Buffer storage;
        size_t *offset; /* by number; the string ends with NUL, and may contain NUL */
        size_t *size;
        uint32_t *slot; /* number + 1 */
        size_t n, allocated, n_slots;
} StringSet;

#define STRING_SET_NONE UINT32_MAX

void string_set_done(StringSet *set);

/* Returns the number of a string, which is added if necessary; or STRING_SET_NONE when there is no memory. */
uint32_t string_set_add(StringSet *set, Bytes string);

/* Returns the number of a string, or STRING_SET_NONE when it is not in the set. */
uint32_t string_set_find(const StringSet *set, Bytes string);

/* Returns the string with this number, which ends with NUL. It is valid until another string is added. */
static inline const char *string_set_get(const StringSet *set, uint32_t number) {
        return set->storage.data + set->offset[number];
}

static inline Bytes string_set_bytes(const StringSet *set, uint32_t number) {
        return (Bytes){ .data = string_set_get(set, number), .size = set->size[number] };
}
