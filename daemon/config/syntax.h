/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "config/config.h"
#include "config/report.h"

/*
 * Reads a file into `config`; its values add to or replace those that are there. The syntax is that of
 * systemd's own files: [Section], Key=value, and comments that begin with "#" or ";" and have a line of their
 * own. A "\" at the end of a line joins it with the next one, and white space at the beginning of a line is
 * ignored. A value extends to the end of its line, so it can't be followed by a comment; words of a list may
 * be quoted (value_next_word()). Only regular files and /dev/null are read, because reading from other files
 * could block.
 *
 * Problems of the file are added to `report`, with their lines. Returns 0, even if there are errors in the
 * report. Returns -ENOMEM, -EINVAL or -EISDIR when the file is of another kind, or the error of open(2) or
 * read(2). These errors, except for -ENOMEM, are in the report, too.
 */
int config_parse_file(const char *path, ConfigReport *report, Config *config);
