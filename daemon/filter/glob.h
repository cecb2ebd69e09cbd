/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "util/bytes.h"

/*
 * Returns whether the whole text matches the glob, as fnmatch(3) has it with no flags: "*" stands for any text, "/" in it too,
 * "?" for one character, "[...]" for one of a set, and a backslash takes the meaning from what follows it. A character is
 * one of UTF-8, whatever the locale, and a byte that is of none is one by itself. Takes no memory; the time is bounded by the
 * length of the glob times that of the text.
 */
bool glob_match(const char *glob, Bytes text);
