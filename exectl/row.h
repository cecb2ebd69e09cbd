/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "names.h"
#include "output.h"
#include "record.h"
#include "show.h"

/* The colour in which a record is shown: what failed, gained privileges, or runs from memory is seen at a
 * glance. */
Style row_style(const Record *record);

/* The unit to show: the user's own, else the system's. */
Bytes row_unit(const Record *record);

/* What the two read. */
#define ROW_FIELDS (FLAGS_FIELDS | RECORD_BIT(RECORD_UNIT) | RECORD_BIT(RECORD_USER_UNIT))
