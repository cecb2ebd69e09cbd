/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Misses are counted as held while they are held, as suppressed and collapsed when they are dropped, and as
 * recorded when they are recorded. So the sum of all counts is right at every moment. Misses whose record is
 * still in the ring are counted in `pending`, which is cleared when these records are taken again.
 */

#include "pipeline/search.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/record.h"

void searches_done(Searches *searches) {
        for (size_t i = 0; i < searches->n; i++)
                free(searches->list[i].record);
        searches->n = searches->size = 0;
        decoder_done(&searches->decoder);
}

static void search_remove(Searches *searches, Search *search) {
        size_t i = (size_t) (search - searches->list);

        free(search->record);
        searches->size -= search->size;
        searches->n--;
        memmove(search, search + 1, (searches->n - i) * sizeof(*search));
}

/* The last miss will never be recorded. */
static void search_count_dropped(const Searches *searches, const Search *search) {
        Totals *totals = search->released ? searches->totals : searches->pending;

        totals->held--;
        totals->suppressed++;
        totals->collapsed++;
}

/* Returns the part after the last slash, which may be empty. */
static Bytes last_component(Bytes path) {
        const char *slash;
        size_t front;

        if (path.size == 0) /* it may be unset */
                return path;
        slash = memrchr(path.data, '/', path.size);
        front = slash ? (size_t) (slash - path.data) + 1 : 0;
        return (Bytes){ .data = path.data + front, .size = path.size - front };
}

/* FNV-1a. Two places with the same hash look like the beginning of another search, which costs one record. */
static uint64_t hash(Bytes bytes) {
        uint64_t sum = UINT64_C(0xcbf29ce484222325);

        for (size_t i = 0; i < bytes.size; i++)
                sum = (sum ^ (unsigned char) bytes.data[i]) * UINT64_C(0x100000001b3);
        return sum;
}

static bool looks_for(const Search *search, Bytes name) {
        return bytes_equal((Bytes){ search->record + search->name_offset, search->name_size }, name);
}

static bool is_same_process(const ProcessIdentity *a, const ProcessIdentity *b) {
        return a->pid == b->pid && a->start_ns == b->start_ns;
}

/* Returns a search of the process that is held: the newest one, or the oldest of those that are older. */
static Search *find(Searches *searches, const ProcessIdentity *process, bool older) {
        for (size_t i = 0; i < searches->n; i++) {
                Search *search = &searches->list[i];

                if (search->state == SEARCH_HELD && search->older == older &&
                        is_same_process(&search->process, process))
                        return search;
        }
        return NULL;
}

static void place_add(Search *search, uint64_t place) {
        search->places[place % SEARCH_PLACES / 64] |= UINT64_C(1) << place % 64;
}

static bool place_was_tried(const Search *search, uint64_t place) {
        return search->places[place % SEARCH_PLACES / 64] >> place % 64 & 1;
}

/* Joins the older searches of the process that have not tried this place with the newest one. */
static void join_older(Searches *searches, const ProcessIdentity *process, uint64_t place) {
        for (size_t i = 0; i < searches->n;) {
                Search *older = &searches->list[i], *search = find(searches, process, false);

                if (!search)
                        return;
                if (older->state != SEARCH_HELD || !older->older ||
                        !is_same_process(&older->process, process) || place_was_tried(older, place)) {
                        i++;
                        continue;
                }
                search->tries += older->tries;
                for (size_t k = 0; k < SEARCH_PLACES / 64; k++)
                        search->places[k] |= older->places[k];
                search_count_dropped(searches, older);
                search_remove(searches, older);
        }
}

/* Notes that the process begins its search anew. Returns 0, or -EBUSY when another search has become due. */
static int begin_anew(Searches *searches, Search *search) {
        Search *oldest = NULL;
        size_t n = 0;

        for (size_t i = 0; i < searches->n; i++) {
                Search *older = &searches->list[i];

                if (older->state != SEARCH_HELD || !older->older ||
                        !is_same_process(&older->process, &search->process))
                        continue;
                if (!oldest)
                        oldest = older;
                n++;
        }
        search->older = true;
        if (!oldest || n < SEARCHES_OLDER_MAX)
                return 0;
        oldest->state = SEARCH_DUE;
        return -EBUSY;
}

bool searches_is_miss(const Searches *searches, const Event *event, size_t size) {
        /* Searches pass complete paths, and no descriptors. */
        return !searches->closed && (event->error == ENOENT || event->error == ENOTDIR) &&
                event->process.pid != 0 && !event->filename_cut &&
                !(event->flags & (EXEC_FLAG_FD | EXEC_FLAG_CHECK | EXEC_FLAG_DIED)) &&
                size <= SEARCHES_SIZE_MAX / 2 && last_component(event->filename).size > 0;
}

