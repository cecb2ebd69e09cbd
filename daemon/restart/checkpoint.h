/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

#include "notice/ledger.h"
#include "notice/totals.h"
#include "util/cleanup.h"

/*
 * The checkpoint tells the next process where to continue, no matter how this process ends. It is a memfd
 * that is mapped and written by stores alone, so that it is consistent at every moment. All versions of the
 * daemon use the same layout.
 */
typedef struct Checkpoint Checkpoint;

/* The figures of one moment. In totals that were loaded no record is held: those count as suppressed. */
typedef struct CheckpointData {
        uint32_t maps; /* number of the set of maps that these figures are about; 0: none yet */
        uint32_t ring; /* number of the ring of execs that is being read */
        uint64_t position; /* records before this position of that ring are delivered and counted here */
        uint32_t failures_ring; /* the same two for the ring of failed execs */
        uint64_t failures_position;
        uint64_t time_ns; /* CLOCK_BOOTTIME */
        Totals totals;
        uint64_t said_lost[_LOST_CAUSE_MAX]; /* as in Ledger */
        uint64_t said_suppressed;
        uint64_t said_filtered;
        uint64_t said_collapsed;
        uint64_t said_limited;
        uint64_t said_dropped[EXEC_RULE_COUNT];
} CheckpointData;

/*
 * Creates an empty checkpoint. Returns 0, -ENOMEM, or what memfd_create(2), ftruncate(2), fcntl(2) or mmap(2)
 * failed with.
 */
int checkpoint_new(Checkpoint **ret);

/*
 * Opens the checkpoint of another process and keeps a duplicate of `fd`. Fails like checkpoint_new(), and
 * with -EBADMSG when `fd` is not a checkpoint.
 */
int checkpoint_open(int fd, Checkpoint **ret);

Checkpoint *checkpoint_free(Checkpoint *checkpoint);
DEFINE_POINTER_CLEANUP(Checkpoint *, checkpoint_free);

/* Returns the descriptor of the memfd, which stays the checkpoint's. */
int checkpoint_fd(const Checkpoint *checkpoint);

/* Returns the next generation of programs, a number that was not used before. The first one is 1. */
uint32_t checkpoint_next_generation(Checkpoint *checkpoint);

/* checkpoint_save() replaces the figures atomically. checkpoint_load() returns those that were saved last. */
void checkpoint_save(Checkpoint *checkpoint, const CheckpointData *saved);
void checkpoint_load(const Checkpoint *checkpoint, CheckpointData *ret);

/*
 * Call checkpoint_enter() before records are taken, and checkpoint_leave() afterwards, whatever the result
 * is. checkpoint_deaths() returns how many processes in a row died between the two without delivering a
 * record.
 */
void checkpoint_enter(Checkpoint *checkpoint);
void checkpoint_leave(Checkpoint *checkpoint);
uint64_t checkpoint_deaths(const Checkpoint *checkpoint);

/*
 * Returns how many record numbers are accounted for in the saved figures: as recorded, as suppressed, or as
 * lost by any cause, including causes that only the version that saved them knows.
 */
uint64_t checkpoint_accounted(const Checkpoint *checkpoint);
