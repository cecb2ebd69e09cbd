/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What systemd is told (sd_notify(3)). Outside of systemd all of it goes nowhere, and where systemd can't
 * be reached there is nothing to be done about it: hence no results.
 */
void notify_ready(const char *status);
void notify_status(const char *status, const char *more);
void notify_reloading(void);
void notify_stopping(void);

/* The daemon gives up; `error` is a negative errno. */
void notify_failed(int error, const char *status);
