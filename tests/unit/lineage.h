/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Lineages of cgroups, as their records have them. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "util/buffer.h"

static inline void lineage_step(Buffer *lineage, const char *name, uint64_t parent) {
        buffer_append(lineage, name, strlen(name) + 1);
        buffer_append(lineage, &parent, sizeof(parent));
        assert_int_equal(buffer_error(lineage), 0);
}
