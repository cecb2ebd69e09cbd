/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "users/cache.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "users/local.h"

typedef struct Slot {
        uint32_t uid;
        uint64_t until_usec; /* 0 when the slot is free */
        char *name; /* NULL when the id has none */
} Slot;

struct UserCache {
        char *passwd;
        user_cache_ask_t ask;
        void *userdata;
        bool waiting; /* a question is open, and its record waits */
        uint32_t waiting_uid;
        /*
         * Each set has two slots, the one that was used last first. So the two ids of one record never
         * replace each other.
         */
        Slot sets[USER_CACHE_SETS][2];
};

int user_cache_new(const char *passwd, user_cache_ask_t ask, void *userdata, UserCache **ret) {
        _cleanup_(user_cache_freep) UserCache *cache = calloc(1, sizeof(*cache));

        if (!cache)
                return -ENOMEM;
        cache->passwd = strdup(passwd);
        if (!cache->passwd)
                return -ENOMEM;
        cache->ask = ask;
        cache->userdata = userdata;
        *ret = TAKE_PTR(cache);
        return 0;
}

UserCache *user_cache_free(UserCache *cache) {
        if (!cache)
                return NULL;
        for (size_t i = 0; i < USER_CACHE_SETS; i++)
                for (size_t k = 0; k < ELEMENTSOF(cache->sets[i]); k++)
                        free(cache->sets[i][k].name);
        free(cache->passwd);
        free(cache);
        return NULL;
}

/* Moves the slot of the id to the front of its set and returns it, or NULL when it is unknown or expired. */
static const Slot *find(UserCache *cache, uint32_t uid, uint64_t now_usec) {
        Slot *set = cache->sets[uid % USER_CACHE_SETS];

        if (set[1].uid == uid && set[1].until_usec > now_usec) {
                Slot second = set[1];

                set[1] = set[0];
                set[0] = second;
        }
        return set[0].uid == uid && set[0].until_usec > now_usec ? &set[0] : NULL;
}

/* Stores the id at the front of its set, in its own slot or in that of the id that was used less recently. */
static const Slot *keep(UserCache *cache, uint32_t uid, const char *name, uint64_t until_usec) {
        Slot *set = cache->sets[uid % USER_CACHE_SETS];

        if (set[0].uid != uid || set[0].until_usec == 0) {
                Slot second = set[1];

                set[1] = set[0];
                set[0] = second;
        }
        free(set[0].name);
        set[0] = (Slot){ .uid = uid, .until_usec = until_usec, .name = name ? strdup(name) : NULL };
        return &set[0];
}

static const Slot *keep_answer(UserCache *cache, uint32_t uid, const UserAnswer *answer, uint64_t now_usec) {
        if (answer->result == 0)
                return keep(cache, uid, answer->name, now_usec + USER_CACHE_KNOWN_USEC);
        return keep(cache, uid, NULL, now_usec + USER_CACHE_NONE_USEC);
}

int user_cache_find(UserCache *cache, uint32_t uid, uint64_t now_usec, Bytes *ret) {
        const UserQuestion question = { .kind = USER_NAME_OF_ID, .id = uid };
        const Slot *slot = find(cache, uid, now_usec);
        UserAnswer answer;

        if (!slot && cache->waiting && cache->waiting_uid == uid)
                return -EINPROGRESS;
        if (!slot && local_answer(cache->passwd, cache->passwd, &question, &answer) >= 0)
                slot = keep_answer(cache, uid, &answer, now_usec);
        if (!slot && !cache->waiting && cache->ask(cache->userdata, &question) == 0) {
                cache->waiting = true;
                cache->waiting_uid = uid;
                return -EINPROGRESS;
        }
        if (!slot)
                slot = keep(cache, uid, NULL, now_usec + USER_CACHE_BUSY_USEC);
        *ret = bytes_of_string(slot->name);
        return 0;
}

void user_cache_answer(UserCache *cache, uint32_t uid, const UserAnswer *answer, uint64_t now_usec) {
        (void) keep_answer(cache, uid, answer, now_usec);
        if (cache->waiting_uid == uid)
                cache->waiting = false;
}

bool user_cache_give_up(UserCache *cache, uint64_t now_usec) {
        if (!cache->waiting)
                return false;
        (void) keep(cache, cache->waiting_uid, NULL, now_usec + USER_CACHE_NONE_USEC);
        cache->waiting = false;
        return true;
}
