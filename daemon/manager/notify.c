/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * These functions allocate no memory, which sd_notifyf(3) would, so they also work when there is none. A
 * service manager that does not get READY=1 in time ends the daemon.
 */

#include "manager/notify.h"

#include <stdint.h>
#include <stdio.h>
#include <systemd/sd-daemon.h>
#include <time.h>

/* A longer message is cut. */
#define MESSAGE_SIZE 1024

void notify_ready(const char *status) {
        char message[MESSAGE_SIZE];

        (void) snprintf(message, sizeof(message), "READY=1\nSTATUS=%s", status);
        (void) sd_notify(0, message);
}

void notify_status(const char *status, const char *more) {
        char message[MESSAGE_SIZE];

        (void) snprintf(message, sizeof(message), "STATUS=%s%s", status, more);
        (void) sd_notify(0, message);
}

void notify_reloading(void) {
        char message[MESSAGE_SIZE];
        struct timespec now;

        /* With Type=notify-reload, systemd compares this time with that of its own signal. */
        (void) clock_gettime(CLOCK_MONOTONIC, &now);
        (void) snprintf(message, sizeof(message),
                "RELOADING=1\nMONOTONIC_USEC=%llu\nSTATUS=Reloading the configuration",
                (unsigned long long) now.tv_sec * 1000000 + (unsigned long long) now.tv_nsec / 1000);
        (void) sd_notify(0, message);
}

void notify_stopping(void) {
        (void) sd_notify(0, "STOPPING=1\nSTATUS=Draining the rings");
}

void notify_failed(int error, const char *status) {
        char message[MESSAGE_SIZE];

        (void) snprintf(message, sizeof(message), "ERRNO=%d\nSTATUS=%s", -error, status);
        (void) sd_notify(0, message);
}
