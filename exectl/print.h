/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "output.h"
#include "record.h"
#include "row.h"
#include "util/cleanup.h"

/* Prints records in the form that -o asks for: rows of a table, lines, all fields, or JSON. */
typedef struct Printer Printer;

/* `lines`: each record is a line of its own, as it comes, in the place of a table's row. 0 or -ENOMEM. */
int printer_new(Output *output, bool lines, Printer **ret);
void printer_free(Printer *printer);
DEFINE_POINTER_CLEANUP(Printer *, printer_free);

/* The fields that the form shows. */
uint64_t printer_fields(const Printer *printer);

/* 0 or -ENOMEM. Rows may wait for others; printer_flush() prints them. */
int printer_print(Printer *printer, const Record *record);
int printer_flush(Printer *printer);
