/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "source/probe.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/membarrier.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bpf/settings.h" /* for the skeleton */
#include "exec-6.2.skel.h"
#include "source/counts.h"
#include "source/maps.h"
#include "source/programs.h"
#include "source/requirements.h"
#include "source/skipped.h"

/* The state of a hook that can be skipped, as of the last probe_watch_hooks(). */
typedef struct Watched {
        uint64_t misses;
} Watched;

/*
 * A hook counts as stuck if hooks were skipped in this many calls of probe_watch_hooks() in a row. Copies are
 * attached until WORKING_MIN hooks of its kind work.
 */
#define STUCK_ROUNDS 2
#define WORKING_MIN 2

/* A hook that works may be skipped for one of this many execs. */
#define SKIPPED_PART_MAX 64

struct Probe {
        Programs programs;
        Hooks *hooks;
        uint32_t generation;
        Counts counts;
        Skipped skipped;
        bool failures_begin; /* the hooks that look for failures are new */
        Watched execs[1 + HOOK_COPIES_MAX], renames[1 + HOOK_COPIES_MAX];
        uint64_t watched_numbered;
        unsigned rounds; /* calls of probe_watch_hooks() in a row in which hooks were skipped */
};

static int map_counts(Probe *probe) {
        const struct exec_bpf *s = probe->programs.skeleton;

        return counts_map(&probe->counts, bpf_map__fd(s->maps.counters), bpf_map__fd(s->maps.cpus),
                bpf_map__max_entries(s->maps.cpus));
}

/* Returns true when there are programs that look for failures whose hooks are not attached yet. */
static bool failures_begin(const Probe *probe) {
        for (HookKind kind = HOOK_EXECVE; kind < _HOOK_KIND_MAX; kind++)
                if (programs_fd(&probe->programs, kind) >= 0 && hooks_count(probe->hooks, kind) == 0)
                        return true;
        return false;
}

int probe_new(const Config *config, const ProbeRules *rules, const MapSet *maps, uint32_t generation,
        Hooks *hooks, Probe **ret, char **ret_why) {
        _cleanup_(probe_freep) Probe *probe = calloc(1, sizeof(*probe));
        int r;

        if (!probe)
                return -ENOMEM;
        probe->hooks = hooks;
        probe->generation = generation;
        r = programs_load(&probe->programs, config, rules, maps, ret_why);
        if (r >= 0)
                r = map_counts(probe);
        probe->failures_begin = r >= 0 && (!maps || failures_begin(probe));
        if (r >= 0)
                r = programs_attach(&probe->programs, hooks);
        if (r == -ENOMEM || r == -ESTALE)
                return r;
        if (r < 0)
                return *ret_why ? r : requirements_explain(r, ret_why);

        probe->skipped = (Skipped){
                .hooks = hooks,
                .counts = &probe->counts,
                .failures = probe->programs.failures != SYSCALL_HOOK_NONE,
                .native = probe->programs.failures == SYSCALL_HOOK_TRACEPOINT,
        };

        /*
         * Loading took many times the memory that is needed from now on, and libbpf has freed it in
         * fragments.
         */
        (void) malloc_trim(0);

        *ret = TAKE_PTR(probe);
        return 0;
}

Probe *probe_free(Probe *probe) {
        if (!probe)
                return NULL;
        counts_unmap(&probe->counts);
        programs_done(&probe->programs);
        free(probe);
        return NULL;
}

int probe_activate(Probe *probe) {
        int error = 0;

        for (HookKind kind = 0; kind < _HOOK_KIND_MAX; kind++) {
                int fd = programs_fd(&probe->programs, kind), r;

                if (hooks_count(probe->hooks, kind) == 0)
                        continue;
                r = fd < 0 ? 0 : hooks_call(probe->hooks, kind, fd);
                if (fd < 0)
                        hooks_detach(probe->hooks, kind);
                if (r < 0 && error == 0)
                        error = r;
        }
        if (probe->failures_begin)
                skipped_begin_failures(&probe->skipped);
        probe->failures_begin = false;
        probe->counts.counters->generation = probe->generation;
        return error;
}

void probe_settle(void) {
        /* A synchronize_rcu(): programs run in a section of RCU. */
        (void) syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
}

void probe_detach(Probe *probe) {
        probe->counts.counters->generation = 0;
        /*
         * Begins with the last kind, so that each exec which is seen to succeed was also counted as executed.
         */
        for (HookKind kind = _HOOK_KIND_MAX; kind > 0; kind--)
                (void) hooks_call(probe->hooks, kind - 1, -EBADF);
        probe_settle();
}

void probe_maps(const Probe *probe, MapSet *ret) {
        maps_of(probe->programs.skeleton->obj, ret);
}

