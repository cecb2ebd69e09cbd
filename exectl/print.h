/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "output.h"
#include "record.h"
#include "row.h"
#include "util/cleanup.h"

/* Prints records in the format of the option -o: rows of a table, lines, all fields, or JSON. */
typedef struct Printer Printer;

/*
 * Creates a printer. If `lines` is set, it prints each record at once as a line, instead of as a row of a
 * table. Returns 0 or -ENOMEM.
 */
int printer_new(Output *output, bool lines, Printer **ret);
void printer_free(Printer *printer);
DEFINE_POINTER_CLEANUP(Printer *, printer_free);

/* Returns the set of fields that the format needs. */
uint64_t printer_fields(const Printer *printer);

/* Print a record, and the rows of a table that still wait for others. Return 0 or a negative errno. */
int printer_print(Printer *printer, const Record *record);
int printer_flush(Printer *printer);
