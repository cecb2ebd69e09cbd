/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "redact/compile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "util/cleanup.h"

static int refuse(const ConfigWord *word, ConfigReport *report, const char *reason) {
        _cleanup_free_ char *problem = NULL;

        if (asprintf(&problem, "expected a regular expression: %s", reason) < 0) {
                problem = NULL;
                return -ENOMEM;
        }
        return config_word_refuse(word, report, problem);
}

int redactor_compile(const Config *config, ConfigReport *report, Redactor *ret) {
        _cleanup_(redactor_done) Redactor redactor = {};

        for (size_t i = 0; i < config->redact.n; i++) {
                const ConfigWord *word = &config->redact.list[i];
                _cleanup_free_ char *reason = NULL;
                int r = redactor_add(&redactor, word->text, &reason);

                if (r == -EINVAL)
                        r = refuse(word, report, reason);
                if (r < 0)
                        return r;
        }
        *ret = redactor;
        redactor = (Redactor){};
        return 0;
}
