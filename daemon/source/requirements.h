/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "source/features.h"

/*
 * Checks that this process and this kernel can record: CAP_BPF and CAP_PERFMON (or CAP_SYS_ADMIN), BTF of the
 * kernel, and no lockdown to confidentiality.
 *
 * Returns 0; -ENOTSUP when something is missing, and sets *ret_why (to be freed) to one line that says what
 * is missing and what to do about it; -ENOMEM; or the error of capget(2).
 */
int requirements_check(char **ret_why);

/*
 * Checks that a kernel with these features can record: it must have what Linux 6.1 has, and a ring that does
 * not sleep. Returns 0, or fails like requirements_check().
 */
int requirements_check_features(const Features *features, char **ret_why);

/*
 * Explains the negative errno `error` with which the kernel refused to load the programs. Returns -ENOTSUP
 * and sets *ret_why to what requirements_check() finds missing, or else to a text about the error. Otherwise
 * fails like requirements_check().
 */
int requirements_explain(int error, char **ret_why);
