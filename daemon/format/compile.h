/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "config/config.h"
#include "config/report.h"
#include "format/options.h"

/*
 * Fills in the options for the format of records from [Output]. A name in OmitField= that is not a field, or
 * a field that is always sent, is added to `report` as a warning. Returns 0 and sets *ret, or returns
 * -ENOMEM.
 */
int format_compile(const Config *config, ConfigReport *report, FormatOptions *ret);
