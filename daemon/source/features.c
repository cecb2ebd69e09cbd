/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "source/features.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <string.h>
#include <unistd.h>

#include "util/cleanup.h"

#if defined(__x86_64__)
#define CALL "__x64_sys_"
#define COMPAT_CALL "__ia32_compat_sys_"
#else
#define CALL "__arm64_sys_"
#define COMPAT_CALL "__arm64_compat_sys_"
#endif

#define REALTIME_PATH "/sys/kernel/realtime"

DEFINE_POINTER_CLEANUP(struct btf *, btf__free);

static bool kernel_is_realtime(void) {
        _cleanup_close_ int fd = open(REALTIME_PATH, O_RDONLY | O_CLOEXEC);
        char c;

        return fd >= 0 && read(fd, &c, 1) == 1 && c == '1';
}

/*
 * Returns true when struct bpf_ringbuf has a spinlock_t, which sleeps on PREEMPT_RT. Newer kernels have a raw
 * spin lock.
 */
static bool ring_lock_is_plain(const struct btf *btf) {
        int id = btf__find_by_name_kind(btf, "bpf_ringbuf", BTF_KIND_STRUCT);
        const struct btf_type *type = id > 0 ? btf__type_by_id(btf, (uint32_t) id) : NULL;
        const struct btf_member *member;

        if (!type)
                return false;
        member = btf_members(type);
        for (unsigned i = 0; i < btf_vlen(type); i++) {
                const struct btf_type *of = btf__type_by_id(btf, member[i].type);

                if (strcmp(btf__name_by_offset(btf, member[i].name_off), "spinlock") == 0)
                        return of && strcmp(btf__name_by_offset(btf, of->name_off), "spinlock_t") == 0;
        }
        return false;
}

static bool has_function(const struct btf *btf, const char *name) {
        return btf__find_by_name_kind(btf, name, BTF_KIND_FUNC) > 0;
}

int features_find(Features *ret) {
        _cleanup_(btf__freep) struct btf *btf = btf__load_vmlinux_btf();

        if (!btf)
                return -errno;
        *ret = (Features){
                .recent = libbpf_probe_bpf_helper(BPF_PROG_TYPE_RAW_TRACEPOINT, BPF_FUNC_loop, NULL) == 1,
                .cast = has_function(btf, "bpf_rdonly_cast"),
                .guard = has_function(btf, "bpf_preempt_disable") && has_function(btf, "bpf_local_irq_save"),
                /* The type of the guard of tracepoints that do not disable preemption (a46023d5616e). */
                .tracepoints_preempt =
                        btf__find_by_name_kind(btf, "class_srcu_fast_notrace_t", BTF_KIND_TYPEDEF) > 0,
                .ring_sleeps = kernel_is_realtime() && ring_lock_is_plain(btf),
                .execve = has_function(btf, CALL "execve"),
                .execveat = has_function(btf, CALL "execveat"),
                .compat_execve = has_function(btf, COMPAT_CALL "execve"),
                .compat_execveat = has_function(btf, COMPAT_CALL "execveat"),
        };
        return 0;
}

int feature_trampolines(void) {
        const struct bpf_insn program[] = {
                { .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
                { .code = BPF_JMP | BPF_EXIT },
        };
        LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = BPF_TRACE_FEXIT);
        _cleanup_close_ int fd = -EBADF;

        /* The program names no function, which is -EINVAL where trampolines are allowed. */
        fd = bpf_prog_load(BPF_PROG_TYPE_TRACING, NULL, "GPL", program, ELEMENTSOF(program), &options);
        return fd == -EPERM || fd == -EACCES ? fd : 0;
}
