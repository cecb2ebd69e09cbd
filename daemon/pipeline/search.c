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
        const char *slash = path.size > 0 ? memrchr(path.data, '/', path.size) : NULL;
        size_t front = slash ? (size_t) (slash - path.data) + 1 : 0;

        return (Bytes){ .data = path.data + front, .size = path.size - front };
}

/* FNV-1a. Two places with the same hash look like the begin of another search, which costs one record. */
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

static Search *find(Searches *searches, const ProcessIdentity *process) {
        for (size_t i = 0; i < searches->n; i++) {
                Search *search = &searches->list[i];

                if (search->state == SEARCH_HELD && is_same_process(&search->process, process))
                        return search;
        }
        return NULL;
}

bool searches_is_miss(const Searches *searches, const Event *event, size_t size) {
        /* Searches pass complete paths, and no descriptors. */
        return !searches->closed && (event->error == ENOENT || event->error == ENOTDIR) &&
                event->process.pid != 0 && !event->filename_cut &&
                !(event->flags & (EXEC_FLAG_FD | EXEC_FLAG_CHECK | EXEC_FLAG_DIED)) &&
                size <= SEARCHES_SIZE_MAX / 2 && last_component(event->filename).size > 0;
}

void searches_end(Searches *searches, const Event *event) {
        Search *search = searches->n > 0 ? find(searches, &event->process) : NULL;
        bool same;

        if (!search)
                return;
        same = looks_for(search, last_component(event->filename));
        if (!same)
                search->state = SEARCH_DUE;
        else if (event->error == 0) {
                search_count_dropped(searches, search);
                search_remove(searches, search);
        }
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
        Search *search = find(searches, &event->process);
        Bytes name = last_component(event->filename);
        uint64_t place = hash(event->filename);
        char *copy;
        int r;

        if (search && search->first == place) { /* it begins anew */
                search->state = SEARCH_DUE;
                return -EBUSY;
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
        search->seq = event->seq;
        search->record = copy;
        search->size = size;
        search->name_offset = (size_t) (name.data - (const char *) record);
        search->name_size = name.size;
        searches->pending->held++;
        return 0;
}

void searches_passed(Searches *searches, const Event *event) {
        Search *search = searches->n > 0 && event->error != 0 ? find(searches, &event->process) : NULL;

        if (search && looks_for(search, last_component(event->filename)))
                search->tries++;
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
