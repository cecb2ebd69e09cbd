/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "notify.h"

#include <stdint.h>
#include <systemd/sd-daemon.h>
#include <time.h>

void notify_ready(const char *status) {
        (void) sd_notifyf(0, "READY=1\nSTATUS=%s", status);
}

void notify_status(const char *status) {
        (void) sd_notifyf(0, "STATUS=%s", status);
}

void notify_reloading(void) {
        struct timespec now;

        /* Type=notify-reload tells by the time whether this answers its own signal. */
        (void) clock_gettime(CLOCK_MONOTONIC, &now);
        (void) sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%llu\nSTATUS=Reloading the configuration",
                (unsigned long long) now.tv_sec * 1000000 + (unsigned long long) now.tv_nsec / 1000);
}

void notify_stopping(void) {
        (void) sd_notify(0, "STOPPING=1\nSTATUS=Draining the rings");
}

void notify_failed(int error, const char *status) {
        (void) sd_notifyf(0, "ERRNO=%d\nSTATUS=%s", -error, status);
}
