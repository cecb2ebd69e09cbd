/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "source/hooks.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef struct HookType {
        const char *name; /* of the array and of the program, by which another process finds them */
        enum bpf_prog_type type;
        enum bpf_attach_type attach;
        const char *tracepoint; /* in tracefs */
        bool needed; /* every process has it */
        bool copies; /* there can be up to HOOK_COPIES_MAX of them */
} HookType;

/*
 * The tracepoints of system calls can share one program, because the kernel enters none of them while another
 * one is entered on the CPU.
 */
static const HookType types[_HOOK_KIND_MAX] = {
        [HOOK_EXEC] = { "hook_exec", BPF_PROG_TYPE_TRACING, BPF_TRACE_RAW_TP, NULL, true },
        [HOOK_EXEC_COPY] = { "hook_exec_copy", BPF_PROG_TYPE_TRACING, BPF_TRACE_RAW_TP, .copies = true },
        [HOOK_RENAME] = { "hook_rename", BPF_PROG_TYPE_TRACING, BPF_TRACE_RAW_TP, NULL, true },
        [HOOK_RENAME_COPY] = { "hook_rename_2", BPF_PROG_TYPE_TRACING, BPF_TRACE_RAW_TP, .copies = true },
        [HOOK_EXIT] = { "hook_exit", BPF_PROG_TYPE_TRACING, BPF_TRACE_RAW_TP, NULL, true },
        [HOOK_CGROUP_MADE] = { "hook_made", BPF_PROG_TYPE_TRACING, BPF_TRACE_RAW_TP, NULL, true },
        [HOOK_CGROUP_GONE] = { "hook_gone", BPF_PROG_TYPE_TRACING, BPF_TRACE_RAW_TP, NULL, true },
        [HOOK_EXECVE] = { "hook_execve", BPF_PROG_TYPE_TRACING, BPF_TRACE_FEXIT, NULL, false },
        [HOOK_EXECVEAT] = { "hook_execveat", BPF_PROG_TYPE_TRACING, BPF_TRACE_FEXIT, NULL, false },
        [HOOK_COMPAT_EXECVE] = { "hook_cexecve", BPF_PROG_TYPE_TRACING, BPF_TRACE_FEXIT, NULL, false },
        [HOOK_COMPAT_EXECVEAT] = { "hook_cexecveat", BPF_PROG_TYPE_TRACING, BPF_TRACE_FEXIT, NULL, false },
        [HOOK_SYSCALL_EXECVE] = { "hook_sysexit", BPF_PROG_TYPE_TRACEPOINT, 0, "sys_exit_execve", false },
        [HOOK_SYSCALL_EXECVEAT] = { "hook_sysexitat", BPF_PROG_TYPE_TRACEPOINT, 0, "sys_exit_execveat",
                false },
};

typedef struct Hook {
        int program_fd;
        int link_fd;
        uint32_t program_id;
} Hook;

struct Hooks {
        struct HookSlot {
                int array_fd;
                Hook hooks[HOOK_COPIES_MAX];
                size_t n;
        } kinds[_HOOK_KIND_MAX];

        /* Links that were adopted and are not yet joined with their programs, with the ids of these */
        struct HookLink {
                int fd;
                uint32_t program_id;
        } links[_HOOK_KIND_MAX * HOOK_COPIES_MAX];
        size_t n_links;
};

int hooks_new(Hooks **ret) {
        Hooks *hooks = calloc(1, sizeof(*hooks));

        if (!hooks)
                return -ENOMEM;
        for (HookKind kind = 0; kind < _HOOK_KIND_MAX; kind++)
                hooks->kinds[kind].array_fd = -EBADF;
        *ret = hooks;
        return 0;
}

static void hook_done(Hook *hook) {
        closep(&hook->link_fd);
        closep(&hook->program_fd);
}

static void slot_drop(struct HookSlot *slot) {
        while (slot->n > 0)
                hook_done(&slot->hooks[--slot->n]);
        closep(&slot->array_fd);
}

void hooks_detach(Hooks *hooks, HookKind kind) {
        /* Even if another process holds the hooks, they do nothing any more. */
        (void) hooks_call(hooks, kind, -EBADF);
        slot_drop(&hooks->kinds[kind]);
}

Hooks *hooks_free(Hooks *hooks) {
        if (!hooks)
                return NULL;
        for (HookKind kind = 0; kind < _HOOK_KIND_MAX; kind++)
                slot_drop(&hooks->kinds[kind]);
        for (size_t i = 0; i < hooks->n_links; i++)
                closep(&hooks->links[i].fd);
        free(hooks);
        return NULL;
}

const char *hook_kind_to_string(HookKind kind) {
        return types[kind].name;
}

static size_t hooks_max(HookKind kind) {
        return types[kind].copies ? HOOK_COPIES_MAX : 1;
}

