/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "config/values.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "util/boolean.h"
#include "util/buffer.h"
#include "util/cleanup.h"
#include "util/utf8.h"

/* The maximum size of the name of a journal field. */
#define JOURNAL_FIELD_MAX 64

#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define SMALL_LETTERS "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"
#define WHITE_SPACE " \t\n\v\f\r"

typedef struct NamedNumber {
        const char *name;
        int number;
} NamedNumber;

static const NamedNumber facilities[] = {
        { "kern", LOG_KERN },
        { "user", LOG_USER },
        { "mail", LOG_MAIL },
        { "daemon", LOG_DAEMON },
        { "auth", LOG_AUTH },
        { "syslog", LOG_SYSLOG },
        { "lpr", LOG_LPR },
        { "news", LOG_NEWS },
        { "uucp", LOG_UUCP },
        { "cron", LOG_CRON },
        { "authpriv", LOG_AUTHPRIV },
        { "ftp", LOG_FTP },
        { "local0", LOG_LOCAL0 },
        { "local1", LOG_LOCAL1 },
        { "local2", LOG_LOCAL2 },
        { "local3", LOG_LOCAL3 },
        { "local4", LOG_LOCAL4 },
        { "local5", LOG_LOCAL5 },
        { "local6", LOG_LOCAL6 },
        { "local7", LOG_LOCAL7 },
};

/* The last three are deprecated names, which syslog.conf(5) still accepts. */
static const NamedNumber priorities[] = {
        { "emerg", LOG_EMERG },
        { "alert", LOG_ALERT },
        { "crit", LOG_CRIT },
        { "err", LOG_ERR },
        { "warning", LOG_WARNING },
        { "notice", LOG_NOTICE },
        { "info", LOG_INFO },
        { "debug", LOG_DEBUG },
        { "panic", LOG_EMERG },
        { "error", LOG_ERR },
        { "warn", LOG_WARNING },
};

static const NamedNumber syscall_hooks[] = {
        { "auto", SYSCALL_HOOK_AUTO },
        { "trampoline", SYSCALL_HOOK_TRAMPOLINE },
        { "tracepoint", SYSCALL_HOOK_TRACEPOINT },
        { "none", SYSCALL_HOOK_NONE },
};

static const NamedNumber targets[] = {
        { "auto", TARGET_AUTO },
        { "journal", TARGET_JOURNAL },
        { "syslog", TARGET_SYSLOG },
};

static int find_number(const NamedNumber *table, size_t n, const char *name, int *ret) {
        for (size_t i = 0; i < n; i++)
                if (strcmp(table[i].name, name) == 0) {
                        *ret = table[i].number;
                        return 0;
                }
        return -EINVAL;
}

int value_parse_boolean(const char *value, bool *ret) {
        int r = boolean_parse(value);

        if (r < 0)
                return r;
        *ret = r;
        return 0;
}

int value_parse_failures(const char *value, FailuresMode *ret) {
        bool some;

        if (strcmp(value, "all") == 0) {
                *ret = FAILURES_ALL;
                return 0;
        }
        if (value_parse_boolean(value, &some) < 0)
                return -EINVAL;
        *ret = some ? FAILURES_YES : FAILURES_NO;
        return 0;
}

/* Reads the digits at *value and moves *value after them. */
static int parse_digits(const char **value, uint64_t *ret) {
        size_t n = strspn(*value, DIGITS);
        uint64_t number = 0;

        if (n == 0)
                return -EINVAL;
        for (size_t i = 0; i < n; i++)
                if (__builtin_mul_overflow(number, 10U, &number) ||
                        __builtin_add_overflow(number, (uint64_t) ((*value)[i] - '0'), &number))
                        return -ERANGE;

        *value += n;
        *ret = number;
        return 0;
}

int value_parse_size(const char *value, uint64_t *ret) {
        static const char units[] = "KMG";
        uint64_t number;
        int r;

        /* A wrong unit makes it -EINVAL, even if the number is out of range. */
        if (value[strspn(value, DIGITS)] != '\0') {
                const char *unit = value + strspn(value, DIGITS);

                if (!strchr(units, *unit) || unit[1] != '\0')
                        return -EINVAL;
        }

        r = parse_digits(&value, &number);
        if (r < 0)
                return r;
        if (*value != '\0' &&
                __builtin_mul_overflow(
                        number, UINT64_C(1) << 10 * (strchr(units, *value) - units + 1), &number))
                return -ERANGE;

        *ret = number;
        return 0;
}

int value_parse_count(const char *value, uint32_t max, uint32_t *ret) {
        uint64_t n;
        int r;

        r = parse_digits(&value, &n);
        if (r < 0 || *value != '\0' || n > max)
                return -EINVAL;
        *ret = (uint32_t) n;
        return 0;
}

int value_parse_pid_namespace(const char *value, uint32_t *ret) {
        uint64_t id;
        int r;

        if (strcmp(value, "all") == 0) {
                *ret = PID_NAMESPACE_ALL;
                return 0;
        }
        if (strcmp(value, "self") == 0) {
                *ret = PID_NAMESPACE_SELF;
                return 0;
        }

        r = parse_digits(&value, &id);
        if (r < 0 || *value != '\0' || id < 1 || id >= UINT32_MAX)
                return -EINVAL;
        *ret = (uint32_t) id;
        return 0;
}

