/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "source/probe-settings.h"

#include <errno.h>
#include <sys/stat.h>

static int own_pid_namespace(uint32_t *ret) {
        struct stat st;

        if (stat("/proc/self/ns/pid", &st) < 0)
                return -errno;
        *ret = (uint32_t) st.st_ino;
        return 0;
}

/* A list of more ranges than the kernel side takes stays with the daemon, which filters by it all the same. */
static int settings_ids(const RuleList *list, struct exec_id_list *ret) {
        IdRange ranges[EXEC_ID_RANGES_MAX];
        size_t n = 0;
        int r;

        r = rule_list_merge_ids(list, ranges, EXEC_ID_RANGES_MAX, &n);
        if (r == -E2BIG)
                return 0;
        if (r < 0)
                return r;
        ret->n = (uint32_t) n;
        for (size_t i = 0; i < n; i++)
                ret->ranges[i] = (struct exec_id_range){ .first = ranges[i].first, .last = ranges[i].last };
        return 0;
}

int settings_make(const Config *config, uint32_t generation, struct exec_settings *ret) {
        struct exec_settings settings = {
                .generation = generation,
                .pidns = config->pid_namespace,
                .args_max = config->argument_bytes,
                .env_max = config->n_environment > 0 ? config->argument_bytes : 0,
                .units = filter_has_kind(&config->filter, FILTER_UNIT),
                .file = config->build_id,
        };
        int r;

        _Static_assert(PID_NAMESPACE_ALL == 0, "0 is all on the other side, too");
        if (config->pid_namespace == PID_NAMESPACE_SELF) {
                r = own_pid_namespace(&settings.pidns);
                if (r < 0)
                        return r;
        }
        for (FilterKind kind = FILTER_USER; kind <= FILTER_GROUP; kind++) {
                const FilterRules *rules = &config->filter.kinds[kind];

                r = settings_ids(&rules->exclude, &settings.ids[FILTER_RULE_EXCLUDE(kind)]);
                if (r >= 0)
                        r = settings_ids(&rules->include, &settings.ids[FILTER_RULE_INCLUDE(kind)]);
                if (r < 0)
                        return r;
        }
        *ret = settings;
        return 0;
}

bool settings_differ(const Config *a, const Config *b) {
        return a->pid_namespace != b->pid_namespace || a->argument_bytes != b->argument_bytes ||
                (a->n_environment > 0) != (b->n_environment > 0) || a->build_id != b->build_id ||
                !filter_kind_equal(&a->filter, &b->filter, FILTER_USER) ||
                !filter_kind_equal(&a->filter, &b->filter, FILTER_GROUP) ||
                !filter_kind_equal(&a->filter, &b->filter, FILTER_UNIT);
}
