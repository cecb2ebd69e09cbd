/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "trigger.h"

#include <stdlib.h>
#include <systemd/sd-bus.h>

#include "show.h"
#include "util/cleanup.h"

#define UNITS_PATH "/org/freedesktop/systemd1/unit"

static int append_all(Buffer *buffer, char **names) {
        int n = 0;

        for (char **name = names; name && *name; name++) {
                if (n++ > 0)
                        buffer_append_string(buffer, ", ");
                show_text(buffer, bytes_of_string(*name));
                free(*name);
        }
        free(names);
        return n;
}

int trigger_append(Buffer *buffer, const char *unit) {
        _cleanup_free_ char *path = NULL;
        char **names = NULL;
        sd_bus *bus = NULL;
        int r, n = 0;

        r = sd_bus_path_encode(UNITS_PATH, unit, &path);
        if (r >= 0)
                r = sd_bus_open_system(&bus);
        if (r >= 0)
                r = sd_bus_get_property_strv(bus, "org.freedesktop.systemd1", path,
                        "org.freedesktop.systemd1.Unit", "TriggeredBy", NULL, &names);
        if (r >= 0)
                n = append_all(buffer, names);
        sd_bus_flush_close_unref(bus);
        return n;
}
