/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * To be preloaded (ld.so(8)): allocations that fail when a test wants it, those inside of libraries, too.
 * The file that FAILING_MEMORY names is shared with the test: four words of 32 bits, see struct control.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct control {
        uint32_t n_allocations;
        uint32_t fail_at; /* that one fails; 0: none */
        uint32_t fail_every; /* each of so many fails; 0: none */
        uint32_t n_failed;
};

static struct control *control;

/* What glibc's own are called, too. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);

__attribute__((constructor)) static void control_open(void) {
        const char *path = getenv("FAILING_MEMORY");
        int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
        void *p;

        if (fd < 0)
                return;
        p = mmap(NULL, sizeof(*control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        (void) close(fd);
        if (p != MAP_FAILED)
                control = p;
}

static bool fails(void) {
        uint32_t n;

        if (!control)
                return false;
        n = ++control->n_allocations;
        if (n != control->fail_at && (control->fail_every == 0 || n % control->fail_every != 0))
                return false;
        control->n_failed++;
        errno = ENOMEM;
        return true;
}

#define EXPORT __attribute__((visibility("default")))

EXPORT void *malloc(size_t size) {
        return fails() ? NULL : __libc_malloc(size);
}

EXPORT void *calloc(size_t n, size_t size) {
        return fails() ? NULL : __libc_calloc(n, size);
}

EXPORT void *realloc(void *p, size_t size) {
        return fails() ? NULL : __libc_realloc(p, size);
}
