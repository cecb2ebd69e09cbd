/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-3-Clause */
#pragma once

#include "bpf/maps.bpf.h"

/* Tells the daemon of something that went wrong on this side, in the context of the process concerned. */
static __always_inline void log_emit(
        struct exec_counters *counts, enum exec_log_code code, __s64 arg0, __s64 arg1, __s64 arg2) {
        __u64 ids = bpf_get_current_uid_gid();
        struct exec_log *log;

        log = bpf_ringbuf_reserve(&logs, sizeof(*log), 0);
        if (!log) {
                __sync_fetch_and_add(&counts->logs_lost, 1);
                return;
        }

        log->size = sizeof(*log);
        log->abi = EXEC_RECORD_ABI;
        log->code = (__u16) code;
        log->time_ns = bpf_ktime_get_boot_ns();
        log->tgid = (__u32) (bpf_get_current_pid_tgid() >> 32);
        log->uid = (__u32) ids;
        log->gid = (__u32) (ids >> 32);
        log->reserved = 0;
        log->args[0] = arg0;
        log->args[1] = arg1;
        log->args[2] = arg2;
        bpf_ringbuf_submit(log, 0);
}