static const struct bpf_map *ring_map(const Probe *probe, MapKind ring) {
        const struct exec_bpf *s = probe->programs.skeleton;

        switch (ring) {
        case MAP_FAILURES:
                return s->maps.failures;
        case MAP_LOGS:
                return s->maps.logs;
        default:
                return s->maps.events;
        }
}

int probe_ring_fd(const Probe *probe, MapKind ring) {
        return bpf_map__fd(ring_map(probe, ring));
}

uint32_t probe_ring_bytes(const Probe *probe, MapKind ring) {
        return bpf_map__max_entries(ring_map(probe, ring));
}

uint64_t probe_filtered(const Probe *probe, enum exec_rule rule) {
        return counts_sum(
                &probe->counts, offsetof(struct exec_cpu, by_rule) + (size_t) rule * sizeof(uint64_t));
}

uint64_t probe_numbered(const Probe *probe) {
        return counts_sum(&probe->counts, offsetof(struct exec_cpu, numbered));
}

uint64_t probe_cgroups_lost(const Probe *probe) {
        return counts_sum(&probe->counts, offsetof(struct exec_cpu, cgroups_lost));
}

uint64_t probe_failures_limited(const Probe *probe) {
        return counts_sum(&probe->counts, offsetof(struct exec_cpu, limited));
}

uint64_t probe_lost(const Probe *probe, enum exec_lost_cause cause, uint64_t since_ns, uint64_t *ret_first_ns,
        uint64_t *ret_last_ns) {
        uint64_t sum = 0, first = 0, last = 0;

        for (uint32_t cpu = 0; cpu < probe->counts.n_cpus; cpu++) {
                const volatile struct exec_loss *loss = &probe->counts.cpus[cpu].lost[cause];
                uint64_t cpu_first = loss->first_ns;

                sum += loss->count;
                if (loss->count == 0 || loss->last_ns <= since_ns)
                        continue;
                if (cpu_first < since_ns)
                        cpu_first = since_ns;
                if (first == 0 || cpu_first < first)
                        first = cpu_first;
                if (loss->last_ns > last)
                        last = loss->last_ns;
        }
        *ret_first_ns = first;
        *ret_last_ns = last;
        return sum;
}

uint64_t probe_skipped(Probe *probe, uint64_t now_ns, bool settled) {
        return skipped_count(&probe->skipped, now_ns, settled);
}

void probe_set_skipped(Probe *probe, uint64_t said) {
        skipped_set(&probe->skipped, said);
}

int probe_reattach(Probe *probe, uint64_t said) {
        int r;

        for (HookKind kind = 0; kind < _HOOK_KIND_MAX; kind++)
                hooks_detach(probe->hooks, kind);
        /* A task that is still inside of a program must not meet tasks that enter it by the new hooks. */
        probe_settle();
        r = programs_attach(&probe->programs, probe->hooks);
        if (r >= 0)
                r = probe_activate(probe);
        skipped_set(&probe->skipped, said);
        return r;
}

void probe_inherit(Probe *probe, const Probe *before) {
        probe->skipped.misses = before->skipped.misses;
        probe->skipped.misses_ns = before->skipped.misses_ns;
        probe->watched_numbered = before->watched_numbered;
        memcpy(probe->execs, before->execs, sizeof(probe->execs));
        memcpy(probe->renames, before->renames, sizeof(probe->renames));
}

bool probe_may_be_skipped(const Probe *probe) {
        return probe->programs.features.tracepoints_preempt;
}

/*
 * Returns how many hooks of a kind were skipped since the last call. Adds to *ret_still the number of hooks
 * that work: they were skipped for no more than a few of the `n_execs` since then, which happens without a
 * stuck task, too.
 */
static size_t watch_kind(
        const Probe *probe, HookKind kind, Watched *watched, uint64_t n_execs, size_t *ret_still) {
        size_t moved = 0;

        for (size_t i = 0; i < hooks_count(probe->hooks, kind); i++) {
                uint64_t now;

                if (hooks_misses(probe->hooks, kind, i, &now) < 0)
                        continue;
                moved += now != watched[i].misses;
                if (now - watched[i].misses <= n_execs / SKIPPED_PART_MAX)
                        (*ret_still)++;
                watched[i].misses = now;
        }
        return moved;
}

/*
 * Returns 1 when one more copy was attached, 0 when there can't be more, or the error with which it was
 * refused.
 */
static int attach_copy(Probe *probe, HookKind kind) {
        const int fd = programs_fd(&probe->programs, kind);
        int r;

        if (fd < 0 || hooks_count(probe->hooks, kind) == HOOK_COPIES_MAX)
                return 0;
        r = hooks_attach(probe->hooks, kind, fd);
        return r < 0 ? r : 1;
}

