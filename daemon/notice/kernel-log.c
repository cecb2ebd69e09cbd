/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "notice/kernel-log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "bpf/record.h"

#define ERRNO_MAX 4095 /* the kernel's MAX_ERRNO */

/* Returns the text of a negative errno. The number comes from the kernel side and is not trusted. */
static const char *error_text(long long error) {
        return error < 0 && error >= -ERRNO_MAX ? strerror((int) -error) : "for no known reason";
}

static int text_format(char *text, size_t size, const struct exec_log *log) {
        long long a = log->args[0], b = log->args[1];

        switch (log->code) {
        case EXEC_LOG_PATH_TOO_DEEP:
                return snprintf(text, size, "a path is too deep: only its last %lld bytes are recorded", a);
        case EXEC_LOG_ARGS_UNREADABLE:
                return snprintf(text, size, "only %lld of %lld bytes of the arguments could be read", a, b);
        case EXEC_LOG_ENV_UNREADABLE:
                return snprintf(text, size, "only %lld of %lld bytes of the environment could be read", a, b);
        case EXEC_LOG_SLOT_BUSY:
                return snprintf(text, size, "two execs at once on CPU %lld: one of them is not recorded", a);
        case EXEC_LOG_NO_EXE:
                return snprintf(text, size, "the process has no executable file");
        case EXEC_LOG_FILENAME_UNREADABLE:
                return snprintf(text, size, "the file name could not be read: %s", error_text(a));
        default:
                return -EBADMSG;
        }
}

int kernel_log_decode(KernelLog *log, const void *data, size_t size, uint64_t now_usec, Notice *ret) {
        struct exec_log record;
        Notice notice = { .kind = NOTICE_KERNEL_LOG, .priority = LOG_WARNING };
        int n;

        if (size != sizeof(record))
                return -EBADMSG;
        memcpy(&record, data, sizeof(record));
        if (record.size != sizeof(record) || record.abi != EXEC_RECORD_ABI)
                return -EBADMSG;
        n = text_format(log->text, sizeof(log->text), &record);
        if (n < 0)
                return -EBADMSG;

        if (now_usec - log->interval_start_usec >= KERNEL_LOG_INTERVAL_USEC) {
                log->interval_start_usec = now_usec;
                log->n_in_interval = 0;
        }
        if (log->n_in_interval >= KERNEL_LOG_BURST) {
                log->n_omitted++;
                return 0;
        }
        log->n_in_interval++;

        notice.message = bytes_of_string(log->text);
        notice_add_number(&notice, "EXEC_PID", record.tgid);
        notice_add_number(&notice, "EXEC_UID", record.uid);
        notice_add_number(&notice, "EXEC_GID", record.gid);
        if (log->n_omitted > 0)
                notice_add_number(&notice, "EXECTRACED_OMITTED", (int64_t) log->n_omitted);
        log->n_omitted = 0;
        *ret = notice;
        return 1;
}

int kernel_log_omitted(KernelLog *log, Notice *ret) {
        Notice notice = { .kind = NOTICE_KERNEL_LOG, .priority = LOG_WARNING };

        if (log->n_omitted == 0)
                return 0;
        (void) snprintf(log->text, sizeof(log->text), "%llu more messages of the kernel side were left out",
                (unsigned long long) log->n_omitted);
        notice.message = bytes_of_string(log->text);
        notice_add_number(&notice, "EXECTRACED_OMITTED", (int64_t) log->n_omitted);
        log->n_omitted = 0;
        *ret = notice;
        return 1;
}
