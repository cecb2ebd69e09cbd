/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A path is read once, when its cgroup is made: an exec costs one look into a hash table. What is kept are the
 * cgroups that there are, and a fixed number of those that are gone.
 */

#include "cgroup/tree.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cgroup/walk.h"
#include "event/lineage.h"

#define BUCKET_BITS_MIN 8

/* What a path ends with that is too long. */
#define CUT "/..."

typedef struct Entry {
        uint64_t id;
        struct Entry *next; /* in its bucket */
        struct Entry *older, *newer; /* among those that are gone */
        bool gone;
        bool cut; /* the path ends with CUT */
        uint64_t walk; /* the last one that came by, or before which it was added */
        CgroupPlace place;
        char text
                []; /* what `place` points into: the path, and CGROUP_MACHINE_MAX bytes if it has a backslash */
} Entry;

struct CgroupCache {
        Entry **buckets;
        unsigned bits; /* there are 2^bits buckets */
        size_t n_entries;
        Entry *oldest, *newest; /* of those that are gone */
        size_t n_gone;
        uint64_t walk; /* counts them */
};

static Entry **bucket_of(Entry **buckets, unsigned bits, uint64_t id) {
        return buckets + ((id * UINT64_C(0x9e3779b97f4a7c15)) >> (64 - bits));
}

/* Where the pointer to the entry is; to NULL when there is none. */
static Entry **find(const CgroupCache *cache, uint64_t id) {
        Entry **link = bucket_of(cache->buckets, cache->bits, id);

        while (*link && (*link)->id != id)
                link = &(*link)->next;
        return link;
}

int cgroup_cache_new(CgroupCache **ret) {
        _cleanup_(cgroup_cache_freep) CgroupCache *cache = calloc(1, sizeof(*cache));

        if (!cache)
                return -ENOMEM;
        cache->bits = BUCKET_BITS_MIN;
        cache->buckets = calloc((size_t) 1 << cache->bits, sizeof(*cache->buckets));
        if (!cache->buckets)
                return -ENOMEM;
        *ret = TAKE_PTR(cache);
        return 0;
}

CgroupCache *cgroup_cache_free(CgroupCache *cache) {
        if (!cache)
                return NULL;
        for (size_t i = 0; cache->buckets && i < (size_t) 1 << cache->bits; i++)
                while (cache->buckets[i]) {
                        Entry *entry = cache->buckets[i];

                        cache->buckets[i] = entry->next;
                        free(entry);
                }
        free(cache->buckets);
        free(cache);
        return NULL;
}

/* Twice as many buckets. Without memory for them all goes on, a little slower. */
static void grow(CgroupCache *cache) {
        Entry **buckets = calloc((size_t) 2 << cache->bits, sizeof(*buckets));

        if (!buckets)
                return;
        for (size_t i = 0; i < (size_t) 1 << cache->bits; i++)
                while (cache->buckets[i]) {
                        Entry *entry = cache->buckets[i], **to;

                        cache->buckets[i] = entry->next;
                        to = bucket_of(buckets, cache->bits + 1, entry->id);
                        entry->next = *to;
                        *to = entry;
                }
        free(cache->buckets);
        cache->buckets = buckets;
        cache->bits++;
}

static void mark_gone(CgroupCache *cache, Entry *entry) {
        entry->gone = true;
        entry->older = cache->newest;
        *(cache->newest ? &cache->newest->newer : &cache->oldest) = entry;
        cache->newest = entry;
        cache->n_gone++;
}

static void unmark_gone(CgroupCache *cache, Entry *entry) {
        *(entry->older ? &entry->older->newer : &cache->oldest) = entry->newer;
        *(entry->newer ? &entry->newer->older : &cache->newest) = entry->older;
        entry->older = entry->newer = NULL;
        entry->gone = false;
        cache->n_gone--;
}

/* Takes the entry that *link points to away. */
static void drop(CgroupCache *cache, Entry **link) {
        Entry *entry = *link;

        assert(entry);
        if (entry->gone)
                unmark_gone(cache, entry);
        *link = entry->next;
        cache->n_entries--;
        free(entry);
}

static void drop_oldest(CgroupCache *cache) {
        while (cache->n_gone > CGROUP_GONE_MAX) {
                Entry **link = find(cache, cache->oldest->id);

                assert(*link == cache->oldest);
                drop(cache, link);
        }
}

/* The path is `path` and CUT behind it, if it is cut. */
static Entry *entry_new(uint64_t id, Bytes path, bool cut) {
        bool escapes = path.size > 0 && memchr(path.data, '\\', path.size);
        Bytes end = cut ? BYTES_LITERAL(CUT) : BYTES_NULL;
        Entry *entry = malloc(sizeof(*entry) + path.size + end.size + (escapes ? CGROUP_MACHINE_MAX : 0));

        if (!entry)
                return NULL;
        *entry = (Entry){ .id = id, .cut = cut };
        if (path.size > 0)
                memcpy(entry->text, path.data, path.size);
        if (end.size > 0)
                memcpy(entry->text + path.size, end.data, end.size);
        path = (Bytes){ entry->text, path.size + end.size };
        cgroup_path_parse(path, entry->text + path.size, &entry->place);
        return entry;
}

