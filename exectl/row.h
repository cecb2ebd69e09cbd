/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "names.h"
#include "output.h"
#include "record.h"
#include "show.h"

/* Returns the style of a record, which shows whether it failed, gained privileges, or runs from memory. */
Style row_style(const Record *record);

/* Returns the unit that is shown: that of the user manager, otherwise that of the system manager. */
Bytes row_unit(const Record *record);

/* The fields that these two functions need. */
#define ROW_FIELDS (FLAGS_FIELDS | RECORD_BIT(RECORD_UNIT) | RECORD_BIT(RECORD_USER_UNIT))
