/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <bpf/libbpf.h>

#include "bpf/settings.h"
#include "config/config.h"
#include "util/cleanup.h"

/*
 * The kernel side of execs that failed: programs of their own, that work on the maps of the other programs and fall silent
 * together with them.
 */
typedef struct Failures Failures;

/*
 * `main_object` is that of the other programs, loaded with these settings. Loads and attaches the hooks that
 * SyscallHook= asks for; with `auto` the first of the two ways that works. What stood in
 * the way of one is in *ret_why, a line (to be freed), also on success when it was not the first that worked, else NULL.
 * 0 and *ret; -ENOTSUP: none works; -ENOMEM.
 */
int failures_new(SyscallHook wanted, const struct bpf_object *main_object,
        const struct exec_settings *settings, Failures **ret, char **ret_why);

/* Detaches and unloads. */
Failures *failures_free(Failures *failures);
DEFINE_POINTER_CLEANUP(Failures *, failures_free);

/* Like links_fds() and links_leave(). */
size_t failures_links(const Failures *failures, int fds[], size_t max);
void failures_leave(Failures *failures);

/* SYSCALL_HOOK_TRAMPOLINE or SYSCALL_HOOK_TRACEPOINT. */
SyscallHook failures_hook(const Failures *failures);

/* What these hooks do not see, as a text; NULL: nothing. */
const char *failures_not_covered(const Failures *failures);
