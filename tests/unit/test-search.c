/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/record.h"
#include "pipeline/search.h"

#define NOW 1000000U

typedef struct Case {
        Searches searches;
        Totals totals;
        Totals pending;
        uint64_t taken; /* execs that were handed in */
        uint64_t passed; /* ... of them those that are no misses, and so are recorded at once */
        uint64_t now;
} Case;

static void case_init(Case *c) {
        *c = (Case){ .now = NOW };
        c->searches.totals = &c->totals;
        c->searches.pending = &c->pending;
}

static void case_done(Case *c) {
        searches_done(&c->searches);
}

static uint64_t sum(const Case *c, size_t offset) {
        return *(const uint64_t *) (const void *) ((const char *) &c->totals + offset) +
                *(const uint64_t *) (const void *) ((const char *) &c->pending + offset);
}

#define SUM(c, member) sum(c, offsetof(Totals, member))

/* Every exec is recorded, dropped or held, and what is held is in the list. */
static void check_sum(const Case *c) {
        size_t held = 0;

        for (size_t i = 0; i < c->searches.n; i++)
                held += c->searches.list[i].state != SEARCH_SENT;
        assert_int_equal(SUM(c, held), held);
        assert_int_equal(SUM(c, suppressed), SUM(c, collapsed));
        assert_int_equal(SUM(c, recorded) + SUM(c, suppressed) + SUM(c, held) + c->passed, c->taken);
}

/* The sink takes what is due; its name and tries, one behind the other, are appended to `out`. */
static void send_due(Case *c, char *out) {
        Search *search;

        while ((search = searches_next(&c->searches, c->now))) {
                if (out)
                        (void) sprintf(out + strlen(out), "%.*s:%u ", (int) search->size, search->record,
                                search->tries);
                searches_sent(&c->searches, search, true);
        }
}

static void deliver(Case *c) {
        searches_delivered(&c->searches);
        c->totals.recorded += c->pending.recorded;
        c->totals.suppressed += c->pending.suppressed;
        c->totals.collapsed += c->pending.collapsed;
        c->totals.held += c->pending.held;
        c->pending = (Totals){};
}

/* A record of this test is the filename alone. */
static int take(Case *c, uint32_t pid, const char *filename, uint32_t error, char *out) {
        Event event = {
                .process = { pid, pid },
                .cgroup_id = pid % 3,
                .error = error,
                .filename = bytes_of_string(filename),
        };
        int r = 0;

        searches_end(&c->searches, &event);
        send_due(c, out);
        if (searches_is_miss(&c->searches, &event, strlen(filename))) {
                while ((r = searches_hold(&c->searches, &event, filename, strlen(filename), c->now)) ==
                        -EBUSY)
                        send_due(c, out);
                if (r < 0)
                        return r;
        } else {
                searches_passed(&c->searches, &event);
                c->passed++;
        }
        c->taken++;
        check_sum(c);
        return 0;
}

/* Words "PID/PATH" with "!" behind a miss, "-" behind a refusal; "." delivers, "+" lets a second pass. */
static void run(Case *c, const char *words, char *out) {
        char copy[400], *save = NULL;

        strcpy(copy, words);
        for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
                char last = word[strlen(word) - 1];

                if (last == '!' || last == '-')
                        word[strlen(word) - 1] = '\0';
                if (strcmp(word, ".") == 0)
                        deliver(c);
                else if (strcmp(word, "+") == 0) {
                        c->now += SEARCH_USEC;
                        send_due(c, out);
                } else
                        assert_int_equal(take(c, (uint32_t) (word[0] - '0'), word + 1,
                                                 last == '!'           ? ENOENT
                                                         : last == '-' ? EACCES
                                                                       : 0,
                                                 out),
                                0);
                check_sum(c);
        }
}

