/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "config/config.h"
#include "config/report.h"
#include "event/event.h"
#include "users/names.h"

/*
 * The compiled sections [Tag NAME]. A record gets a tag when every key of its section matches: one of its
 * words does, if there are any without "!", and none of those with "!". All-zero: no tags.
 */
typedef struct Tag Tag;

typedef struct TagSet {
        Tag *tags;
        size_t n;
        Bytes *matched; /* room for the names of all of them */
} TagSet;

void tag_set_done(TagSet *set);

/* Adds the names of users and groups that the sections have to `names`, as filter_collect_names() does. */
int tags_collect_names(const Config *config, ConfigReport *report, NamedIds *names);

/*
 * Compiles the sections. Words that are wrong go into `report`, each with its place; a section without a key
 * that a record could match is a warning, and tags nothing. 0 and *ret, also when the report has errors now;
 * -ENOMEM.
 */
int tags_compile(const Config *config, const NamedIds *names, ConfigReport *report, TagSet *ret);

/*
 * Sets event->tags, which hold until the next call with the same set, and the most urgent priority that they
 * ask for. Arguments are matched one by one, but for the first, which is the program's own name; Exe= as
 * ExcludeExe= is. What is unknown matches no word. 0 or -ENOMEM: then the event has no tags.
 */
int tags_apply(const TagSet *set, Event *event);
