/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "filter/filter.h"

#include <string.h>

#include "util/buffer.h"
#include "util/cleanup.h"

/* What a path begins with when its front is missing. */
#define CUT_FRONT "..."

void filter_done(Filter *filter) {
        for (size_t kind = 0; kind < _FILTER_KIND_MAX; kind++) {
                rule_list_done(&filter->kinds[kind].include);
                rule_list_done(&filter->kinds[kind].exclude);
        }
}

static bool rules_are_empty(const FilterRules *rules) {
        return rule_list_is_empty(&rules->include) && rule_list_is_empty(&rules->exclude);
}

bool filter_is_empty(const Filter *filter) {
        for (size_t kind = 0; kind < _FILTER_KIND_MAX; kind++)
                if (!rules_are_empty(&filter->kinds[kind]))
                        return false;
        return true;
}

/* Appends the components of `path`; ".." takes one away, but nothing of the first `floor` bytes. */
static void append_components(Buffer *out, size_t floor, Bytes path) {
        for (size_t i = 0, end; i < path.size; i = end + 1) {
                const char *component = path.data + i, *slash = memchr(component, '/', path.size - i);

                end = slash ? (size_t) (slash - path.data) : path.size;
                if (end == i || bytes_equal((Bytes){ component, end - i }, BYTES_LITERAL(".")))
                        continue;
                if (bytes_equal((Bytes){ component, end - i }, BYTES_LITERAL(".."))) {
                        while (out->size > floor && out->data[--out->size] != '/')
                                ;
                        continue;
                }
                buffer_append_char(out, '/');
                buffer_append(out, component, end - i);
        }
}

/*
 * The absolute path of the script that runs, or of what was to run and did not, by its text alone: *ret points into
 * `storage` or into the event, and stays unset when there is none or its path is unknown. 0 or -ENOMEM.
 */
static int script_path(const Event *event, Buffer *storage, Bytes *ret) {
        Bytes filename = event->filename, cwd = event->cwd;
        size_t floor = 0;

        if ((!(event->flags & EXEC_FLAG_SCRIPT) && event->error == 0) || !bytes_is_set(filename) ||
                filename.size == 0)
                return 0;
        if (event->flags & EXEC_FLAG_FD) {
                *ret = filename;
                return 0;
        }

        if (filename.data[0] != '/') {
                if (!bytes_is_set(cwd))
                        return 0;
                if (cwd.size >= strlen(CUT_FRONT) && memcmp(cwd.data, CUT_FRONT, strlen(CUT_FRONT)) == 0) {
                        floor = strlen(CUT_FRONT);
                        buffer_append(storage, cwd.data, floor);
                        cwd = (Bytes){ cwd.data + floor, cwd.size - floor };
                }
                append_components(storage, floor, cwd);
        }
        append_components(storage, floor, filename);
        if (storage->size == 0)
                buffer_append_char(storage, '/');
        if (buffer_error(storage) < 0)
                return -ENOMEM;

        *ret = buffer_bytes(storage);
        return 0;
}

static int match_exe(const RuleList *list, const Event *event) {
        _cleanup_(buffer_done) Buffer storage = BUFFER_NULL;
        Bytes script = BYTES_NULL;
        int r;

        r = rule_list_match_text(list, event->exe);
        if (r != 0 || list->n_globs == 0)
                return r;
        r = script_path(event, &storage, &script);
        if (r < 0)
                return r;
        return rule_list_match_text(list, script);
}

static int match_unit(const RuleList *list, const CgroupPlace *place) {
        int r = rule_list_match_text(list, place->unit);

        return r != 0 ? r : rule_list_match_text(list, place->user_unit);
}

/* 1: a rule of the list matches; 0: none does; -ENOMEM. */
static int match(FilterKind kind, const RuleList *list, const Event *event) {
        switch (kind) {
        case FILTER_USER:
                return rule_list_match_id(list, event->uid);
        case FILTER_GROUP:
                return rule_list_match_id(list, event->gid);
        case FILTER_LOGIN:
                return rule_list_match_id(list, event->loginuid);
        case FILTER_EXE:
                return match_exe(list, event);
        case FILTER_UNIT:
                return match_unit(list, &event->place);
        case FILTER_PARENT:
                return rule_list_match_text(list, event->comm);
        default:
                return 0;
        }
}

/* By results of match(): no memory is neither a match of an Exclude nor a miss of an Include, so the record stays. */
static int kind_dropped_by(FilterKind kind, const FilterRules *rules, int excluded, int included) {
        if (excluded > 0)
                return FILTER_RULE_EXCLUDE(kind);
        if (!rule_list_is_empty(&rules->include) && included == 0)
                return FILTER_RULE_INCLUDE(kind);
        return FILTER_PASSES;
}

int filter_dropped_by(const Filter *filter, const Event *event) {
        for (FilterKind kind = 0; kind < _FILTER_KIND_MAX; kind++) {
                const FilterRules *rules = &filter->kinds[kind];
                int rule;

                if (rules_are_empty(rules))
                        continue;
                rule = kind_dropped_by(kind, rules, match(kind, &rules->exclude, event),
                        match(kind, &rules->include, event));
                if (rule != FILTER_PASSES)
                        return rule;
        }
        return FILTER_PASSES;
}

bool filter_has_kind(const Filter *filter, FilterKind kind) {
        return !rules_are_empty(&filter->kinds[kind]);
}

int filter_place_dropped_by(const Filter *filter, const CgroupPlace *place) {
        const FilterRules *rules = &filter->kinds[FILTER_UNIT];

        return kind_dropped_by(
                FILTER_UNIT, rules, match_unit(&rules->exclude, place), match_unit(&rules->include, place));
}

bool filter_kind_equal(const Filter *a, const Filter *b, FilterKind kind) {
        return rule_list_equal(&a->kinds[kind].include, &b->kinds[kind].include) &&
                rule_list_equal(&a->kinds[kind].exclude, &b->kinds[kind].exclude);
}
