/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "string-set.h"

/*
 * FNV-1a. A user who causes records could choose strings that collide, but gains no more by that than by
 * causing more records.
 */
static uint64_t hash(Bytes string) {
        uint64_t h = UINT64_C(0xcbf29ce484222325);

        for (size_t i = 0; i < string.size; i++)
                h = (h ^ (unsigned char) string.data[i]) * UINT64_C(0x100000001b3);
        return h ^ h >> 29;
}

void string_set_done(StringSet *set) {
        buffer_done(&set->storage);
        free(set->offset);
        free(set->size);
        free(set->slot);
        *set = (StringSet){};
}

/* Returns the slot of the string, or the free slot for it. */
static size_t find_slot(const StringSet *set, Bytes string) {
        size_t i = hash(string) & (set->n_slots - 1);

        while (set->slot[i] != 0 && !bytes_equal(string_set_bytes(set, set->slot[i] - 1), string))
                i = (i + 1) & (set->n_slots - 1);
        return i;
}

/* Reserves memory for another string. At most half of the slots are used. */
static int grow(StringSet *set) {
        size_t n = set->allocated ? 2 * set->allocated : 64, n_slots = 4 * n;
        size_t *offset, *size;
        uint32_t *slot;

        if (set->n < set->allocated)
                return 0;
        if (n >= STRING_SET_NONE)
                return -ENOMEM;
        offset = reallocarray(set->offset, n, sizeof(*offset));
        if (!offset)
                return -ENOMEM;
        set->offset = offset;
        size = reallocarray(set->size, n, sizeof(*size));
        if (!size)
                return -ENOMEM;
        set->size = size;
        slot = calloc(n_slots, sizeof(*slot));
        if (!slot)
                return -ENOMEM;
        free(set->slot);
        set->slot = slot;
        set->n_slots = n_slots;
        set->allocated = n;
        for (size_t i = 0; i < set->n; i++)
                slot[find_slot(set, string_set_bytes(set, (uint32_t) i))] = (uint32_t) i + 1;
        return 0;
}

uint32_t string_set_add(StringSet *set, Bytes string) {
        size_t slot;

        if (grow(set) < 0)
                return STRING_SET_NONE;
        slot = find_slot(set, string);
        if (set->slot[slot] != 0)
                return set->slot[slot] - 1;

        set->offset[set->n] = set->storage.size;
        set->size[set->n] = string.size;
        buffer_append_bytes(&set->storage, string);
        buffer_append_char(&set->storage, '\0');
        if (buffer_error(&set->storage) < 0)
                return STRING_SET_NONE;
        set->slot[slot] = (uint32_t) ++set->n;
        return (uint32_t) set->n - 1;
}

uint32_t string_set_find(const StringSet *set, Bytes string) {
        size_t slot;

        if (set->n == 0)
                return STRING_SET_NONE;
        slot = find_slot(set, string);
        return set->slot[slot] == 0 ? STRING_SET_NONE : set->slot[slot] - 1;
}
