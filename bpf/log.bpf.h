/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-3-Clause */
#pragma once

#include "bpf/maps.bpf.h"

/*
 * Tells the daemon of something that went wrong on this side, in the context of the process concerned.
 *
 * A function of its own, as it is hardly ever called: what is not run is not to lie in the way of what is.
 */
static __noinline int log_emit(__u32 code, __s64 arg0, __s64 arg1) {
        __u64 ids = bpf_get_current_uid_gid();
        struct exec_log *log;

        log = bpf_ringbuf_reserve(&logs, sizeof(*log), 0);
        if (!log) {
                struct exec_cpu *cpu = cpu_get();

                if (cpu)
                        __sync_fetch_and_add(&cpu->logs_lost, 1);
                return 0;
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
        log->args[2] = 0;
        bpf_ringbuf_submit(log, 0);
        return 0;
}