static void test_searches(void **state) {
        static const struct {
                const char *execs, *recorded;
                uint64_t dropped;
        } table[] = {
                { "1/a/x! 1/b/x! 1/c/x", "", 2 }, /* found */
                { "1/a/x! 1/b/x! 1/c/x! +", "/c/x:3 ", 2 }, /* found nothing */
                { "1/a/x! +", "/a/x:1 ", 0 }, { "1x! 1./x! +", "./x:2 ", 1 },
                { "1/a/x! 1/b/y", "/a/x:1 ", 0 }, /* another name, which runs, or is missed */
                { "1/a/x! 1/a/y! 1/b/y! 1/c/y", "/a/x:1 ", 2 },
                { "1/a/x! 1/b/x! 1/a/x! 1/b/x! +", "/b/x:2 /b/x:2 ", 2 }, /* once more from the beginning */
                { "1/a/x! 1/a/x! 1/a/x! +", "/a/x:1 /a/x:1 /a/x:1 ", 0 },
                { "1/a/x! 1/a/x! 1/c/x", "", 2 }, /* a directory twice, the first one, and found */
                { "1/a/x! . 1/a/x! . 1/c/x", "", 2 }, { "1/a/x! 1/a/x! 1/a/x! 1/b/x! 1/c/x", "", 4 },
                { "1/a/x! 1/b/x! 1/a/x! 1/c/x", "", 3 },
                { "1/a/x! 1/b/x! 1/a/x! 1/c/x! 1/a/x! 1/d/x", "", 5 },
                { "1/a/x! 1/a/x! 1/c/x! +", "/c/x:3 ", 2 }, /* ... and not found: one search */
                { "1/a/x! 1/a/x! 1/c/x- 1/d/x! +", "/d/x:4 ", 2 },
                { "1/a/x! 1/b/x! 1/a/x! 1/b/x", "/b/x:2 ", 2 }, /* it was not there the first time */
                { "1/a/x! 1/a/x! 1/a/x", "/a/x:1 ", 1 },
                { "1/a/x! 1/a/x! 1/a/y! 1/b/y", "/a/x:1 /a/x:1 ", 1 }, /* another name ends both */
                { "1/a/x! 1/a/x! 1/a/x! 1/a/x! 1/a/x! 1/a/x! 1/b/x", "/a/x:1 ", 5 }, /* too many */
                { "1/a/x! 2/a/x! 1/a/x! 2/a/x! 1/b/x 2/b/x! +", "/b/x:3 ", 4 },
                { "1/a/x! 1/b/x- 1/c/x! 1/d/x", "",
                        2 }, /* refused: that is a record of its own, and a place */
                { "1/a/x! 1/b/x- 1/c/x! +", "/c/x:3 ", 1 }, { "1/b/x- +", "", 0 },
                { "1/a/x! 2/a/x! 1/b/x! 2/b/x 1/c/x! +", "/c/x:3 ", 3 }, /* two at once */
                { "1/a/x! 2/a/y! 3/a/z! 3/b/z 2/b/y! 1/b/x +", "/b/y:2 ", 3 },
                { "1/a/x! + 1/b/x", "/a/x:1 ", 0 }, /* too late */
                { "1/a/xy! 1/b/x", "/a/xy:1 ", 0 }, /* names are compared whole */
                { "1/a/x! 1/b/xy", "/a/x:1 ", 0 }, { "1/a/! 1/a/", "", 0 }, /* no name: no search */
        };

        (void) state;
        for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
                for (unsigned deliver_mask = 0; deliver_mask < 16; deliver_mask++) {
                        char words[400] = "", copy[400], out[400] = "", *save = NULL;
                        unsigned k = 0;
                        Case c;

                        /* Wherever what was taken is delivered meanwhile. */
                        strcpy(copy, table[i].execs);
                        for (char *word = strtok_r(copy, " ", &save); word;
                                word = strtok_r(NULL, " ", &save)) {
                                strcat(strcat(words, word), " ");
                                if (deliver_mask >> (k++ % 4) & 1)
                                        strcat(words, ". ");
                        }
                        case_init(&c);
                        run(&c, words, out);
                        deliver(&c);
                        check_sum(&c);
                        assert_string_equal(out, table[i].recorded);
                        assert_int_equal(c.totals.collapsed, table[i].dropped);
                        assert_int_equal(c.totals.held, 0);
                        assert_int_equal(c.searches.n, 0);
                        assert_int_equal(c.searches.size, 0);
                        case_done(&c);
                }
}

