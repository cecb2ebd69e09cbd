/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>
#include <systemd/sd-event.h>

/*
 * What every source of the loop is given, right after it was added: an error of its callback ends the loop,
 * in the place of disabling the source and going on without it; debug output has a name for it; and of
 * several that are ready at once the one of the lowest priority (SD_EVENT_PRIORITY_NORMAL is 0) comes
 * first. `description` is copied.
 *
 * Returns 0, or what sd-event failed with; the caller still owns the source.
 */
int event_source_setup(sd_event_source *source, const char *description, int64_t priority);
