/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "source/programs.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf/settings.h" /* for the skeleton */
#include "exec-6.2.skel.h"
#include "source/maps.h"
#include "source/objects.h"
#include "source/requirements.h"
#include "util/cleanup.h"

/* One way to load the object. */
typedef struct Attempt {
        ObjectLevel level;
        uint32_t guard; /* EXEC_GUARD_* */
} Attempt;

/* Suppresses libbpf's warnings about what is refused, because the daemon reports that in one line. */
__attribute__((format(printf, 2, 0))) static int print_nothing(
        enum libbpf_print_level level, const char *format, va_list ap) {
        (void) level;
        (void) format;
        (void) ap;
        return 0;
}

static struct bpf_program *program_of(const Programs *programs, HookKind kind) {
        const struct exec_bpf *s = programs->skeleton;
        const bool trampoline = programs->failures == SYSCALL_HOOK_TRAMPOLINE;
        const bool tracepoint = programs->failures == SYSCALL_HOOK_TRACEPOINT;
        const bool copied =
                programs->settings.guard & EXEC_GUARD_TRACEPOINTS; /* hooks.h says why only then */
        const Features *features = &programs->features;

        switch (kind) {
        case HOOK_EXEC:
                return s->progs.exec_done;
        case HOOK_EXEC_COPY:
                return copied ? s->progs.exec_copy : NULL;
        case HOOK_RENAME:
                return s->progs.exec_caller;
        case HOOK_RENAME_COPY:
                return copied ? s->progs.exec_caller : NULL;
        case HOOK_EXIT:
                return s->progs.process_exit;
        case HOOK_CGROUP_MADE:
                return s->progs.cgroup_made;
        case HOOK_CGROUP_GONE:
                return s->progs.cgroup_gone;
        case HOOK_EXECVE:
                return trampoline && features->execve ? s->progs.failed_execve : NULL;
        case HOOK_EXECVEAT:
                return trampoline && features->execveat ? s->progs.failed_execveat : NULL;
        case HOOK_COMPAT_EXECVE:
                return trampoline && features->compat_execve ? s->progs.failed_cexecve : NULL;
        case HOOK_COMPAT_EXECVEAT:
                return trampoline && features->compat_execveat ? s->progs.failed_cexecveat : NULL;
        case HOOK_SYSCALL_EXECVE:
        case HOOK_SYSCALL_EXECVEAT:
                return tracepoint ? s->progs.failed_syscall : NULL;
        case _HOOK_KIND_MAX:
                break;
        }
        return NULL;
}

