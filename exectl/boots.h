/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-id128.h>
#include <systemd/sd-journal.h>

#include "options.h"

/* A boot of which the journal has entries. */
typedef struct Boot {
        sd_id128_t id;
        sd_id128_t machine; /* of the host, as its first entry has it; null: it has none */
        uint64_t first; /* when journald received its first entry, in microseconds since the epoch */
        uint64_t last; /* the same for its last entry */
        /* By how much the clock was ahead of the time since the boot, at these two: the less and the more. */
        uint64_t ahead_least, ahead_most;
} Boot;

/*
 * Lists the boots, the oldest first. Removes all matches from the journal. Returns their number and sets
 * *ret, which the caller frees, or returns a negative errno.
 */
int boots_list(sd_journal *journal, Boot **ret);

/*
 * Finds the boot that the option -b names. Removes all matches from the journal. Returns 0 and sets *ret;
 * -ENOENT when there is no such boot; or another negative errno. Errors are reported on standard error.
 */
int boots_choose(sd_journal *journal, const Options *options, sd_id128_t *ret);
