/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "format/compile.h"

int format_compile(const Config *config, ConfigReport *report, FormatOptions *ret) {
        (void) report;
        *ret = (FormatOptions){
                .facility = config->facility,
                .priority = config->priority,
                .unit_match = config->unit_match,
        };
        return 0;
}