static int choose_programs(const Programs *programs) {
        struct bpf_program *program;

        bpf_object__for_each_program(program, programs->skeleton->obj) {
                bool wanted = programs->snapshot && program == programs->skeleton->progs.snapshot;
                int r;

                for (HookKind kind = 0; kind < _HOOK_KIND_MAX; kind++)
                        wanted = wanted || program == program_of(programs, kind);
                r = bpf_program__set_autoload(program, wanted);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* Sets the constants of the programs and the sizes of the maps. */
static int configure(Programs *programs, const Config *config, uint32_t guard) {
        struct exec_settings *settings = &programs->settings;
        struct exec_bpf *s = programs->skeleton;
        int r;

        settings->failures = programs->failures != SYSCALL_HOOK_NONE;
        settings->guard = guard;
        r = maps_slots(settings);
        if (r < 0)
                return r;
        settings->slots = (uint32_t) r;
        r = bpf_map__set_autocreate(s->maps.cgroups_dropped, settings->units);
        if (r >= 0)
                r = maps_size(s->obj, settings);
        if (r >= 0)
                r = bpf_map__set_max_entries(s->maps.events, maps_ring_size_for(config->event_buffer));
        if (r >= 0)
                r = bpf_map__set_max_entries(s->maps.failures, maps_ring_size_for(config->failure_buffer));
        if (r >= 0)
                r = bpf_map__set_max_entries(s->maps.logs, maps_ring_size_for(config->log_buffer));
        return r;
}

static int load_once(Programs *programs, const Config *config, const MapSet *maps, Attempt attempt) {
        int r;

        exec_bpf__destroy(programs->skeleton);
        programs->skeleton = objects_open(attempt.level);
        if (!programs->skeleton)
                return -errno;
        r = configure(programs, config, attempt.guard);
        if (r >= 0 && maps)
                r = maps_use(maps, programs->skeleton->obj);
        if (r >= 0)
                r = choose_programs(programs);
        if (r < 0)
                return r;
        /* A ring that was taken over can have another size. */
        programs->settings.events_size = bpf_map__max_entries(programs->skeleton->maps.events);
        memcpy((void *) &programs->skeleton->rodata->settings, &programs->settings,
                sizeof(programs->settings));
        return exec_bpf__load(programs->skeleton);
}

/*
 * Returns true when the kernel may accept the next lower level after this error, such as one of the verifier.
 */
static bool is_refusal(int error) {
        return error == -EINVAL || error == -EACCES || error == -ENOENT || error == -E2BIG ||
                error == -ESRCH || error == -ENOTSUP;
}

static int load_levels(Programs *programs, const Config *config, const MapSet *maps) {
        const Features *features = &programs->features;
        const Attempt attempts[] = {
                { OBJECT_7_0, EXEC_GUARD_SYSCALLS | EXEC_GUARD_TRACEPOINTS },
                { OBJECT_6_14, EXEC_GUARD_SYSCALLS },
                { OBJECT_6_2, 0 },
                { OBJECT_6_1, 0 },
        };
        int r = -EINVAL;

        for (size_t i = 0; i < ELEMENTSOF(attempts); i++) {
                if ((attempts[i].level != OBJECT_6_1 && !features->cast) ||
                        (attempts[i].guard && !features->guard) ||
                        (attempts[i].level == OBJECT_7_0 && !features->tracepoints_preempt))
                        continue;
                r = load_once(programs, config, maps, attempts[i]);
                if (r >= 0 || !is_refusal(r))
                        return r;
        }
        return r;
}

/*
 * Chooses the hooks that look for failures, of those that are configured and available. Sets *ret_error to 0,
 * or to the error with which trampolines are refused.
 */
static SyscallHook choose_hook(const Config *config, int *ret_error) {
        *ret_error = 0;
        if (config->failures == FAILURES_NO || config->syscall_hook == SYSCALL_HOOK_NONE)
                return SYSCALL_HOOK_NONE;
        if (config->syscall_hook == SYSCALL_HOOK_TRACEPOINT)
                return SYSCALL_HOOK_TRACEPOINT;
        /* Asks in advance, because a load that is refused takes as long as one that succeeds. */
        *ret_error = feature_trampolines();
        return *ret_error < 0 ? SYSCALL_HOOK_NONE : SYSCALL_HOOK_TRAMPOLINE;
}

#define ENOTSUPP 524 /* internal to the kernel; strerror(3) does not know it */

static int explain(Programs *programs, SyscallHook hook, int error) {
        const char *hint = "";

        if (hook == SYSCALL_HOOK_TRACEPOINT) {
                if (access("/sys/kernel/tracing/events", F_OK) < 0 &&
                        access("/sys/kernel/debug/tracing/events", F_OK) < 0)
                        hint = ": no tracefs, mount it on /sys/kernel/tracing";
                else if (error == -EACCES || error == -EPERM)
                        hint = ": kernel.perf_event_paranoid wants CAP_SYS_ADMIN for it";
        } else
                hint = "; SyscallHook=tracepoint sees them, and slows every system call";
        free(programs->why);
        if (asprintf(&programs->why, "the kernel refuses %s (%s)%s",
                    hook == SYSCALL_HOOK_TRACEPOINT ? "tracepoints" : "trampolines",
                    error == -ENOTSUPP ? "it has none for this architecture" : strerror(-error), hint) < 0) {
                programs->why = NULL;
                return -ENOMEM;
        }
        programs->failures = SYSCALL_HOOK_NONE;
        return 0;
}

int programs_load(Programs *programs, const Config *config, const ProbeRules *rules, const MapSet *maps,
        char **ret_why) {
        libbpf_print_fn_t print;
        int r, error;

        r = features_find(&programs->features);
        if (r >= 0)
                r = requirements_check_features(&programs->features, ret_why);
        if (r >= 0)
                r = settings_make(config, rules, &programs->settings);
        if (r < 0)
                return r;
        programs->snapshot = config->snapshot;
        programs->failures = choose_hook(config, &error);
        if (error < 0) {
                r = explain(programs, SYSCALL_HOOK_TRAMPOLINE, error);
                if (r < 0)
                        return r;
        }

        print = libbpf_set_print(print_nothing);
        r = load_levels(programs, config, maps);
        /* Without the hooks for failures, successful execs can still be recorded. */
        if (r < 0 && r != -ENOMEM && r != -ESTALE && programs->failures != SYSCALL_HOOK_NONE) {
                error = r;
                r = explain(programs, programs->failures, error);
                if (r >= 0)
                        r = load_levels(programs, config, maps);
        }
        if (r < 0 && r != -ENOMEM && r != -ESTALE && programs->snapshot) {
                programs->snapshot = false;
                r = load_levels(programs, config, maps);
        }
        (void) libbpf_set_print(print);
        return r;
}

void programs_done(Programs *programs) {
        exec_bpf__destroy(programs->skeleton);
        free(programs->why);
        *programs = (Programs){};
}

int programs_fd(const Programs *programs, HookKind kind) {
        struct bpf_program *program = program_of(programs, kind);

        return program ? bpf_program__fd(program) : -EBADF;
}

static int attach_kind(const Programs *programs, Hooks *hooks, HookKind kind) {
        int fd = programs_fd(programs, kind);

        return fd >= 0 && hooks_count(hooks, kind) == 0 ? hooks_attach(hooks, kind, fd) : 0;
}

int programs_attach(Programs *programs, Hooks *hooks) {
        int r;

        for (HookKind kind = 0; kind < HOOK_EXECVE; kind++) {
                r = attach_kind(programs, hooks, kind);
                if (r < 0)
                        return r;
        }
        for (HookKind kind = HOOK_EXECVE; kind < _HOOK_KIND_MAX; kind++) {
                r = attach_kind(programs, hooks, kind);
                if (r < 0)
                        return r == -ENOMEM ? r : explain(programs, programs->failures, r);
        }
        return 0;
}
