/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "row.h"

Style row_style(const Record *record) {
        if (record_has(record, RECORD_ERRNO) || (record->flags & FLAG_DIED))
                return STYLE_FAILED;
        if (record->flags & (FLAG_SETUID | FLAG_SETGID | FLAG_FILECAPS))
                return STYLE_PRIVILEGE;
        if (record->flags & (FLAG_MEMFD | FLAG_DELETED))
                return STYLE_MEMORY;
        return STYLE_NORMAL;
}

Bytes row_unit(const Record *record) {
        return record->field[record_has(record, RECORD_USER_UNIT) ? RECORD_USER_UNIT : RECORD_UNIT];
}
