/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Variables that free what they own at the end of their scope. */
#define _cleanup_(f) __attribute__((__cleanup__(f)))

/* Defines NAMEp(), which calls NAME() with the value of the variable unless that is NULL. */
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

/* Closes the descriptor unless it is negative. An unset one is -EBADF. */
static inline void closep(int *fd) {
        if (*fd >= 0)
                close(*fd);
}

#define _cleanup_free_ _cleanup_(freep)
#define _cleanup_fclose_ _cleanup_(fclosep)
#define _cleanup_close_ _cleanup_(closep)

/* Return the value of an owner and unset it, to transfer the ownership. */
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
