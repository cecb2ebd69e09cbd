/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "command.h"

#include <errno.h>
#include <stdio.h>

/* The commands in the order in which --help shows them. The first one is the default. */
const Command command_list[] = {
        { "list", "[MATCH…]", "List what was executed (the default)", command_run_list },
        { "info", "[MATCH…]", "Show records whole, and where they come from", command_run_info },
        { "tree", "[MATCH…]", "Show processes as a tree", command_run_tree },
        { "why", "PID|UNIT", "Show how that came to run, and who asked for it", command_run_why },
        { "who", "PID", "Show what a pid was, at --at=TIME", command_run_who },
        { "top", "[MATCH…]", "Count what was executed, by --by=", command_run_top },
        { "sessions", "[MATCH…]", "Show logins, and what was typed in them", command_run_sessions },
        { "privileged", "[MATCH…]", "Show what gained privileges, or ran as another user",
                command_run_privileged },
        { "new", "[MATCH…]", "Show programs never executed before --since=", command_run_new },
        { "gaps", NULL, "Show what is covered by records, and what is missing", command_run_gaps,
                .own_status = true },
        { "follow", "[MATCH…]", "Show what is executed, as it happens", command_run_follow },
        { "doctor", "[CHECK…]", "Look whether everything works, and what to do where it does not",
                command_run_doctor, .no_source = true, .own_status = true },
        { "export", "[MATCH…]", "Write records for other programs, by --format=", command_run_export },
};

const size_t command_list_size = sizeof(command_list) / sizeof(command_list[0]);

int command_refuse_failed(const Context *context, const char *command) {
        if (!context->options->failed)
                return 0;
        fprintf(stderr, "exectl: %s shows only what ran, and takes no --failed\n", command);
        return -EINVAL;
}
