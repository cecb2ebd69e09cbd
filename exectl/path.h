/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "util/buffer.h"
#include "util/bytes.h"

/*
 * Appends the absolute path of `name`, which was used in the working directory `cwd`, without empty
 * components, "." and "..". Symbolic links are not followed, because they may have changed since. Returns
 * false and appends nothing when the path is not known: `name` is empty, or it is relative and `cwd` is not
 * absolute.
 */
bool path_append(Buffer *buffer, Bytes cwd, Bytes name);

static inline bool path_is_absolute(Bytes path) {
        return path.size > 0 && path.data[0] == '/';
}
