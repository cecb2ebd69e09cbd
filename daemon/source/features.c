/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "source/features.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "util/cleanup.h"

bool feature_release(unsigned major, unsigned minor, bool otherwise) {
        unsigned is_major, is_minor;
        struct utsname u;

        if (uname(&u) < 0 || sscanf(u.release, "%u.%u", &is_major, &is_minor) != 2)
                return otherwise;
        return is_major > major || (is_major == major && is_minor >= minor);
}

/*
 * Kernel functions can't be asked for but by loading a program that calls one, by the number of its type. The helper is
 * asked for, since some distributions have it in older kernels: of a kind of program that takes no attach point and no
 * more rights than ours.
 */
KernelLevel feature_level(void) {
        if (feature_release(6, 2, false))
                return KERNEL_LEVEL_6_2;
        if (libbpf_probe_bpf_helper(BPF_PROG_TYPE_RAW_TRACEPOINT, BPF_FUNC_loop, NULL) == 1)
                return KERNEL_LEVEL_5_17;
        return KERNEL_LEVEL_5_10;
}

int feature_trampolines(void) {
        const struct bpf_insn program[] = {
                { .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
                { .code = BPF_JMP | BPF_EXIT },
        };
        LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = BPF_TRACE_FEXIT);
        _cleanup_close_ int fd = -EBADF;

        /* Of no function: who takes trampolines finds that -EINVAL. */
        fd = bpf_prog_load(BPF_PROG_TYPE_TRACING, NULL, "GPL", program, ELEMENTSOF(program), &options);
        return fd == -EPERM || fd == -EACCES ? fd : 0;
}
