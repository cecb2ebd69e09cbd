/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <errno.h>
#include <stdbool.h>

#include "config/words.h"
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
        const ConfigWords
                *omit_names; /* names of labels and variables among others that they leave out; or NULL */
        bool omit_message; /* journal entries leave out MESSAGE=, which JSON does not have */
} FormatOptions;

/*
 * Writes the name that a label or a variable has in the journal, without a NUL, to `ret`, cut at the length
 * that journald accepts. Returns its size.
 */
#define FIELD_NAME_MAX 64
size_t format_assignment_name(char ret[static FIELD_NAME_MAX], const Field *field, Bytes name);

/* Returns true when the options leave out the label or the variable of this name. */
bool format_omits_assignment(const FormatOptions *options, const Field *field, Bytes name);
