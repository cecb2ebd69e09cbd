/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "command.h"

/* The first one is the default. They are shown in this order. */
const Command command_list[] = {
        { "list", "[MATCH…]", "List what was executed (the default)", command_run_list },
};

const size_t command_list_size = sizeof(command_list) / sizeof(command_list[0]);
