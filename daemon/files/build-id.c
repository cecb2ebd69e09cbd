/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A file is identified by device, inode and time of change. If a file is written twice within one tick of the
 * kernel's coarse clock, both contents have the same time of change. So a file that was changed right before
 * it was executed gets no build-id. After that tick, the same time of change means the same content.
 */

#include "files/build-id.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "files/cache.h"
#include "util/clock.h"

#define NSEC_PER_USEC 1000LL
#define NSEC_PER_SEC 1000000000LL

/* A file system that did not answer. */
typedef struct Device {
        uint32_t number;
        unsigned failures; /* in a row; 0: the slot is free */
        uint64_t until_usec;
} Device;

struct BuildIds {
        BuildIdsAsk ask;
        void *userdata;
        BuildIdCache *cache;
        int64_t tick_ns;
        Device devices[BUILD_ID_DEVICES_MAX];

        FileQuestion question;
        uint64_t seq; /* of the record that the question is for */
        bool asked;
        uint64_t waits_since_usec; /* when a record began to wait for the answer; 0: none waits */
        int64_t allowance_usec; /* how long records may still wait; negative after a long wait */
        uint64_t allowance_at_usec; /* when the allowance was computed */
        uint64_t n_skipped;

        /*
         * The result of the last question. The record that it was for uses this one, even if the cache does
         * not have it any more.
         */
        uint64_t settled_seq;
        FileIdentity settled_file;
        BuildId settled;

        char text[2 * BUILD_ID_SIZE_MAX];
};

int build_ids_new(BuildIdsAsk ask, void *userdata, BuildIds **ret) {
        _cleanup_(build_ids_freep) BuildIds *ids = NULL;
        struct timespec tick;
        int r;

        ids = calloc(1, sizeof(*ids));
        if (!ids)
                return -ENOMEM;
        ids->ask = ask;
        ids->userdata = userdata;
        ids->allowance_usec = BUILD_ID_WAIT_BURST_USEC;
        ids->allowance_at_usec = clock_monotonic_usec();
        (void) clock_getres(CLOCK_REALTIME_COARSE, &tick);
        ids->tick_ns = tick.tv_sec * NSEC_PER_SEC + tick.tv_nsec;
        r = build_id_cache_new(&ids->cache);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(ids);
        return 0;
}

BuildIds *build_ids_free(BuildIds *ids) {
        if (!ids)
                return NULL;
        (void) build_id_cache_free(ids->cache);
        free(ids);
        return NULL;
}

/*
 * Returns true when the file may have been written again after it was executed without a new time of change.
 * A time without a fraction comes from a file system that stores whole seconds only, so its tick is a second.
 * A time far in the future means that the clock was set back, and does not count.
 */
static bool changed_just_now(const BuildIds *ids, const Event *event) {
        int64_t tick = event->file.ctime_ns % NSEC_PER_SEC == 0 ? NSEC_PER_SEC : ids->tick_ns;
        int64_t executed, age;

        if (__builtin_mul_overflow((int64_t) event->timestamp, NSEC_PER_USEC, &executed) ||
                __builtin_sub_overflow(executed, event->file.ctime_ns, &age))
                return true;
        return age <= 2 * tick && age >= -2 * tick;
}

static Bytes format(BuildIds *ids, const BuildId *id) {
        static const char digits[] = "0123456789abcdef";

        if (id->size == 0)
                return BYTES_NULL;
        for (size_t i = 0; i < id->size; i++) {
                ids->text[2 * i] = digits[id->bytes[i] >> 4];
                ids->text[2 * i + 1] = digits[id->bytes[i] & 0xf];
        }
        return (Bytes){ ids->text, 2 * (size_t) id->size };
}

static Device *find_device(BuildIds *ids, uint32_t number) {
        for (size_t i = 0; i < BUILD_ID_DEVICES_MAX; i++)
                if (ids->devices[i].failures > 0 && ids->devices[i].number == number)
                        return ids->devices + i;
        return NULL;
}

/*
 * Puts the file system aside. If there is no free slot, it replaces the one whose time is over first. Returns
 * the time in microseconds.
 */
static uint64_t device_failed(BuildIds *ids, uint32_t number, uint64_t now) {
        Device *device = find_device(ids, number);
        uint64_t aside = BUILD_ID_ASIDE_USEC;

        if (!device) {
                device = ids->devices;
                for (size_t i = 1; i < BUILD_ID_DEVICES_MAX; i++)
                        if (ids->devices[i].until_usec < device->until_usec)
                                device = ids->devices + i;
                *device = (Device){ .number = number };
        }
        for (unsigned i = 0; i < device->failures && aside < BUILD_ID_ASIDE_MAX_USEC; i++)
                aside *= 2;
        if (aside > BUILD_ID_ASIDE_MAX_USEC)
                aside = BUILD_ID_ASIDE_MAX_USEC;
        device->failures++;
        device->until_usec = now + aside;
        return aside;
}

