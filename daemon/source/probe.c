/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "source/probe.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/membarrier.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "bpf/settings.h" /* for the skeleton */
#include "exec-6.2.skel.h"
#include "source/failures.h"
#include "source/features.h"
#include "source/links.h"
#include "source/maps.h"
#include "source/objects.h"
#include "source/probe-settings.h"
#include "source/requirements.h"

struct Probe {
        struct exec_bpf *skeleton;
        volatile struct exec_counters *counters;
        volatile struct exec_filtered *filtered; /* of each CPU */
        uint32_t n_filtered;
        struct exec_settings settings;
        Failures *failures; /* NULL: not asked for, or refused */
        char *failures_why; /* what stood in the way, or NULL */
};

/* Not every map has a use: on this kernel, or with these settings. */
static int probe_choose_maps(struct exec_bpf *s) {
        const bool claims = feature_level() == KERNEL_LEVEL_5_10;
        int r;

        r = bpf_map__set_autocreate(s->maps.cgroups_dropped, s->rodata->settings.units);
        if (r < 0)
                return r;
        r = bpf_map__set_autocreate(s->maps.desks, !claims);
        if (r < 0)
                return r;
        return bpf_map__set_autocreate(s->maps.claims, claims);
}

/* A ring is a multiple of the page, which is larger than the smallest that may be asked for on some machines. */
uint32_t probe_ring_size(uint32_t wanted) {
        uint32_t page = (uint32_t) sysconf(_SC_PAGESIZE);

        return wanted < page ? page : wanted;
}

/* Sets what the programs take as constants, and the sizes of the maps. */
static int probe_configure(Probe *probe, const Config *config, const ProbeRules *rules, uint32_t generation) {
        struct exec_bpf *s = probe->skeleton;
        int r;

        r = settings_make(config, rules, generation, &probe->settings);
        if (r < 0)
                return r;
        memcpy((void *) &s->rodata->settings, &probe->settings, sizeof(probe->settings));

        r = probe_choose_maps(s);
        if (r < 0)
                return r;
        r = maps_size(s->obj, &probe->settings);
        if (r < 0)
                return r;
        r = bpf_map__set_max_entries(s->maps.events, probe_ring_size(config->event_buffer));
        if (r < 0)
                return r;
        return bpf_map__set_max_entries(s->maps.logs, probe_ring_size(config->log_buffer));
}

static int probe_map_counters(Probe *probe) {
        const struct bpf_map *filtered = probe->skeleton->maps.filtered;

        probe->counters = maps_view(bpf_map__fd(probe->skeleton->maps.counters), sizeof(*probe->counters));
        if (!probe->counters)
                return -errno;
        probe->n_filtered = bpf_map__max_entries(filtered);
        probe->filtered = maps_view(bpf_map__fd(filtered), probe->n_filtered * sizeof(*probe->filtered));
        return probe->filtered ? 0 : -errno;
}

static int probe_load(Probe *probe, const Config *config, const ProbeRules *rules, const MapSet *maps,
        uint32_t generation) {
        int r;

        probe->skeleton = objects_open_exec();
        if (!probe->skeleton)
                return -errno;

        r = probe_configure(probe, config, rules, generation);
        if (r < 0)
                return r;
        if (maps) {
                r = maps_use(maps, probe->skeleton->obj);
                if (r < 0)
                        return r;
        }
        r = exec_bpf__load(probe->skeleton);
        if (r < 0)
                return r;
        r = probe_map_counters(probe);
        if (r < 0)
                return r;
        return exec_bpf__attach(probe->skeleton);
}

int probe_new(const Config *config, const ProbeRules *rules, const MapSet *maps, uint32_t generation,
        Probe **ret, char **ret_why) {
        _cleanup_(probe_freep) Probe *probe = NULL;
        int r;

        probe = calloc(1, sizeof(*probe));
        if (!probe)
                return -ENOMEM;

        r = probe_load(probe, config, rules, maps, generation);
        if (r == -ENOMEM || r == -ESTALE)
                return r;
        if (r < 0)
                return requirements_explain(r, ret_why);

        /* Without them all that runs is recorded nevertheless. */
        if (config->failures) {
                r = failures_new(config->syscall_hook, probe->skeleton->obj, &probe->settings,
                        &probe->failures, &probe->failures_why);
                if (r == -ENOMEM)
                        return r;
        }

        /* Loading took many times the memory that is needed from now on, and libbpf gave it back with holes in it. */
        (void) malloc_trim(0);

        *ret = TAKE_PTR(probe);
        return 0;
}

