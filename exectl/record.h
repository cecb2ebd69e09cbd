/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-journal.h>

#include "util/buffer.h"
#include "util/bytes.h"

/* The fields that the viewer knows, in the order in which they are shown. */
typedef enum RecordField {
        RECORD_TIMESTAMP,
        RECORD_SEQ,
        RECORD_PID,
        RECORD_PPID,
        RECORD_NSPID,
        RECORD_PIDNS,
        RECORD_PGID,
        RECORD_SID,
        RECORD_PROCESS,
        RECORD_PARENT,
        RECORD_ANCESTOR,
        RECORD_UID,
        RECORD_GID,
        RECORD_EUID,
        RECORD_EGID,
        RECORD_LOGINUID,
        RECORD_SESSION,
        RECORD_USER,
        RECORD_LOGIN_USER,
        RECORD_TTY,
        RECORD_STDIN,
        RECORD_CWD,
        RECORD_COMM,
        RECORD_PARENT_COMM,
        RECORD_FILENAME,
        RECORD_EXE,
        RECORD_BUILD_ID,
        RECORD_ARGV,
        RECORD_ARGV_RAW,
        RECORD_TRUNCATED,
        RECORD_ARGV_BYTES,
        RECORD_FLAG, /* repeated: joined by commas */
        RECORD_UNIT,
        RECORD_USER_UNIT,
        RECORD_SLICE,
        RECORD_LOGIND_SESSION,
        RECORD_CONTAINER,
        RECORD_CGROUP,
        RECORD_INVOCATION_ID,
        RECORD_TAG, /* repeated: joined by commas */
        RECORD_ERRNO,
        RECORD_ERROR,
        RECORD_TRIES,
        RECORD_ENVIRONMENT_TRUNCATED,
        RECORD_ENVIRONMENT_DUPLICATE,
        RECORD_REDACT_TIMEOUT,
        RECORD_EVENT, /* EXECTRACED_EVENT: this is no exec */
        RECORD_MESSAGE,
        RECORD_HOSTNAME,
        RECORD_MACHINE_ID,
        RECORD_BOOT_ID,
        RECORD_EXTRA, /* all others that begin with EXEC_ or EXECTRACED_, as NAME=VALUE */
        _RECORD_FIELD_MAX,
} RecordField;

#define RECORD_BIT(field) (UINT64_C(1) << (field))
#define RECORD_ALL (RECORD_BIT(_RECORD_FIELD_MAX) - 1)
_Static_assert(_RECORD_FIELD_MAX < 64, "a set of fields is a uint64_t");

/* How a value is written in JSON. */
typedef enum RecordKind {
        RECORD_TEXT,
        RECORD_NUMBER,
        RECORD_TRUTH, /* "yes" is true */
        RECORD_ARGUMENTS,
        RECORD_LIST,
} RecordKind;

typedef struct RecordFieldInfo {
        const char *name; /* the journal's */
        size_t name_size;
        const char *key; /* JSON's */
        RecordKind kind;
} RecordFieldInfo;

extern const RecordFieldInfo record_fields[_RECORD_FIELD_MAX];

/* EXEC_FLAG, as bits. */
typedef enum RecordFlag {
        FLAG_SCRIPT = 1U << 0,
        FLAG_FD = 1U << 1,
        FLAG_MEMFD = 1U << 2,
        FLAG_DELETED = 1U << 3,
        FLAG_SETUID = 1U << 4,
        FLAG_SETGID = 1U << 5,
        FLAG_FILECAPS = 1U << 6,
        FLAG_COMPAT = 1U << 7,
        FLAG_THREAD = 1U << 8,
        FLAG_KERNEL = 1U << 9,
        FLAG_UNREAD = 1U << 10,
        FLAG_INTERACTIVE = 1U << 11,
        FLAG_ORPHAN = 1U << 12,
        FLAG_USERNS = 1U << 13,
        FLAG_TRACED = 1U << 14,
        FLAG_CHECK = 1U << 15,
        FLAG_DIED = 1U << 16,
        FLAG_RUNNING = 1U << 17,
} RecordFlag;

/* One entry of the journal, as far as it was asked for. */
typedef struct Record {
        /* Unset: not there, or not asked for. Valid until the next record is read. */
        Bytes field[_RECORD_FIELD_MAX];
        uint64_t received; /* when journald took it: microseconds since the epoch */
        uint32_t flags; /* known ones of RECORD_FLAG */
        Bytes *extra; /* NAME=VALUE each, with RECORD_EXTRA */
        size_t n_extra;
        /* private: where the bytes are */
        Buffer storage;
        size_t offset[_RECORD_FIELD_MAX];
        size_t *extra_end;
        size_t extra_allocated;
} Record;

void record_done(Record *record);

/*
 * Reads the fields in `fields` (RECORD_BIT) of the journal's current entry. Of a field that is there twice,
 * and should not be, the first value is kept. Returns 0, -ENOMEM, or what sd-journal reports of a damaged
 * file.
 */
int record_read(Record *record, sd_journal *journal, uint64_t fields);

static inline bool record_has(const Record *record, RecordField field) {
        return bytes_is_set(record->field[field]);
}

/* Reads a decimal number. Returns false, and leaves *ret alone, when the field is not there or no number. */
bool record_number(const Record *record, RecordField field, uint64_t *ret);

/* When it was executed: EXEC_TIMESTAMP, or when journald received it where that is missing or absurd. */
uint64_t record_time(const Record *record);

/* The flag of that name, or 0. */
uint32_t record_flag_of(Bytes name);
const char *record_flag_name(unsigned bit);

/* Makes a copy with memory of its own, for record_done(). 0 or -ENOMEM. */
int record_copy(const Record *record, Record *ret);

/* Reads one more field of the same entry. What was read before stays, but at another place in memory. */
int record_read_more(Record *record, sd_journal *journal, RecordField field);
