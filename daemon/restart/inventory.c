/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "restart/inventory.h"

#include <stdio.h>
#include <string.h>

#include "bpf/record.h"

/*
 * Names: "events.7.2.3" is ring number 7 of set 2, with records of ABI 3. "links.7.8" stands for 8 links of
 * generation 7; versions of the daemon up to ABI 4 stored them.
 */

void inventory_name_map(char ret[static INVENTORY_NAME_SIZE], MapKind kind, uint32_t number, uint32_t set) {
        (void) snprintf(ret, INVENTORY_NAME_SIZE, "%s.%u.%u.%u", map_kind_to_string(kind), number, set,
                (unsigned) EXEC_RECORD_ABI);
}

#define ABI_WITH_HOOKS 5 /* before, each set of programs had links of its own */

static bool parse_links(const char *name, uint32_t *ret_generation, uint32_t *ret_n) {
        int end = -1;

        return sscanf(name, "links.%u.%u%n", ret_generation, ret_n, &end) == 2 && end >= 0 &&
                name[end] == '\0';
}

typedef struct MapName {
        MapKind kind;
        uint32_t number, set, abi;
} MapName;

static bool parse_map(const char *name, MapName *ret) {
        char kind[16];
        int end = -1;

        if (sscanf(name, "%15[a-z].%u.%u.%u%n", kind, &ret->number, &ret->set, &ret->abi, &end) != 4 ||
                end < 0 || name[end] != '\0')
                return false;
        ret->kind = map_kind_from_string(kind);
        return ret->kind >= 0 && ret->number > 0 && ret->set > 0;
}

static InventorySet *find_set(Inventory *inventory, const MapName *name) {
        size_t i = 0;

        while (i < inventory->n_sets && inventory->sets[i].number < name->set)
                i++;
        if (i < inventory->n_sets && inventory->sets[i].number == name->set)
                return inventory->sets + i;
        if (inventory->n_sets == INVENTORY_SETS_MAX)
                return NULL;
        memmove(inventory->sets + i + 1, inventory->sets + i,
                (inventory->n_sets - i) * sizeof(*inventory->sets));
        inventory->n_sets++;
        inventory->sets[i] = (InventorySet){
                .number = name->set,
                .abi = name->abi,
                .maps = MAP_SET_NULL,
                .events.older_fd = -EBADF,
                .failures.older_fd = -EBADF,
                .logs.older_fd = -EBADF,
        };
        return inventory->sets + i;
}

static void add_ring(InventoryRings *rings, int *newest_fd, uint32_t number, int fd) {
        if (*newest_fd < 0) {
                rings->number = number;
                *newest_fd = fd;
        } else if (rings->older_fd >= 0)
                rings->too_many = true;
        else if (number > rings->number) {
                rings->older_number = rings->number;
                rings->older_fd = *newest_fd;
                rings->number = number;
                *newest_fd = fd;
        } else {
                rings->older_number = number;
                rings->older_fd = fd;
        }
}

static void add_map(Inventory *inventory, const MapName *name, int fd) {
        InventorySet *set = find_set(inventory, name);
        int *place;

        if (!set)
                return;
        place = &set->maps.fds[name->kind];
        if (name->kind == MAP_EVENTS)
                add_ring(&set->events, place, name->number, fd);
        else if (name->kind == MAP_FAILURES)
                add_ring(&set->failures, place, name->number, fd);
        else if (name->kind == MAP_LOGS)
                add_ring(&set->logs, place, name->number, fd);
        else
                *place = fd;
}

static void add_link(Inventory *inventory, uint32_t generation, uint32_t expected) {
        for (size_t i = 0; i < inventory->n_links; i++)
                if (inventory->links[i].generation == generation) {
                        inventory->links[i].found++;
                        return;
                }
        if (inventory->n_links < INVENTORY_LINKS_MAX)
                inventory->links[inventory->n_links++] = (struct InventoryLinks){
                        .generation = generation,
                        .expected = expected,
                        .found = 1,
                };
}

