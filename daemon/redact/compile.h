/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "config/config.h"
#include "config/report.h"
#include "redact/redact.h"

/*
 * Compiles the patterns of Redact=. A pattern that can't be used is added to `report`, with its place and
 * the reason, but without its text, which may contain a secret: the report is written to the journal.
 * Returns 0 and sets *ret, even if there are errors in the report; or returns -ENOMEM.
 */
int redactor_compile(const Config *config, ConfigReport *report, Redactor *ret);
