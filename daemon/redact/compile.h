/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "config/config.h"
#include "config/report.h"
#include "redact/redact.h"

/*
 * Compiles the patterns of Redact=. Those that can't be used go into `report`, each with its place and the
 * reason, but without their text: it may hold the secret itself, and what is reported ends in the journal. 0
 * and *ret, also when the report has errors now; -ENOMEM.
 */
int redactor_compile(const Config *config, ConfigReport *report, Redactor *ret);
