/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What to make of the descriptors that the service manager inventory, by their names. */

#include "restart/inventory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/record.h"
#include "util/cleanup.h"

#define STRING_OF(x) #x
#define ABI_TEXT(x) STRING_OF(x)
#define ABI ABI_TEXT(EXEC_RECORD_ABI)

/*
 * Names divided by blanks; the first is descriptor 10, and so on. "7=5" behind a set's number: its programs
 * of generation 5 record.
 */
static void kept_of(Inventory *inventory, const char *names, const char *generations) {
        _cleanup_free_ char *copy = strdup(names);
        unsigned set, generation;
        char *rest = copy, *name;
        int fd = 10, used;

        assert_non_null(copy);
        *inventory = INVENTORY_NULL;
        inventory->hooked = strstr(names, INVENTORY_HOOK_PREFIX); /* whole, as whoever adopts them says */
        while ((name = strsep(&rest, " ")))
                if (*name)
                        inventory_add(inventory, name, fd++);
        for (; sscanf(generations, " %u=%u%n", &set, &generation, &used) == 2; generations += used)
                for (size_t i = 0; i < inventory->n_sets; i++)
                        if (inventory->sets[i].number == set)
                                inventory->sets[i].generation = generation;
}

#define SET(n) "events." #n "." #n "." ABI " counters." #n "." #n "." ABI " sequence." #n "." #n "." ABI " "
#define OTHER_SET(n) "events." #n "." #n ".1 counters." #n "." #n ".1 sequence." #n "." #n ".1 "

static void test_names(void **state) {
        char name[INVENTORY_NAME_SIZE];
        Inventory inventory;

        (void) state;
        inventory_name_map(name, MAP_EVENTS, 7, 4294967295U);
        assert_string_equal(name, "events.7.4294967295." ABI);
        kept_of(&inventory, name, "");
        assert_int_equal(inventory.n_sets, 1);
        assert_int_equal(inventory.sets[0].number, 4294967295U);
        assert_int_equal(inventory.sets[0].abi, EXEC_RECORD_ABI);
        assert_int_equal(inventory.sets[0].events.number, 7);

        for (MapKind kind = 0; kind < _MAP_KIND_MAX; kind++) {
                inventory_name_map(name, kind, 2, 2);
                kept_of(&inventory, name, "");
                assert_int_equal(inventory.n_sets, 1);
                for (MapKind other = 0; other < _MAP_KIND_MAX; other++)
                        assert_int_equal(inventory.sets[0].maps.fds[other], other == kind ? 10 : -EBADF);
        }

        kept_of(&inventory, "state links.3.8 links.3.8 links.4.1", "");
        assert_int_equal(inventory.checkpoint_fd, 10);
        assert_int_equal(inventory.n_sets, 0);
        assert_int_equal(inventory.n_links, 2);
        assert_int_equal(inventory.links[0].expected, 8);
        assert_int_equal(inventory.links[0].found, 2);
}

static void test_other_names(void **state) {
        static const char *const names[] = {
                "",
                "stored",
                "seal",
                "State",
                "state2",
                "events",
                "events.1.1",
                "events.1.1." ABI ".1",
                "events.1.1." ABI "x",
                "events.0.1." ABI,
                "events.1.0." ABI,
                "events.x.1." ABI,
                "event.1.1." ABI,
                "thisnameislongerthanany.1.1." ABI,
                ".1.1." ABI,
                "links.1",
                "links.1.2.3",
                "links.1.x",
        };
        Inventory inventory = INVENTORY_NULL;

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                inventory_add(&inventory, names[i], 10);
                assert_int_equal(inventory.n_sets, 0);
                assert_int_equal(inventory.n_links, 0);
                assert_int_equal(inventory.checkpoint_fd, -EBADF);
                assert_true(inventory_is_garbage(names[i], &(Takeover){}));
                assert_true(inventory_is_unused(names[i], &(InventoryUse){ .set = 1 }));
        }
}

/* In whatever order they come. */
static void test_rings(void **state) {
        static const char *const orders[] = {
                "events.1.1." ABI " events.3.1." ABI " counters.1.1." ABI,
                "counters.1.1." ABI " events.3.1." ABI " events.1.1." ABI,
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(orders); i++) {
                Inventory inventory;

                kept_of(&inventory, orders[i], "");
                assert_int_equal(inventory.n_sets, 1);
                assert_int_equal(inventory.sets[0].events.number, 3);
                assert_int_equal(inventory.sets[0].events.older_number, 1);
                assert_int_equal(inventory.sets[0].maps.fds[MAP_EVENTS], 11);
                assert_int_equal(inventory.sets[0].events.older_fd, i == 0 ? 10 : 12);
                assert_false(inventory.sets[0].events.too_many);
                assert_int_equal(inventory.sets[0].logs.older_fd, -EBADF);
                assert_int_equal(inventory.sets[0].maps.fds[MAP_LOGS], -EBADF);
        }
}

/* "S|C1 C2|covered" */
static void decide(
        const char *names, const char *generations, uint32_t saved, bool give_up, const char *expected) {
        char found[128];
        Takeover t;
        Inventory inventory;
        int n;

        kept_of(&inventory, names, generations);
        inventory_decide(&inventory, saved, give_up, &t);
        n = snprintf(found, sizeof(found), "%u|", t.set ? t.set->number : 0);
        for (size_t i = 0; i < t.n_closed; i++)
                n += snprintf(
                        found + n, sizeof(found) - (size_t) n, "%s%u", i > 0 ? " " : "", t.closed[i]->number);
        (void) snprintf(found + n, sizeof(found) - (size_t) n, "|%s", t.covered ? "covered" : "");
        assert_string_equal(found, expected);
}