int probe_watch_hooks(Probe *probe, bool *ret_moved) {
        uint64_t numbered = probe_numbered(probe), n_execs = numbered - probe->watched_numbered;
        size_t execs_still = 0, renames_still = 0, moved;
        int r = 0;

        probe->watched_numbered = numbered;
        moved = watch_kind(probe, HOOK_EXEC, probe->execs, n_execs, &execs_still);
        moved += watch_kind(probe, HOOK_EXEC_COPY, probe->execs + 1, n_execs, &execs_still);
        moved += watch_kind(probe, HOOK_RENAME, probe->renames, n_execs, &renames_still);
        moved += watch_kind(probe, HOOK_RENAME_COPY, probe->renames + 1, n_execs, &renames_still);
        *ret_moved = moved > 0;
        probe->rounds = moved > 0 ? probe->rounds + 1 : 0;
        if (probe->rounds < STUCK_ROUNDS)
                return 0;

        if (execs_still < WORKING_MIN)
                r = attach_copy(probe, HOOK_EXEC_COPY);
        if (r >= 0 && renames_still < WORKING_MIN) {
                int copied = attach_copy(probe, HOOK_RENAME_COPY);

                r = copied != 0 ? copied : r;
        }
        return r;
}

int probe_drop_cgroup(Probe *probe, uint64_t id, int rule) {
        const int fd = bpf_map__fd(probe->programs.skeleton->maps.cgroups_dropped);
        uint32_t value = (uint32_t) rule;

        if (!probe->programs.settings.units)
                return 0;
        if (rule >= 0)
                return bpf_map_update_elem(fd, &id, &value, BPF_ANY);
        (void) bpf_map_delete_elem(fd, &id); /* it need not be there */
        return 0;
}

int probe_limited_users(const Probe *probe, LimitedUser **ret, size_t *ret_n) {
        const struct bpf_map *map = probe->programs.skeleton->maps.limits;
        uint32_t n = bpf_map__max_entries(map), next;
        _cleanup_free_ uint32_t *uids = calloc(n, sizeof(*uids));
        _cleanup_free_ struct exec_limit *limits = calloc(n, sizeof(*limits));
        _cleanup_free_ LimitedUser *users = calloc(n, sizeof(*users));
        size_t n_users = 0;

        if (!uids || !limits || !users)
                return -ENOMEM;
        /* There is room for all, so this is one call; -ENOENT says that there are no more. */
        if (bpf_map_lookup_batch(bpf_map__fd(map), NULL, &next, uids, limits, &n, NULL) < 0 &&
                errno != ENOENT)
                return -errno;
        for (uint32_t i = 0; i < n; i++)
                if (limits[i].dropped > 0)
                        users[n_users++] = (LimitedUser){ .uid = uids[i], .n = limits[i].dropped };
        *ret = TAKE_PTR(users);
        *ret_n = n_users;
        return 0;
}

int probe_snapshot(const Probe *probe) {
        const struct bpf_program *program = probe->programs.skeleton->progs.snapshot;
        struct bpf_link *link;
        int fd;

        if (!bpf_program__autoload(program))
                return -ENOENT;
        link = bpf_program__attach_iter(program, NULL);
        if (!link)
                return -errno;
        fd = bpf_iter_create(bpf_link__fd(link));
        if (fd < 0)
                fd = -errno;
        (void) bpf_link__destroy(link);
        return fd;
}

bool probe_differs(const Config *a, const ProbeRules *a_rules, const Config *b, const ProbeRules *b_rules) {
        /* Whether failures are collapsed concerns the daemon only, not the kernel side. */
        return (a->failures == FAILURES_NO) != (b->failures == FAILURES_NO) ||
                a->syscall_hook != b->syscall_hook || settings_differ(a, a_rules, b, b_rules);
}

bool probe_sees_failures(const Probe *probe) {
        return probe->programs.failures != SYSCALL_HOOK_NONE;
}

const char *probe_hooks(const Probe *probe) {
        switch (probe->programs.failures) {
        case SYSCALL_HOOK_TRAMPOLINE:
                return "sched_process_exec task_rename trampoline";
        case SYSCALL_HOOK_TRACEPOINT:
                return "sched_process_exec task_rename tracepoint";
        default:
                return "sched_process_exec task_rename";
        }
}

const char *probe_not_covered(const Probe *probe) {
        const Features *features = &probe->programs.features;

        switch (probe->programs.failures) {
        case SYSCALL_HOOK_TRAMPOLINE:
                return NULL;
        case SYSCALL_HOOK_TRACEPOINT:
                return features->compat_execve ? "failed execs of 32-bit callers" : NULL;
        default:
                return "failed execs";
        }
}

const char *probe_why_not_covered(const Probe *probe) {
        return probe->programs.why;
}
