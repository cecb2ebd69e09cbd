/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "event/event.h"
#include "files/elf.h"
#include "util/cleanup.h"

/*
 * The build-ids of what is executed. To read a file may take for ever where its file system hangs, so somebody else does
 * that: here it is known which files were read, what is asked, and how long a record may wait for the answer.
 *
 * What is not certain is not told: a record has the build-id of the very file that ran, or none.
 */
typedef struct BuildIds BuildIds;

/* Microseconds: most that a record waits; how long a file is not asked for again that could not be opened; likewise all files of
 * a file system that hung, twice as long each time, and how long at most. */
#define BUILD_ID_ANSWER_USEC (250ULL * 1000)
#define BUILD_ID_RETRY_USEC (1000ULL * 1000)
#define BUILD_ID_ASIDE_USEC (60ULL * 1000 * 1000)
#define BUILD_ID_ASIDE_MAX_USEC (3600ULL * 1000 * 1000)

/* Of all time one part in so many is spent in waiting at most, and what was not used before that, up to so much. */
#define BUILD_ID_WAIT_SHARE 10U
#define BUILD_ID_WAIT_BURST_USEC (1000ULL * 1000)

#define BUILD_ID_DEVICES_MAX 16 /* file systems that are put aside at a time */
#define BUILD_ID_PATH_SIZE 4096

/* Which file is to be read, and what may lead to it. Sent as it is, without the end of `path` that is not used. */
typedef struct BuildIdQuestion {
        uint64_t number;
        FileIdentity file;
        uint32_t pid, ppid; /* as in Event */
        uint32_t nspid, pidns;
        uint32_t path_size;
        char path
                [BUILD_ID_PATH_SIZE]; /* of the file, from the root of the process; absolute, or path_size is 0 */
} BuildIdQuestion;

typedef struct BuildIdAnswer {
        uint64_t number; /* the question's */
        int32_t error; /* 0: `id` is there. -ENODATA: the file was read and has none. Else: it could not be read */
        uint8_t of_path; /* 1: the file's identity does not tell it from others, the answer holds for this path only */
        BuildId id;
} BuildIdAnswer;

/* Takes the question to whoever can answer it, and does not block. Negative: nobody can now. */
typedef int (*BuildIdsAsk)(void *userdata, const BuildIdQuestion *question);

/* 0 or -ENOMEM. */
int build_ids_new(BuildIdsAsk ask, void *userdata, BuildIds **ret);
BuildIds *build_ids_free(BuildIds *ids);
DEFINE_POINTER_CLEANUP(BuildIds *, build_ids_free);

/*
 * 0: *ret is the build-id of what the event executed, in hexadecimal digits, or unset; it holds until the next call.
 * -EINPROGRESS: something is asked; to be called again for the same event after build_ids_answer() or build_ids_give_up().
 */
int build_ids_find(BuildIds *ids, const Event *event, Bytes *ret);

/* How many events since the last call have none because nobody could be asked for it, or there was no time to wait. */
uint64_t build_ids_take_skipped(BuildIds *ids);

/* The question that is asked, or NULL. */
const BuildIdQuestion *build_ids_question(const BuildIds *ids);

/* Takes an answer, `size` bytes that are not trusted. 0; -EBADMSG: it is none to this question. */
int build_ids_answer(BuildIds *ids, const void *data, size_t size);

/*
 * No answer will come: the one who was asked has gone or, with `hangs`, the time is up, and then the file's file system is
 * put aside. Returns for how long, in microseconds.
 */
uint64_t build_ids_give_up(BuildIds *ids, bool hangs);
