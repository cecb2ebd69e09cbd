/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Rules, and records that they are to judge. The same is judged a second time here: globs by a matcher
 * that steps through both texts at once, ids by strtoul(3), and the path of a script by taking it apart
 * into a list of names.
 *
 * An input is up to RULES_MAX rules, each a byte (the kind, and whether it excludes) and a text; a byte of
 * 0xff ends them. Then a record.
 */

#include <ctype.h>
#include <errno.h>

#include "any-event.h"
#include "filter/filter.h"
#include "oracle-glob.h"
#include "util/buffer.h"

#define RULES_MAX 12
#define NAMES_MAX 512

typedef struct Rule {
        FilterKind kind;
        bool exclude;
        char *text;
} Rule;

/* The ids that the word stands for; false: none. */
static bool ids_of(const char *word, uint64_t *ret_first, uint64_t *ret_last) {
        char *end;

        if (isdigit((unsigned char) word[0])) {
                errno = 0;
                *ret_first = *ret_last = strtoul(word, &end, 10);
                if (*end == '-' && isdigit((unsigned char) end[1]))
                        *ret_last = strtoul(end + 1, &end, 10);
                if (*end == '\0')
                        return errno == 0 && *ret_first <= *ret_last && *ret_last < UINT32_MAX;
        }
        return false;
}

/* Appends the names of a path; what ".." has nothing to take from is dropped. */
static void names_add(Bytes names[static NAMES_MAX], size_t *n, size_t floor, Bytes path) {
        while (path.size > 0) {
                const char *slash = memchr(path.data, '/', path.size);
                Bytes name = { path.data, slash ? (size_t) (slash - path.data) : path.size };
                size_t used = name.size + (slash ? 1 : 0);

                path = (Bytes){ path.data + used, path.size - used };
                if (name.size == 0 || bytes_equal(name, BYTES_LITERAL(".")))
                        continue;
                if (bytes_equal(name, BYTES_LITERAL(".."))) {
                        *n -= *n > floor;
                        continue;
                }
                assert_true(*n < NAMES_MAX);
                names[(*n)++] = name;
        }
}

/* What IncludeExe= and ExcludeExe= look at beside the file that runs. False: nothing. */
static bool script_of(const Event *event, Buffer *ret) {
        Bytes names[NAMES_MAX], cwd = event->cwd;
        size_t n = 0;
        bool cut = false;

        if (!(event->flags & EXEC_FLAG_SCRIPT) && event->error == 0)
                return false;
        if (event->filename.size == 0)
                return false;
        if (event->flags & EXEC_FLAG_FD) {
                buffer_append_bytes(ret, event->filename);
                return true;
        }
        if (event->filename.data[0] != '/') {
                if (!bytes_is_set(cwd))
                        return false;
                cut = cwd.size >= 3 && memcmp(cwd.data, "...", 3) == 0;
                names_add(names, &n, 0, cut ? (Bytes){ cwd.data + 3, cwd.size - 3 } : cwd);
        }
        names_add(names, &n, 0, event->filename);
        if (cut)
                buffer_append_string(ret, "...");
        for (size_t i = 0; i < n; i++) {
                buffer_append_char(ret, '/');
                buffer_append_bytes(ret, names[i]);
        }
        if (ret->size == 0)
                buffer_append_char(ret, '/');
        return true;
}

/* Whether no ".." comes behind a name, by a letter for each part of the path. */
static bool is_sure(Bytes path) {
        char letters[NAMES_MAX + 1] = "";
        size_t n = 0;

        while (path.size > 0) {
                const char *slash = memchr(path.data, '/', path.size);
                Bytes name = { path.data, slash ? (size_t) (slash - path.data) : path.size };
                size_t used = name.size + (slash ? 1 : 0);

                if (name.size > 0 && !bytes_equal(name, BYTES_LITERAL("."))) {
                        assert_true(n < NAMES_MAX);
                        letters[n++] = bytes_equal(name, BYTES_LITERAL("..")) ? 'u' : 'n';
                }
                path = (Bytes){ path.data + used, path.size - used };
        }
        return !strstr(letters, "nu");
}

/* What can't be found out is no reason to drop a record. */
static bool is_unknown(FilterKind kind, const Event *event) {
        if (kind == FILTER_PARENT)
                return !bytes_is_set(event->comm) && !event->running;
        return (kind == FILTER_UNIT || kind == FILTER_USER_UNIT) && event->place_unknown;
}

static bool rule_matches(const Rule *rule, const Event *event) {
        _cleanup_(buffer_done) Buffer script = BUFFER_NULL;
        const CgroupPlace *place = &event->place;
        uint64_t first, last;
        uint32_t id = rule->kind == FILTER_USER ? event->uid
                : rule->kind == FILTER_GROUP    ? event->gid
                                                : event->loginuid;

        switch (rule->kind) {
        case FILTER_USER:
        case FILTER_GROUP:
        case FILTER_LOGIN:
                assert_true(ids_of(rule->text, &first, &last));
                return id >= first && id <= last;
        case FILTER_EXE:
                if (bytes_is_set(event->exe) && glob_matches(rule->text, event->exe))
                        return true;
                if (rule->exclude && !is_sure(event->filename))
                        return false;
                return script_of(event, &script) && glob_matches(rule->text, buffer_bytes(&script));
        case FILTER_UNIT:
                return bytes_is_set(place->unit) && glob_matches(rule->text, place->unit);
        case FILTER_USER_UNIT:
                return bytes_is_set(place->user_unit) && glob_matches(rule->text, place->user_unit);
        default:
                return bytes_is_set(event->comm) && glob_matches(rule->text, event->comm);
        }
}

