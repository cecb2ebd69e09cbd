/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cgroup/place.h"
#include "cgroup/run.h"
#include "util/bytes.h"
#include "util/cleanup.h"

/*
 * The cgroups of the unified hierarchy, by the id that the kernel gives each and never uses again. Of each
 * the tree keeps its parent and its own name; the path is put together when a record asks for it. The kernel
 * side tells of every cgroup that is made or removed, in order with the execs, so that a unit which lived for
 * milliseconds is known all the same. A walk (walk.h) finds what was there before, and what the kernel side
 * found no room to tell.
 *
 * Anybody who has a part of the hierarchy for himself can make any number of cgroups in it, of any name and
 * depth. What the tree keeps of them is bounded; where a bound is reached, "/..." stands in a path for what
 * is not kept.
 */
typedef struct CgroupTree CgroupTree;

/*
 * Most bytes of a path, with a NUL that is not there. Of a longer one as many components are kept as fit,
 * then "/...".
 */
#define CGROUP_PATH_MAX 4096

/* Cgroups that lie deeper than this count as the child "..." of their ancestor at this depth. */
#define CGROUP_DEPTH_MAX 256

/* Most cgroups inside of one unit whose names are kept. What is more counts as a child "..." of the unit. */
#define CGROUP_NAMED_MAX 16384

/* Most cgroups of which the parent is not known that wait for a walk to find it. */
#define CGROUP_WAITING_MAX 4096

/* Most cgroups in all, those included that are gone and not yet forgotten. */
#define CGROUP_NODES_MAX 400000

/* Cgroups that are gone and still known, though no record that was told of is left to be read. */
#define CGROUP_GONE_MAX 1024

/* 0 or -ENOMEM. */
int cgroup_tree_new(CgroupTree **ret);
CgroupTree *cgroup_tree_free(CgroupTree *tree);
DEFINE_POINTER_CLEANUP(CgroupTree *, cgroup_tree_free);

/*
 * Adds a cgroup whose whole path is known: the root of the hierarchy, or of the part of it that can be seen.
 * 0; -EINVAL when the path is not absolute or has PATH_MAX bytes or more; -ENOMEM.
 */
int cgroup_tree_root(CgroupTree *tree, uint64_t id, Bytes path);

/*
 * Adds the cgroup `id`, which is called `name` (1 to 255 bytes, no slash, no NUL) in the cgroup `parent`.
 * Where the parent is not known it waits for a walk: until then its path is unknown. 1 when it is new, or
 * another than was known by this id; 0 when it was known; -ENOSPC when there is no room for it, which is
 * counted; -EINVAL when that is no name; -ENOMEM.
 */
int cgroup_tree_made(CgroupTree *tree, uint64_t id, uint64_t parent, Bytes name);

/*
 * The cgroup is gone. It stays known until the records up to position `until` of the ring, which may refer to
 * it, are delivered: cgroup_tree_release() tells up to where they are.
 */
void cgroup_tree_gone(CgroupTree *tree, uint64_t id, uint64_t until);
void cgroup_tree_release(CgroupTree *tree, uint64_t position);

/*
 * Where the cgroup lies. 1: *ret is set, and what it points to holds until the next call with the same tree;
 * 0: the cgroup is not known, or the path to it is not; -ENOMEM.
 */
int cgroup_tree_find(CgroupTree *tree, uint64_t id, CgroupPlace *ret);

/* Called with each cgroup that is there and whose path is known; `place` holds until the callback returns. */
typedef void (*CgroupVisit)(void *userdata, uint64_t id, const CgroupPlace *place);
void cgroup_tree_visit(CgroupTree *tree, CgroupVisit visit, void *userdata);

/* Has invocation ids read so, when a record has a place in a unit. Without it there are none. */
void cgroup_tree_read_invocations(CgroupTree *tree, CgroupReadInvocation read, void *userdata);

/*
 * A walk of what lies below the root cgroup `root`: begin, then _seen() with each cgroup that it comes by,
 * one before what is inside of it, and _hidden() with each into which it could not look. _seen() returns what
 * cgroup_tree_made() does. Then _sweep() until it returns false: what is below the root and neither was seen,
 * nor made since the beginning, nor lies inside of what is hidden, is gone, and `gone` (may be NULL) is
 * called with it. Each call looks at some thousands. Records may be told of in between all the time.
 */
void cgroup_tree_walk_begin(CgroupTree *tree, uint64_t root);
int cgroup_tree_seen(CgroupTree *tree, uint64_t id, uint64_t parent, Bytes name);
void cgroup_tree_hidden(CgroupTree *tree, uint64_t id);
typedef void (*CgroupGone)(void *userdata, uint64_t id);
bool cgroup_tree_sweep(CgroupTree *tree, uint64_t until, CgroupGone gone, void *userdata);

/* How many cgroups are kept, and how many found no room since the tree was made. */
size_t cgroup_tree_size(const CgroupTree *tree);
uint64_t cgroup_tree_refused(const CgroupTree *tree);
