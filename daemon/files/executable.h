/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "files/build-id.h"

/*
 * Finds the file that the question is about, reads its build-id, and fills in all of the answer. What is found under the
 * path counts only when it is the very file that was executed, and still unchanged. May block for as long as the
 * file system likes.
 */
void executable_answer(const BuildIdQuestion *question, BuildIdAnswer *ret);
