/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/report.h"
#include "event/event.h"
#include "filter/filter.h"
#include "redact/redact.h"
#include "util/cleanup.h"

typedef enum SyscallHook {
        SYSCALL_HOOK_AUTO,
        SYSCALL_HOOK_TRAMPOLINE,
        SYSCALL_HOOK_TRACEPOINT,
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

/* What the administrator asked for. Never changed once it is loaded: a reload makes a new one. */
typedef struct Config {
        /* [Trace] */
        bool failures;
        SyscallHook syscall_hook;
        uint32_t pid_namespace;
        uint32_t argument_bytes; /* EXEC_ARGUMENT_BYTES_MIN to _MAX */
        uint32_t event_buffer; /* bytes, a power of two, at least 64 KiB, at most 1 GiB */
        uint32_t log_buffer; /* likewise, at least 4 KiB */

        /* [Filter] */
        Filter filter;

        /* [Output] */
        Target target;
        int facility; /* LOG_AUTHPRIV, ...: as syslog(3) wants it, shifted */
        int priority; /* LOG_INFO, ... */
        Assignment *labels; /* names are [A-Z0-9_] and fit a journal field; owned */
        size_t n_labels;
        char **environment; /* names of variables; owned */
        size_t n_environment;
        Redactor redactor;
        bool build_id;
        bool unit_match;
} Config;

/*
 * Reads the configuration. `file` not NULL: that file only. Else the main file is the first exectraced.conf
 * in `directories` (NULL-terminated, the most important first; NULL: CONFIG_DIRECTORIES), and over it go all
 * exectraced.conf.d/\*.conf in the order of their names, a name in an earlier directory masking the same name in
 * a later one (systemd's rule: an empty file, or a link to /dev/null, masks, too). No file at all is a valid
 * configuration.
 *
 * Every problem goes into `report`, warnings too. 0 and *ret; -EINVAL when the report has errors; -ENOMEM;
 * what open(2) or read(2) failed with for `file` (which is in the report, too).
 */
int config_load(const char *file, const char *const *directories, ConfigReport *report, Config **ret);

#define CONFIG_DIRECTORIES ((const char *const[]){ "/etc", "/run", "/usr/local/lib", "/usr/lib", NULL })

Config *config_free(Config *config);
DEFINE_POINTER_CLEANUP(Config *, config_free);
