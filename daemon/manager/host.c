/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "manager/host.h"

#include <systemd/sd-id128.h>
#include <unistd.h>

_Static_assert(sizeof((NoticeHost){}.machine_id) == SD_ID128_STRING_MAX, "an id fits");

void host_read(NoticeHost *ret) {
        sd_id128_t id;

        *ret = (NoticeHost){};
        if (gethostname(ret->host, sizeof(ret->host) - 1) < 0)
                ret->host[0] = '\0';
        /* A container may have no /etc/machine-id, and early in the first boot there is no id in it. */
        if (sd_id128_get_machine(&id) >= 0)
                (void) sd_id128_to_string(id, ret->machine_id);
        if (sd_id128_get_boot(&id) >= 0)
                (void) sd_id128_to_string(id, ret->boot_id);
}
