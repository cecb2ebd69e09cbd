/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Parses a boolean as systemd's programs do: "1", "yes", "y", "true", "t" and "on", or "0", "no", "n",
 * "false", "f" and "off", in letters of either case. Returns 1, 0, or -EINVAL when the text is neither.
 */
int boolean_parse(const char *text);
