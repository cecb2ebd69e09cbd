/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "source/failures.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "failed-6.2.skel.h"
#include "source/features.h"
#include "source/links.h"
#include "source/maps.h"
#include "source/objects.h"

/* What both ways are tried with. */
typedef struct Setup {
        const struct bpf_object *main_object;
        struct exec_settings settings; /* of an environment nothing is kept */
} Setup;

struct Failures {
        struct failed_bpf *skeleton;
        SyscallHook hook;
        bool compat; /* failures of 32-bit calls are seen, too */
};

DEFINE_POINTER_CLEANUP(struct btf *, btf__free);

/* "fexit/__x64_sys_execve" → whether the kernel has that function, with its type. */
static bool target_exists(const struct bpf_program *program, const struct btf *kernel) {
        const char *target = strchr(bpf_program__section_name(program), '/');

        return target && btf__find_by_name_kind(kernel, target + 1, BTF_KIND_FUNC) > 0;
}

/* Loads of all the programs those for one way of hooking. */
static int choose_programs(Failures *f) {
        _cleanup_(btf__freep) struct btf *kernel = NULL;
        struct bpf_program *program;

        if (f->hook == SYSCALL_HOOK_TRAMPOLINE) {
                kernel = btf__load_vmlinux_btf();
                if (!kernel)
                        return -errno;
        }

        bpf_object__for_each_program(program, f->skeleton->obj) {
                const char *name = bpf_program__name(program);
                bool trampoline = strncmp(name, "fexit_", 6) == 0;
                bool wanted = trampoline == (f->hook == SYSCALL_HOOK_TRAMPOLINE);
                int r;

                if (wanted && trampoline)
                        wanted = target_exists(program, kernel);
                if (wanted && strcmp(name, "fexit_compat_execve") == 0)
                        f->compat = true;
                if (strcmp(name, "exit_execveat") == 0)
                        wanted = false; /* see attach_second_exit() */

                r = bpf_program__set_autoload(program, wanted);
                if (r < 0)
                        return r;
        }
        return 0;
}

/*
 * What the tracepoints' programs do at the exit of a call is the same for execve and execveat, and it takes the kernel long to
 * see that it does no harm: one of the two is loaded and attached to both. The other's place holds the second link.
 */
static int attach_second_exit(struct failed_bpf *s) {
        s->links.exit_execveat =
                bpf_program__attach_tracepoint(s->progs.exit_execve, "syscalls", "sys_exit_execveat");
        return s->links.exit_execveat ? 0 : -errno;
}

static int failures_load(Failures *f, const Setup *setup) {
        int r;

        f->skeleton = objects_open_failed();
        if (!f->skeleton)
                return -errno;

        memcpy((void *) &f->skeleton->rodata->settings, &setup->settings, sizeof(setup->settings));
        r = choose_programs(f);
        if (r < 0)
                return r;
        r = maps_size(f->skeleton->obj, &setup->settings);
        if (r < 0)
                return r;
        r = maps_share(setup->main_object, f->skeleton->obj);
        if (r < 0)
                return r;
        r = failed_bpf__load(f->skeleton);
        if (r < 0)
                return r;
        r = failed_bpf__attach(f->skeleton);
        if (r < 0 || f->hook != SYSCALL_HOOK_TRACEPOINT)
                return r;
        return attach_second_exit(f->skeleton);
}

/* libbpf warns of what is refused; here that is told in a line of our own. */
__attribute__((format(printf, 2, 0))) static int print_nothing(
        enum libbpf_print_level level, const char *format, va_list ap) {
        (void) level;
        (void) format;
        (void) ap;
        return 0;
}

static int failures_try(const Setup *setup, SyscallHook hook, Failures **ret) {
        libbpf_print_fn_t print;
        _cleanup_(failures_freep) Failures *f = NULL;
        int r;

        /* To be refused in the end takes as long as to be accepted. */
        if (hook == SYSCALL_HOOK_TRAMPOLINE) {
                r = feature_trampolines();
                if (r < 0)
                        return r;
        }

        f = calloc(1, sizeof(*f));
        if (!f)
                return -ENOMEM;
        f->hook = hook;

        print = libbpf_set_print(print_nothing);
        r = failures_load(f, setup);
        libbpf_set_print(print);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(f);
        return 0;
}

static const char *tracepoint_hint(int error) {
        if (access("/sys/kernel/tracing/events", F_OK) < 0 &&
                access("/sys/kernel/debug/tracing/events", F_OK) < 0)
                return ": no tracefs, mount it on /sys/kernel/tracing";
        if (error == -EACCES || error == -EPERM)
                return ": kernel.perf_event_paranoid wants CAP_SYS_ADMIN for it";
        return "";
}

int failures_new(SyscallHook wanted, const struct bpf_object *main_object,
        const struct exec_settings *settings, Failures **ret, char **ret_why) {
        static const char *const names[_SYSCALL_HOOK_MAX] = {
                [SYSCALL_HOOK_TRAMPOLINE] = "trampolines",
                [SYSCALL_HOOK_TRACEPOINT] = "tracepoints",
        };
        static const SyscallHook ways[] = { SYSCALL_HOOK_TRAMPOLINE, SYSCALL_HOOK_TRACEPOINT };
        Setup setup = { .main_object = main_object, .settings = *settings };
        _cleanup_free_ char *why = NULL;

        setup.settings.env_max = 0;
        for (size_t i = 0; i < ELEMENTSOF(ways); i++) {
                SyscallHook hook = ways[i];
                char *line;
                int r;

                if (wanted != SYSCALL_HOOK_AUTO && wanted != hook)
                        continue;
                r = failures_try(&setup, hook, ret);
                if (r >= 0 || r == -ENOMEM) {
                        *ret_why = r >= 0 ? TAKE_PTR(why) : NULL;
                        return r;
                }
                if (asprintf(&line, "%s%sthe kernel refuses %s (%s)%s", why ? why : "", why ? "; " : "",
                            names[hook], strerror(-r),
                            hook == SYSCALL_HOOK_TRACEPOINT ? tracepoint_hint(r) : "") < 0)
                        return -ENOMEM;
                free(why);
                why = line;
        }
        *ret_why = TAKE_PTR(why);
        return -ENOTSUP;
}

Failures *failures_free(Failures *f) {
        if (!f)
                return NULL;
        failed_bpf__destroy(f->skeleton);
        free(f);
        return NULL;
}

size_t failures_links(const Failures *f, int fds[], size_t max) {
        return links_fds(f->skeleton->skeleton, fds, max);
}

void failures_leave(Failures *f) {
        links_leave(f->skeleton->skeleton);
}

SyscallHook failures_hook(const Failures *f) {
        return f->hook;
}

const char *failures_not_covered(const Failures *f) {
        return f->compat ? NULL : "failed execs of 32-bit callers";
}
