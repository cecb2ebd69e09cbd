/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "config/config.h"
#include "config/report.h"
#include "filter/filter.h"
#include "source/probe-settings.h"

/*
 * Makes the filter that the words of [Filter] describe. Words that are wrong go into `report`, each with its place.
 * 0 and *ret, also when the report has errors now; -ENOMEM.
 */
int filter_compile(const Config *config, ConfigReport *report, Filter *ret);

/* Describes what of it the kernel side can do by itself. 0 or -ENOMEM. */
int filter_describe(const Filter *filter, ProbeRules *ret);