int value_parse_syscall_hook(const char *value, SyscallHook *ret) {
        int number, r;

        r = find_number(syscall_hooks, ELEMENTSOF(syscall_hooks), value, &number);
        if (r < 0)
                return r;
        *ret = (SyscallHook) number;
        return 0;
}

int value_parse_target(const char *value, Target *ret) {
        int number, r;

        r = find_number(targets, ELEMENTSOF(targets), value, &number);
        if (r < 0)
                return r;
        *ret = (Target) number;
        return 0;
}

int value_parse_facility(const char *value, int *ret) {
        return find_number(facilities, ELEMENTSOF(facilities), value, ret);
}

int value_parse_priority(const char *value, int *ret) {
        if (value[0] >= '0' && value[0] <= '7' && value[1] == '\0') {
                *ret = value[0] - '0';
                return 0;
        }
        return find_number(priorities, ELEMENTSOF(priorities), value, ret);
}

static bool is_made_of(Bytes name, const char *characters) {
        for (size_t i = 0; i < name.size; i++)
                if (name.data[i] == '\0' || !strchr(characters, name.data[i]))
                        return false;
        return true;
}

bool value_is_label_name(Bytes name) {
        return name.size > 0 && sizeof("EXEC_LABEL_") - 1 + name.size <= JOURNAL_FIELD_MAX &&
                is_made_of(name, CAPITALS DIGITS "_");
}

bool value_is_environment_name(Bytes name) {
        if (name.size > 1 && name.data[name.size - 1] == '*')
                name.size--;
        return name.size > 0 && sizeof("EXEC_ENV_") - 1 + name.size <= JOURNAL_FIELD_MAX &&
                !strchr(DIGITS, name.data[0]) && is_made_of(name, CAPITALS SMALL_LETTERS DIGITS "_");
}

int value_next_word(const char **value, char **ret) {
        const char *p = *value + value_leading_space(*value);
        _cleanup_free_ char *word = NULL;
        size_t size = 0;
        char quote = '\0';

        if (*p == '\0') {
                *value = p;
                return 0;
        }
        word = malloc(strlen(p) + 1);
        if (!word)
                return -ENOMEM;

        for (; *p != '\0' && (quote || !strchr(WHITE_SPACE, *p)); p++)
                if (quote ? *p == quote : *p == '"' || *p == '\'')
                        quote = quote ? '\0' : *p;
                else
                        word[size++] = *p;
        if (quote)
                return -EINVAL;

        word[size] = '\0';
        *value = p;
        *ret = TAKE_PTR(word);
        return 1;
}

size_t value_leading_space(const char *value) {
        return strspn(value, WHITE_SPACE);
}

size_t value_trimmed_size(const char *value, size_t size) {
        while (size > 0 && value[size - 1] != '\0' && strchr(WHITE_SPACE, value[size - 1]))
                size--;
        return size;
}

const char *value_format_size(char buffer[static VALUE_SIZE_TEXT_MAX], uint64_t bytes) {
        static const char *const units[] = { "", "K", "M", "G" };
        size_t unit = 0;

        while (bytes > 0 && bytes % 1024 == 0 && unit + 1 < ELEMENTSOF(units)) {
                bytes /= 1024;
                unit++;
        }
        (void) snprintf(buffer, VALUE_SIZE_TEXT_MAX, "%" PRIu64 "%s", bytes, units[unit]);
        return buffer;
}

char *value_show(const char *value) {
        static const char cut[] = "...";
        Buffer shown = BUFFER_NULL;
        size_t size = strlen(value), fits = 0;

        for (size_t i = 0, n; i < size; i += n) {
                uint32_t character;

                n = utf8_decode(value + i, size - i, &character);
                if (n > 0 && utf8_is_printable(character)) {
                        buffer_append(&shown, value + i, n);
                } else {
                        char escape[sizeof("\\xff")];

                        n = 1;
                        (void) snprintf(escape, sizeof(escape), "\\x%02x", (unsigned char) value[i]);
                        buffer_append_string(&shown, escape);
                }

                if (shown.size > VALUE_SHOWN_MAX) {
                        buffer_truncate(&shown, fits);
                        buffer_append_string(&shown, cut);
                        break;
                }
                if (shown.size <= VALUE_SHOWN_MAX - (sizeof(cut) - 1))
                        fits = shown.size;
        }

        buffer_append_char(&shown, '\0');
        if (buffer_error(&shown) < 0) {
                buffer_done(&shown);
                return NULL;
        }
        return shown.data;
}

int value_refuse(char **ret_problem, const char *found, const char *expected, ...) {
        _cleanup_free_ char *shown = value_show(found), *text = NULL;
        va_list args;
        int r;

        if (!shown)
                return -ENOMEM;

        va_start(args, expected);
        r = vasprintf(&text, expected, args);
        va_end(args);
        if (r < 0) {
                text = NULL;
                return -ENOMEM;
        }

        if (asprintf(ret_problem, "expected %s, not \"%s\"", text, shown) < 0) {
                *ret_problem = NULL;
                return -ENOMEM;
        }
        return -EINVAL;
}
