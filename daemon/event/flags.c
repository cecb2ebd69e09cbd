/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "event/flags.h"

#include <stddef.h>

#include "bpf/record.h"
#include "util/cleanup.h"

static const char *const flag_names[] = {
        "script",
        "fd",
        "memfd",
        "deleted",
        "setuid",
        "setgid",
        "filecaps",
        "compat",
        "thread",
        "kernel",
        "unread",
        "interactive",
        "orphan",
        "userns",
        "traced",
        "check",
        "died",
        "running",
};
_Static_assert(ELEMENTSOF(flag_names) == EXEC_FLAG_COUNT, "every flag has a name");

const char *flag_name(unsigned bit) {
        return bit < ELEMENTSOF(flag_names) ? flag_names[bit] : NULL;
}
