/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "format/options.h"

typedef enum Action {
        ACTION_RUN,
        ACTION_CHECK_CONFIG,
        ACTION_HELP,
        ACTION_VERSION,
        _ACTION_MAX,
} Action;

/* The command line. What it says goes over what the configuration says, at a reload, too. */
typedef struct Options {
        Action action;
        OutputFormat output;
        const char *config_file; /* NULL: the usual places */
        bool pid_namespace_set;
        uint32_t pid_namespace; /* as Config.pid_namespace */
} Options;

/* 0 and *ret; -EINVAL: it is wrong, which was said on standard error. */
int options_parse(int argc, char **argv, Options *ret);

void options_print_help(void);