static void test_what_is_no_miss(void **state) {
        static const Event miss = { .process = { 1, 1 }, .error = ENOENT, .filename = BYTES_LITERAL("/a/x") };
        Event event;
        Case c;

        (void) state;
        case_init(&c);
        assert_true(searches_is_miss(&c.searches, &miss, 100));
        assert_false(searches_is_miss(&c.searches, &miss, SEARCHES_SIZE_MAX));
        event = miss;
        event.error = ENOTDIR;
        assert_true(searches_is_miss(&c.searches, &event, 100));
        event.error = ENOEXEC;
        assert_false(searches_is_miss(&c.searches, &event, 100));
        event.error = 0;
        assert_false(searches_is_miss(&c.searches, &event, 100));
        event = miss;
        event.flags = EXEC_FLAG_FD;
        assert_false(searches_is_miss(&c.searches, &event, 100));
        event = miss;
        event.filename_cut = true;
        assert_false(searches_is_miss(&c.searches, &event, 100));
        event = miss;
        event.filename = BYTES_NULL;
        assert_false(searches_is_miss(&c.searches, &event, 100));
        searches_end_all(&c.searches, true);
        assert_false(searches_is_miss(&c.searches, &miss, 100));
}

/* More than are held: the oldest are recorded, and what they wait for is not forgotten. */
static void test_many(void **state) {
        uint64_t n_full = 0;
        Case c;

        (void) state;
        case_init(&c);
        for (uint32_t pid = 1; pid <= 3 * SEARCHES_MAX; pid++) {
                int r;

                while ((r = take(&c, pid, "/a/x", ENOENT, NULL)) == -ENOBUFS) {
                        n_full++;
                        deliver(&c);
                }
                assert_int_equal(r, 0);
                assert_true(c.searches.n <= SEARCHES_MAX);
        }
        assert_true(n_full > 0);
        assert_int_equal(SUM(&c, recorded), 2 * SEARCHES_MAX);
        deliver(&c);
        /* The newest are still held, each with its own process. */
        for (uint32_t pid = 2 * SEARCHES_MAX + 1; pid <= 3 * SEARCHES_MAX; pid++)
                assert_int_equal(take(&c, pid, "/b/x", 0, NULL), 0);
        deliver(&c);
        assert_int_equal(c.totals.collapsed, SEARCHES_MAX);
        assert_int_equal(c.searches.n, 0);
        case_done(&c);
}

static void test_large(void **state) {
        enum {
                SIZE = SEARCHES_SIZE_MAX / 2
        };
        static char name[SIZE + 1];
        Case c;

        (void) state;
        memset(name, 'x', SIZE);
        name[0] = name[2] = '/';
        case_init(&c);
        for (uint32_t i = 0; i < 20; i++) {
                int r;

                name[1] = i % 2 ? 'y' : 'x'; /* two places for each process */
                while ((r = take(&c, i / 2 + 1, name, ENOTDIR, NULL)) == -ENOBUFS)
                        deliver(&c);
                assert_int_equal(r, 0);
                assert_true(c.searches.size <= SEARCHES_SIZE_MAX);
        }
        c.now += SEARCH_USEC;
        send_due(&c, NULL);
        deliver(&c);
        check_sum(&c);
        assert_int_equal(c.totals.recorded + c.totals.collapsed, 20);
        assert_true(c.totals.collapsed > 5);
        assert_int_equal(c.searches.size, 0);
        case_done(&c);
}