static bool is_exempt(FilterKind kind, const Event *event) {
        return (event->flags & EXEC_FLAG_USERNS) &&
                (kind == FILTER_EXE || kind == FILTER_USER_UNIT || kind == FILTER_PARENT);
}

/* The rule that drops the record: kind after kind, an Exclude that matches, else an Include that does not. */
static int expect_rule(const Rule *rules, size_t n, const Event *event) {
        for (FilterKind kind = 0; kind < _FILTER_KIND_MAX; kind++) {
                bool excluded = false, wanted = false, matched = false;

                for (size_t i = 0; i < n; i++) {
                        bool match = rules[i].kind == kind && rule_matches(&rules[i], event);

                        excluded = excluded || (rules[i].exclude && match && !is_exempt(kind, event));
                        wanted = wanted || (!rules[i].exclude && rules[i].kind == kind);
                        matched = matched || (!rules[i].exclude && (match || is_unknown(kind, event)));
                }
                if (excluded)
                        return FILTER_RULE_EXCLUDE(kind);
                if (wanted && !matched)
                        return FILTER_RULE_INCLUDE(kind);
        }
        return FILTER_PASSES;
}

/* Ranges put together hold the ids that they held before, and no two of them touch. */
static void check_merged(const RuleList *list, uint32_t id) {
        IdRange merged[RULES_MAX];
        bool found = false;
        size_t n;

        assert_int_equal(rule_list_merge_ids(list, merged, RULES_MAX, &n), 0);
        assert_true(n <= list->n_ranges);
        for (size_t i = 0; i < n; i++) {
                assert_true(merged[i].first <= merged[i].last);
                assert_true(i == 0 || (uint64_t) merged[i - 1].last + 1 < merged[i].first);
                found = found || (id >= merged[i].first && id <= merged[i].last);
        }
        assert_int_equal(found, rule_list_match_id(list, id));
        for (size_t i = 0; i < list->n_ranges; i++)
                assert_true(rule_list_match_id(list, list->ranges[i].first) &&
                        rule_list_match_id(list, list->ranges[i].last));
        if (n > 1)
                assert_int_equal(rule_list_merge_ids(list, merged, n - 1, &n), -E2BIG);
}

/* Whether the rule was taken, as it has to be. */
static bool add_rule(Filter *filter, const Rule *rule) {
        FilterRules *rules = &filter->kinds[rule->kind];
        RuleList *list = rule->exclude ? &rules->exclude : &rules->include;
        uint64_t first, last;
        bool good;
        int r;

        if (rule->kind <= FILTER_LOGIN) {
                r = rule_list_add_ids(list, rule->text);
                good = ids_of(rule->text, &first, &last);
        } else {
                r = rule_list_add_glob(list, rule->text);
                good = rule->text[0] != '\0';
        }
        assert_int_equal(r == 0, good);
        return good;
}

/* The path of a script is exactly the one that is expected: a glob of nothing but that path includes it. */
static void check_script(const Event *event) {
        _cleanup_(buffer_done) Buffer script = BUFFER_NULL, glob = BUFFER_NULL;
        _cleanup_(filter_done) Filter filter = {};
        Event alone = *event;

        alone.exe = BYTES_NULL;
        if (!script_of(&alone, &script))
                return;
        for (size_t i = 0; i < script.size; i++) {
                if ((unsigned char) script.data[i] < 0x80)
                        buffer_append_char(&glob, '\\');
                buffer_append_char(&glob, script.data[i]);
        }
        buffer_append_char(&glob, '\0');
        assert_int_equal(buffer_error(&glob), 0);
        assert_int_equal(rule_list_add_glob(&filter.kinds[FILTER_EXE].include, glob.data), 0);
        assert_int_equal(filter_dropped_by(&filter, &alone), FILTER_PASSES);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(filter_done) Filter filter = {};
        Rule rules[RULES_MAX];
        Input input = { data, size };
        bool simple = true;
        AnyEvent any;
        size_t n = 0;
        int dropped_by;

        while (n < RULES_MAX && input.size > 0) {
                uint64_t order = input_number(&input, 1);
                Rule rule = { .kind = order % _FILTER_KIND_MAX, .exclude = order & 0x80 };

                if (order == 0xff)
                        break;
                rule.text = string_of(input_text(&input));
                if (add_rule(&filter, &rule)) {
                        rules[n++] = rule;
                        simple = simple && glob_is_simple(rule.text);
                } else
                        free(rule.text);
        }
        any_event(&input, &any);
        check_script(&any.event);

        dropped_by = filter_dropped_by(&filter, &any.event);
        if (simple)
                assert_int_equal(dropped_by, expect_rule(rules, n, &any.event));
        assert_int_equal(filter_is_empty(&filter), n == 0);
        for (FilterKind kind = FILTER_USER; kind <= FILTER_LOGIN; kind++) {
                check_merged(&filter.kinds[kind].include, any.event.uid);
                check_merged(&filter.kinds[kind].exclude, any.event.gid);
        }
        for (size_t i = 0; i < n; i++)
                free(rules[i].text);
        return 0;
}
