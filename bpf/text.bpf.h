/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-3-Clause */
#pragma once

/*
 * Short texts of the kernel, by words: the helpers for strings go byte by byte. Both architectures are
 * little-endian.
 */

#include "bpf/kernel-types.h"
#include "bpf/level.bpf.h"
#include "bpf/maps.bpf.h"

/* A bit in each byte up to the first that is 0, and in no byte before that one; 0: none is. */
static __always_inline __u64 zero_bytes(__u64 word) {
        return (word - 0x0101010101010101ULL) & ~word & 0x8080808080808080ULL;
}

/* How many bytes of the word come before the first that is 0; 8: none is. */
static __always_inline __u32 word_length(__u64 word) {
        __u64 zeros = zero_bytes(word);
        __u32 n = 0;

        if (zeros == 0)
                return 8;
        zeros &= -zeros;
        n += (zeros & 0xffffffff00000000ULL) ? 4 : 0;
        n += (zeros & 0xffff0000ffff0000ULL) ? 2 : 0;
        n += (zeros & 0xff00ff00ff00ff00ULL) ? 1 : 0;
        return n;
}

/* Whether `len` bytes, 32 at most, are the same. So many can be read at either place. */
static __always_inline bool texts_equal(const char *a, const char *b, __u32 len) {
        for (__u32 i = 0; i < 4; i++) {
                __u64 difference;

                if (i * 8 >= len)
                        break;
                difference = *(const __u64 *) (const void *) (a + i * 8) ^
                        *(const __u64 *) (const void *) (b + i * 8);
                if (len - i * 8 < 8)
                        difference &= (1ULL << ((len - i * 8) * 8)) - 1;
                if (difference != 0)
                        return false;
        }
        return true;
}

/* Appends a comm, which is two words, the last byte of them NUL. Returns its length. */
static __noinline __u32 comm_put(struct exec_slot *slot, __u64 first, __u64 second) {
        __u32 n = word_length(first);
        char *room = slot_room(slot, EXEC_PARTS_SIZE + EXEC_COMM_SIZE);

        if (!room)
                return 0;
        *(__u64 *) (void *) room = first;
        *(__u64 *) (void *) (room + 8) = second;
        if (n == 8)
                n += word_length(second);
        slot_add(slot, n);
        return n;
}

#if HAVE_CAST
/* Most words that are copied this way. */
#define TEXT_WORDS 16

/*
 * Copies a text of the kernel to `room`, which has space for TEXT_WORDS words. Returns its length, or
 * TEXT_WORDS * 8 when it is longer than this.
 */
static __always_inline __u32 text_copy(char *room, const void *address) {
        const __u64 start = (__u64) address - bpf_core_field_offset(struct linux_binprm, buf);

#pragma clang loop unroll(disable)
        for (__u32 i = 0; i < TEXT_WORDS; i++) {
                const __u64 *at = (const void *) CAST(struct linux_binprm, start + i * 8)->buf;
                __u64 word = *at;

                *(__u64 *) (void *) (room + i * 8) = word;
                if (zero_bytes(word) != 0)
                        return i * 8 + word_length(word);
        }
        return TEXT_WORDS * 8;
}
#endif
