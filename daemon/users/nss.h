/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "users/question.h"

/*
 * Looks up the answer by the C library, which uses the databases that nsswitch.conf(5) names, and can block
 * for any length of time. Sets *ret; its result is 0 or a negative errno, which is -ESRCH also when the id is
 * (uid_t) -1 or the name is empty or longer than USER_NAME_MAX.
 */
void nss_answer(const UserQuestion *question, UserAnswer *ret);
