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

/* Where a ring is in use, and one before it that has records still, or none (number 0, fd -EBADF). */
typedef struct InventoryRings {
        uint32_t number;
        uint32_t older_number;
        int older_fd;
        bool too_many;
} InventoryRings;

typedef struct InventorySet {
        uint32_t number;
        uint32_t abi; /* EXEC_RECORD_ABI of who made it */
        MapSet maps; /* the newer rings */
        InventoryRings events;
        InventoryRings failures;
        InventoryRings logs;
        uint32_t
                /* of the programs that record into it; 0: none do. For whoever can read the map to fill in */
                generation;
} InventorySet;

#define INVENTORY_SETS_MAX 8
#define INVENTORY_LINKS_MAX 16

/* Sets in the order of their numbers. What is more than there is room for is as good as not there. */
typedef struct Inventory {
        int checkpoint_fd;
        InventorySet sets[INVENTORY_SETS_MAX];
        size_t n_sets;
        struct InventoryLinks {
                uint32_t generation;
                uint32_t expected; /* how many there were when they were put in */
                uint32_t found;
        } links[INVENTORY_LINKS_MAX];
        size_t n_links;
        /* the hooks are attached, and call what records: from ABI 5 on. For whoever adopts them to fill in */
        bool hooked;
} Inventory;

#define INVENTORY_NULL ((Inventory){ .checkpoint_fd = -EBADF })

/* Takes note of a descriptor, which stays the caller's. A name that is none of these is ignored. */
void inventory_add(Inventory *inventory, const char *name, int fd);

/* What to do with it. The pointers are into Inventory. */
typedef struct Takeover {
        const InventorySet *set; /* to be taken over; NULL: none can be */
        const InventorySet
                *closed[INVENTORY_SETS_MAX]; /* have records that nobody can read: to be counted as lost */
        size_t n_closed;
        bool covered; /* programs recorded all the time, into the set or the last of the closed ones */
} Takeover;

/*
 * `saved` is the number of the set that the state speaks of; 0: of none. Sets before it are done with. One
 * behind it was made to replace it, and has if its programs record. `give_up`: also what could be read is not
 * to be taken over.
 */
void inventory_decide(const Inventory *inventory, uint32_t saved, bool give_up, Takeover *ret);

/* The set turned out to be none that can be taken over. */
void takeover_give_up(Takeover *takeover);

/* What is in use, of all that may be inventory. */
typedef struct InventoryUse {
        uint32_t set;
        uint32_t generation;
        uint32_t older_events; /* numbers of rings; 0: there is none before the one that is in use */
        uint32_t events;
        uint32_t failures;
        uint32_t logs;
} InventoryUse;

/* Each fits StoreMatches. Whether what has this name is of no use to the takeover, a Takeover. */
bool inventory_is_garbage(const char *name, const void *takeover);

/*
 * Whether it is a link of other programs than those of the InventoryUse; whether it is not in use by that at
 * all.
 */
bool inventory_is_old_link(const char *name, const void *use);
bool inventory_is_unused(const char *name, const void *use);
