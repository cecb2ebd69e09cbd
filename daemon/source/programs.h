/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "config/config.h"
#include "source/features.h"
#include "source/hooks.h"
#include "source/map-set.h"
#include "source/probe-settings.h"

struct exec_bpf;

/* The programs of the object that are used for one configuration on this kernel. */
typedef struct Programs {
        struct exec_bpf *skeleton;
        struct exec_settings settings;
        Features features;
        SyscallHook failures; /* how failed execs are seen; SYSCALL_HOOK_NONE: not at all */
        bool snapshot; /* the program that walks through all tasks is loaded */
        char *why; /* why failed execs are not seen although the configuration asks for them; or NULL */
} Programs;

/*
 * Loads the object of the highest level that the kernel supports. If the kernel refuses it, tries the next
 * lower level. If it refuses all of them, tries without the hooks for failed execs, and then without the
 * snapshot. The parameters are those of probe_new(). Returns 0, fails like probe_new(), or returns the
 * negative errno of the load.
 */
int programs_load(Programs *programs, const Config *config, const ProbeRules *rules, const MapSet *maps,
        char **ret_why);
void programs_done(Programs *programs);

/*
 * Returns the descriptor of the program that hooks of this kind have to call, or -EBADF if there is none.
 * `programs` keeps the descriptor.
 */
int programs_fd(const Programs *programs, HookKind kind);

/*
 * Attaches one hook of each kind that has a program and no hook yet. If a hook for failed execs is refused,
 * sets programs->why, and sets programs->failures to SYSCALL_HOOK_NONE. Returns 0, -ENOMEM, or the error with
 * which another hook was refused.
 */
int programs_attach(Programs *programs, Hooks *hooks);
