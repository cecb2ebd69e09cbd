/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdarg.h>
#include <syslog.h>

/*
 * Diagnostics, on standard error: with the priority in front ("<4>", sd-daemon(3)) when that leads to the
 * journal, else as "exectraced: TEXT". One line each: what is not printable in `format`'s result becomes "?".
 * As with systemd's daemons, SYSTEMD_LOG_LEVEL= says which priorities are shown (LOG_INFO and above if
 * unset).
 */
__attribute__((format(printf, 2, 3))) void log_message(int priority, const char *format, ...);
__attribute__((format(printf, 2, 0))) void log_message_v(int priority, const char *format, va_list ap);

#define log_error(...) log_message(LOG_ERR, __VA_ARGS__)
#define log_warning(...) log_message(LOG_WARNING, __VA_ARGS__)
#define log_info(...) log_message(LOG_INFO, __VA_ARGS__)
