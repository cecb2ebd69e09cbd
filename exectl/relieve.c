/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "relieve.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "util/cleanup.h"

/*
 * Returns true when the path ends like that of a journal file, or of one that journald has set aside as
 * damaged.
 */
static bool is_journal(const char *path) {
        size_t n = strcspn(path, "\n");

        return (n > 8 && strncmp(path + n - 8, ".journal", 8) == 0) ||
                (n > 9 && strncmp(path + n - 9, ".journal~", 9) == 0);
}

void relieve_journal_memory(void) {
        _cleanup_fclose_ FILE *maps = fopen("/proc/self/maps", "re");
        char line[4096 + 256];

        /* Without /proc, the memory is not released. */
        if (!maps)
                return;
        while (fgets(line, sizeof(line), maps)) {
                const char *path = strchr(line, '/');
                uintptr_t begin, end;
                char shared;

                if (!path || !is_journal(path) ||
                        sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %*c%*c%*c%c", &begin, &end, &shared) != 3)
                        continue;
                /* Pages of a shared mapping are read from the file again when they are needed. */
                if (shared == 's')
                        (void) madvise((void *) begin, end - begin, MADV_DONTNEED);
        }
}
