/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "source/features.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <unistd.h>

#include "util/cleanup.h"

/* Asked of a kind of program that takes no attach point and no more rights than ours. */
bool feature_bpf_loop(void) {
        return libbpf_probe_bpf_helper(BPF_PROG_TYPE_RAW_TRACEPOINT, BPF_FUNC_loop, NULL) == 1;
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
