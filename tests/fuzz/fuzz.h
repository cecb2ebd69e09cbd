/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What the fuzzers share. What must hold is said with cmocka's assertions, so that the headers of the unit
 * tests serve here, too; one that does not hold ends the program (CMOCKA_TEST_ABORT, which run sets).
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "util/bytes.h"
#include "util/cleanup.h"

/* libFuzzer calls it with one input after another. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is left of an input. Where it is too short it goes on with zeros, or with texts that are empty. */
typedef struct Input {
        const uint8_t *data;
        size_t size;
} Input;

static inline Bytes input_take(Input *input, size_t size) {
        Bytes taken = { .data = (const char *) input->data, .size = size < input->size ? size : input->size };

        input->data += taken.size;
        input->size -= taken.size;
        return taken;
}

static inline uint64_t input_number(Input *input, size_t size) {
        Bytes bytes = input_take(input, size);
        uint64_t number = 0;

        for (size_t i = 0; i < bytes.size; i++)
                number |= (uint64_t) (unsigned char) bytes.data[i] << 8 * i;
        return number;
}

/* One byte of length, then a text. */
static inline Bytes input_text(Input *input) {
        return input_take(input, (size_t) input_number(input, 1));
}

/* The same behind two bytes of length. */
static inline Bytes input_long_text(Input *input) {
        return input_take(input, (size_t) input_number(input, 2));
}

/*
 * A copy that ends where its block of memory does, so that the sanitizers see a read behind it. To be
 * freed.
 */
static inline char *copy_of(Bytes bytes) {
        char *copy = malloc(bytes.size > 0 ? bytes.size : 1);

        assert_non_null(copy);
        if (bytes.size > 0)
                memcpy(copy, bytes.data, bytes.size);
        return copy;
}

/* Likewise, ended by NUL, cut at the first NUL that it holds. */
static inline char *string_of(Bytes bytes) {
        char *copy = strndup(bytes.size > 0 ? bytes.data : "", bytes.size);

        assert_non_null(copy);
        return copy;
}

static inline void assert_same(Bytes a, Bytes b) {
        assert_int_equal(a.size, b.size);
        if (a.size > 0)
                assert_memory_equal(a.data, b.data, a.size);
}
