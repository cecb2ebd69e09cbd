/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "event/event.h"
#include "files/protocol.h"
#include "util/cleanup.h"

/*
 * Finds the build-ids of what is executed. Reading a file may take for ever where its file system hangs, so
 * another process reads (files/readers.h). This part knows which files were read, what is asked, and how
 * long a record may wait for the answer.
 *
 * A record has the build-id of the very file that ran, or none.
 */
typedef struct BuildIds BuildIds;

/* The longest time that a record waits, in microseconds, as are all that follow. */
#define BUILD_ID_ANSWER_USEC (250ULL * 1000)

/* For how long nothing is asked about a file that could not be opened. */
#define BUILD_ID_RETRY_USEC (1000ULL * 1000)

/* For how long nothing is asked about a file system that hung; it doubles each time, up to the second. */
#define BUILD_ID_ASIDE_USEC (60ULL * 1000 * 1000)
#define BUILD_ID_ASIDE_MAX_USEC (3600ULL * 1000 * 1000)

/*
 * Waiting takes one part in BUILD_ID_WAIT_SHARE of all time at most; unused time is kept, up to the second.
 */
#define BUILD_ID_WAIT_SHARE 10U
#define BUILD_ID_WAIT_BURST_USEC (1000ULL * 1000)

#define BUILD_ID_DEVICES_MAX 16 /* file systems that are put aside at a time */

/* Takes the question to whoever can answer it, and does not block. Negative: nobody can now. */
typedef int (*BuildIdsAsk)(void *userdata, const FileQuestion *question);

/* 0 or -ENOMEM. */
int build_ids_new(BuildIdsAsk ask, void *userdata, BuildIds **ret);
BuildIds *build_ids_free(BuildIds *ids);
DEFINE_POINTER_CLEANUP(BuildIds *, build_ids_free);

/*
 * 0: *ret is the build-id of what the event executed, in hexadecimal digits, or unset; it holds until the
 * next call. -EINPROGRESS: something is asked; to be called again for the same event after
 * build_ids_answer() or build_ids_give_up().
 */
int build_ids_find(BuildIds *ids, const Event *event, Bytes *ret);

/*
 * How many events since the last call have none because nobody could be asked for it, or there was no time
 * to wait.
 */
uint64_t build_ids_take_skipped(BuildIds *ids);

/* The question that is asked, or NULL. */
const FileQuestion *build_ids_question(const BuildIds *ids);

/* Takes an answer, `size` bytes that are not trusted. 0; -EBADMSG: it is none to this question. */
int build_ids_answer(BuildIds *ids, const void *data, size_t size);

/*
 * No answer will come: the one who was asked has gone or, with `hangs`, the time is up, and then the file's
 * file system is put aside. Returns for how long, in microseconds.
 */
uint64_t build_ids_give_up(BuildIds *ids, bool hangs);
