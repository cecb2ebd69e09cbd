/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-3-Clause */
#pragma once

/*
 * A failed exec costs the caller next to nothing. So each user may have so many recorded in a time, and the
 * others are only counted.
 */

#include "bpf/kernel-types.h"
#include "bpf/level.bpf.h"
#include "bpf/maps.bpf.h"

#define USERNS_DEPTH 32 /* of user namespaces */
#define LIMITS 4096 /* users that fail execs at the same time */

struct {
        __uint(type, BPF_MAP_TYPE_LRU_HASH);
        __uint(max_entries, LIMITS);
        __type(key, __u32);
        __type(value, struct exec_limit);
} limits SEC(".maps");

/*
 * The user whose limit it is: the real id, or, in a user namespace, who made the outermost one. There anybody
 * may have thousands of ids.
 */
static __always_inline __u32 limit_user(const struct cred *cred) {
        struct user_namespace *ns = cred->user_ns;
        __u32 user = cred->uid.val;

        for (int i = 0; i < USERNS_DEPTH && PEEK(struct user_namespace, ns, level) > 0; i++) {
                user = PEEK(struct user_namespace, ns, owner.val);
                ns = PEEK(struct user_namespace, ns, parent);
        }
        return user;
}

/*
 * Whether this user may have one more recorded. `filled_ns` is until when what was recorded so far is paid
 * for, at one token each; it may lie ahead by as many as come at once. Two that ask at the same moment may
 * both be given the same token.
 */
static __always_inline bool limit_allows(const struct cred *cred) {
        const __u64 token = settings.failure_token_ns, now = bpf_ktime_get_boot_ns();
        __u32 user = limit_user(cred);
        struct exec_limit *limit;
        struct exec_cpu *cpu;

        limit = bpf_map_lookup_elem(&limits, &user);
        if (!limit) {
                struct exec_limit first = { .filled_ns = now + token };

                bpf_map_update_elem(&limits, &user, &first, BPF_NOEXIST);
                return true;
        }
        if (limit->filled_ns <= now + token * (settings.failure_burst - 1)) {
                limit->filled_ns = (limit->filled_ns > now ? limit->filled_ns : now) + token;
                return true;
        }
        __sync_fetch_and_add(&limit->dropped, 1);
        cpu = cpu_get();
        if (cpu)
                __sync_fetch_and_add(&cpu->limited, 1);
        return false;
}
