/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-3-Clause */
#pragma once

/*
 * What of [Filter] is decided here, before a record takes a number or room in the ring: PID namespaces, ids,
 * and units by way of their cgroups. What the daemon could not hand down it filters itself, by the same
 * rules.
 */

#include "bpf/count.bpf.h"
#include "bpf/maps.bpf.h"
#include "bpf/task.bpf.h"

#define RULE_NONE (-1)

/*
 * The cgroups whose units the rules drop, with the rule (enum exec_rule) that does. The daemon, which alone
 * knows units, fills it; of a cgroup that it has not heard of yet the records pass, and are filtered there.
 */
struct {
        __uint(type, BPF_MAP_TYPE_HASH);
        __uint(max_entries, EXEC_CGROUPS_DROPPED_MAX);
        __type(key, __u64);
        __type(value, __u32);
} cgroups_dropped SEC(".maps");

/*
 * Whether an id is in the list of a rule (one of the first EXEC_ID_RULES).
 *
 * A global function, so that the verifier walks the loop once, whoever calls it.
 */
__noinline __u32 id_listed(__u32 rule, __u32 id) {
        const volatile struct exec_id_list *list;

        if (rule >= EXEC_ID_RULES)
                return 0;
        list = &settings.ids[rule];
        for (__u32 i = 0; i < EXEC_ID_RANGES_MAX; i++) {
                if (i >= list->n)
                        break;
                if (id >= list->ranges[i].first && id <= list->ranges[i].last)
                        return 1;
        }
        return 0;
}

/* By the Exclude of this rule, or the Include that comes after it. A list that is empty says nothing. */
static __always_inline int id_rule(enum exec_rule exclude, __u32 id) {
        const __u32 include = exclude + 1;

        if (settings.ids[exclude].n > 0 && id_listed(exclude, id))
                return (int) exclude;
        if (settings.ids[include].n > 0 && !id_listed(include, id))
                return (int) include;
        return RULE_NONE;
}

/*
 * The rule that drops what the task executes, or RULE_NONE. An exec changes neither real ids nor namespace
 * nor cgroup. Of a task that is not the one under way (`current`) the unit is left to the daemon.
 */
static __always_inline int task_rule(struct task_struct *task, const struct cred *cred, bool current) {
        int rule;

        if (!task_pidns_wanted(task))
                return EXEC_RULE_PID_NAMESPACE;
        rule = id_rule(EXEC_RULE_EXCLUDE_USER, cred->uid.val);
        if (rule != RULE_NONE)
                return rule;
        rule = id_rule(EXEC_RULE_EXCLUDE_GROUP, cred->gid.val);
        if (rule != RULE_NONE)
                return rule;
        /* Without CONFIG_AUDIT nobody has a login. */
        rule = id_rule(EXEC_RULE_EXCLUDE_LOGIN,
                bpf_core_field_exists(task->loginuid) ? task->loginuid.val : EXEC_ID_UNSET);
        if (rule != RULE_NONE)
                return rule;
        if (settings.units && current) {
                __u64 cgroup = bpf_get_current_cgroup_id();
                __u32 *unit_rule = bpf_map_lookup_elem(&cgroups_dropped, &cgroup);

                if (unit_rule)
                        return (int) *unit_rule;
        }
        return RULE_NONE;
}

/*
 * Whether the daemon executes itself, to see whether that is seen: no filter hides it, the daemon drops it by
 * the same rules. It does so by /proc/self/exe, which is what the name of the task says then: nobody else has
 * to be looked at more closely, as a rule.
 */
static __always_inline bool task_is_own(struct task_struct *task) {
        struct pid_namespace *ns;
        __u32 nr;

        if (task->comm[0] != 'e' || task->comm[1] != 'x' || task->comm[2] != 'e' || task->comm[3] != '\0')
                return false;
        ns = task_pidns(BPF_CORE_READ(task, real_parent), &nr);
        return nr == settings.own_pid && BPF_CORE_READ(ns, ns.inum) == settings.own_pidns;
}

/* Whether the task is one that is to be recorded. What the filter drops is counted, and takes no number. */
static __always_inline bool task_wanted(struct task_struct *task, const struct cred *cred) {
        int rule = task_rule(task, cred, true);

        if (rule == RULE_NONE || task_is_own(task))
                return true;
        filtered_count(rule);
        return false;
}
