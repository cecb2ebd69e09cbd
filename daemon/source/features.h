/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

/* Whether the kernel has the helper bpf_loop(), which came with 5.17. */
bool feature_bpf_loop(void);
