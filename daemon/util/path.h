/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "util/buffer.h"
#include "util/bytes.h"

/*
 * Takes the next component off the front of `path`, leaving out empty ones and ".". Returns false when there
 * is none. ".." is a component.
 */
bool path_next(Bytes *path, Bytes *ret);

/*
 * Appends the components of `path` to the path that `buffer` ends with, each behind a slash. ".." removes the
 * last one, but nothing of the first `floor` bytes. The file system is not looked at.
 */
void path_append_components(Buffer *buffer, size_t floor, Bytes path);
