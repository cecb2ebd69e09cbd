/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "chain.h"
#include "names.h"
#include "output.h"

/*
 * Prints a chain from its origin down to the process. Each process is a line "PID PROGRAM", indented below
 * its parent. The programs that one process executed are joined by "=>". Each line begins with `indent`
 * spaces. Returns 0 or -ENOMEM.
 */
int chain_print(Output *output, Names *names, const Chain *chain, unsigned indent);

/* Prints a chain in the other order, with the process itself first. Returns 0 or -ENOMEM. */
int chain_print_up(Output *output, Names *names, const Chain *chain);

/*
 * Prints a chain as a JSON object with the members "origin" and "processes", of which the outermost is the
 * first. Returns 0 or -ENOMEM.
 */
int chain_print_json(Output *output, Names *names, const Chain *chain);
