/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Every record is compared with each tag, and with the keys of a tag in the order of their cost, until one
 * does not match. Arguments can be long, and any user can choose them, so they are compared only when all
 * other keys match.
 */

#include "filter/tags.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/values.h"
#include "event/fields.h"
#include "event/flags.h"
#include "filter/script.h"
#include "filter/words.h"
#include "util/cleanup.h"

/* The words of one key. */
typedef struct TagCondition {
        RuleList wanted; /* one of these has to match, unless it is empty */
        RuleList unwanted; /* none of these may match */
} TagCondition;

struct Tag {
        Bytes name;
        bool has_priority;
        int priority;
        TagCondition conditions[_TAG_KEY_MAX];
};

/* An event, and values that are computed once for all tags. */
typedef struct Subject {
        const Event *event;
        Bytes script; /* the path of the script; unset: none */
        Bytes error;
} Subject;

static void tag_done(Tag *tag) {
        for (size_t i = 0; i < _TAG_KEY_MAX; i++) {
                rule_list_done(&tag->conditions[i].wanted);
                rule_list_done(&tag->conditions[i].unwanted);
        }
        free((char *) tag->name.data);
}

void tag_set_done(TagSet *set) {
        for (size_t i = 0; i < set->n; i++)
                tag_done(&set->tags[i]);
        free(set->tags);
        free(set->matched);
        *set = (TagSet){};
}

static bool key_is_of_ids(TagKey key) {
        return key == TAG_USER || key == TAG_LOGIN || key == TAG_GROUP;
}

static UserQuestionKind name_kind(TagKey key) {
        return key == TAG_GROUP ? GROUP_ID_OF_NAME : USER_ID_OF_NAME;
}

static bool is_unset_login(TagKey key, const char *text) {
        return key == TAG_LOGIN && strcmp(text, "unset") == 0;
}

/* Returns the word without its "!". It shares the strings of `word`. */
static ConfigWord word_strip(const ConfigWord *word, bool *ret_unwanted) {
        ConfigWord stripped = *word;

        *ret_unwanted = word->text[0] == '!';
        stripped.text += *ret_unwanted;
        return stripped;
}

int tags_collect_names(const Config *config, ConfigReport *report, NamedIds *names) {
        for (size_t i = 0; i < config->n_tags; i++)
                for (TagKey key = 0; key < _TAG_KEY_MAX; key++) {
                        const ConfigWords *words = &config->tags[i].words[key];

                        for (size_t k = 0; key_is_of_ids(key) && k < words->n; k++) {
                                bool unwanted;
                                ConfigWord word = word_strip(&words->list[k], &unwanted);
                                int r = is_unset_login(key, word.text)
                                        ? 0
                                        : rule_word_collect(&word, name_kind(key), report, names);

                                if (r < 0)
                                        return r;
                        }
                }
        return 0;
}

static bool is_flag(const char *name) {
        for (unsigned i = 0; i < EXEC_FLAG_COUNT; i++)
                if (strcmp(flag_name(i), name) == 0)
                        return true;
        return false;
}

static int add_flag(RuleList *list, const ConfigWord *word, ConfigReport *report) {
        _cleanup_free_ char *problem = NULL;
        int r;

        if (is_flag(word->text))
                return rule_list_add_glob(list, word->text);
        r = value_refuse(&problem, word->text, "a flag as EXEC_FLAG= has it");
        return r == -EINVAL ? config_word_refuse(word, report, problem) : r;
}

static int add_word(
        Tag *tag, TagKey key, const ConfigWord *whole, const NamedIds *names, ConfigReport *report) {
        bool unwanted;
        ConfigWord word = word_strip(whole, &unwanted);
        TagCondition *condition = &tag->conditions[key];
        RuleList *list = unwanted ? &condition->unwanted : &condition->wanted;

        if (is_unset_login(key, word.text))
                return rule_list_add_id(list, EVENT_ID_UNSET);
        if (key_is_of_ids(key))
                return rule_word_add_ids(list, name_kind(key), &word, names, report);
        if (key == TAG_FLAG)
                return add_flag(list, &word, report);
        return rule_word_add_glob(list, &word, report);
}

