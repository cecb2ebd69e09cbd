/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

/* What the kernel can do, as the programs are built for it (bpf/level.bpf.h). */
typedef enum KernelLevel {
        KERNEL_LEVEL_5_10,
        KERNEL_LEVEL_5_17,
        KERNEL_LEVEL_6_2,
        _KERNEL_LEVEL_MAX,
} KernelLevel;
KernelLevel feature_level(void);

/* Whether the kernel says that it is this version or a later one. `otherwise`: what holds when it says nothing of the kind. */
bool feature_release(unsigned major, unsigned minor, bool otherwise);

/*
 * Whether the kernel, or what guards it, refuses trampolines (fentry, fexit) whatever they are asked for: -EPERM or -EACCES.
 * 0: it does not, or says so only of a certain function.
 */
int feature_trampolines(void);
