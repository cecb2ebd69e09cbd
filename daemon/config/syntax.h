/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "config/config.h"
#include "config/report.h"

/*
 * Reads one file into `config`, over what is there. The syntax is that of systemd's own files: [Section],
 * Key=value, comments on lines of their own behind "#" or ";", a "\" at the end of a line joins the next one
 * to it, white space at the front of a line means nothing. Values are taken as they stand, no comments are
 * behind them; words of a list may be quoted (value_next_word()). Only regular files and /dev/null are read:
 * others may keep the reader waiting.
 *
 * What is wrong with the file goes into `report`, with its line. 0, also when the report has errors now;
 * -ENOMEM; what open(2) or read(2) failed with, which is in the report, too.
 */
int config_parse_file(const char *path, ConfigReport *report, Config *config);
