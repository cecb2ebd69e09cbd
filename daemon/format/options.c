/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "format/options.h"

#include <string.h>

size_t format_assignment_name(char ret[static FIELD_NAME_MAX], const Field *field, Bytes name) {
        size_t size = field->journal_size;

        memcpy(ret, field->journal, size);
        for (size_t i = 0; i < name.size && size < FIELD_NAME_MAX; i++)
                ret[size++] = field_name_character(name.data[i]);
        return size;
}

bool format_omits_assignment(const FormatOptions *options, const Field *field, Bytes name) {
        char buffer[FIELD_NAME_MAX];
        Bytes journal;

        if (!options->omit_names)
                return false;
        journal = (Bytes){ buffer, format_assignment_name(buffer, field, name) };
        for (size_t i = 0; i < options->omit_names->n; i++)
                if (bytes_equal(journal, bytes_of_string(options->omit_names->list[i].text)))
                        return true;
        return false;
}
