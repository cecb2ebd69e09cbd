/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "files/protocol.h"

/*
 * Finds the file that the question is about, reads what is asked for, and fills in all of the answer. What
 * is found under the path counts only when it is the very file that was executed, and still unchanged. May
 * block for as long as the file system likes.
 */
void executable_answer(const FileQuestion *question, FileAnswer *ret);
