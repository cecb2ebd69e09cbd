/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include "util/bytes.h"

/* The kinds of records that the daemon writes about itself, which are the values of EXECTRACED_EVENT=. */
typedef enum NoticeKind {
        NOTICE_STARTED,
        NOTICE_STOPPED,
        NOTICE_LOST,
        NOTICE_SUPPRESSED,
        NOTICE_RELOADED,
        NOTICE_RELOAD_FAILED,
        NOTICE_KERNEL_LOG,
        NOTICE_ALIVE,
        NOTICE_BLIND,
        _NOTICE_KIND_MAX,
} NoticeKind;

/* Returns "started", "reload-failed" and so on. */
const char *notice_kind_to_string(NoticeKind kind);

/* A field with a text, or with a number if `text` is unset. JSON writes the name in lower case. */
typedef struct NoticeField {
        const char *name;
        Bytes text;
        int64_t number;
} NoticeField;

/*
 * Where the daemon runs. Only JSON has it: journald and syslog daemons say it of each record themselves. What
 * is not known is empty.
 */
typedef struct NoticeHost {
        char host[HOST_NAME_MAX + 1];
        char machine_id[33]; /* hexadecimal digits, as in /etc/machine-id; and the id of this boot */
        char boot_id[33];
} NoticeHost;

#define NOTICE_FIELDS_MAX 24

typedef struct Notice {
        NoticeKind kind;
        int priority; /* LOG_INFO, ... */
        Bytes message; /* printable, one line */
        NoticeField fields[NOTICE_FIELDS_MAX];
        size_t n_fields;
        const NoticeHost *host; /* NULL: the notice does not say it */
} Notice;

/*
 * Append a field. `name` and `text` must live as long as the notice. More than NOTICE_FIELDS_MAX fields are a
 * programmer's error. A text that is unset adds no field.
 */
void notice_add_number(Notice *notice, const char *name, int64_t number);
void notice_add_text(Notice *notice, const char *name, Bytes text);
