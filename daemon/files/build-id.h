/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "event/event.h"
#include "files/protocol.h"
#include "util/cleanup.h"

/*
 * Finds the build-ids of executed files. A read may block for ever on a file system that hangs, so another
 * process reads the files (files/readers.h). This module caches what was read, holds the one question that is
 * open, and decides how long a record may wait for the answer.
 *
 * A record gets the build-id of exactly the file that was executed, or none.
 */
typedef struct BuildIds BuildIds;

/* How long a record waits for an answer at most. All times here are in microseconds. */
#define BUILD_ID_ANSWER_USEC (250ULL * 1000)

/* How long a file that could not be opened is not asked about again. */
#define BUILD_ID_RETRY_USEC (1000ULL * 1000)

/*
 * How long a file system that hung is put aside, which means that no file on it is asked about. The time
 * doubles with each further hang, from the first value up to the second.
 */
#define BUILD_ID_ASIDE_USEC (60ULL * 1000 * 1000)
#define BUILD_ID_ASIDE_MAX_USEC (3600ULL * 1000 * 1000)

/*
 * All records together wait for at most one part in BUILD_ID_WAIT_SHARE of the time. Waiting time that was
 * not used is saved up to BUILD_ID_WAIT_BURST_USEC.
 */
#define BUILD_ID_WAIT_SHARE 10U
#define BUILD_ID_WAIT_BURST_USEC (1000ULL * 1000)

#define BUILD_ID_DEVICES_MAX 16 /* file systems that can be put aside at the same time */

/* Sends the question to a reader, without blocking. Returns a negative errno when no reader is free. */
typedef int (*BuildIdsAsk)(void *userdata, const FileQuestion *question);

/* Creates an empty cache that asks its questions by `ask`. Returns 0 or -ENOMEM. */
int build_ids_new(BuildIdsAsk ask, void *userdata, BuildIds **ret);
BuildIds *build_ids_free(BuildIds *ids);
DEFINE_POINTER_CLEANUP(BuildIds *, build_ids_free);

/*
 * Finds the build-id of the file that the event executed. Returns 0 and sets *ret to the build-id in
 * hexadecimal digits, which stay valid until the next call, or to an unset value when the record has to go
 * without. Returns -EINPROGRESS when a question is open: call it again for the same event after
 * build_ids_answer() or build_ids_give_up().
 */
int build_ids_find(BuildIds *ids, const Event *event, Bytes *ret);

/*
 * Returns how many events since the last call got no build-id because no reader was free, or because there
 * was no time left to wait.
 */
uint64_t build_ids_take_skipped(BuildIds *ids);

/* Returns the open question, or NULL. */
const FileQuestion *build_ids_question(const BuildIds *ids);

/*
 * Takes an answer of `size` bytes, which are not trusted. Returns 0, or -EBADMSG when it is no answer to the
 * open question.
 */
int build_ids_answer(BuildIds *ids, const void *data, size_t size);

/*
 * Gives up the open question, because its reader has ended or, if `hangs` is set, because the time to answer
 * is over. In the latter case the file system of the file is put aside. Returns for how long the file or its
 * file system is not asked about, in microseconds; 0 when no question is open.
 */
uint64_t build_ids_give_up(BuildIds *ids, bool hangs);
