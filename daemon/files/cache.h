/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "event/event.h"
#include "files/elf.h"
#include "util/cleanup.h"

/*
 * Caches the build-ids of executed files, at most BUILD_ID_CACHE_SIZE of them. Each file belongs to one set
 * of the cache; when that is full, a new file replaces the one of the set that was used least recently. The
 * cache also stores that a file has no build-id. A file that was written to has a new entry, because the time
 * of change is part of the key.
 */
typedef struct BuildIdCache BuildIdCache;

#define BUILD_ID_CACHE_SIZE 4096U

/* Creates an empty cache. Returns 0 or -ENOMEM. */
int build_id_cache_new(BuildIdCache **ret);
BuildIdCache *build_id_cache_free(BuildIdCache *cache);
DEFINE_POINTER_CLEANUP(BuildIdCache *, build_id_cache_free);

/*
 * Finds the entry of the file that is valid at `now_usec`, a time of the same clock as until_usec below.
 * Returns the build-id, which is valid until the next build_id_cache_put() and has the size 0 when the file
 * has none; or NULL when nothing is known.
 */
const BuildId *build_id_cache_find(
        BuildIdCache *cache, const FileIdentity *file, Bytes path, uint64_t now_usec);

/*
 * Stores the build-id of the file until `until_usec` (UINT64_MAX: for ever), and replaces what was known. If
 * `of_path` is set, other files can have the same identity, and the entry is found only with the same path.
 */
void build_id_cache_put(BuildIdCache *cache, const FileIdentity *file, Bytes path, bool of_path,
        uint64_t until_usec, const BuildId *id);
