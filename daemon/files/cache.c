/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The cache is set-associative: the identity of a file selects a set, and the file can only be in that set.
 * So there are no links, and the memory does not grow.
 */

#include "files/cache.h"

#include <errno.h>
#include <stdlib.h>

#define WAYS 8U
#define SETS (BUILD_ID_CACHE_SIZE / WAYS)

typedef struct Entry {
        FileIdentity file; /* if not known, the entry is empty */
        bool of_path;
        uint64_t path_hash; /* compared if of_path is set */
        uint64_t until_usec;
        uint64_t used; /* larger than that of each entry that was used before this one */
        BuildId id;
} Entry;

struct BuildIdCache {
        uint64_t uses;
        Entry sets[SETS][WAYS];
};

int build_id_cache_new(BuildIdCache **ret) {
        BuildIdCache *cache = calloc(1, sizeof(*cache));

        if (!cache)
                return -ENOMEM;
        *ret = cache;
        return 0;
}

BuildIdCache *build_id_cache_free(BuildIdCache *cache) {
        free(cache);
        return NULL;
}

static Entry *set_of(BuildIdCache *cache, const FileIdentity *file) {
        uint64_t mixed = file->inode ^ (uint64_t) file->ctime_ns ^ (uint64_t) file->device << 32;

        return cache->sets[(mixed * UINT64_C(0x9e3779b97f4a7c15) >> 32) % SETS];
}

/* FNV-1a. */
static uint64_t hash(Bytes path) {
        uint64_t h = UINT64_C(0xcbf29ce484222325);

        for (size_t i = 0; i < path.size; i++)
                h = (h ^ (unsigned char) path.data[i]) * UINT64_C(0x100000001b3);
        return h;
}

static bool is_of(const Entry *entry, const FileIdentity *file, Bytes path) {
        return file_identity_equal(&entry->file, file) && (!entry->of_path || entry->path_hash == hash(path));
}

const BuildId *build_id_cache_find(
        BuildIdCache *cache, const FileIdentity *file, Bytes path, uint64_t now_usec) {
        Entry *set = set_of(cache, file);

        for (size_t i = 0; i < WAYS; i++)
                if (is_of(set + i, file, path)) {
                        if (set[i].until_usec <= now_usec)
                                return NULL;
                        set[i].used = ++cache->uses;
                        return &set[i].id;
                }
        return NULL;
}

void build_id_cache_put(BuildIdCache *cache, const FileIdentity *file, Bytes path, bool of_path,
        uint64_t until_usec, const BuildId *id) {
        Entry *set = set_of(cache, file), *entry = set;

        for (size_t i = 0; i < WAYS; i++) {
                if (is_of(set + i, file, path)) {
                        entry = set + i;
                        break;
                }
                if (set[i].used < entry->used)
                        entry = set + i;
        }
        *entry = (Entry){
                .file = *file,
                .of_path = of_path,
                .path_hash = of_path ? hash(path) : 0,
                .until_usec = until_usec,
                .used = ++cache->uses,
                .id = *id,
        };
}
