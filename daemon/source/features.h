/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

/* Whether the kernel has the helper bpf_loop(), which came with 5.17. */
bool feature_bpf_loop(void);

/*
 * Whether the kernel, or what guards it, refuses trampolines (fentry, fexit) whatever they are asked for: -EPERM or -EACCES.
 * 0: it does not, or says so only of a certain function.
 */
int feature_trampolines(void);