void searches_end(Searches *searches, const Event *event) {
        Bytes name = last_component(event->filename);
        Search *search;

        if (searches->n == 0)
                return;
        for (size_t i = 0; i < searches->n; i++) {
                search = &searches->list[i];
                if (search->state == SEARCH_HELD && is_same_process(&search->process, &event->process) &&
                        !looks_for(search, name))
                        search->state = SEARCH_DUE;
        }
        if (event->error != 0)
                return;

        join_older(searches, &event->process, hash(event->filename));
        search = find(searches, &event->process, false);
        if (search) {
                search_count_dropped(searches, search);
                search_remove(searches, search);
        }
        /* Those that are left have tried this place, and the program was not there then. */
        while ((search = find(searches, &event->process, true)))
                search->state = SEARCH_DUE;
}

void searches_end_cgroup(Searches *searches, uint64_t cgroup_id) {
        for (size_t i = 0; i < searches->n; i++)
                if (searches->list[i].state == SEARCH_HELD && searches->list[i].cgroup_id == cgroup_id)
                        searches->list[i].state = SEARCH_DUE;
}

void searches_end_all(Searches *searches, bool close) {
        for (size_t i = 0; i < searches->n; i++)
                if (searches->list[i].state == SEARCH_HELD)
                        searches->list[i].state = SEARCH_DUE;
        searches->closed = searches->closed || close;
}

/*
 * Makes room for a record of `size` bytes, which replaces the record of `search` unless that is NULL. Fails
 * like searches_hold().
 */
static int make_room(Searches *searches, const Search *search, size_t size) {
        size_t others = searches->size - (search ? search->size : 0);
        Search *oldest = NULL;

        if ((search || searches->n < SEARCHES_MAX) && others + size <= SEARCHES_SIZE_MAX)
                return 0;
        for (size_t i = 0; i < searches->n; i++) {
                if (searches->list[i].state != SEARCH_HELD)
                        return -ENOBUFS;
                if (!oldest)
                        oldest = &searches->list[i];
        }
        assert(oldest);
        oldest->state = SEARCH_DUE;
        return -EBUSY;
}

int searches_hold(
        Searches *searches, const Event *event, const void *record, size_t size, uint64_t now_usec) {
        Bytes name = last_component(event->filename);
        uint64_t place = hash(event->filename);
        Search *search;
        char *copy;
        int r;

        join_older(searches, &event->process, place);
        search = find(searches, &event->process, false);
        if (search && search->first == place) {
                r = begin_anew(searches, search);
                if (r < 0)
                        return r;
                search = NULL;
        }
        r = make_room(searches, search, size);
        if (r < 0)
                return r;
        copy = malloc(size);
        if (!copy)
                return -ENOMEM;
        memcpy(copy, record, size);

        if (search) {
                search_count_dropped(searches, search);
                searches->size -= search->size;
                free(search->record);
        } else {
                search = &searches->list[searches->n++];
                *search = (Search){
                        .process = event->process,
                        .end_usec = now_usec + SEARCH_USEC,
                        .first = place,
                };
        }
        searches->size += size;
        search->released = false;
        search->cgroup_id = event->cgroup_id;
        search->tries++;
        place_add(search, place);
        search->seq = event->seq;
        search->record = copy;
        search->size = size;
        search->name_offset = (size_t) (name.data - (const char *) record);
        search->name_size = name.size;
        searches->pending->held++;
        return 0;
}

void searches_passed(Searches *searches, const Event *event) {
        uint64_t place;
        Search *search;

        if (searches->n == 0 || event->error == 0)
                return;
        place = hash(event->filename);
        join_older(searches, &event->process, place);
        search = find(searches, &event->process, false);
        if (!search || !looks_for(search, last_component(event->filename)))
                return;
        search->tries++;
        place_add(search, place);
}

Search *searches_next(Searches *searches, uint64_t now_usec) {
        for (size_t i = 0; i < searches->n; i++) {
                Search *search = &searches->list[i];

                if (search->state == SEARCH_HELD && search->end_usec <= now_usec)
                        search->state = SEARCH_DUE;
                if (search->state == SEARCH_DUE)
                        return search;
        }
        return NULL;
}

void searches_sent(Searches *searches, Search *search, bool recorded) {
        assert(search->state == SEARCH_DUE);
        search->state = SEARCH_SENT;
        searches->pending->held--;
        if (recorded)
                searches->pending->recorded++;
        else
                searches->pending->malformed++;
}

void searches_delivered(Searches *searches) {
        for (size_t i = searches->n; i > 0; i--) {
                Search *search = &searches->list[i - 1];

                search->released = true;
                if (search->state == SEARCH_SENT)
                        search_remove(searches, search);
        }
}

void searches_rewind(Searches *searches) {
        for (size_t i = searches->n; i > 0; i--) {
                Search *search = &searches->list[i - 1];

                if (!search->released)
                        search_remove(searches, search);
                else if (search->state == SEARCH_SENT)
                        search->state = SEARCH_DUE;
        }
}

uint64_t searches_next_usec(const Searches *searches) {
        uint64_t next = UINT64_MAX;

        for (size_t i = 0; i < searches->n; i++) {
                const Search *search = &searches->list[i];

                if (search->state == SEARCH_DUE)
                        return 0;
                if (search->state == SEARCH_HELD && search->end_usec < next)
                        next = search->end_usec;
        }
        return next;
}
