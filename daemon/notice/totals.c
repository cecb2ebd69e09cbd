/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "notice/totals.h"

#include <stddef.h>

void totals_add(Totals *sum, const Totals *more) {
        sum->recorded += more->recorded;
        sum->suppressed += more->suppressed;
        sum->collapsed += more->collapsed;
        sum->held += more->held;
        sum->malformed += more->malformed;
        for (size_t i = 0; i < EXEC_RULE_COUNT; i++)
                sum->dropped[i] += more->dropped[i];
}
