/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "event/event.h"
#include "util/buffer.h"

/*
 * Finds the absolute path of the script that was executed, or of the file that failed to be executed. The
 * file system is not looked at, so symbolic links are not resolved. Sets *ret, which points into `storage` or
 * into the event; leaves it alone when there is no script or its path is unknown. Returns 0 or -ENOMEM.
 */
int script_path(const Event *event, Buffer *storage, Bytes *ret);

/*
 * Whether that path is where the file was, unless a symbolic link is in it: whoever executes a script can put
 * ".." behind a link of his own, which leads elsewhere than the text says.
 */
bool script_path_is_sure(const Event *event);
