/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

#include "notice/ledger.h"
#include "notice/totals.h"
#include "util/cleanup.h"

/*
 * What the next process has to know to go on where this one ended, however it ended: a memfd, written by
 * stores alone, so that every moment finds it whole. Its layout is the same in all versions of the daemon.
 */
typedef struct Checkpoint Checkpoint;

/* Figures of one moment. Loaded totals have nothing held: it was counted as dropped when they were saved. */
typedef struct CheckpointData {
        uint32_t maps; /* number of the set of maps that all this is about; 0: none yet */
        uint32_t ring; /* number of that of its rings which is read */
        uint64_t position; /* in that ring: what lies before it was delivered, and is counted here */
        uint32_t failures_ring; /* likewise of the ring of failed execs */
        uint64_t failures_position;
        uint64_t time_ns; /* CLOCK_BOOTTIME */
        Totals totals;
        uint64_t said_lost[_LOST_CAUSE_MAX]; /* as in Ledger */
        uint64_t said_suppressed;
        uint64_t said_filtered;
        uint64_t said_collapsed;
        uint64_t said_dropped[EXEC_RULE_COUNT];
} CheckpointData;

/* 0, -ENOMEM, or what memfd_create(2), ftruncate(2), fcntl(2) or mmap(2) failed with. */
int checkpoint_new(Checkpoint **ret);

/* One that another process made; keeps a duplicate of the descriptor. -EBADMSG: it is none. */
int checkpoint_open(int fd, Checkpoint **ret);

Checkpoint *checkpoint_free(Checkpoint *checkpoint);
DEFINE_POINTER_CLEANUP(Checkpoint *, checkpoint_free);

/* Stays the checkpoint's. */
int checkpoint_fd(const Checkpoint *checkpoint);

/* A number that no set of programs had before: from 1. */
uint32_t checkpoint_next_generation(Checkpoint *checkpoint);

/* Puts the figures in the place of the last ones, all at once. */
void checkpoint_save(Checkpoint *checkpoint, const CheckpointData *saved);
void checkpoint_load(const Checkpoint *checkpoint, CheckpointData *ret);

/*
 * To be called before records are taken and when that is over, whatever came of it. checkpoint_deaths(): how
 * many processes, one after another, died between the two and delivered nothing.
 */
void checkpoint_enter(Checkpoint *checkpoint);
void checkpoint_leave(Checkpoint *checkpoint);
uint64_t checkpoint_deaths(const Checkpoint *checkpoint);

/*
 * How many of the numbers that were taken are accounted for: recorded, suppressed, or said to be lost, by
 * whatever cause the version has that saved it.
 */
uint64_t checkpoint_accounted(const Checkpoint *checkpoint);