Probe *probe_free(Probe *probe) {
        if (!probe)
                return NULL;
        (void) failures_free(probe->failures);
        free(probe->failures_why);
        if (probe->counters)
                munmap((void *) probe->counters, sizeof(*probe->counters));
        if (probe->filtered)
                munmap((void *) probe->filtered, probe->n_filtered * sizeof(*probe->filtered));
        exec_bpf__destroy(probe->skeleton);
        free(probe);
        return NULL;
}

void probe_activate(Probe *probe) {
        probe->counters->generation = probe->settings.generation;
}

void probe_detach(Probe *probe) {
        probe->counters->generation = 0;
        probe->failures = failures_free(probe->failures);
        exec_bpf__detach(probe->skeleton);
        probe_settle();
}

void probe_settle(void) {
        const struct timespec turn = { .tv_nsec = 2 * EXEC_TURN_NS };

        /* A synchronize_rcu(), which takes longer than the turn as a rule, but not by one. */
        (void) syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
        (void) clock_nanosleep(CLOCK_MONOTONIC, 0, &turn, NULL);
}

void probe_leave(Probe *probe) {
        links_leave(probe->skeleton->skeleton);
        if (probe->failures)
                failures_leave(probe->failures);
}

void probe_maps(const Probe *probe, MapSet *ret) {
        maps_of(probe->skeleton->obj, ret);
}

size_t probe_links(const Probe *probe, int ret[static PROBE_LINKS_MAX]) {
        size_t n = links_fds(probe->skeleton->skeleton, ret, PROBE_LINKS_MAX);

        return n + (probe->failures ? failures_links(probe->failures, ret + n, PROBE_LINKS_MAX - n) : 0);
}

int probe_events_fd(const Probe *probe) {
        return bpf_map__fd(probe->skeleton->maps.events);
}

int probe_logs_fd(const Probe *probe) {
        return bpf_map__fd(probe->skeleton->maps.logs);
}

uint32_t probe_events_size(const Probe *probe) {
        return bpf_map__max_entries(probe->skeleton->maps.events);
}

uint32_t probe_logs_size(const Probe *probe) {
        return bpf_map__max_entries(probe->skeleton->maps.logs);
}

volatile struct exec_counters *probe_counters(const Probe *probe) {
        return probe->counters;
}

uint64_t probe_filtered(const Probe *probe, enum exec_rule rule) {
        uint64_t sum = 0;

        for (uint32_t cpu = 0; cpu < probe->n_filtered; cpu++)
                sum += probe->filtered[cpu].by_rule[rule];
        return sum;
}

int probe_last_seq(const Probe *probe, uint64_t *ret) {
        uint32_t zero = 0;

        return bpf_map_lookup_elem(bpf_map__fd(probe->skeleton->maps.sequence), &zero, ret);
}

int probe_drop_cgroup(Probe *probe, uint64_t id, int rule) {
        const int fd = bpf_map__fd(probe->skeleton->maps.cgroups_dropped);
        uint32_t value = (uint32_t) rule;

        if (!probe->settings.units)
                return 0;
        if (rule >= 0)
                return bpf_map_update_elem(fd, &id, &value, BPF_ANY);
        (void) bpf_map_delete_elem(fd, &id); /* it need not be there */
        return 0;
}

bool probe_differs(const Config *a, const ProbeRules *a_rules, const Config *b, const ProbeRules *b_rules) {
        return a->failures != b->failures || a->syscall_hook != b->syscall_hook ||
                settings_differ(a, a_rules, b, b_rules);
}

const char *probe_hooks(const Probe *probe) {
        if (!probe->failures)
                return "sched_process_exec task_rename";
        if (failures_hook(probe->failures) == SYSCALL_HOOK_TRAMPOLINE)
                return "sched_process_exec task_rename trampoline";
        return "sched_process_exec task_rename tracepoint";
}

const char *probe_not_covered(const Probe *probe) {
        return probe->failures ? failures_not_covered(probe->failures) : "failed execs";
}

const char *probe_why_not_covered(const Probe *probe) {
        return probe->failures_why;
}
