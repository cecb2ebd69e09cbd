/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "source/features.h"

/*
 * Whether this process may and this kernel can do what recording takes: CAP_BPF and CAP_PERFMON (or
 * CAP_SYS_ADMIN), BTF of the kernel, no lockdown to confidentiality.
 *
 * 0; -ENOTSUP: something is missing, and *ret_why says in one line what, and what to do (to be freed);
 * -ENOMEM.
 */
int requirements_check(char **ret_why);

/*
 * Whether a kernel with these features can: it has what Linux 6.1 has, and a ring that does not sleep. Fails
 * likewise.
 */
int requirements_check_features(const Features *features, char **ret_why);

/*
 * The first after a load was refused all the same, with the (negative) error of that: always sets *ret_why.
 */
int requirements_explain(int error, char **ret_why);
