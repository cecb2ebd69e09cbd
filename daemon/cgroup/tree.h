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
 * The cgroups of the unified hierarchy, by their id, which the kernel does not reuse. The tree stores the
 * parent and the name of each cgroup, and builds the path when a record needs it. The kernel side sends a
 * record for every cgroup that is created or removed, in order with the execs, so the cgroup of a unit that
 * lived for milliseconds is known, too. A walk (walk.h) finds the cgroups that existed before, and those
 * whose records were lost.
 *
 * A user to whom a part of the hierarchy is delegated can create any number of cgroups in it, with any names
 * and at any depth. So the size of the tree is bounded. Where a bound is reached, "/..." in a path replaces
 * the names that are not stored.
 */
typedef struct CgroupTree CgroupTree;

/*
 * The maximum size of a path, including a NUL that is not stored. A longer path is cut after the last
 * component that fits, and ends in "/...".
 */
#define CGROUP_PATH_MAX 4096

/* A cgroup that lies deeper than this is treated as the child "..." of its ancestor at this depth. */
#define CGROUP_DEPTH_MAX 256

/* How many cgroups inside of a unit have names. Any further one is treated as a child "..." of the unit. */
#define CGROUP_NAMED_MAX 16384

/* How many cgroups whose parent is unknown are stored until a walk finds it. */
#define CGROUP_WAITING_MAX 4096

/* How many cgroups are stored, including those that are removed and not yet forgotten. */
#define CGROUP_NODES_MAX 400000

/* How many removed cgroups are stored although all records that may refer to them are delivered. */
#define CGROUP_GONE_MAX 1024

/* Creates an empty tree. Returns 0 or -ENOMEM. */
int cgroup_tree_new(CgroupTree **ret);
CgroupTree *cgroup_tree_free(CgroupTree *tree);
DEFINE_POINTER_CLEANUP(CgroupTree *, cgroup_tree_free);

/*
 * Adds a cgroup whose whole path is known: the root of the hierarchy, or of the visible part of it. Returns
 * 0; -EINVAL when the path is not absolute or has PATH_MAX bytes or more; or -ENOMEM.
 */
int cgroup_tree_root(CgroupTree *tree, uint64_t id, Bytes path);

/*
 * Adds the cgroup `id` with the name `name` (1 to 255 bytes, no slash, no NUL) in the cgroup `parent`. If
 * the parent is unknown, the path of the cgroup is unknown, too, until a walk finds the parent. Returns 1
 * when the cgroup is new or differs from the one that was known by this id; 0 when it was known; -ENOSPC
 * when there is no room for it, which is counted; -EINVAL when the name is not valid; or -ENOMEM.
 */
int cgroup_tree_made(CgroupTree *tree, uint64_t id, uint64_t parent, Bytes name);

/*
 * cgroup_tree_gone() marks a cgroup as removed. It stays known until the records before position `until` of
 * the ring, which may refer to it, are delivered. cgroup_tree_release() says that all records before
 * `position` are delivered.
 */
void cgroup_tree_gone(CgroupTree *tree, uint64_t id, uint64_t until);
void cgroup_tree_release(CgroupTree *tree, uint64_t position);

/*
 * Finds the place of a cgroup. Returns 1 and sets *ret, whose texts are valid until the next call with the
 * same tree; 0 when the cgroup or its path is unknown; or -ENOMEM.
 */
int cgroup_tree_find(CgroupTree *tree, uint64_t id, CgroupPlace *ret);

/* Calls `visit` for each existing cgroup whose path is known. `place` is valid until the callback returns. */
typedef void (*CgroupVisit)(void *userdata, uint64_t id, const CgroupPlace *place);
void cgroup_tree_visit(CgroupTree *tree, CgroupVisit visit, void *userdata);

/* Sets the function that reads the invocation id of a unit. Without it places have no invocation ids. */
void cgroup_tree_read_invocations(CgroupTree *tree, CgroupReadInvocation read, void *userdata);

/*
 * Compares the tree with a walk through the cgroups below the root cgroup `root`. Call
 * cgroup_tree_walk_begin() first, then cgroup_tree_seen() for each cgroup, parents before their children,
 * and cgroup_tree_hidden() for each cgroup that could not be opened. cgroup_tree_seen() returns like
 * cgroup_tree_made().
 *
 * Then call cgroup_tree_sweep() until it returns false; each call checks some thousands of cgroups. It marks
 * those as removed that are below the root and were neither seen, nor created since the walk began, nor are
 * inside of a hidden cgroup, and calls `gone` for each of them, unless that is NULL. The other functions may
 * be called at any time during a walk.
 */
void cgroup_tree_walk_begin(CgroupTree *tree, uint64_t root);
int cgroup_tree_seen(CgroupTree *tree, uint64_t id, uint64_t parent, Bytes name);
void cgroup_tree_hidden(CgroupTree *tree, uint64_t id);
typedef void (*CgroupGone)(void *userdata, uint64_t id);
bool cgroup_tree_sweep(CgroupTree *tree, uint64_t until, CgroupGone gone, void *userdata);

/* Returns how many cgroups are stored, and how many found no room since the tree was created. */
size_t cgroup_tree_size(const CgroupTree *tree);
uint64_t cgroup_tree_refused(const CgroupTree *tree);
