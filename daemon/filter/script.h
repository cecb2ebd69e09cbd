/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "event/event.h"
#include "util/buffer.h"

/*
 * Finds the absolute path of the script that runs, or of what was to run and did not, by its text alone:
 * symbolic links stay what they are. *ret points into `storage` or into the event, and stays unset when there
 * is none or its path is unknown. 0 or -ENOMEM.
 */
int script_path(const Event *event, Buffer *storage, Bytes *ret);
