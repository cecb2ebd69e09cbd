/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "source/probe.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/membarrier.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "exec.skel.h"
#include "source/requirements.h"

struct Probe {
        struct exec_bpf *skeleton;
        volatile struct exec_counters *counters;
        size_t counters_size;
        uint32_t generation;
};

static int own_pid_namespace(uint32_t *ret) {
        struct stat st;

        if (stat("/proc/self/ns/pid", &st) < 0)
                return -errno;
        *ret = (uint32_t) st.st_ino;
        return 0;
}

/* Of the two that make the record, the one that this kernel can run. */
static int probe_choose_programs(struct exec_bpf *s) {
        bool loop = libbpf_probe_bpf_helper(BPF_PROG_TYPE_RAW_TRACEPOINT, BPF_FUNC_loop, NULL) == 1;
        int r;

        r = bpf_program__set_autoload(s->progs.exec_done, loop);
        if (r < 0)
                return r;
        return bpf_program__set_autoload(s->progs.exec_done_bounded, !loop);
}

/* Sets what the programs take as constants, and the sizes of the maps. */
static int probe_configure(Probe *probe, const Config *config, const Probe *previous) {
        struct exec_bpf *s = probe->skeleton;
        uint32_t args_max = config->argument_bytes;
        uint32_t env_max = config->n_environment > 0 ? config->argument_bytes : 0;
        uint32_t pidns = config->pid_namespace;
        int cpus, r;

        if (pidns == PID_NAMESPACE_SELF) {
                r = own_pid_namespace(&pidns);
                if (r < 0)
                        return r;
        }

        cpus = libbpf_num_possible_cpus();
        if (cpus < 0)
                return cpus;

        probe->generation = previous ? previous->generation + 1 : 1;
        s->rodata->generation = probe->generation;
        s->rodata->pidns_wanted = pidns;
        s->rodata->args_max = args_max;
        s->rodata->env_max = env_max;

        r = probe_choose_programs(s);
        if (r < 0)
                return r;
        r = bpf_map__set_max_entries(s->maps.slots, (uint32_t) cpus);
        if (r < 0)
                return r;
        r = bpf_map__set_value_size(s->maps.slots, (EXEC_SLOT_SIZE(args_max, env_max) + 7U) & ~7U);
        if (r < 0)
                return r;
        r = bpf_map__set_max_entries(s->maps.events, config->event_buffer);
        if (r < 0)
                return r;
        return bpf_map__set_max_entries(s->maps.logs, config->log_buffer);
}

static int probe_take_maps(Probe *probe, const Probe *previous) {
        struct bpf_map *const from[] = {
                previous->skeleton->maps.events,
                previous->skeleton->maps.logs,
                previous->skeleton->maps.counters,
                previous->skeleton->maps.sequence,
                previous->skeleton->maps.callers,
        };
        struct bpf_map *const to[] = {
                probe->skeleton->maps.events,
                probe->skeleton->maps.logs,
                probe->skeleton->maps.counters,
                probe->skeleton->maps.sequence,
                probe->skeleton->maps.callers,
        };

        for (size_t i = 0; i < ELEMENTSOF(to); i++) {
                int r = bpf_map__reuse_fd(to[i], bpf_map__fd(from[i]));
                if (r < 0)
                        return r;
        }
        return 0;
}

static int probe_map_counters(Probe *probe) {
        void *p;

        probe->counters_size = (size_t) sysconf(_SC_PAGESIZE);
        p = mmap(NULL, probe->counters_size, PROT_READ | PROT_WRITE, MAP_SHARED,
                bpf_map__fd(probe->skeleton->maps.counters), 0);
        if (p == MAP_FAILED)
                return -errno;
        probe->counters = p;
        return 0;
}

static int probe_load(Probe *probe, const Config *config, const Probe *previous) {
        int r;

        probe->skeleton = exec_bpf__open();
        if (!probe->skeleton)
                return -errno;

        r = probe_configure(probe, config, previous);
        if (r < 0)
                return r;
        if (previous) {
                r = probe_take_maps(probe, previous);
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

int probe_new(const Config *config, const Probe *previous, Probe **ret, char **ret_why) {
        _cleanup_(probe_freep) Probe *probe = NULL;
        int r;

        probe = calloc(1, sizeof(*probe));
        if (!probe)
                return -ENOMEM;

        r = probe_load(probe, config, previous);
        if (r == -ENOMEM)
                return r;
        if (r < 0)
                return requirements_explain(r, ret_why);

        *ret = TAKE_PTR(probe);
        return 0;
}

Probe *probe_free(Probe *probe) {
        if (!probe)
                return NULL;
        if (probe->counters)
                munmap((void *) probe->counters, probe->counters_size);
        exec_bpf__destroy(probe->skeleton);
        free(probe);
        return NULL;
}

void probe_activate(Probe *probe) {
        probe->counters->generation = probe->generation;
}

void probe_detach(Probe *probe) {
        probe->counters->generation = 0;
        exec_bpf__detach(probe->skeleton);

        /* Waits for the programs that are still running on other CPUs: it is a synchronize_rcu(). */
        (void) syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
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

int probe_last_seq(const Probe *probe, uint64_t *ret) {
        struct {
                uint32_t lock;
                uint32_t reserved;
                uint64_t last;
        } sequence;
        uint32_t zero = 0;
        int r;

        r = bpf_map_lookup_elem(bpf_map__fd(probe->skeleton->maps.sequence), &zero, &sequence);
        if (r < 0)
                return r;
        *ret = sequence.last;
        return 0;
}

bool probe_differs(const Config *a, const Config *b) {
        return a->pid_namespace != b->pid_namespace || a->argument_bytes != b->argument_bytes ||
                (a->n_environment > 0) != (b->n_environment > 0);
}
