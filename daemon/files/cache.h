/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "event/event.h"
#include "files/elf.h"
#include "util/cleanup.h"

/*
 * The build-ids of the files that were executed lately, at most BUILD_ID_CACHE_SIZE of them: those that
 * were not seen for longest make room. That a file has none is kept, too. A file that is written to is
 * another one: its time of change belongs to the key.
 */
typedef struct BuildIdCache BuildIdCache;

#define BUILD_ID_CACHE_SIZE 4096U

/* 0 or -ENOMEM. */
int build_id_cache_new(BuildIdCache **ret);
BuildIdCache *build_id_cache_free(BuildIdCache *cache);
DEFINE_POINTER_CLEANUP(BuildIdCache *, build_id_cache_free);

/*
 * What is known of this file at `now_usec` (of the clock that until_usec is of), or NULL. It holds until
 * something is put into the cache.
 */
const BuildId *build_id_cache_find(
        BuildIdCache *cache, const FileIdentity *file, Bytes path, uint64_t now_usec);

/*
 * Keeps what was found out, in the place of what was known, until `until_usec` (UINT64_MAX: for ever). With
 * `of_path` the identity does not tell the file from all others, and what is known holds under that path
 * only.
 */
void build_id_cache_put(BuildIdCache *cache, const FileIdentity *file, Bytes path, bool of_path,
        uint64_t until_usec, const BuildId *id);
