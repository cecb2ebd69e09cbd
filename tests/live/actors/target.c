/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What the tests execute. It takes its orders from the environment, since its arguments are what is tested.
 *
 *   TARGET=arguments  writes the memory of its arguments, with the NULs, to standard output
 *   TARGET=hold       writes a line when it runs, then waits for the end of standard input
 *   TARGET=counted    exits with COUNTED_STATUS
 *   else              exits
 */

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "counted.h"

/* Skips `n` fields of a line whose fields have a blank between them. */
static const char *skip_fields(const char *p, unsigned n) {
        for (; p && n > 0; n--) {
                p = strchr(p, ' ');
                p = p ? p + 1 : NULL;
        }
        return p;
}

/*
 * The memory that the kernel calls the arguments: arg_start and arg_end, fields 48 and 49 of proc(5)'s
 * stat. Not /proc/self/cmdline, which shows something else when the last byte is no NUL.
 */
static int write_arguments(void) {
        char buffer[4096] = {};
        const char *start, *end, *p;
        int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);

        if (fd < 0 || read(fd, buffer, sizeof(buffer) - 1) < 0)
                return 1;
        p = strrchr(buffer, ')'); /* the end of field 2 */
        p = p ? skip_fields(p, 46) : NULL;
        if (!p)
                return 1;
        start = (const char *) strtoul(p, NULL, 10);
        end = (const char *) strtoul(skip_fields(p, 1), NULL, 10);

        while (start < end) {
                ssize_t n = write(STDOUT_FILENO, start, (size_t) (end - start));
                if (n < 0)
                        return 1;
                start += n;
        }
        return 0;
}

static int hold(void) {
        char byte;

        if (write(STDOUT_FILENO, "runs\n", 5) != 5)
                return 1;
        while (read(STDIN_FILENO, &byte, 1) > 0)
                ;
        return 0;
}

int main(void) {
        const char *order = getenv("TARGET");

        if (!order)
                return 0;
        if (strcmp(order, "arguments") == 0)
                return write_arguments();
        if (strcmp(order, "hold") == 0)
                return hold();
        if (strcmp(order, "counted") == 0)
                return COUNTED_STATUS;
        return 64;
}
