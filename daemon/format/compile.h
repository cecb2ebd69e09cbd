/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "config/config.h"
#include "config/report.h"
#include "format/options.h"

/*
 * Takes what [Output] says of the form of records. A name in OmitField= that is no field, or a field that is
 * always sent, is a warning in `report`. 0 or -ENOMEM.
 */
int format_compile(const Config *config, ConfigReport *report, FormatOptions *ret);
