/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "config/words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/cleanup.h"

static void word_done(ConfigWord *word) {
        free(word->text);
        free(word->section);
        free(word->key);
        free(word->file);
}

void config_words_done(ConfigWords *words) {
        for (size_t i = 0; i < words->n; i++)
                word_done(&words->list[i]);
        free(words->list);
        *words = (ConfigWords){};
}

int config_words_add(ConfigWords *words, const char *text, size_t size, const ConfigPlace *place) {
        ConfigWord *list, word;

        list = reallocarray(words->list, words->n + 1, sizeof(*list));
        if (!list)
                return -ENOMEM;
        words->list = list;

        word = (ConfigWord){
                .text = strndup(text, size),
                .section = strdup(place->section),
                .key = strdup(place->key),
                .file = strdup(place->file),
                .line = place->line,
        };
        if (!word.text || !word.section || !word.key || !word.file) {
                word_done(&word);
                return -ENOMEM;
        }
        list[words->n++] = word;
        return 0;
}

int config_word_refuse(const ConfigWord *word, ConfigReport *report, const char *problem) {
        return config_report_error(
                report, word->file, word->line, "%s.%s=: %s", word->section, word->key, problem);
}

int config_word_warn(const ConfigWord *word, ConfigReport *report, const char *problem) {
        return config_report_warning(
                report, word->file, word->line, "%s.%s=: %s", word->section, word->key, problem);
}
