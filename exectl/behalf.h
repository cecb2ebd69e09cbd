/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "chain.h"
#include "query.h"
#include "record.h"

/*
 * Finds the request for the first program of a transient unit, or of a job of at or cron. It is the record of
 * systemd-run, run0, at, batch or crontab. Returns 1, and sets *ret, which the caller passes to
 * record_done(), and *ret_join; 0 when there is none, or when the record is not such a program; or a negative
 * errno.
 */
int behalf_find(Source *source, const Record *record, Record *ret, ChainJoin *ret_join);