static int add(CgroupCache *cache, uint64_t id, Bytes path, bool cut) {
        Entry *entry = entry_new(id, path, cut), **link;

        if (!entry)
                return -ENOMEM;
        entry->walk = cache->walk;

        link = find(cache, id);
        if (*link)
                drop(cache, link);
        else if (cache->n_entries >= (size_t) 1 << cache->bits) {
                grow(cache);
                link = find(cache, id);
        }
        entry->next = *link;
        *link = entry;
        cache->n_entries++;
        return 0;
}

/* As much of the path as is kept of one that is cut. */
static Bytes front_of(Bytes path) {
        const char *slash;

        path.size = CGROUP_PATH_MAX - sizeof(CUT);
        slash = memrchr(path.data, '/', path.size + 1);
        return (Bytes){ path.data, slash ? (size_t) (slash - path.data) : path.size };
}

int cgroup_cache_add(CgroupCache *cache, uint64_t id, Bytes path) {
        bool cut = path.size >= CGROUP_PATH_MAX;

        return add(cache, id, cut ? front_of(path) : path, cut);
}

/* The path of the known ancestor without its last slash, and how many bytes the path of the whole lineage has. */
static const Entry *known_ancestor(
        const CgroupCache *cache, Bytes lineage, Bytes *ret_path, size_t *ret_size) {
        size_t size = 0;
        uint64_t parent;
        Bytes name;

        while (lineage_next(&lineage, &name, &parent)) {
                const Entry *entry = *find(cache, parent);

                size += 1 + name.size;
                if (!entry || !bytes_is_set(entry->place.path))
                        continue;
                *ret_path = entry->place.path;
                if (ret_path->size == 1) /* the root */
                        ret_path->size = 0;
                *ret_size = ret_path->size + size;
                return entry;
        }
        return NULL;
}

/* What lies behind the end of `path` is left out. */
static void write_at(char *path, size_t at, Bytes text) {
        if (at < CGROUP_PATH_MAX)
                memcpy(path + at, text.data,
                        text.size < CGROUP_PATH_MAX - at ? text.size : CGROUP_PATH_MAX - at);
}

int cgroup_cache_learn(CgroupCache *cache, uint64_t id, Bytes lineage) {
        char path[CGROUP_PATH_MAX];
        Bytes prefix, name;
        size_t size, at;
        uint64_t parent;
        const Entry *ancestor = known_ancestor(cache, lineage, &prefix, &size);

        if (!ancestor)
                return -ENOENT;
        if (ancestor->cut)
                return add(cache, id, (Bytes){ prefix.data, prefix.size - strlen(CUT) }, true);

        memcpy(path, prefix.data, prefix.size);
        for (at = size; at > prefix.size && lineage_next(&lineage, &name, &parent);) {
                at -= name.size;
                write_at(path, at, name);
                at--;
                write_at(path, at, BYTES_LITERAL("/"));
        }
        return cgroup_cache_add(cache, id, (Bytes){ path, size });
}

void cgroup_cache_remove(CgroupCache *cache, uint64_t id) {
        Entry *entry = *find(cache, id);

        if (!entry || entry->gone)
                return;
        mark_gone(cache, entry);
        drop_oldest(cache);
}

static int see(void *userdata, uint64_t id, Bytes path) {
        CgroupCache *cache = userdata;
        Entry *entry = *find(cache, id);

        if (!entry || entry->gone)
                return cgroup_cache_add(cache, id, path);
        entry->walk = cache->walk;
        return 0;
}

int cgroup_cache_walk(CgroupCache *cache, int root_fd, const char *root_path) {
        int r;

        cache->walk++;
        r = cgroup_tree_walk(root_fd, root_path, see, cache);
        if (r < 0)
                return r;

        for (size_t i = 0; i < (size_t) 1 << cache->bits; i++)
                for (Entry *entry = cache->buckets[i]; entry; entry = entry->next)
                        if (!entry->gone && entry->walk != cache->walk &&
                                cgroup_tree_lacks(root_fd, root_path, entry->place.path, entry->id))
                                mark_gone(cache, entry);
        drop_oldest(cache);
        return 0;
}

void cgroup_cache_visit(const CgroupCache *cache, CgroupVisit visit, void *userdata) {
        for (size_t i = 0; i < (size_t) 1 << cache->bits; i++)
                for (const Entry *entry = cache->buckets[i]; entry; entry = entry->next)
                        if (!entry->gone)
                                visit(userdata, entry->id, &entry->place);
}

bool cgroup_cache_find(const CgroupCache *cache, uint64_t id, CgroupPlace *ret) {
        const Entry *entry = *find(cache, id);

        if (!entry)
                return false;
        *ret = entry->place;
        return true;
}
