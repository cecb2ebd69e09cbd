/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Owners that let go by themselves at the end of their scope. */
#define _cleanup_(f) __attribute__((__cleanup__(f)))

/* Defines NAMEp(), which hands what the variable points to to NAME(). */
#define DEFINE_POINTER_CLEANUP(type, name)    \
        static inline void name##p(type *p) { \
                if (*p)                       \
                        name(*p);             \
        }                                     \
        struct swallow_semicolon_##name

static inline void freep(void *p) {
        free(*(void **) p);
}

static inline void fclosep(FILE **f) {
        if (*f)
                fclose(*f);
}

/* An unset descriptor is -EBADF; any negative one is left alone. */
static inline void closep(int *fd) {
        if (*fd >= 0)
                close(*fd);
}

#define _cleanup_free_ _cleanup_(freep)
#define _cleanup_fclose_ _cleanup_(fclosep)
#define _cleanup_close_ _cleanup_(closep)

/* Takes the value out of an owner and leaves it empty: the hand-over. */
#define TAKE_PTR(p)                          \
        ({                                   \
                __typeof__(p) *_pp = &(p);   \
                __typeof__(p) _taken = *_pp; \
                *_pp = NULL;                 \
                _taken;                      \
        })
#define TAKE_FD(fd)                 \
        ({                          \
                int *_fdp = &(fd);  \
                int _taken = *_fdp; \
                *_fdp = -EBADF;     \
                _taken;             \
        })

#define ELEMENTSOF(array) (sizeof(array) / sizeof((array)[0]))
