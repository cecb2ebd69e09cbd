/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "command.h"

/* The first one is the default. They are shown in this order. */
const Command command_list[] = {
        { "list", "[MATCH…]", "List what was executed (the default)", command_run_list },
        { "info", "[MATCH…]", "Show records whole, and where they come from", command_run_info },
        { "why", "PID|UNIT", "Show how that came to run, and who asked for it", command_run_why },
        { "who", "PID", "Show what a pid was, at --at=TIME", command_run_who },
};

const size_t command_list_size = sizeof(command_list) / sizeof(command_list[0]);