static void test_decide(void **state) {
        (void) state;
        decide("", "", 0, false, "0||");
        decide("state seal", "", 1, false, "0||");
        /* As ever. */
        decide("state " SET(1) "hook.a", "1=1", 1, false, "1||covered");
        decide("state " SET(1) "links.4.2 hook.a hook.a", "1=5", 1, false, "1||covered");
        /* Nothing was delivered yet. */
        decide("state " SET(1) "hook.a", "1=1", 0, false, "1||covered");
        decide("state " SET(1) "hook.a", "", 0, false, "0||");
        /* Of the hooks something is missing; links are those of other versions. */
        decide("state " SET(1) "links.5.2", "1=5", 1, false, "1||");
        decide("state " SET(1), "1=5", 1, false, "1||");
        decide("state " SET(1) "links.5.1", "1=5", 1, false, "1||");
        /* Given up. */
        decide("state " SET(1) "hook.a", "1=1", 1, true, "0|1|covered");
        /* Made by another version. */
        decide("state " OTHER_SET(1) "links.1.1", "1=1", 1, false, "0|1|covered");
        decide("state " OTHER_SET(1) "links.1.2", "1=1", 1, false, "0|1|");
        decide("state " OTHER_SET(1) "hook.a", "1=1", 1, false, "0|1|");
        decide("state counters.1.1." ABI " hook.a", "1=1", 1, false, "0|1|covered");
        decide("state events.1.1." ABI " events.2.1." ABI " events.3.1." ABI " hook.a", "1=1", 1, false,
                "0|1|covered");
        /* ... which was to be replaced: not yet, by now, and done with. */
        decide("state " OTHER_SET(1) SET(3) "links.1.1 links.3.1", "1=1", 1, false, "0|1|covered");
        decide("state " OTHER_SET(1) SET(3) "links.1.1 hook.a", "1=0 3=3", 1, false, "3|1|covered");
        decide("state " SET(3) OTHER_SET(1) "hook.a", "3=4", 3, false, "3||covered");
        decide("state " OTHER_SET(1) OTHER_SET(3) SET(9) "links.3.1", "3=3", 1, false, "0|1 3|covered");
}

/* Of names divided by blanks those that match, likewise. */
static void assert_matches(bool (*matches)(const char *name, const void *userdata), const void *userdata,
        const char *names, const char *expected) {
        _cleanup_free_ char *copy = strdup(names), *found = calloc(1, strlen(names) + 2);
        char *rest = copy, *name;

        assert_non_null(copy);
        assert_non_null(found);
        while ((name = strsep(&rest, " ")))
                if (matches(name, userdata)) {
                        strcat(found, *found ? " " : "");
                        strcat(found, name);
                }
        assert_string_equal(found, expected);
}

static void test_matches(void **state) {
        static const char names[] = "state seal events.1.1." ABI " events.4.1." ABI " events.5.1." ABI
                                    " logs.1.1." ABI " logs.2.1." ABI " counters.1.1." ABI " counters.1.1.1"
                                    " counters.2.2." ABI " links.3.2 links.4.2 other";
        const InventoryUse use = { .set = 1, .generation = 4, .events = 5, .older_events = 4, .logs = 2 };
        const InventorySet one = { .number = 1, .generation = 3 }, two = { .number = 2, .generation = 9 };

        (void) state;
        assert_matches(inventory_is_old_link, &use, names, "links.3.2");
        assert_matches(inventory_is_unused, &use, names,
                "seal events.1.1." ABI " logs.1.1." ABI " counters.1.1.1 counters.2.2." ABI
                " links.3.2 other");
        assert_matches(inventory_is_garbage, &(Takeover){ .set = &one }, names,
                "seal counters.2.2." ABI " links.4.2 other");
        assert_matches(inventory_is_garbage, &(Takeover){ .set = &two, .closed = { &one }, .n_closed = 1 },
                names, "seal links.4.2 other");
}

static void test_more_than_there_is_room_for(void **state) {
        Inventory inventory = INVENTORY_NULL;
        char name[INVENTORY_NAME_SIZE];
        Takeover t;

        (void) state;
        for (uint32_t i = 1; i < 100; i++) {
                inventory_name_map(name, MAP_EVENTS, i, i);
                inventory_add(&inventory, name, 10);
                (void) snprintf(name, sizeof(name), "links.%u.1", i);
                inventory_add(&inventory, name, 10);
        }
        assert_int_equal(inventory.n_sets, INVENTORY_SETS_MAX);
        assert_int_equal(inventory.n_links, INVENTORY_LINKS_MAX);
        for (size_t i = 0; i < inventory.n_sets; i++)
                inventory.sets[i].generation = inventory.sets[i].number;
        inventory_decide(&inventory, 0, true, &t);
        assert_int_equal(t.n_closed, INVENTORY_SETS_MAX);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_names),
                cmocka_unit_test(test_other_names),
                cmocka_unit_test(test_rings),
                cmocka_unit_test(test_decide),
                cmocka_unit_test(test_matches),
                cmocka_unit_test(test_more_than_there_is_room_for),
        };

        return cmocka_run_group_tests_name("inventory", tests, NULL, NULL);
}
