/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "users/question.h"

/*
 * Reads the answer from the files passwd(5) and group(5), whose paths are `passwd` and `group`. These are
 * local files, which are never slow, and have the users of the system itself. Returns 0 and sets *ret; -ESRCH
 * when there is no such entry; or what fopen(3) or getline(3) failed with.
 */
int local_answer(const char *passwd, const char *group, const UserQuestion *question, UserAnswer *ret);

#define LOCAL_PASSWD "/etc/passwd"
#define LOCAL_GROUP "/etc/group"
