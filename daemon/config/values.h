/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"
#include "util/bytes.h"

/*
 * Parses single values. Unless said otherwise, the value is the whole string, without white space around it,
 * and the functions return 0 and set *ret, or return -EINVAL when the value does not have the form that is
 * described.
 */

/* Takes 1, yes, y, true, t and on, or 0, no, n, false, f and off, in upper or lower case. */
int value_parse_boolean(const char *value, bool *ret);

/* Takes a boolean or "all". */
int value_parse_failures(const char *value, FailuresMode *ret);

/*
 * Takes decimal digits, which K, M or G (base 1024) may follow. Sets *ret to bytes. Also returns -ERANGE,
 * when the size does not fit into 64 bits.
 */
int value_parse_size(const char *value, uint64_t *ret);

/*
 * Takes "all", "self", or an id from 1 to 4294967294. Sets *ret to PID_NAMESPACE_ALL, PID_NAMESPACE_SELF or
 * the id.
 */
int value_parse_pid_namespace(const char *value, uint32_t *ret);

/* Takes decimal digits that make a number from 0 to `max`. */
int value_parse_count(const char *value, uint32_t max, uint32_t *ret);

/* Take the lower-case name of a value of the enum, such as "auto". */
int value_parse_syscall_hook(const char *value, SyscallHook *ret);
int value_parse_target(const char *value, Target *ret);

/* Takes the name of a facility from syslog.conf(5). *ret is shifted, like LOG_AUTHPRIV. */
int value_parse_facility(const char *value, int *ret);

/* Takes the name of a priority from syslog.conf(5), or 0 to 7. */
int value_parse_priority(const char *value, int *ret);

/* The values that value_parse_priority() takes, for messages. */
#define VALUE_PRIORITY_EXPECTED "emerg, alert, crit, err, warning, notice, info, debug or 0 to 7"

/*
 * Returns true when EXEC_LABEL_ and the name, or EXEC_ENV_ and the name in upper case, are a field name that
 * the journal accepts. The name of a variable may end in a star, which stands for any rest.
 */
bool value_is_label_name(Bytes name);
bool value_is_environment_name(Bytes name);

/*
 * Reads the next word of *value, and moves *value after it. White space ends a word, except between quotes,
 * '...' or "...". Quotes may also be inside of a word, and are removed. A backslash is an ordinary character,
 * as globs need it. Returns 1 and sets *ret to the word (to be freed), which is empty for a pair of quotes
 * with nothing between them. Returns 0 when there are no more words, -EINVAL when a quote is not closed, or
 * -ENOMEM.
 */
int value_next_word(const char **value, char **ret);

/*
 * Returns the size of the white space at the beginning of `value`, or the size of the first `size` bytes of
 * `value` without the white space at their end.
 */
size_t value_leading_space(const char *value);
size_t value_trimmed_size(const char *value, size_t size);

/*
 * Formats a size with the largest unit that divides it: "64K", "1G", or bytes without a unit. Returns
 * `buffer`.
 */
#define VALUE_SIZE_TEXT_MAX 24
const char *value_format_size(char buffer[static VALUE_SIZE_TEXT_MAX], uint64_t bytes);

/*
 * Returns a copy of `value` for a message, to be freed: one printable line of at most VALUE_SHOWN_MAX bytes.
 * Bytes that are not printable UTF-8 are written as \xXX, and "..." at the end means that the rest is cut
 * off. Returns NULL when there is no memory.
 */
#define VALUE_SHOWN_MAX 80
char *value_show(const char *value);

/* Sets *ret_problem (to be freed) to: expected EXPECTED, not "FOUND". Returns -EINVAL, or -ENOMEM. */
__attribute__((format(printf, 3, 4))) int value_refuse(
        char **ret_problem, const char *found, const char *expected, ...);
