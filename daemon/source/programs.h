/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "config/config.h"
#include "source/features.h"
#include "source/hooks.h"
#include "source/map-set.h"
#include "source/probe-settings.h"

struct exec_bpf;

/* Which programs of the object there are, for one configuration on this kernel. */
typedef struct Programs {
        struct exec_bpf *skeleton;
        struct exec_settings settings;
        Features features;
        SyscallHook failures; /* SYSCALL_HOOK_NONE: failed execs are not seen */
        bool snapshot; /* the walk through all tasks is there */
        char *why; /* ... and why they are not, although they were asked for; or NULL */
} Programs;

/*
 * Opens the object for the highest level that the kernel has, and loads it; where the kernel refuses it, the
 * next below. The parameters are those of probe_new(), as is what it fails with; or else the negative errno
 * of the load.
 */
int programs_load(Programs *programs, const Config *config, const ProbeRules *rules, const MapSet *maps,
        char **ret_why);
void programs_done(Programs *programs);

/* The program that hooks of this kind are to call; -EBADF: none. */
int programs_fd(const Programs *programs, HookKind kind);

/*
 * Attaches what is to be attached and is not yet. 0, or what the first of those that are needed was refused
 * with.
 */
int programs_attach(Programs *programs, Hooks *hooks);
