/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "users/question.h"
#include "util/bytes.h"
#include "util/cleanup.h"

/*
 * Caches the names of user ids, for records. Users in passwd(5) are read from that file. For any other id a
 * question is sent, one at a time. The record waits until the question is answered or given up, and no later
 * record is taken meanwhile. An id without an answer in time has no name for a while. The cache holds at most
 * 2 * USER_CACHE_SETS ids; a new id replaces one that was used earlier.
 */
typedef struct UserCache UserCache;

#define USER_CACHE_SETS 512U

/* How long a name is valid, how long an id has no name, and how long no question is sent after a failure. */
#define USER_CACHE_KNOWN_USEC (600ULL * 1000 * 1000)
#define USER_CACHE_NONE_USEC (60ULL * 1000 * 1000)
#define USER_CACHE_BUSY_USEC (1ULL * 1000 * 1000)

/*
 * Sends a question. Returns 0 when user_cache_answer() or user_cache_give_up() will be called; 1 when
 * user_cache_answer() may be called, but no record shall wait for it; or a negative errno when the question
 * can't be sent now.
 */
typedef int (*user_cache_ask_t)(void *userdata, const UserQuestion *question);

/*
 * Creates an empty cache that sends its questions by `ask`. `passwd` is the path of passwd(5), which is
 * copied. Returns 0 or -ENOMEM.
 */
int user_cache_new(const char *passwd, user_cache_ask_t ask, void *userdata, UserCache **ret);
UserCache *user_cache_free(UserCache *cache);
DEFINE_POINTER_CLEANUP(UserCache *, user_cache_free);

/*
 * Finds the name of `uid` at the time `now_usec` (CLOCK_MONOTONIC). Returns 0 and sets *ret, which is unset
 * when there is no name, and valid until the next call; or returns -EINPROGRESS when the record has to wait
 * for the answer to a question.
 */
int user_cache_find(UserCache *cache, uint32_t uid, uint64_t now_usec, Bytes *ret);

/*
 * Takes an answer to a question about `uid`, which may have been given up already. When there is no memory
 * for the name, the id has none for a while.
 */
void user_cache_answer(UserCache *cache, uint32_t uid, const UserAnswer *answer, uint64_t now_usec);

/*
 * Gives up the question, so that the id has no name for USER_CACHE_NONE_USEC. Returns false when no record
 * waits.
 */
bool user_cache_give_up(UserCache *cache, uint64_t now_usec);
