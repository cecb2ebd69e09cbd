/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <systemd/sd-bus.h>

#include "doctor.h"
#include "util/cleanup.h"

#define SERVICE_PATH "/org/freedesktop/systemd1/unit/exectraced_2eservice"
#define UNIT_INTERFACE "org.freedesktop.systemd1.Unit"
#define SERVICE_INTERFACE "org.freedesktop.systemd1.Service"

static void bus_unrefp(sd_bus **bus) {
        sd_bus_flush_close_unref(*bus);
}

static void error_freep(sd_bus_error *error) {
        sd_bus_error_free(error);
}

static int unknown(Diagnosis *diagnosis, int error) {
        return diagnose(diagnosis, VERDICT_UNKNOWN, NULL, "systemd can't be asked: %s", strerror(-error));
}

static int get_text(sd_bus *bus, const char *interface, const char *property, char **ret) {
        _cleanup_(error_freep) sd_bus_error error = SD_BUS_ERROR_NULL;

        return sd_bus_get_property_string(
                bus, "org.freedesktop.systemd1", SERVICE_PATH, interface, property, &error, ret);
}

int doctor_service(const DoctorWorld *world, Diagnosis *diagnosis) {
        _cleanup_(bus_unrefp) sd_bus *bus = NULL;
        _cleanup_free_ char *state = NULL, *enabled = NULL, *load = NULL;
        int r;

        (void) world;

        r = sd_bus_open_system(&bus);
        if (r >= 0)
                r = get_text(bus, UNIT_INTERFACE, "LoadState", &load);
        if (r >= 0)
                r = get_text(bus, UNIT_INTERFACE, "ActiveState", &state);
        if (r >= 0)
                r = get_text(bus, UNIT_INTERFACE, "UnitFileState", &enabled);
        if (r < 0)
                return unknown(diagnosis, r);
        if (strcmp(load, "loaded") != 0)
                return diagnose(diagnosis, VERDICT_BAD,
                        "install exectraced, then systemctl enable --now exectraced",
                        "exectraced.service is not installed (%s)", load);
        if (strcmp(state, "active") != 0 && strcmp(state, "reloading") != 0)
                return diagnose(diagnosis, VERDICT_BAD,
                        "systemctl start exectraced; journalctl -u exectraced says why it ended",
                        "exectraced.service is %s", state);
        if (strcmp(enabled, "enabled") != 0)
                return diagnose(diagnosis, VERDICT_BAD, "systemctl enable exectraced",
                        "exectraced.service runs, but is %s: it does not start at the next boot", enabled);
        return diagnose(diagnosis, VERDICT_OK, NULL, "exectraced.service is active, and enabled");
}

/* If a limit of the unit is zero, systemd does not set it, and the default of journald applies. */
int doctor_rate_limit(const DoctorWorld *world, Diagnosis *diagnosis) {
        _cleanup_(error_freep) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(bus_unrefp) sd_bus *bus = NULL;
        uint64_t interval;
        uint32_t burst;
        int r;

        (void) world;

        r = sd_bus_open_system(&bus);
        if (r >= 0)
                r = sd_bus_get_property_trivial(bus, "org.freedesktop.systemd1", SERVICE_PATH,
                        SERVICE_INTERFACE, "LogRateLimitIntervalUSec", &error, 't', &interval);
        if (r >= 0)
                r = sd_bus_get_property_trivial(bus, "org.freedesktop.systemd1", SERVICE_PATH,
                        SERVICE_INTERFACE, "LogRateLimitBurst", &error, 'u', &burst);
        if (r < 0)
                return unknown(diagnosis, r);
        if (interval == 0 || burst == 0 || (double) burst * 1000000 / (double) interval < 100000)
                return diagnose(diagnosis, VERDICT_BAD,
                        "set LogRateLimitIntervalSec=1ms and LogRateLimitBurst=1000000, as in the shipped "
                        "unit",
                        "journald may drop records: its rate limit holds for exectraced.service");
        return diagnose(diagnosis, VERDICT_OK, NULL, "journald's rate limit is out of the way");
}
