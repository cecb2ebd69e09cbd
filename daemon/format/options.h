/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <errno.h>
#include <stdbool.h>

#include "event/fields.h"

/* What -f writes to standard output. */
typedef enum OutputFormat {
        OUTPUT_NONE, /* not -f: to where Target= says */
        OUTPUT_TEXT,
        OUTPUT_JSON,
        _OUTPUT_FORMAT_MAX,
        _OUTPUT_FORMAT_INVALID = -EINVAL,
} OutputFormat;

/* What the configuration says about the form of records. */
typedef struct FormatOptions {
        int facility; /* LOG_AUTHPRIV, ...: shifted, as syslog(3) wants it */
        int priority; /* of exec records: LOG_INFO, ... */
        bool unit_match; /* journal: also send OBJECT_SYSTEMD_UNIT= */
        FieldSet omit; /* fields that journal entries and JSON leave out */
        bool omit_message; /* journal entries leave out MESSAGE=, which JSON does not have */
} FormatOptions;
