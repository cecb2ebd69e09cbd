/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "hosts.h"

bool hosts_several(const Options *options, sd_journal *journal) {
        const void *data;
        size_t size, n = 0;

        if (options->merge)
                return true;
        if (options_is_local(options) || sd_journal_query_unique(journal, "_MACHINE_ID") < 0)
                return false;
        while (n < 2 && sd_journal_enumerate_available_unique(journal, &data, &size) > 0)
                n++;
        return n > 1;
}
