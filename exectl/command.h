/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "options.h"
#include "output.h"
#include "query.h"

/* What a command works with. */
typedef struct Context {
        const Options *options;
        Source *source;
        Output output;
} Context;

/*
 * A command. `run` returns the number of things shown, 0 when nothing matches (exectl says so and exits with
 * 1), or a negative errno: -EINVAL and -ENOENT when it has said on standard error what is wrong, else main
 * says it.
 */
typedef struct Command {
        const char *name;
        const char *arguments; /* as --help shows them, or NULL */
        const char *help;
        int (*run)(Context *context);
        bool no_source; /* it opens what it needs itself: context->source is NULL */
        bool own_status; /* what `run` returns is the exit status, and it has said all itself */
} Command;

extern const Command command_list[];
extern const size_t command_list_size;

int command_run_list(Context *context);
int command_run_info(Context *context);
int command_run_tree(Context *context);
int command_run_why(Context *context);
int command_run_who(Context *context);
int command_run_top(Context *context);
int command_run_sessions(Context *context);
int command_run_privileged(Context *context);
int command_run_new(Context *context);
int command_run_follow(Context *context);
int command_run_gaps(Context *context);
int command_run_doctor(Context *context);
int command_run_export(Context *context);
