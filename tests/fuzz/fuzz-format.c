/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Any record, whatever its fields hold, in every format. */

#include <syslog.h>

#include "any-event.h"
#include "check-formats.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        Input input = { data, size };
        uint64_t how = input_number(&input, 1);
        const FormatOptions options = {
                .facility = LOG_AUTHPRIV, .priority = LOG_INFO, .unit_match = how & 1
        };
        AnyEvent any;

        any_event(&input, &any);
        check_formats(&options, &any.event);
        return 0;
}
