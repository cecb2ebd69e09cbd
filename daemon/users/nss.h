/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "users/question.h"

/*
 * Asks the C library, which asks whatever nsswitch.conf(5) names: a call may take as long as it likes. An
 * answer without an id, or with a name that does not fit, is -ESRCH.
 */
void nss_answer(const UserQuestion *question, UserAnswer *ret);