static void test_ends(void **state) {
        char out[400] = "";
        Case c;

        (void) state;
        case_init(&c);
        assert_true(searches_next_usec(&c.searches) == UINT64_MAX);
        run(&c, "1/a/x! 1/b/x! 2/a/y!", out);
        c.now += SEARCH_USEC / 2;
        run(&c, "3/a/z! 2/b/y!", out);
        assert_string_equal(out, "");
        assert_int_equal(searches_next_usec(&c.searches), NOW + SEARCH_USEC); /* from the first miss on */
        searches_end_cgroup(&c.searches, 2);
        assert_int_equal(searches_next_usec(&c.searches), 0);
        send_due(&c, out);
        assert_string_equal(out, "/b/y:2 ");
        c.now = NOW + SEARCH_USEC;
        send_due(&c, out);
        assert_string_equal(out, "/b/y:2 /b/x:2 ");
        assert_int_equal(searches_next_usec(&c.searches), NOW + SEARCH_USEC / 2 + SEARCH_USEC);
        searches_end_all(&c.searches, false);
        run(&c, "4/a/w!", out);
        assert_string_equal(out, "/b/y:2 /b/x:2 /a/z:1 ");
        check_sum(&c);
        case_done(&c);
}

/* What the sink has lost is recorded once more; what comes out of the ring again is not counted twice. */
static void test_rewind(void **state) {
        char out[400] = "";
        Case c;

        (void) state;
        case_init(&c);
        run(&c, "1/a/x! 2/a/y! . 1/b/z 2/b/y! 3/a/w!", out);
        assert_string_equal(out, "/a/x:1 ");
        searches_rewind(&c.searches);
        c.taken = 2; /* those that are released */
        c.passed = 0;
        c.pending = (Totals){};
        run(&c, "1/b/z 2/b/y! 3/a/w! +", out);
        deliver(&c);
        check_sum(&c);
        assert_int_equal(c.totals.recorded, 3);
        assert_int_equal(c.totals.collapsed, 1);
        assert_int_equal(c.totals.held, 0);
        case_done(&c);
}

static uint32_t random_number(uint64_t *state) {
        *state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
        return (uint32_t) (*state >> 33);
}

/* Many processes at once, in any order, against what each of them comes to by itself. */
static void test_interleaved(void **state) {
        enum {
                N = 40,
                STEPS = 8
        };
        uint64_t seed = 20251128;

        (void) state;
        for (size_t round = 0; round < 300; round++) {
                unsigned length[N], at[N] = {}, left = 0, found = 0;
                bool finds[N];
                Case c;

                case_init(&c);
                for (size_t i = 0; i < N; i++) {
                        length[i] = 1 + random_number(&seed) % STEPS;
                        finds[i] = random_number(&seed) % 2;
                        left += length[i];
                        found += finds[i];
                }
                while (left > 0) {
                        size_t i = random_number(&seed) % N;
                        char path[] = "/a/prog";

                        if (at[i] == length[i])
                                continue;
                        path[1] = (char) ('a' + at[i]++);
                        assert_int_equal(take(&c, (uint32_t) i + 1, path,
                                                 at[i] == length[i] && finds[i] ? 0 : ENOENT, NULL),
                                0);
                        left--;
                        if (random_number(&seed) % 5 == 0)
                                deliver(&c);
                }
                c.now += SEARCH_USEC;
                send_due(&c, NULL);
                deliver(&c);
                check_sum(&c);
                assert_int_equal(c.totals.recorded, N - found);
                assert_int_equal(c.passed, found);
                assert_int_equal(c.searches.n, 0);
                case_done(&c);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_searches),
                cmocka_unit_test(test_what_is_no_miss),
                cmocka_unit_test(test_many),
                cmocka_unit_test(test_large),
                cmocka_unit_test(test_ends),
                cmocka_unit_test(test_rewind),
                cmocka_unit_test(test_interleaved),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
