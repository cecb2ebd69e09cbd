/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "notice/notice.h"

#include <assert.h>

static const char *const kind_names[_NOTICE_KIND_MAX] = {
        [NOTICE_STARTED] = "started",
        [NOTICE_STOPPED] = "stopped",
        [NOTICE_LOST] = "lost",
        [NOTICE_SUPPRESSED] = "suppressed",
        [NOTICE_RELOADED] = "reloaded",
        [NOTICE_RELOAD_FAILED] = "reload-failed",
        [NOTICE_KERNEL_LOG] = "kernel-log",
        [NOTICE_ALIVE] = "alive",
        [NOTICE_BLIND] = "blind",
};

const char *notice_kind_to_string(NoticeKind kind) {
        assert((size_t) kind < _NOTICE_KIND_MAX);
        return kind_names[kind];
}

static void add_field(Notice *notice, NoticeField field) {
        assert(notice->n_fields < NOTICE_FIELDS_MAX);
        notice->fields[notice->n_fields++] = field;
}

void notice_add_number(Notice *notice, const char *name, int64_t number) {
        add_field(notice, (NoticeField){ .name = name, .number = number });
}

void notice_add_text(Notice *notice, const char *name, Bytes text) {
        if (bytes_is_set(text))
                add_field(notice, (NoticeField){ .name = name, .text = text });
}
