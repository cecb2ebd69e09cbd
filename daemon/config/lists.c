/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "config/lists.h"

#include <stdio.h>
#include <string.h>

#include "config/values.h"

/* Labels and variables together stay well below the 1024 fields that journald takes in an entry. */
#define LIST_MAX 256U

static int assign_ids(RuleList *list, IdKind kind, const char *value, char **ret_problem) {
        const char *what = kind == ID_USER ? "user" : "group";
        Bytes word;

        while (value_next_word(&value, &word)) {
                _cleanup_free_ char *id = strndup(word.data, word.size);
                int r;

                if (!id)
                        return -ENOMEM;
                r = rule_list_add_ids(list, kind, id);
                if (r == -ENOMEM)
                        return r;
                if (r == -ESRCH)
                        return value_refuse(ret_problem, id, "a %s that exists", what);
                if (r == -EINVAL)
                        return value_refuse(ret_problem, id,
                                "a %s name, an id (0 to %u) or a range of ids (a-b)", what, UINT32_MAX - 1);
                if (r < 0)
                        return value_refuse(ret_problem, id, "a %s that can be looked up (which failed: %s)",
                                what, strerror(-r));
        }
        return 0;
}

int config_assign_users(const ConfigKey *key, Config *config, const char *value, char **ret_problem) {
        return assign_ids(config_key_field(key, config), ID_USER, value, ret_problem);
}

int config_assign_groups(const ConfigKey *key, Config *config, const char *value, char **ret_problem) {
        return assign_ids(config_key_field(key, config), ID_GROUP, value, ret_problem);
}

int config_assign_globs(const ConfigKey *key, Config *config, const char *value, char **ret_problem) {
        Bytes word;

        while (value_next_word(&value, &word)) {
                _cleanup_free_ char *glob = strndup(word.data, word.size);
                int r;

                if (!glob)
                        return -ENOMEM;
                r = rule_list_add_glob(config_key_field(key, config), glob);
                if (r == -EINVAL)
                        return value_refuse(ret_problem, glob, "a glob");
                if (r < 0)
                        return r;
        }
        return 0;
}

void config_reset_rules(const ConfigKey *key, Config *config) {
        RuleList *list = config_key_field(key, config);

        rule_list_done(list);
        *list = (RuleList){};
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
        Bytes word;

        (void) key;
        while (value_next_word(&value, &word)) {
                _cleanup_free_ char *name = strndup(word.data, word.size);
                char **environment;

                if (!name)
                        return -ENOMEM;
                if (!value_is_environment_name(word))
                        return value_refuse(ret_problem, name,
                                "names of variables of at most 55 letters, digits and underscores");
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
        return 0;
}

void config_reset_environment(const ConfigKey *key, Config *config) {
        (void) key;
        for (size_t i = 0; i < config->n_environment; i++)
                free(config->environment[i]);
        free(config->environment);
        config->environment = NULL;
        config->n_environment = 0;
}

int config_assign_redact(const ConfigKey *key, Config *config, const char *value, char **ret_problem) {
        _cleanup_free_ char *reason = NULL, *problem = NULL;
        int r;

        r = redactor_add(config_key_field(key, config), value, &reason);
        if (r != -EINVAL)
                return r;

        r = value_refuse(&problem, value, "a POSIX extended regular expression");
        if (r != -EINVAL)
                return r;
        if (asprintf(ret_problem, "%s: %s", problem, reason) < 0) {
                *ret_problem = NULL;
                return -ENOMEM;
        }
        return -EINVAL;
}

void config_reset_redact(const ConfigKey *key, Config *config) {
        Redactor *redactor = config_key_field(key, config);

        redactor_done(redactor);
        *redactor = (Redactor){};
}
