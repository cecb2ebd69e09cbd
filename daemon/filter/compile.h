/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "config/config.h"
#include "config/report.h"
#include "filter/filter.h"
#include "source/probe-settings.h"
#include "users/names.h"

/*
 * Adds the names of users and groups that the words of [Filter] have to `names`; words that are wrong go into
 * `report`, each with its place. 0, also when the report has errors now; -ENOMEM.
 */
int filter_collect_names(const Config *config, ConfigReport *report, NamedIds *names);

/*
 * Makes the filter that the words of [Filter] describe. Names have the ids that `names` knows; one that
 * nobody knows is a warning in `report` and matches nobody. Words that are wrong are errors there, each with
 * its place. 0 and *ret, also when the report has errors now; -ENOMEM.
 */
int filter_compile(const Config *config, const NamedIds *names, ConfigReport *report, Filter *ret);

/* Describes what of it the kernel side can do by itself. 0 or -ENOMEM. */
int filter_describe(const Filter *filter, ProbeRules *ret);
