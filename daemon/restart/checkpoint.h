/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

#include "notice/ledger.h"
#include "pipeline/pipeline.h"
#include "util/cleanup.h"

/*
 * What the next process has to know to go on where this one ended, however it ended: a memfd, written by stores alone, so
 * that every moment finds it whole. Its layout is the same in all versions of the daemon.
 */
typedef struct State State;

/* Figures of one moment. */
typedef struct Saved {
        uint32_t maps; /* number of the set of maps that all this is about; 0: none yet */
        uint32_t ring; /* number of that of its rings which is read */
        uint64_t position; /* in that ring: what lies before it was delivered, and is counted here */
        uint64_t time_ns; /* CLOCK_BOOTTIME */
        Totals totals;
        uint64_t said_lost[_LOST_CAUSE_MAX]; /* as in Ledger */
        uint64_t said_suppressed;
        uint64_t said_filtered;
        uint64_t said_dropped[EXEC_RULE_COUNT];
} Saved;

/* 0, -ENOMEM, or what memfd_create(2), ftruncate(2), fcntl(2) or mmap(2) failed with. */
int state_new(State **ret);

/* One that another process made; keeps a duplicate of the descriptor. -EBADMSG: it is none. */
int state_open(int fd, State **ret);

State *state_free(State *state);
DEFINE_POINTER_CLEANUP(State *, state_free);

/* Stays the state's. */
int state_fd(const State *state);

/* A number that no set of programs had before: from 1. */
uint32_t state_next_generation(State *state);

/* Puts the figures in the place of the last ones, all at once. */
void state_save(State *state, const Saved *saved);
void state_load(const State *state, Saved *ret);

/*
 * To be called before records are taken and when that is over, whatever came of it. state_deaths(): how many processes, one
 * after another, died between the two and delivered nothing.
 */
void state_enter(State *state);
void state_leave(State *state);
uint64_t state_deaths(const State *state);

/* How many of the numbers that were taken are accounted for: recorded, suppressed, or said to be lost, by whatever cause
 * the version has that saved it. */
uint64_t state_accounted(const State *state);
