/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "users/question.h"

/*
 * Looks into passwd(5) and group(5) themselves, at `passwd` and `group`: those have no source that could be
 * slow, and hold the users that a machine can't do without. 0 and *ret; -ESRCH: it is not there; what
 * fopen(3) failed with; -ENOMEM.
 */
int local_answer(const char *passwd, const char *group, const UserQuestion *question, UserAnswer *ret);

#define LOCAL_PASSWD "/etc/passwd"
#define LOCAL_GROUP "/etc/group"
