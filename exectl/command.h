/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "options.h"
#include "output.h"
#include "query.h"

/* The objects that a command uses. */
typedef struct Context {
        const Options *options;
        Source *source;
        Output output;
} Context;

/*
 * A command. `run` returns the number of things that were shown; 0 when nothing matches, which main reports,
 * and exectl exits with 1; or a negative errno. For -EINVAL and -ENOENT the command has reported the error
 * itself; main reports all others.
 */
typedef struct Command {
        const char *name;
        const char *arguments; /* as --help shows them, or NULL */
        const char *help;
        int (*run)(Context *context);
        bool no_source; /* it opens what it needs itself, and context->source is NULL */
        bool own_status; /* a result of 0 or more is the exit status, and main reports nothing then */
} Command;

extern const Command command_list[];
extern const size_t command_list_size;

/* Returns 0; or -EINVAL, and reports it, when --failed is given to a command that shows only what ran. */
int command_refuse_failed(const Context *context, const char *command);

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
