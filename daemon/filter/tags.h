/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "config/config.h"
#include "config/report.h"
#include "event/event.h"
#include "users/names.h"

/*
 * The compiled sections [Tag NAME]. A record gets a tag when every key of its section matches. A key matches
 * when one of its words without "!" matches, if it has any, and none of its words with "!" does. A set that
 * is all zero has no tags.
 */
typedef struct Tag Tag;

typedef struct TagSet {
        Tag *tags;
        size_t n;
        Bytes *matched; /* has room for `n` names */
} TagSet;

void tag_set_done(TagSet *set);

/* Like filter_collect_names(), for the sections [Tag NAME]. */
int tags_collect_names(const Config *config, ConfigReport *report, NamedIds *names);

/*
 * Compiles the sections. Words that are not valid are added to `report` as errors, with their places. A
 * section without a key that a record could match is a warning, and its tag is left out. Returns 0 and sets
 * *ret, even if there are errors in the report; or returns -ENOMEM.
 */
int tags_compile(const Config *config, const NamedIds *names, ConfigReport *report, TagSet *ret);

/*
 * Sets event->tags, which are valid until the next call with the same set, and event->priority, the most
 * urgent priority that these tags and the event ask for. Arguments are compared one by one, without the first
 * one, which is the name of the program. Exe= is compared with the same two paths as IncludeExe= (filter.h).
 * A value that is unknown matches no word. Returns 0; or -ENOMEM, and then the event has no tags.
 */
int tags_apply(const TagSet *set, Event *event);
