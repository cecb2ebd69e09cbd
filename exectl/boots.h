/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-id128.h>
#include <systemd/sd-journal.h>

#include "options.h"

/* One boot of which the journal has entries. */
typedef struct Boot {
        sd_id128_t id;
        uint64_t first; /* when the journal's first entry of it was received, microseconds since the epoch */
        uint64_t last;
} Boot;

/*
 * Lists the boots, oldest first. Removes the journal's matches. Returns their number and sets *ret, which
 * the caller frees, or a negative errno.
 */
int boots_list(sd_journal *journal, Boot **ret);

/*
 * Finds the boot that -b names. Removes the journal's matches. Says on standard error when there is none.
 * Returns 0 and sets *ret, -ENOENT, or another negative errno.
 */
int boots_choose(sd_journal *journal, const Options *options, sd_id128_t *ret);
