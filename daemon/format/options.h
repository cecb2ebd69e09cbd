/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <errno.h>
#include <stdbool.h>

#include "event/fields.h"

/* The format in which the option -f writes to standard output. */
typedef enum OutputFormat {
        OUTPUT_NONE, /* no -f: Target= applies */
        OUTPUT_TEXT,
        OUTPUT_JSON,
        _OUTPUT_FORMAT_MAX,
        _OUTPUT_FORMAT_INVALID = -EINVAL,
} OutputFormat;

/* The settings of the configuration for the format of records. */
typedef struct FormatOptions {
        int facility; /* LOG_AUTHPRIV, ...: shifted, as syslog(3) takes it */
        int priority; /* of exec records: LOG_INFO, ... */
        bool unit_match; /* journal: also send OBJECT_SYSTEMD_UNIT= */
        FieldSet omit; /* fields that journal entries and JSON leave out */
        bool omit_message; /* journal entries leave out MESSAGE=, which JSON does not have */
} FormatOptions;
