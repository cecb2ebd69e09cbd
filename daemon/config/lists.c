/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "config/lists.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/values.h"
#include "util/cleanup.h"

/*
 * The maximum number of labels, and of variables. With it an entry has far fewer than the 1024 fields that
 * journald accepts.
 */
#define LIST_MAX 256U

static int next_word(const char **value, char **ret, char **ret_problem) {
        int r = value_next_word(value, ret);

        return r == -EINVAL ? value_refuse(ret_problem, *value, "quotes in pairs") : r;
}

int config_assign_words(const ConfigKey *key, Config *config, const char *value, char **ret_problem) {
        for (;;) {
                _cleanup_free_ char *word = NULL;
                int r = next_word(&value, &word, ret_problem);

                if (r <= 0)
                        return r;
                r = config_words_add(config_key_field(key, config), word, strlen(word), &config->place);
                if (r < 0)
                        return r;
        }
}

int config_assign_text(const ConfigKey *key, Config *config, const char *value, char **ret_problem) {
        (void) ret_problem;
        return config_words_add(config_key_field(key, config), value, strlen(value), &config->place);
}

void config_reset_words(const ConfigKey *key, Config *config) {
        config_words_done(config_key_field(key, config));
}

/* Name and value share one allocation, which label->name.data owns. */
static int label_new(const char *text, size_t name_size, Assignment *ret) {
        char *copy = strdup(text);

        if (!copy)
                return -ENOMEM;
        *ret = (Assignment){
                .name = { .data = copy, .size = name_size },
                .value = bytes_of_string(copy + name_size + 1),
        };
        return 0;
}

static void label_done(Assignment *label) {
        free((char *) label->name.data);
        *label = (Assignment){};
}

int config_assign_label(const ConfigKey *key, Config *config, const char *value, char **ret_problem) {
        const Bytes name = { .data = value, .size = strcspn(value, "=") };
        Assignment *labels, label;
        int r;

        (void) key;
        if (value[name.size] != '=' || !value_is_label_name(name))
                return value_refuse(ret_problem, value,
                        "KEY=value, KEY of at most 53 capital letters, digits and underscores");

        r = label_new(value, name.size, &label);
        if (r < 0)
                return r;

        for (size_t i = 0; i < config->n_labels; i++)
                if (bytes_equal(config->labels[i].name, name)) {
                        label_done(&config->labels[i]);
                        config->labels[i] = label;
                        return 0;
                }

        if (config->n_labels >= LIST_MAX) {
                label_done(&label);
                return value_refuse(ret_problem, value, "at most %u labels", LIST_MAX);
        }
        labels = reallocarray(config->labels, config->n_labels + 1, sizeof(*labels));
        if (!labels) {
                label_done(&label);
                return -ENOMEM;
        }
        config->labels = labels;
        labels[config->n_labels++] = label;
        return 0;
}

void config_reset_labels(const ConfigKey *key, Config *config) {
        (void) key;
        for (size_t i = 0; i < config->n_labels; i++)
                label_done(&config->labels[i]);
        free(config->labels);
        config->labels = NULL;
        config->n_labels = 0;
}

static bool environment_has(const Config *config, Bytes name) {
        for (size_t i = 0; i < config->n_environment; i++)
                if (bytes_equal(bytes_of_string(config->environment[i]), name))
                        return true;
        return false;
}

int config_assign_environment(const ConfigKey *key, Config *config, const char *value, char **ret_problem) {
        (void) key;
        for (;;) {
                _cleanup_free_ char *name = NULL;
                char **environment;
                Bytes word;
                int r;

                r = next_word(&value, &name, ret_problem);
                if (r <= 0)
                        return r;
                word = bytes_of_string(name);
                if (!value_is_environment_name(word))
                        return value_refuse(ret_problem, name,
                                "names of variables of at most 55 letters, digits and underscores, which may "
                                "end with a star");
                if (environment_has(config, word))
                        continue;
                if (config->n_environment >= LIST_MAX)
                        return value_refuse(ret_problem, name, "at most %u variables", LIST_MAX);

                environment =
                        reallocarray(config->environment, config->n_environment + 1, sizeof(*environment));
                if (!environment)
                        return -ENOMEM;
                config->environment = environment;
                environment[config->n_environment++] = TAKE_PTR(name);
        }
}

void config_reset_environment(const ConfigKey *key, Config *config) {
        (void) key;
        for (size_t i = 0; i < config->n_environment; i++)
                free(config->environment[i]);
        free(config->environment);
        config->environment = NULL;
        config->n_environment = 0;
}
