/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <syslog.h>

/*
 * Writes a message of one line to standard error. The line begins with the priority ("<4>", sd-daemon(3))
 * when standard error leads to the journal, and with "exectraced: " otherwise. Characters that are not
 * printable are replaced by "?". The environment variable SYSTEMD_LOG_LEVEL sets which priorities are shown,
 * as for systemd's daemons. The default is LOG_INFO and above.
 *
 * This function does not block. A line for which there is no room is dropped. The next line for which there
 * is room is preceded by one that says how many lines were dropped.
 */
__attribute__((format(printf, 2, 3))) void log_message(int priority, const char *format, ...);
__attribute__((format(printf, 2, 0))) void log_message_v(int priority, const char *format, va_list ap);

#define log_error(...) log_message(LOG_ERR, __VA_ARGS__)
#define log_warning(...) log_message(LOG_WARNING, __VA_ARGS__)
#define log_info(...) log_message(LOG_INFO, __VA_ARGS__)

/* Returns true when standard error leads to the journal. */
bool log_is_journal(void);
