/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <syslog.h>

/*
 * Writes a diagnostic to standard error: with the priority in front ("<4>", sd-daemon(3)) when that leads to
 * the journal, else as "exectraced: TEXT". Each is one line: what is not printable in `format`'s result
 * becomes "?". SYSTEMD_LOG_LEVEL= says which priorities are shown, as with systemd's daemons (LOG_INFO and
 * above when it is unset).
 *
 * It never blocks. A line for which there is no room is dropped; the next line that has room is preceded by
 * one that says how many were.
 */
__attribute__((format(printf, 2, 3))) void log_message(int priority, const char *format, ...);
__attribute__((format(printf, 2, 0))) void log_message_v(int priority, const char *format, va_list ap);

#define log_error(...) log_message(LOG_ERR, __VA_ARGS__)
#define log_warning(...) log_message(LOG_WARNING, __VA_ARGS__)
#define log_info(...) log_message(LOG_INFO, __VA_ARGS__)

/* Returns true when standard error leads to the journal. */
bool log_is_journal(void);
