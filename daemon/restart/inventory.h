/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "source/map-set.h"

/*
 * What the service manager keeps in its file descriptor store while there is no process of the daemon. The
 * name of each descriptor says what it is: the checkpoint (checkpoint.h); the maps; and the hooks, which are
 * the attached links. Maps that were created together form a set, which one generation of programs after the
 * other uses, and whose rings may be replaced by larger ones. Sets have numbers.
 */

#define INVENTORY_NAME_SIZE 64
#define INVENTORY_CHECKPOINT_NAME "state"
#define INVENTORY_HOOK_PREFIX "hook." /* and the kind of hook; of every version */

/* The name of a map that is number `number` of its kind in the set `set`. */
void inventory_name_map(char ret[static INVENTORY_NAME_SIZE], MapKind kind, uint32_t number, uint32_t set);

/*
 * The ring that is in use, and the older ring that it replaced, as long as that still holds records. Without
 * an older ring its number is 0 and its descriptor -EBADF.
 */
typedef struct InventoryRings {
        uint32_t number;
        uint32_t older_number;
        int older_fd;
        bool too_many; /* there are more than these two */
} InventoryRings;

typedef struct InventorySet {
        uint32_t number;
        uint32_t abi; /* EXEC_RECORD_ABI of the version that created it */
        MapSet maps; /* the newer rings */
        InventoryRings events;
        InventoryRings failures;
        InventoryRings logs;
        /* of the programs that record into it; 0: none do. The caller fills it in, from the map */
        uint32_t generation;
} InventorySet;

#define INVENTORY_SETS_MAX 8
#define INVENTORY_LINKS_MAX 16

/* Sets are in the order of their numbers. Sets and links that find no room are ignored. */
typedef struct Inventory {
        int checkpoint_fd;
        InventorySet sets[INVENTORY_SETS_MAX];
        size_t n_sets;
        struct InventoryLinks {
                uint32_t generation;
                uint32_t expected; /* how many were put into the store, as their name says */
                uint32_t found;
        } links[INVENTORY_LINKS_MAX];
        size_t n_links;
        /* the hooks are attached and call the programs, from ABI 5 on. The caller fills it in */
        bool hooked;
} Inventory;

#define INVENTORY_NULL ((Inventory){ .checkpoint_fd = -EBADF })

/* Adds a descriptor, which stays the caller's. A descriptor with another name is ignored. */
void inventory_add(Inventory *inventory, const char *name, int fd);

/* What a new process does with the inventory. The pointers are into Inventory. */
typedef struct Takeover {
        const InventorySet *set; /* the set that is taken over; NULL: none can be */
        /* sets with records that this version can't read: they are counted as lost */
        const InventorySet *closed[INVENTORY_SETS_MAX];
        size_t n_closed;
        bool covered; /* programs have recorded all the time, into `set` or into the last of `closed` */
} Takeover;

/*
 * Decides which set is taken over. `saved` is the number of the set that the checkpoint is about, or 0. Sets
 * with a lower number are not needed any more. A set with a higher number was created to replace it, and has
 * replaced it when its programs record. If `give_up` is set, no set is taken over, even if it can be read.
 */
void inventory_decide(const Inventory *inventory, uint32_t saved, bool give_up, Takeover *ret);

/* Moves the set to the closed ones, after the attempt to take it over has failed. */
void takeover_give_up(Takeover *takeover);

/* The numbers of what this process uses, of all that the store may hold. */
typedef struct InventoryUse {
        uint32_t set;
        uint32_t generation;
        uint32_t older_events; /* the ring before `events`; 0: there is none */
        uint32_t events;
        uint32_t failures;
        uint32_t logs;
} InventoryUse;

/*
 * These functions are StoreMatches. inventory_is_garbage() returns true when the takeover, a Takeover, does
 * not need the descriptor of this name.
 */
bool inventory_is_garbage(const char *name, const void *takeover);

/*
 * inventory_is_old_link() returns true for a link of programs of another generation than that of `use`, an
 * InventoryUse. inventory_is_unused() returns true for every descriptor that is not part of `use`.
 */
bool inventory_is_old_link(const char *name, const void *use);
bool inventory_is_unused(const char *name, const void *use);
