/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Sends messages to systemd (sd_notify(3)). Without systemd they do nothing. They return no error, because
 * the caller could not handle it.
 */
/* Sends READY=1 with a status. */
void notify_ready(const char *status);

/* Sends a status that consists of two texts. */
void notify_status(const char *status, const char *more);

/* Send that the daemon reloads its configuration, and that it stops. */
void notify_reloading(void);
void notify_stopping(void);

/* Sends the status and the errno with which the daemon fails. `error` is a negative errno. */
void notify_failed(int error, const char *status);
