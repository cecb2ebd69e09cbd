/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "source/features.h"

#include <bpf/libbpf.h>

/* Asked of a kind of program that takes no attach point and no more rights than ours. */
bool feature_bpf_loop(void) {
        return libbpf_probe_bpf_helper(BPF_PROG_TYPE_RAW_TRACEPOINT, BPF_FUNC_loop, NULL) == 1;
}
