/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "manager/load.h"

typedef enum Action {
        ACTION_RUN,
        ACTION_CHECK_CONFIG,
        ACTION_HELP,
        ACTION_VERSION,
        _ACTION_MAX,
} Action;

/* The command line. */
typedef struct Options {
        Action action;
        RunOptions run;
} Options;

/* 0 and *ret; -EINVAL: it is wrong, which was said on standard error. */
int options_parse(int argc, char **argv, Options *ret);

void options_print_help(void);