static HookKind kind_of(const char *name) {
        for (HookKind kind = 0; kind < _HOOK_KIND_MAX; kind++)
                if (strcmp(types[kind].name, name) == 0)
                        return kind;
        return _HOOK_KIND_MAX;
}

static int program_info(int fd, struct bpf_prog_info *ret) {
        uint32_t size = sizeof(*ret);

        *ret = (struct bpf_prog_info){};
        return bpf_obj_get_info_by_fd(fd, ret, &size);
}

static int adopt_link(Hooks *hooks, int fd, uint32_t program_id) {
        if (hooks->n_links == ELEMENTSOF(hooks->links))
                return -EBADMSG;
        fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        if (fd < 0)
                return -errno;
        hooks->links[hooks->n_links++] = (struct HookLink){ .fd = fd, .program_id = program_id };
        return 0;
}

static int adopt_program(Hooks *hooks, int fd, const struct bpf_prog_info *info) {
        HookKind kind = kind_of(info->name);
        struct HookSlot *slot;

        if (kind == _HOOK_KIND_MAX)
                return -EBADMSG;
        slot = &hooks->kinds[kind];
        if (slot->n == hooks_max(kind))
                return -EBADMSG;
        fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        if (fd < 0)
                return -errno;
        slot->hooks[slot->n++] = (Hook){ .program_fd = fd, .link_fd = -EBADF, .program_id = info->id };
        return 0;
}

static int adopt_array(Hooks *hooks, int fd, const struct bpf_map_info *info) {
        HookKind kind = kind_of(info->name);

        if (kind == _HOOK_KIND_MAX || info->type != BPF_MAP_TYPE_PROG_ARRAY ||
                hooks->kinds[kind].array_fd >= 0)
                return -EBADMSG;
        fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        if (fd < 0)
                return -errno;
        hooks->kinds[kind].array_fd = fd;
        return 0;
}

/*
 * Finds out in /proc which kind of object a descriptor is: bpf(2) would fill in any kind of information for
 * any object.
 */
int hooks_adopt(Hooks *hooks, int fd) {
        char path[64], target[64];
        union {
                struct bpf_prog_info program;
                struct bpf_map_info map;
                struct bpf_link_info link;
        } info = {};
        uint32_t size;
        ssize_t n;

        (void) snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        n = readlink(path, target, sizeof(target) - 1);
        if (n < 0)
                return -errno;
        target[n] = '\0';

        if (strstr(target, "bpf-prog"))
                return program_info(fd, &info.program) < 0 ? -EBADMSG
                                                           : adopt_program(hooks, fd, &info.program);
        if (strstr(target, "bpf-map")) {
                size = sizeof(info.map);
                return bpf_obj_get_info_by_fd(fd, &info.map, &size) < 0 ? -EBADMSG
                                                                        : adopt_array(hooks, fd, &info.map);
        }
        size = sizeof(info.link);
        if (!strstr(target, "bpf") || bpf_obj_get_info_by_fd(fd, &info.link, &size) < 0)
                return -EBADMSG;
        return adopt_link(hooks, fd, info.link.prog_id);
}

/* Joins each hook with its link. Drops hooks without a link, which are not attached any more. */
static void join_links(Hooks *hooks, struct HookSlot *slot) {
        size_t n = 0;

        for (size_t i = 0; i < slot->n; i++) {
                Hook *hook = &slot->hooks[i];

                for (size_t k = 0; k < hooks->n_links; k++)
                        if (hooks->links[k].fd >= 0 && hooks->links[k].program_id == hook->program_id)
                                hook->link_fd = TAKE_FD(hooks->links[k].fd);
                if (hook->link_fd >= 0 && slot->array_fd >= 0)
                        slot->hooks[n++] = *hook;
                else
                        hook_done(hook);
        }
        slot->n = n;
}

bool hooks_adopted(Hooks *hooks) {
        bool whole = true;

        for (HookKind kind = 0; kind < _HOOK_KIND_MAX; kind++) {
                join_links(hooks, &hooks->kinds[kind]);
                if (types[kind].needed && hooks->kinds[kind].n == 0)
                        whole = false;
        }
        for (size_t i = 0; i < hooks->n_links; i++)
                closep(&hooks->links[i].fd);
        hooks->n_links = 0;

        /* An incomplete set of hooks is not used, because it would not see all that it saw before. */
        for (HookKind kind = 0; !whole && kind < _HOOK_KIND_MAX; kind++)
                hooks_detach(hooks, kind);
        return whole;
}

/*
 * Loads a program to be attached, which tail-calls the program in the array, if any, and does nothing else.
 */
