/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "config/keys.h"

#include <assert.h>
#include <string.h>

#include "bpf/record.h"
#include "config/lists.h"
#include "config/values.h"
#include "util/cleanup.h"
#include "util/timespan.h"

#define KIB 1024U
#define MIB (1024U * KIB)
#define GIB (1024U * MIB)

static int assign_boolean(const ConfigKey *key, Config *config, const char *value, char **ret_problem) {
        if (value_parse_boolean(value, config_key_field(key, config)) < 0)
                return value_refuse(ret_problem, value, "yes or no");
        return 0;
}

static int assign_failures(const ConfigKey *key, Config *config, const char *value, char **ret_problem) {
        if (value_parse_failures(value, config_key_field(key, config)) < 0)
                return value_refuse(ret_problem, value, "yes, no or all");
        return 0;
}

static int assign_syscall_hook(const ConfigKey *key, Config *config, const char *value, char **ret_problem) {
        if (value_parse_syscall_hook(value, config_key_field(key, config)) < 0)
                return value_refuse(ret_problem, value, "auto, trampoline, tracepoint or none");
        return 0;
}

#define FAILURE_LIMIT_MAX 1000000U

static int assign_target(const ConfigKey *key, Config *config, const char *value, char **ret_problem) {
        if (value_parse_target(value, config_key_field(key, config)) < 0)
                return value_refuse(ret_problem, value, "auto, journal or syslog");
        return 0;
}

static int assign_pid_namespace(const ConfigKey *key, Config *config, const char *value, char **ret_problem) {
        if (value_parse_pid_namespace(value, config_key_field(key, config)) < 0)
                return value_refuse(ret_problem, value, "all, self or the id of a PID namespace (1 to %u)",
                        UINT32_MAX - 1);
        return 0;
}

static int assign_failure_limit(const ConfigKey *key, Config *config, const char *value, char **ret_problem) {
        if (value_parse_count(value, FAILURE_LIMIT_MAX, config_key_field(key, config)) < 0)
                return value_refuse(
                        ret_problem, value, "a number of failures per second, 0 to %u", FAILURE_LIMIT_MAX);
        return 0;
}

static int assign_facility(const ConfigKey *key, Config *config, const char *value, char **ret_problem) {
        if (value_parse_facility(value, config_key_field(key, config)) < 0)
                return value_refuse(ret_problem, value,
                        "kern, user, mail, daemon, auth, syslog, lpr, news, uucp, cron, authpriv, ftp or "
                        "local0 to "
                        "local7");
        return 0;
}

static int assign_priority(const ConfigKey *key, Config *config, const char *value, char **ret_problem) {
        if (value_parse_priority(value, config_key_field(key, config)) < 0)
                return value_refuse(ret_problem, value, VALUE_PRIORITY_EXPECTED);
        return 0;
}

static int assign_size(const ConfigKey *key, Config *config, const char *value, char **ret_problem) {
        char min[VALUE_SIZE_TEXT_MAX], max[VALUE_SIZE_TEXT_MAX];
        uint32_t *field = config_key_field(key, config);
        uint64_t size;

        if (value_parse_size(value, &size) < 0 || size < key->min || size > key->max)
                return value_refuse(ret_problem, value, "a size from %s to %s",
                        value_format_size(min, key->min), value_format_size(max, key->max));
        *field = (uint32_t) size;
        return 0;
}

/* The limits are powers of two, so any size between them has a power of two below and above it. */
static int assign_ring_size(const ConfigKey *key, Config *config, const char *value, char **ret_problem) {
        char min[VALUE_SIZE_TEXT_MAX], max[VALUE_SIZE_TEXT_MAX];
        char below[VALUE_SIZE_TEXT_MAX], above[VALUE_SIZE_TEXT_MAX];
        uint32_t *field = config_key_field(key, config);
        uint64_t size, power;
        int r;

        value_format_size(min, key->min);
        value_format_size(max, key->max);

        r = value_parse_size(value, &size);
        if (r == -ERANGE)
                size = UINT64_MAX;
        else if (r < 0)
                return value_refuse(ret_problem, value, "a size from %s to %s, a power of two", min, max);

        if (size < key->min || size > key->max)
                return value_refuse(ret_problem, value, "a size from %s to %s, a power of two (nearest: %s)",
                        min, max, size < key->min ? min : max);

        power = UINT64_C(1) << (63 - __builtin_clzll(size));
        if (power != size)
                return value_refuse(ret_problem, value,
                        "a size from %s to %s, a power of two (nearest: %s and %s)", min, max,
                        value_format_size(below, power), value_format_size(above, power * 2));
        *field = (uint32_t) size;
        return 0;
}

/* Takes no interval below a second, because such records would outnumber all others. */
static int assign_interval(const ConfigKey *key, Config *config, const char *value, char **ret_problem) {
        uint64_t *field = config_key_field(key, config), usec;

        if (strcmp(value, "infinity") == 0) /* as systemd writes it */
                usec = 0;
        else if (timespan_parse(value, &usec) < 0 || usec > INT64_MAX || (usec > 0 && usec < 1000000))
                return value_refuse(ret_problem, value,
                        "a time span of a second or more, such as 1h or 30min, or 0 or infinity");
        *field = usec;
        return 0;
}

#define LIST_OF(assigner, resetter, member) \
        .assign = (assigner), .reset = (resetter), .offset = offsetof(Config, member)
#define WORDS_OF(member) LIST_OF(config_assign_words, config_reset_words, member)

