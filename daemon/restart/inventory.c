/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "restart/inventory.h"

#include <stdio.h>
#include <string.h>

#include "bpf/record.h"

/* Names: "events.7.2.3", ring number 7 of set 2 and of ABI 3; "links.7.8", 8 links of generation 7. */

void kept_name_map(char ret[static KEPT_NAME_SIZE], MapKind kind, uint32_t number, uint32_t set) {
        (void) snprintf(ret, KEPT_NAME_SIZE, "%s.%u.%u.%u", map_kind_to_string(kind), number, set,
                (unsigned) EXEC_RECORD_ABI);
}

void kept_name_links(char ret[static KEPT_NAME_SIZE], uint32_t generation, size_t n) {
        (void) snprintf(ret, KEPT_NAME_SIZE, "links.%u.%zu", generation, n);
}

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

static KeptSet *find_set(Kept *kept, const MapName *name) {
        size_t i = 0;

        while (i < kept->n_sets && kept->sets[i].number < name->set)
                i++;
        if (i < kept->n_sets && kept->sets[i].number == name->set)
                return kept->sets + i;
        if (kept->n_sets == KEPT_SETS_MAX)
                return NULL;
        memmove(kept->sets + i + 1, kept->sets + i, (kept->n_sets - i) * sizeof(*kept->sets));
        kept->n_sets++;
        kept->sets[i] = (KeptSet){
                .number = name->set,
                .abi = name->abi,
                .maps = MAP_SET_NULL,
                .events.older_fd = -EBADF,
                .logs.older_fd = -EBADF,
        };
        return kept->sets + i;
}

static void add_ring(KeptRings *rings, int *newest_fd, uint32_t number, int fd) {
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

static void add_map(Kept *kept, const MapName *name, int fd) {
        KeptSet *set = find_set(kept, name);
        int *place;

        if (!set)
                return;
        place = &set->maps.fds[name->kind];
        if (name->kind == MAP_EVENTS)
                add_ring(&set->events, place, name->number, fd);
        else if (name->kind == MAP_LOGS)
                add_ring(&set->logs, place, name->number, fd);
        else
                *place = fd;
}

static void add_link(Kept *kept, uint32_t generation, uint32_t expected) {
        for (size_t i = 0; i < kept->n_links; i++)
                if (kept->links[i].generation == generation) {
                        kept->links[i].found++;
                        return;
                }
        if (kept->n_links < KEPT_LINKS_MAX)
                kept->links[kept->n_links++] = (struct KeptLinks){
                        .generation = generation,
                        .expected = expected,
                        .found = 1,
                };
}

void kept_add(Kept *kept, const char *name, int fd) {
        uint32_t generation, n;
        MapName map;

        if (strcmp(name, KEPT_STATE_NAME) == 0)
                kept->state_fd = fd;
        else if (parse_links(name, &generation, &n))
                add_link(kept, generation, n);
        else if (parse_map(name, &map))
                add_map(kept, &map, fd);
}

/* Whether the programs that record into the set are all attached still. */
static bool is_covered(const Kept *kept, const KeptSet *set) {
        for (size_t i = 0; i < kept->n_links; i++)
                if (kept->links[i].generation == set->generation)
                        return kept->links[i].found == kept->links[i].expected;
        return false;
}

/* Whether a process of this version can read the set's records. */
static bool is_usable(const KeptSet *set) {
        return set->abi == EXEC_RECORD_ABI && set->maps.fds[MAP_EVENTS] >= 0 && !set->events.too_many &&
                !set->logs.too_many;
}

void kept_decide(const Kept *kept, uint32_t saved, bool give_up, Takeover *ret) {
        const KeptSet *last = NULL;

        *ret = (Takeover){};
        for (size_t i = 0; i < kept->n_sets; i++) {
                const KeptSet *set = kept->sets + i;

                if (set->number < saved || (set->number > saved && set->generation == 0))
                        continue;
                if (last)
                        ret->closed[ret->n_closed++] = last;
                last = set;
        }
        if (!last)
                return;
        ret->covered = is_covered(kept, last);
        ret->set = last;
        if (give_up || !is_usable(last))
                takeover_give_up(ret);
}

void takeover_give_up(Takeover *t) {
        t->closed[t->n_closed++] = t->set;
        t->set = NULL;
}

static bool is_of(const KeptSet *set, const MapName *map, uint32_t generation) {
        if (!set)
                return false;
        return map ? set->number == map->set : set->generation == generation;
}

bool kept_is_garbage(const char *name, const void *userdata) {
        const Takeover *takeover = userdata;
        uint32_t generation = 0, n;
        bool is_map = false;
        MapName map;

        if (strcmp(name, KEPT_STATE_NAME) == 0)
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

bool kept_is_old_link(const char *name, const void *userdata) {
        const KeptUse *use = userdata;
        uint32_t generation, n;

        return parse_links(name, &generation, &n) && generation != use->generation;
}

bool kept_is_unused(const char *name, const void *userdata) {
        const KeptUse *use = userdata;
        uint32_t generation, n;
        MapName map;

        if (strcmp(name, KEPT_STATE_NAME) == 0)
                return false;
        if (parse_links(name, &generation, &n))
                return generation != use->generation;
        if (!parse_map(name, &map) || map.set != use->set || map.abi != EXEC_RECORD_ABI)
                return true;
        if (map.kind == MAP_EVENTS)
                return map.number != use->events && map.number != use->older_events;
        if (map.kind == MAP_LOGS)
                return map.number != use->logs;
        return false;
}