static int load_caller(int array_fd, const HookType *type, uint32_t btf_id) {
        const struct bpf_insn program[] = {
                { .code = BPF_LD | BPF_DW | BPF_IMM,
                        .dst_reg = 2,
                        .src_reg = BPF_PSEUDO_MAP_FD,
                        .imm = array_fd },
                {},
                { .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 3 },
                { .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_tail_call },
                { .code = BPF_ALU64 | BPF_MOV | BPF_K },
                { .code = BPF_JMP | BPF_EXIT },
        };
        LIBBPF_OPTS(
                bpf_prog_load_opts, options, .expected_attach_type = type->attach, .attach_btf_id = btf_id);

        return bpf_prog_load(type->type, type->name, "Dual BSD/GPL", program, ELEMENTSOF(program), &options);
}

/*
 * Attaches a program to a tracepoint of tracefs. Returns the link, which holds all that it needs, or a
 * negative errno; -ENOENT when there is no such tracepoint.
 */
static int attach_tracepoint(int program_fd, const char *name) {
        static const char *const roots[] = { "/sys/kernel/tracing", "/sys/kernel/debug/tracing" };
        struct perf_event_attr attr = { .type = PERF_TYPE_TRACEPOINT, .size = sizeof(attr) };
        _cleanup_close_ int event_fd = -EBADF;
        unsigned long long id = 0;
        int fd;

        for (size_t i = 0; id == 0 && i < ELEMENTSOF(roots); i++) {
                char path[128], text[32];
                _cleanup_close_ int id_fd = -EBADF;
                ssize_t n;

                (void) snprintf(path, sizeof(path), "%s/events/syscalls/%s/id", roots[i], name);
                id_fd = open(path, O_RDONLY | O_CLOEXEC);
                n = id_fd < 0 ? -1 : read(id_fd, text, sizeof(text) - 1);
                if (n <= 0)
                        continue;
                text[n] = '\0';
                id = strtoull(text, NULL, 10);
        }
        if (id == 0)
                return -ENOENT;
        attr.config = id;
        event_fd = (int) syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
        if (event_fd < 0)
                return -errno;
        fd = bpf_link_create(program_fd, event_fd, BPF_PERF_EVENT, NULL);
        return fd < 0 ? -errno : fd;
}

int hooks_attach(Hooks *hooks, HookKind kind, int program_fd) {
        struct HookSlot *slot = &hooks->kinds[kind];
        const HookType *type = &types[kind];
        Hook hook = { .program_fd = -EBADF, .link_fd = -EBADF };
        struct bpf_prog_info info;
        int r;

        if (slot->n == hooks_max(kind))
                return -E2BIG;
        r = program_info(program_fd, &info);
        if (r < 0)
                return r;
        if (slot->array_fd < 0) {
                r = bpf_map_create(
                        BPF_MAP_TYPE_PROG_ARRAY, type->name, sizeof(uint32_t), sizeof(uint32_t), 1, NULL);
                if (r < 0)
                        return r;
                slot->array_fd = r;
        }
        r = load_caller(slot->array_fd, type, info.attach_btf_id);
        if (r < 0)
                return r;
        hook.program_fd = r;
        r = type->tracepoint ? attach_tracepoint(hook.program_fd, type->tracepoint)
                             : bpf_raw_tracepoint_open(NULL, hook.program_fd);
        if (r < 0) {
                hook_done(&hook);
                return r;
        }
        hook.link_fd = r;
        slot->hooks[slot->n++] = hook;
        return 0;
}

size_t hooks_count(const Hooks *hooks, HookKind kind) {
        return hooks->kinds[kind].n;
}

int hooks_call(Hooks *hooks, HookKind kind, int program_fd) {
        const int array_fd = hooks->kinds[kind].array_fd;
        const uint32_t zero = 0;

        if (array_fd < 0)
                return program_fd < 0 ? 0 : -ENOENT;
        if (program_fd >= 0)
                return bpf_map_update_elem(array_fd, &zero, &program_fd, BPF_ANY);
        (void) bpf_map_delete_elem(array_fd, &zero); /* there may be none */
        return 0;
}

size_t hooks_fds(const Hooks *hooks, HookKind kind, size_t first, int ret[static HOOK_FDS_MAX]) {
        const struct HookSlot *slot = &hooks->kinds[kind];
        size_t n = 0;

        if (slot->n > first && first == 0)
                ret[n++] = slot->array_fd;
        for (size_t i = first; i < slot->n; i++) {
                ret[n++] = slot->hooks[i].program_fd;
                ret[n++] = slot->hooks[i].link_fd;
        }
        return n;
}

int hooks_misses(const Hooks *hooks, HookKind kind, size_t i, uint64_t *ret) {
        struct bpf_prog_info info;
        int r;

        r = program_info(hooks->kinds[kind].hooks[i].program_fd, &info);
        if (r < 0)
                return r;
        *ret = info.recursion_misses;
        return 0;
}
