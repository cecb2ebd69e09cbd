/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "config/tags.h"

#include <stdlib.h>
#include <string.h>

#include "config/values.h"
#include "util/cleanup.h"

#define SECTION_PREFIX "Tag "
#define NAME_SIZE_MAX 40U /* inih cuts the name of a section to 49 bytes */
#define NAME_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-."

static const char *const keys[_TAG_KEY_MAX] = {
        [TAG_USER] = "User",
        [TAG_LOGIN] = "Login",
        [TAG_GROUP] = "Group",
        [TAG_FLAG] = "Flag",
        [TAG_ERROR] = "Error",
        [TAG_PARENT] = "Parent",
        [TAG_UNIT] = "Unit",
        [TAG_CONTAINER] = "Container",
        [TAG_EXE] = "Exe",
        [TAG_CWD] = "Cwd",
        [TAG_ARGUMENT] = "Argument",
};

const char *config_tag_name(const char *section, int *ret_r) {
        const char *name = section + strlen(SECTION_PREFIX);
        size_t size;

        if (strncmp(section, SECTION_PREFIX, strlen(SECTION_PREFIX)) != 0)
                return NULL;
        size = strspn(name, NAME_CHARACTERS);
        *ret_r = size == 0 || size > NAME_SIZE_MAX || name[size] != '\0' ? -EINVAL : 0;
        return name;
}

static void tag_done(ConfigTag *tag) {
        for (size_t i = 0; i < _TAG_KEY_MAX; i++)
                config_words_done(&tag->words[i]);
        free(tag->name);
        free(tag->file);
}

int config_tag_get(Config *config, const char *name, const char *file, unsigned line, ConfigTag **ret) {
        ConfigTag *tags;

        for (size_t i = 0; i < config->n_tags; i++)
                if (strcmp(config->tags[i].name, name) == 0) {
                        *ret = &config->tags[i];
                        return 0;
                }
        if (config->n_tags >= CONFIG_TAGS_MAX)
                return -E2BIG;

        tags = reallocarray(config->tags, config->n_tags + 1, sizeof(*tags));
        if (!tags)
                return -ENOMEM;
        config->tags = tags;
        tags[config->n_tags] = (ConfigTag){ .name = strdup(name), .file = strdup(file), .line = line };
        if (!tags[config->n_tags].name || !tags[config->n_tags].file) {
                tag_done(&tags[config->n_tags]);
                return -ENOMEM;
        }
        *ret = &tags[config->n_tags++];
        return 0;
}

static TagKey find_key(const char *key) {
        for (size_t i = 0; i < _TAG_KEY_MAX; i++)
                if (strcmp(keys[i], key) == 0)
                        return (TagKey) i;
        return _TAG_KEY_INVALID;
}

bool config_tag_key_is_known(const char *key) {
        return find_key(key) >= 0 || strcmp(key, "Priority") == 0;
}

static int assign_priority(ConfigTag *tag, const char *value, char **ret_problem) {
        int priority = 0;

        tag->has_priority = value[0] != '\0';
        if (!tag->has_priority)
                return 0;
        if (value_parse_priority(value, &priority) < 0)
                return value_refuse(ret_problem, value, VALUE_PRIORITY_EXPECTED);
        tag->priority = priority;
        return 0;
}

static size_t count_words(const Config *config) {
        size_t n = 0;

        for (size_t i = 0; i < config->n_tags; i++)
                for (size_t k = 0; k < _TAG_KEY_MAX; k++)
                        n += config->tags[i].words[k].n;
        return n;
}

int config_tag_assign(
        Config *config, ConfigTag *tag, const char *key, const char *value, char **ret_problem) {
        TagKey found = find_key(key);
        size_t n = count_words(config);

        if (found < 0)
                return assign_priority(tag, value, ret_problem);
        if (value[0] == '\0') {
                config_words_done(&tag->words[found]);
                return 0;
        }
        for (;; n++) {
                _cleanup_free_ char *word = NULL;
                int r = value_next_word(&value, &word);

                if (r == -EINVAL)
                        return value_refuse(ret_problem, value, "quotes in pairs");
                if (r <= 0)
                        return r;
                if (n >= CONFIG_TAG_WORDS_MAX)
                        return value_refuse(
                                ret_problem, word, "at most %u words in all tags", CONFIG_TAG_WORDS_MAX);
                r = config_words_add(&tag->words[found], word, strlen(word), &config->place);
                if (r < 0)
                        return r;
        }
}

void config_tags_done(Config *config) {
        for (size_t i = 0; i < config->n_tags; i++)
                tag_done(&config->tags[i]);
        free(config->tags);
        config->tags = NULL;
        config->n_tags = 0;
}
