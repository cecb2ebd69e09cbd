/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "util/boolean.h"

#include <errno.h>
#include <stddef.h>
#include <strings.h>

#include "util/cleanup.h"

int boolean_parse(const char *text) {
        static const char *const words[][2] = {
                { "0", "1" },
                { "no", "yes" },
                { "n", "y" },
                { "false", "true" },
                { "f", "t" },
                { "off", "on" },
        };

        for (size_t i = 0; i < ELEMENTSOF(words); i++)
                for (int value = 0; value < 2; value++)
                        if (strcasecmp(text, words[i][value]) == 0)
                                return value;
        return -EINVAL;
}
