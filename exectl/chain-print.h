/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "chain.h"
#include "names.h"
#include "output.h"

/*
 * Prints a chain from its origin down to the process, each level indented below the one that made it: "PID
 * PROGRAM", the programs that one process executed joined by "=>". `indent` spaces stand before each line. 0
 * or -ENOMEM.
 */
int chain_print(Output *output, Names *names, const Chain *chain, unsigned indent);

/* The same towards the root: the process itself first. */
int chain_print_up(Output *output, Names *names, const Chain *chain);

/* Prints it as one JSON object: "origin", and "processes", the outermost first. 0 or -ENOMEM. */
int chain_print_json(Output *output, Names *names, const Chain *chain);