static const ConfigKey keys[] = {
        { "Trace", "Failures", assign_failures, .offset = offsetof(Config, failures), .fallback = "yes" },
        { "Trace", "SyscallHook", assign_syscall_hook, .offset = offsetof(Config, syscall_hook),
                .fallback = "auto" },
        { "Trace", "PidNamespace", assign_pid_namespace, .offset = offsetof(Config, pid_namespace),
                .fallback = "all" },
        { "Trace", "ArgumentBytes", assign_size, .offset = offsetof(Config, argument_bytes),
                .fallback = "32K", .min = EXEC_ARGUMENT_BYTES_MIN, .max = EXEC_ARGUMENT_BYTES_MAX },
        { "Trace", "EventBuffer", assign_ring_size, .offset = offsetof(Config, event_buffer),
                .fallback = "16M", .min = 64 * KIB, .max = GIB },
        { "Trace", "FailureLimit", assign_failure_limit, .offset = offsetof(Config, failure_limit),
                .fallback = "200" },
        { "Trace", "FailureBuffer", assign_ring_size, .offset = offsetof(Config, failure_buffer),
                .fallback = "2M", .min = 64 * KIB, .max = GIB },
        { "Trace", "Snapshot", assign_boolean, .offset = offsetof(Config, snapshot), .fallback = "yes" },
        { "Trace", "LogBuffer", assign_ring_size, .offset = offsetof(Config, log_buffer), .fallback = "256K",
                .min = 4 * KIB, .max = GIB },
        { "Trace", "Heartbeat", assign_interval, .offset = offsetof(Config, heartbeat_usec),
                .fallback = "1h" },

        { "Filter", "IncludeUser", WORDS_OF(rules[EXEC_RULE_INCLUDE_USER]) },
        { "Filter", "ExcludeUser", WORDS_OF(rules[EXEC_RULE_EXCLUDE_USER]) },
        { "Filter", "IncludeGroup", WORDS_OF(rules[EXEC_RULE_INCLUDE_GROUP]) },
        { "Filter", "ExcludeGroup", WORDS_OF(rules[EXEC_RULE_EXCLUDE_GROUP]) },
        { "Filter", "IncludeLogin", WORDS_OF(rules[EXEC_RULE_INCLUDE_LOGIN]) },
        { "Filter", "ExcludeLogin", WORDS_OF(rules[EXEC_RULE_EXCLUDE_LOGIN]) },
        { "Filter", "IncludeExe", WORDS_OF(rules[EXEC_RULE_INCLUDE_EXE]) },
        { "Filter", "ExcludeExe", WORDS_OF(rules[EXEC_RULE_EXCLUDE_EXE]) },
        { "Filter", "IncludeUnit", WORDS_OF(rules[EXEC_RULE_INCLUDE_UNIT]) },
        { "Filter", "ExcludeUnit", WORDS_OF(rules[EXEC_RULE_EXCLUDE_UNIT]) },
        { "Filter", "IncludeUserUnit", WORDS_OF(rules[EXEC_RULE_INCLUDE_USER_UNIT]) },
        { "Filter", "ExcludeUserUnit", WORDS_OF(rules[EXEC_RULE_EXCLUDE_USER_UNIT]) },
        { "Filter", "IncludeParent", WORDS_OF(rules[EXEC_RULE_INCLUDE_PARENT]) },
        { "Filter", "ExcludeParent", WORDS_OF(rules[EXEC_RULE_EXCLUDE_PARENT]) },

        { "Output", "Target", assign_target, .offset = offsetof(Config, target), .fallback = "auto" },
        { "Output", "Facility", assign_facility, .offset = offsetof(Config, facility),
                .fallback = "authpriv" },
        { "Output", "Priority", assign_priority, .offset = offsetof(Config, priority), .fallback = "info" },
        { "Output", "Label", LIST_OF(config_assign_label, config_reset_labels, labels) },
        { "Output", "Environment",
                LIST_OF(config_assign_environment, config_reset_environment, environment) },
        { "Output", "Redact", LIST_OF(config_assign_text, config_reset_words, redact) },
        { "Output", "UserNames", assign_boolean, .offset = offsetof(Config, user_names), .fallback = "no" },
        { "Output", "OmitField", WORDS_OF(omit_field) },
        { "Output", "BuildId", assign_boolean, .offset = offsetof(Config, build_id), .fallback = "no" },
        { "Output", "UnitMatch", assign_boolean, .offset = offsetof(Config, unit_match), .fallback = "no" },
};

bool config_section_is_known(const char *section) {
        for (size_t i = 0; i < ELEMENTSOF(keys); i++)
                if (strcmp(keys[i].section, section) == 0)
                        return true;
        return false;
}

const ConfigKey *config_key_find(const char *section, const char *name) {
        for (size_t i = 0; i < ELEMENTSOF(keys); i++)
                if (strcmp(keys[i].section, section) == 0 && strcmp(keys[i].name, name) == 0)
                        return keys + i;
        return NULL;
}

int config_key_assign(const ConfigKey *key, Config *config, const char *value, char **ret_problem) {
        if (value[0] != '\0')
                return key->assign(key, config, value, ret_problem);
        if (!key->reset)
                return key->assign(key, config, key->fallback, ret_problem);
        key->reset(key, config);
        return 0;
}

int config_set_defaults(Config *config) {
        for (size_t i = 0; i < ELEMENTSOF(keys); i++) {
                _cleanup_free_ char *problem = NULL;
                int r;

                if (keys[i].reset)
                        continue;
                r = keys[i].assign(keys + i, config, keys[i].fallback, &problem);
                assert(r != -EINVAL); /* the table holds what the parsers take */
                if (r < 0)
                        return r;
        }
        return 0;
}

void config_reset_lists(Config *config) {
        for (size_t i = 0; i < ELEMENTSOF(keys); i++)
                if (keys[i].reset)
                        keys[i].reset(keys + i, config);
}
