/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * One allocation that fails. The linker hands the daemon's own calls to the functions here (--wrap, see
 * unit_wraps in meson.build); those inside of libraries are untouched.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define MEMORY_ENDLESS SIZE_MAX

static size_t memory_left = MEMORY_ENDLESS;
static bool memory_failed;

static inline bool memory_take(void) {
        if (memory_left == MEMORY_ENDLESS)
                return true;
        if (memory_left-- > 0)
                return true;
        memory_left = MEMORY_ENDLESS;
        memory_failed = true;
        return false;
}

/* After `n` more allocations one fails. */
static inline void memory_fail_after(size_t n) {
        memory_left = n;
        memory_failed = false;
}

/* All succeed from now on. Returns whether one has failed. */
static inline bool memory_restore(void) {
        memory_left = MEMORY_ENDLESS;
        return memory_failed;
}

/* The names are the linker's. */
#define MEMORY_WRAP(name, parameters, arguments) \
        void *__real_##name parameters;          \
        void *__wrap_##name parameters;          \
        void *__wrap_##name parameters {         \
                if (!memory_take())              \
                        return NULL;             \
                return __real_##name arguments;  \
        }                                        \
        struct swallow_semicolon_##name

MEMORY_WRAP(malloc, (size_t size), (size));
MEMORY_WRAP(calloc, (size_t n, size_t size), (n, size));
MEMORY_WRAP(realloc, (void *p, size_t size), (p, size));
MEMORY_WRAP(reallocarray, (void *p, size_t n, size_t size), (p, n, size));
MEMORY_WRAP(strdup, (const char *s), (s));
