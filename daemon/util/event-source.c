/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "util/event-source.h"

#include <stdbool.h>

int event_source_setup(sd_event_source *source, const char *description, int64_t priority) {
        int r;

        r = sd_event_source_set_exit_on_failure(source, true);
        if (r >= 0)
                r = sd_event_source_set_priority(source, priority);
        if (r >= 0)
                r = sd_event_source_set_description(source, description);
        return r < 0 ? r : 0;
}