void inventory_add(Inventory *inventory, const char *name, int fd) {
        uint32_t generation, n;
        MapName map;

        if (strcmp(name, INVENTORY_CHECKPOINT_NAME) == 0)
                inventory->checkpoint_fd = fd;
        else if (parse_links(name, &generation, &n))
                add_link(inventory, generation, n);
        else if (parse_map(name, &map))
                add_map(inventory, &map, fd);
}

/* Returns true when all programs that record into the set are still attached. */
static bool is_covered(const Inventory *inventory, const InventorySet *set) {
        if (set->abi >= ABI_WITH_HOOKS)
                return inventory->hooked;
        for (size_t i = 0; i < inventory->n_links; i++)
                if (inventory->links[i].generation == set->generation)
                        return inventory->links[i].found == inventory->links[i].expected;
        return false;
}

/* Returns true when this version can read the records of the set. */
static bool is_usable(const InventorySet *set) {
        return set->abi == EXEC_RECORD_ABI && set->maps.fds[MAP_EVENTS] >= 0 && !set->events.too_many &&
                !set->failures.too_many && !set->logs.too_many;
}

void inventory_decide(const Inventory *inventory, uint32_t saved, bool give_up, Takeover *ret) {
        const InventorySet *last = NULL;

        *ret = (Takeover){};
        for (size_t i = 0; i < inventory->n_sets; i++) {
                const InventorySet *set = inventory->sets + i;

                if (set->number < saved || (set->number > saved && set->generation == 0))
                        continue;
                if (last)
                        ret->closed[ret->n_closed++] = last;
                last = set;
        }
        if (!last)
                return;
        ret->covered = is_covered(inventory, last);
        ret->set = last;
        if (give_up || !is_usable(last))
                takeover_give_up(ret);
}

void takeover_give_up(Takeover *t) {
        t->closed[t->n_closed++] = t->set;
        t->set = NULL;
}

static bool is_of(const InventorySet *set, const MapName *map, uint32_t generation) {
        if (!set)
                return false;
        return map ? set->number == map->set : set->generation == generation;
}

static bool is_hook(const char *name) {
        return strncmp(name, INVENTORY_HOOK_PREFIX, strlen(INVENTORY_HOOK_PREFIX)) == 0;
}

bool inventory_is_garbage(const char *name, const void *userdata) {
        const Takeover *takeover = userdata;
        uint32_t generation = 0, n;
        bool is_map = false;
        MapName map;

        if (strcmp(name, INVENTORY_CHECKPOINT_NAME) == 0 || is_hook(name))
                return false;
        if (!parse_links(name, &generation, &n)) {
                is_map = parse_map(name, &map);
                if (!is_map)
                        return true;
        }
        for (size_t i = 0; i < takeover->n_closed; i++)
                if (is_of(takeover->closed[i], is_map ? &map : NULL, generation))
                        return false;
        return !is_of(takeover->set, is_map ? &map : NULL, generation);
}

bool inventory_is_old_link(const char *name, const void *userdata) {
        const InventoryUse *use = userdata;
        uint32_t generation, n;

        return parse_links(name, &generation, &n) && generation != use->generation;
}

bool inventory_is_unused(const char *name, const void *userdata) {
        const InventoryUse *use = userdata;
        uint32_t generation, n;
        MapName map;

        if (strcmp(name, INVENTORY_CHECKPOINT_NAME) == 0 || is_hook(name))
                return false;
        if (parse_links(name, &generation, &n))
                return generation != use->generation;
        if (!parse_map(name, &map) || map.set != use->set || map.abi != EXEC_RECORD_ABI)
                return true;
        if (map.kind == MAP_EVENTS)
                return map.number != use->events && map.number != use->older_events;
        if (map.kind == MAP_FAILURES)
                return map.number != use->failures;
        if (map.kind == MAP_LOGS)
                return map.number != use->logs;
        return false;
}
