/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "source/probe-settings.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NSEC_PER_SEC 1000000000ULL
#define FAILURE_BURST 10U /* the burst that is allowed, in multiples of the limit */

static int own_pid_namespace(uint32_t *ret) {
        struct stat st;

        if (stat("/proc/self/ns/pid", &st) < 0)
                return -errno;
        *ret = (uint32_t) st.st_ino;
        return 0;
}

int settings_make(const Config *config, const ProbeRules *rules, struct exec_settings *ret) {
        struct exec_settings settings = {
                .pidns = config->pid_namespace,
                .args_max = config->argument_bytes,
                .env_max = config->n_environment > 0 ? config->argument_bytes : 0,
                .units = rules->units,
                .own_pid = (uint32_t) getpid(),
                .file = config->build_id,
                .failure_token_ns = config->failure_limit > 0 ? NSEC_PER_SEC / config->failure_limit : 0,
                .failure_burst = FAILURE_BURST * config->failure_limit,
        };
        int r;

        _Static_assert(PID_NAMESPACE_ALL == 0, "0 is all on the other side, too");
        r = own_pid_namespace(&settings.own_pidns);
        if (r < 0)
                return r;
        if (config->pid_namespace == PID_NAMESPACE_SELF)
                settings.pidns = settings.own_pidns;
        memcpy(settings.ids, rules->ids, sizeof(settings.ids));
        *ret = settings;
        return 0;
}

bool settings_differ(const Config *a, const ProbeRules *a_rules, const Config *b, const ProbeRules *b_rules) {
        return a->pid_namespace != b->pid_namespace || a->argument_bytes != b->argument_bytes ||
                (a->n_environment > 0) != (b->n_environment > 0) || a->build_id != b->build_id ||
                a->failure_limit != b->failure_limit || a->snapshot != b->snapshot ||
                a_rules->units != b_rules->units ||
                memcmp(a_rules->ids, b_rules->ids, sizeof(a_rules->ids)) != 0;
}
