/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "util/bytes.h"

/* A record of the daemon's own, beside those of execs: what EXECTRACED_EVENT= says. */
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

/* "started", "reload-failed", ... */
const char *notice_kind_to_string(NoticeKind kind);

/* One field: a text, or a number when `text` is unset. `name` is the journal's; JSON has it in lower case. */
typedef struct NoticeField {
        const char *name;
        Bytes text;
        int64_t number;
} NoticeField;

#define NOTICE_FIELDS_MAX 24

typedef struct Notice {
        NoticeKind kind;
        int priority; /* LOG_INFO, ... */
        Bytes message; /* printable, one line */
        NoticeField fields[NOTICE_FIELDS_MAX];
        size_t n_fields;
} Notice;

/* Both append a field; `name` must outlive the notice. More than NOTICE_FIELDS_MAX is a programmer's error.
 * A text that is unset adds nothing. */
void notice_add_number(Notice *notice, const char *name, int64_t number);
void notice_add_text(Notice *notice, const char *name, Bytes text);
