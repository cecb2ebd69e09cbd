/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "config/report.h"

/* Where a value stands. What it points to belongs to somebody else. */
typedef struct ConfigPlace {
        const char *section;
        const char *key;
        const char *file;
        unsigned line; /* from 1 */
} ConfigPlace;

/* A word, or a whole value, as text, and where it stands. */
typedef struct ConfigWord {
        char *text;
        char *section;
        char *key;
        char *file;
        unsigned line;
} ConfigWord;

/* Words in the order in which they were read. All-zero: none. */
typedef struct ConfigWords {
        ConfigWord *list;
        size_t n;
} ConfigWords;

void config_words_done(ConfigWords *words);

/* Appends a copy of the `size` bytes at `text`. 0 or -ENOMEM. */
int config_words_add(ConfigWords *words, const char *text, size_t size, const ConfigPlace *place);

/* Adds an error at the place of the word to the report: "SECTION.KEY=: PROBLEM". 0 or -ENOMEM. */
int config_word_refuse(const ConfigWord *word, ConfigReport *report, const char *problem);

/* Adds a warning in the same way. */
int config_word_warn(const ConfigWord *word, ConfigReport *report, const char *problem);
