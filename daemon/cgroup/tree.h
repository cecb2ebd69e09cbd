/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cgroup/place.h"
#include "util/bytes.h"
#include "util/cleanup.h"

/*
 * Where a program ran: the cgroups of the unified hierarchy, by the id that the kernel gives each, which it never uses
 * again. Fed by the kernel side's records of every cgroup that is made and removed, in their order with the execs, so
 * that a unit which lived for milliseconds is known all the same; those that were there before come from one walk.
 */
typedef struct CgroupCache CgroupCache;

/* 0 or -ENOMEM. */
int cgroup_cache_new(CgroupCache **ret);
CgroupCache *cgroup_cache_free(CgroupCache *cache);
DEFINE_POINTER_CLEANUP(CgroupCache *, cgroup_cache_free);

/*
 * A cgroup of this path is there; one of the same id is replaced. `path` is not trusted. Of one with CGROUP_PATH_MAX bytes
 * or more the front is kept, as many components as fit, and behind them "/...". 0, or -ENOMEM: nothing has changed.
 */
#define CGROUP_PATH_MAX 4096
int cgroup_cache_add(CgroupCache *cache, uint64_t id, Bytes path);

/*
 * A cgroup was made: likewise. Its path is that of the nearest ancestor that is known, and the names of the lineage
 * (event/lineage.h), which is whole, below that. -ENOENT: no ancestor is known, so the cgroup lies outside of what this
 * process sees of the hierarchy; it is not added.
 */
int cgroup_cache_learn(CgroupCache *cache, uint64_t id, Bytes lineage);

/*
 * A cgroup is gone. It is kept for a while, among the last CGROUP_GONE_MAX that are: records that were not delivered are
 * taken from the ring again.
 */
#define CGROUP_GONE_MAX 1024
void cgroup_cache_remove(CgroupCache *cache, uint64_t id);

/*
 * Adds every cgroup at and below the directory `root_fd` (a cgroup2 mount; stays the caller's), whose own path in
 * the hierarchy is `root_path`, as cgroup_open_root() gives both. What is known and there already stays as it is; what is
 * known and certainly not there is removed, as above. One that goes away meanwhile is no error. 0, -ENOMEM, or what the
 * first directory could not be read with.
 */
int cgroup_cache_walk(CgroupCache *cache, int root_fd, const char *root_path);

/* Called with each of the cgroups that there are; `place` holds until the cache is changed. */
typedef void (*CgroupVisit)(void *userdata, uint64_t id, const CgroupPlace *place);
void cgroup_cache_visit(const CgroupCache *cache, CgroupVisit visit, void *userdata);

/* False: no such cgroup is known. *ret points into the cache, until it is changed. */
bool cgroup_cache_find(const CgroupCache *cache, uint64_t id, CgroupPlace *ret);
