/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "util/cleanup.h"

/* A user with more failed execs than FailureLimit= allows. */
typedef struct LimitedUser {
        uint32_t uid;
        uint64_t n; /* how many were dropped */
} LimitedUser;

/*
 * The users who were beyond the limit when limits_update() was called last, by their uids. The kernel side
 * counts what it dropped of each user ever. An all-zero struct has no users.
 */
typedef struct Limits {
        LimitedUser *list;
        size_t n;
} Limits;

void limits_done(Limits *limits);

/*
 * Replaces the users by the `n` of `now`, and takes that list, which is allocated and in no particular order.
 * Writes to `ret` those of whom more was dropped since the last call, each with how much more, the largest
 * number first, and at most `max`. Returns how many these are.
 */
size_t limits_update(Limits *limits, LimitedUser *now, size_t n, LimitedUser ret[], size_t max);
