/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"
#include "util/bytes.h"

/*
 * Single values as text. Unless said otherwise a value is the whole string, without white space around it,
 * and what is not of the form asked for gives -EINVAL.
 */

/* 1, yes, y, true, t, on; 0, no, n, false, f, off; in any case. */
int value_parse_boolean(const char *value, bool *ret);

/* A boolean, or all. */
int value_parse_failures(const char *value, FailuresMode *ret);

/* Decimal digits and K, M or G (base 1024), in bytes. -ERANGE: more than 64 bits hold. */
int value_parse_size(const char *value, uint64_t *ret);

/* "all", "self", or an id from 1 to 4294967294: PID_NAMESPACE_ALL, PID_NAMESPACE_SELF or the id. */
int value_parse_pid_namespace(const char *value, uint32_t *ret);

/* Decimal digits, 0 to `max`. */
int value_parse_count(const char *value, uint32_t max, uint32_t *ret);

int value_parse_syscall_hook(const char *value, SyscallHook *ret);
int value_parse_target(const char *value, Target *ret);

/* A name as syslog.conf(5) has them; the result is shifted, as LOG_AUTHPRIV is. */
int value_parse_facility(const char *value, int *ret);

/* A name of a priority as syslog.conf(5) has them, or 0 to 7. */
int value_parse_priority(const char *value, int *ret);

/* What value_parse_priority() takes, for a message. */
#define VALUE_PRIORITY_EXPECTED "emerg, alert, crit, err, warning, notice, info, debug or 0 to 7"

/* Whether the name, behind the field's prefix, makes a field that the journal takes. */
bool value_is_label_name(Bytes name);
bool value_is_environment_name(Bytes name); /* or the beginning of one, with a star behind it */

/*
 * Takes the next word off the front of *value. White space ends it, but not between quotes, '...' or "...",
 * which are taken away, also inside of a word. A backslash is a character like others, as in a glob. 1: *ret
 * is the word (to be freed), empty where there was nothing between quotes; 0: there is none; -EINVAL: a quote
 * has no partner; -ENOMEM.
 */
int value_next_word(const char **value, char **ret);

/* Where the white space at the front of `value` ends; where that at the end of it begins. */
size_t value_leading_space(const char *value);
size_t value_trimmed_size(const char *value, size_t size);

/* "64K", "1G"; in bytes, without a letter, where no unit divides it. */
#define VALUE_SIZE_TEXT_MAX 24
const char *value_format_size(char buffer[static VALUE_SIZE_TEXT_MAX], uint64_t bytes);

/*
 * A copy to be shown in a message: one printable line of at most VALUE_SHOWN_MAX bytes, other bytes as \xXX,
 * "..." where the rest is cut off. NULL: no memory.
 */
#define VALUE_SHOWN_MAX 80
char *value_show(const char *value);

/* -EINVAL, and *ret_problem (to be freed): "expected EXPECTED, not "FOUND"". Or -ENOMEM. */
__attribute__((format(printf, 3, 4))) int value_refuse(
        char **ret_problem, const char *found, const char *expected, ...);
