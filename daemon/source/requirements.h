/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Whether this process may and this kernel can do what recording takes: CAP_BPF and CAP_PERFMON (or
 * CAP_SYS_ADMIN), BTF of the kernel, the functions of Linux 6.1, a ring that does not sleep, no lockdown to
 * confidentiality.
 *
 * 0; -ENOTSUP: something is missing, and *ret_why says in one line what, and what to do (to be freed);
 * -ENOMEM.
 */
int requirements_check(char **ret_why);

/*
 * The same after a load was refused all the same, with the (negative) error it was refused with: always sets
 * *ret_why.
 */
int requirements_explain(int error, char **ret_why);
