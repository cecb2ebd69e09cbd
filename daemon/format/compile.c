/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "format/compile.h"

#include <errno.h>
#include <string.h>

#include "config/values.h"
#include "util/cleanup.h"

/* Returns true for fields by which readers find and distinguish entries. They can't be omitted. */
static bool field_is_needed(const char *name) {
        static const char *const needed[] = { "MESSAGE_ID", "PRIORITY", "SYSLOG_FACILITY",
                "SYSLOG_IDENTIFIER" };

        for (size_t i = 0; i < ELEMENTSOF(needed); i++)
                if (strcmp(name, needed[i]) == 0)
                        return true;
        return false;
}

/*
 * Returns true for the name of a field with a label or a variable. Which of these there are is not known: a
 * star in Environment= stands for any.
 */
static bool field_is_assignment(const char *name) {
        static const char *const prefixes[] = { "EXEC_LABEL_", "EXEC_ENV_" };

        for (size_t i = 0; i < ELEMENTSOF(prefixes); i++) {
                size_t front = strlen(prefixes[i]), size = strlen(name);

                if (strncmp(name, prefixes[i], front) == 0 && size > front && size <= FIELD_NAME_MAX)
                        return strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == size;
        }
        return false;
}

int format_compile(const Config *config, ConfigReport *report, FormatOptions *ret) {
        FormatOptions options = {
                .facility = config->facility,
                .priority = config->priority,
                .unit_match = config->unit_match,
        };

        for (size_t i = 0; i < config->omit_field.n; i++) {
                const ConfigWord *word = &config->omit_field.list[i];
                _cleanup_free_ char *problem = NULL;
                int r;

                if (strcmp(word->text, "MESSAGE") == 0) {
                        options.omit_message = true;
                        continue;
                }
                if (strcmp(word->text, "OBJECT_SYSTEMD_UNIT") == 0) {
                        options.unit_match = false;
                        continue;
                }
                if (field_is_assignment(word->text)) {
                        options.omit_names = &config->omit_field;
                        continue;
                }
                if (field_set_add(&options.omit, bytes_of_string(word->text)) >= 0)
                        continue;
                r = value_refuse(&problem, word->text,
                        field_is_needed(word->text) ? "a field that can be left out" : "the name of a field");
                if (r == -EINVAL)
                        r = config_word_warn(word, report, problem);
                if (r < 0)
                        return r;
        }

        *ret = options;
        return 0;
}
