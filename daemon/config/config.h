/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/settings.h"
#include "config/words.h"
#include "event/event.h"

typedef enum FailuresMode {
        FAILURES_NO,
        FAILURES_YES, /* the misses of a search along PATH make at most one record */
        FAILURES_ALL,
        _FAILURES_MODE_MAX,
        _FAILURES_MODE_INVALID = -EINVAL,
} FailuresMode;

typedef enum SyscallHook {
        SYSCALL_HOOK_AUTO,
        SYSCALL_HOOK_TRAMPOLINE,
        SYSCALL_HOOK_TRACEPOINT,
        SYSCALL_HOOK_NONE,
        _SYSCALL_HOOK_MAX,
        _SYSCALL_HOOK_INVALID = -EINVAL,
} SyscallHook;

typedef enum Target {
        TARGET_AUTO,
        TARGET_JOURNAL,
        TARGET_SYSLOG,
        _TARGET_MAX,
        _TARGET_INVALID = -EINVAL,
} Target;

/* PidNamespace=all and =self; any other value is the inode number of a namespace. */
#define PID_NAMESPACE_ALL 0U
#define PID_NAMESPACE_SELF UINT32_MAX

/* The keys of [Tag NAME] that a record has to match. Those that are cheap to match come first. */
typedef enum TagKey {
        TAG_USER,
        TAG_LOGIN,
        TAG_GROUP,
        TAG_FLAG,
        TAG_ERROR,
        TAG_PARENT,
        TAG_UNIT,
        TAG_CONTAINER,
        TAG_EXE,
        TAG_CWD,
        TAG_ARGUMENT,
        _TAG_KEY_MAX,
        _TAG_KEY_INVALID = -EINVAL,
} TagKey;

/* One tag: the keys of all sections [Tag NAME] with this name. */
typedef struct ConfigTag {
        char *name;
        ConfigWords words[_TAG_KEY_MAX];
        bool has_priority;
        int priority; /* LOG_INFO, ... */
        char *file; /* the place of its first section */
        unsigned line; /* from 1 */
} ConfigTag;

/*
 * The configuration. It is never changed after it was loaded: a reload creates a new one. Rules and patterns
 * are kept as text here. The folders that apply them also compile them, and report those that are wrong.
 */
typedef struct Config {
        /* [Trace] */
        FailuresMode failures;
        SyscallHook syscall_hook;
        uint32_t pid_namespace;
        uint32_t argument_bytes; /* EXEC_ARGUMENT_BYTES_MIN to _MAX */
        uint32_t failure_limit; /* failures of one user that are recorded in a second; 0: all */
        bool snapshot;
        uint32_t event_buffer; /* bytes, a power of two, at least 64 KiB, at most 1 GiB */
        uint32_t failure_buffer; /* as event_buffer */
        uint32_t log_buffer; /* as event_buffer, but at least 4 KiB */
        uint64_t heartbeat_usec; /* 0: never */

        /* [Filter]: the words of each key, indexed by enum exec_rule */
        ConfigWords rules[EXEC_RULE_COUNT];

        /* [Tag NAME], in the order in which the names first occurred */
        ConfigTag *tags;
        size_t n_tags;

        /* [Output] */
        Target target;
        int facility; /* LOG_AUTHPRIV, ...: shifted, as syslog(3) takes it */
        int priority; /* LOG_INFO, ... */
        Assignment *labels; /* names are [A-Z0-9_] and fit a journal field; owned */
        size_t n_labels;
        char **environment; /* names of variables; owned */
        size_t n_environment;
        ConfigWords redact; /* regular expressions */
        bool user_names;
        ConfigWords omit_field; /* names of fields */
        bool build_id;
        bool unit_match;

        ConfigPlace place; /* the place of the value that is being assigned; unset after loading */
} Config;
