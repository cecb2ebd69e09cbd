/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "files/protocol.h"

/*
 * Finds the file that the question is about, reads what the question asks for, and fills in all of the
 * answer, including its error. A file that is found under the path is read only if it is the one that was
 * executed and has not changed since. This function blocks as long as the file system does.
 */
void executable_answer(const FileQuestion *question, FileAnswer *ret);