static bool may_wait(BuildIds *ids, uint64_t now) {
        uint64_t earned = (now - ids->allowance_at_usec) / BUILD_ID_WAIT_SHARE;

        ids->allowance_usec += (int64_t) earned;
        if (ids->allowance_usec > (int64_t) BUILD_ID_WAIT_BURST_USEC)
                ids->allowance_usec = BUILD_ID_WAIT_BURST_USEC;
        ids->allowance_at_usec += earned * BUILD_ID_WAIT_SHARE;
        return ids->allowance_usec > 0;
}

/* Sends a question, unless one is open already. Returns a negative errno when it can't be sent. */
static int ask(BuildIds *ids, const Event *event, uint64_t now) {
        const Device *device = find_device(ids, event->file.device);
        FileQuestion *question = &ids->question;
        int r;

        if (device && now < device->until_usec)
                return -EHOSTDOWN;
        if (ids->asked)
                return 0;

        question->version = FILE_PROTOCOL_VERSION;
        question->kind = FILE_BUILD_ID;
        question->number++;
        question->file = event->file;
        question->pid = event->pid;
        question->ppid = event->ppid;
        question->nspid = event->nspid;
        question->pidns = event->pidns;
        question->path_size = 0;
        if (event->exe.size > 0 && event->exe.size < sizeof(question->path) && event->exe.data[0] == '/') {
                memcpy(question->path, event->exe.data, event->exe.size);
                question->path_size = (uint32_t) event->exe.size;
        }

        r = ids->ask(ids->userdata, question);
        if (r < 0)
                return r;
        ids->seq = event->seq;
        ids->asked = true;
        return 0;
}

int build_ids_find(BuildIds *ids, const Event *event, Bytes *ret) {
        const BuildId *id;
        uint64_t now;

        *ret = BYTES_NULL;
        if (!event->file.known || changed_just_now(ids, event))
                return 0;
        if (event->seq == ids->settled_seq && file_identity_equal(&event->file, &ids->settled_file)) {
                *ret = format(ids, &ids->settled);
                return 0;
        }

        now = clock_monotonic_usec();
        id = build_id_cache_find(ids->cache, &event->file, event->exe, now);
        if (id) {
                *ret = format(ids, id);
                return 0;
        }
        /* A record that can't wait goes without. The answer is then there for later execs of the file. */
        if (ask(ids, event, now) < 0 || !may_wait(ids, now)) {
                ids->n_skipped++;
                return 0;
        }
        if (ids->waits_since_usec == 0)
                ids->waits_since_usec = now;
        return -EINPROGRESS;
}

uint64_t build_ids_take_skipped(BuildIds *ids) {
        uint64_t n = ids->n_skipped;

        ids->n_skipped = 0;
        return n;
}

const FileQuestion *build_ids_question(const BuildIds *ids) {
        return ids->asked ? &ids->question : NULL;
}

static void settle(BuildIds *ids, const BuildId *id, bool of_path, uint64_t until_usec, uint64_t now) {
        const FileQuestion *question = &ids->question;

        ids->asked = false;
        if (ids->waits_since_usec > 0)
                ids->allowance_usec -= (int64_t) (now - ids->waits_since_usec);
        ids->waits_since_usec = 0;
        ids->settled_seq = ids->seq;
        ids->settled_file = question->file;
        ids->settled = *id;
        build_id_cache_put(ids->cache, &question->file, (Bytes){ question->path, question->path_size },
                of_path, until_usec, id);
}

int build_ids_answer(BuildIds *ids, const void *data, size_t size) {
        uint64_t now = clock_monotonic_usec();
        FileAnswer answer;
        Device *device;

        if (!ids->asked || size != sizeof(answer))
                return -EBADMSG;
        memcpy(&answer, data, sizeof(answer));
        if (answer.version != FILE_PROTOCOL_VERSION || answer.kind != FILE_BUILD_ID ||
                answer.number != ids->question.number)
                return -EBADMSG;
        if (answer.build_id.size > BUILD_ID_SIZE_MAX)
                return -EBADMSG;
        if ((answer.error == 0) != (answer.build_id.size > 0))
                return -EBADMSG;

        device = find_device(ids, ids->question.file.device);
        if (device)
                *device = (Device){};
        settle(ids, &answer.build_id, answer.of_path != 0,
                answer.error == 0 || answer.error == -ENODATA ? UINT64_MAX : now + BUILD_ID_RETRY_USEC, now);
        return 0;
}

uint64_t build_ids_give_up(BuildIds *ids, bool hangs) {
        static const BuildId none = {};
        uint64_t now = clock_monotonic_usec(), aside = BUILD_ID_ASIDE_USEC;

        if (!ids->asked)
                return 0;
        if (hangs)
                aside = device_failed(ids, ids->question.file.device, now);
        settle(ids, &none, false, now + aside, now);
        return aside;
}