static int tag_compile(const ConfigTag *config, const NamedIds *names, ConfigReport *report, Tag *tag) {
        char *name = strdup(config->name);
        size_t n_words = 0;

        if (!name)
                return -ENOMEM;
        *tag = (Tag){
                .name = bytes_of_string(name),
                .has_priority = config->has_priority,
                .priority = config->priority,
        };
        for (TagKey key = 0; key < _TAG_KEY_MAX; key++)
                for (size_t i = 0; i < config->words[key].n; i++, n_words++) {
                        int r = add_word(tag, key, &config->words[key].list[i], names, report);

                        if (r < 0)
                                return r;
                }
        if (n_words > 0)
                return 1;
        return config_report_warning(report, config->file, config->line,
                "[Tag %s] has no key that a record could match, ignored", config->name);
}

int tags_compile(const Config *config, const NamedIds *names, ConfigReport *report, TagSet *ret) {
        _cleanup_(tag_set_done) TagSet set = {};

        if (config->n_tags > 0) {
                set.tags = calloc(config->n_tags, sizeof(*set.tags));
                set.matched = calloc(config->n_tags, sizeof(*set.matched));
                if (!set.tags || !set.matched)
                        return -ENOMEM;
        }
        for (size_t i = 0; i < config->n_tags; i++) {
                int r = tag_compile(&config->tags[i], names, report, &set.tags[set.n]);

                if (r <= 0)
                        tag_done(&set.tags[set.n]);
                else
                        set.n++;
                if (r < 0)
                        return r;
        }
        *ret = set;
        set = (TagSet){};
        return 0;
}

static bool match_flags(const RuleList *list, uint32_t flags) {
        for (unsigned i = 0; i < EXEC_FLAG_COUNT; i++)
                if (flags & 1U << i && rule_list_match_text(list, bytes_of_string(flag_name(i))))
                        return true;
        return false;
}

static bool match_arguments(const RuleList *list, const Event *event) {
        for (size_t i = 1; i < event->argc; i++)
                if (rule_list_match_text(list, event->argv[i]))
                        return true;
        return false;
}

static bool match(TagKey key, const RuleList *list, const Subject *subject) {
        const Event *event = subject->event;

        switch (key) {
        case TAG_USER:
                return rule_list_match_id(list, event->uid);
        case TAG_LOGIN:
                return rule_list_match_id(list, event->loginuid);
        case TAG_GROUP:
                return rule_list_match_id(list, event->gid);
        case TAG_FLAG:
                return match_flags(list, event->flags);
        case TAG_ERROR:
                return rule_list_match_text(list, subject->error);
        case TAG_PARENT:
                return rule_list_match_text(list, event->comm);
        case TAG_UNIT:
                return rule_list_match_text(list, event->place.unit);
        case TAG_CONTAINER:
                return rule_list_match_text(list, event->place.container);
        case TAG_EXE:
                return rule_list_match_text(list, event->exe) || rule_list_match_text(list, subject->script);
        case TAG_CWD:
                return rule_list_match_text(list, event->cwd);
        case TAG_ARGUMENT:
                return match_arguments(list, event);
        default:
                return false;
        }
}

static bool tag_matches(const Tag *tag, const Subject *subject) {
        for (TagKey key = 0; key < _TAG_KEY_MAX; key++) {
                const TagCondition *condition = &tag->conditions[key];

                if (!rule_list_is_empty(&condition->wanted) && !match(key, &condition->wanted, subject))
                        return false;
                if (!rule_list_is_empty(&condition->unwanted) && match(key, &condition->unwanted, subject))
                        return false;
        }
        return true;
}

int tags_apply(const TagSet *set, Event *event) {
        _cleanup_(buffer_done) Buffer storage = BUFFER_NULL;
        char error[ERROR_NAME_SIZE];
        Subject subject = { .event = event };
        size_t n = 0;
        int r;

        event->tags = NULL;
        event->n_tags = 0;
        if (set->n == 0)
                return 0;
        r = script_path(event, &storage, &subject.script);
        if (r < 0)
                return r;
        if (event->error != 0)
                subject.error = bytes_of_string(field_error_name(error, event->error));

        for (size_t i = 0; i < set->n; i++) {
                const Tag *tag = &set->tags[i];

                if (!tag_matches(tag, &subject))
                        continue;
                set->matched[n++] = tag->name;
                if (tag->has_priority && (!event->has_priority || tag->priority < event->priority)) {
                        event->has_priority = true;
                        event->priority = tag->priority;
                }
        }
        event->tags = set->matched;
        event->n_tags = n;
        return 0;
}
