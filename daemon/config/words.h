/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "config/report.h"

/* The place of a value in the configuration. It does not own the strings. */
typedef struct ConfigPlace {
        const char *section;
        const char *key;
        const char *file;
        unsigned line; /* from 1 */
} ConfigPlace;

/* A word, or a whole value, with its place in the configuration. It owns the strings. */
typedef struct ConfigWord {
        char *text;
        char *section;
        char *key;
        char *file;
        unsigned line; /* from 1 */
} ConfigWord;

/* Words, in the order in which they were read. A list that is all zero is empty. */
typedef struct ConfigWords {
        ConfigWord *list;
        size_t n;
} ConfigWords;

void config_words_done(ConfigWords *words);

/* Appends a copy of the `size` bytes at `text` and of the place. Returns 0 or -ENOMEM. */
int config_words_add(ConfigWords *words, const char *text, size_t size, const ConfigPlace *place);

/* Adds the error "SECTION.KEY=: PROBLEM" to the report, with the place of the word. Returns 0 or -ENOMEM. */
int config_word_refuse(const ConfigWord *word, ConfigReport *report, const char *problem);

/* Like config_word_refuse(), but adds a warning. */
int config_word_warn(const ConfigWord *word, ConfigReport *report, const char *problem);
