/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "config/config.h"
#include "config/report.h"
#include "filter/filter.h"
#include "source/probe-settings.h"
#include "users/names.h"

/*
 * Adds the names of users and groups in [Filter] to `names`. Words that are not valid are added to `report`
 * as errors, with their places. Returns 0, even if there are errors in the report, or -ENOMEM.
 */
int filter_collect_names(const Config *config, ConfigReport *report, NamedIds *names);

/*
 * Compiles [Filter]. Names of users and groups get the ids that are in `names`. A name whose id is unknown is
 * added to `report` as a warning, and matches no process. Words that are not valid are errors, with their
 * places. Returns 0 and sets *ret, even if there are errors in the report; or returns -ENOMEM.
 */
int filter_compile(const Config *config, const NamedIds *names, ConfigReport *report, Filter *ret);

/*
 * Sets *ret to the rules that the kernel side can apply: those about ids, without lists of too many ranges,
 * and whether there are rules about units. Returns 0 or -ENOMEM.
 */
int filter_describe(const Filter *filter, ProbeRules *ret);
