/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-journal.h>

#include "util/buffer.h"
#include "util/bytes.h"

/* The fields that the viewer knows, in the order in which it shows them. */
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
        RECORD_EVENT, /* EXECTRACED_EVENT, which an exec does not have */
        RECORD_MESSAGE,
        RECORD_HOSTNAME,
        RECORD_MACHINE_ID,
        RECORD_BOOT_ID,
        RECORD_EXTRA, /* all other fields that begin with EXEC, as NAME=VALUE */
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
        const char *name; /* in the journal */
        size_t name_size;
        const char *key; /* in JSON */
        RecordKind kind;
} RecordFieldInfo;

extern const RecordFieldInfo record_fields[_RECORD_FIELD_MAX];

/* The values of EXEC_FLAG as bits. */
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

/* An entry of the journal, with the fields that were read. */
typedef struct Record {
        /* Valid until the next record is read. Unset when the field does not exist or was not read. */
        Bytes field[_RECORD_FIELD_MAX];
        uint64_t received; /* when journald received it, in microseconds since the epoch */
        uint32_t flags; /* enum RecordFlag; flags that are unknown here are left out */
        Bytes *extra; /* the fields of RECORD_EXTRA, each as NAME=VALUE */
        size_t n_extra;
        /* private: where the bytes are */
        Buffer storage;
        size_t offset[_RECORD_FIELD_MAX];
        size_t *extra_end;
        size_t extra_allocated;
} Record;

void record_done(Record *record);

/*
 * Reads the fields in the set `fields` (RECORD_BIT()) of the current entry of the journal. If a field has
 * several values and is not a list, the first value is taken. Returns 0, -ENOMEM, or the error of sd-journal
 * for a damaged file.
 */
int record_read(Record *record, sd_journal *journal, uint64_t fields);

static inline bool record_has(const Record *record, RecordField field) {
        return bytes_is_set(record->field[field]);
}

/*
 * Reads the decimal number in a field. Returns true and sets *ret; or returns false, and leaves *ret
 * unchanged, when the field is unset or not a number.
 */
bool record_number(const Record *record, RecordField field, uint64_t *ret);

/*
 * Returns the time of the exec in microseconds since the epoch. It is EXEC_TIMESTAMP, or when journald
 * received the entry if that is unset or after the year 9999.
 */
uint64_t record_time(const Record *record);

/* Returns the flag of this name, or 0. */
uint32_t record_flag_of(Bytes name);

/* Makes a copy with its own memory, which the caller passes to record_done(). Returns 0 or -ENOMEM. */
int record_copy(const Record *record, Record *ret);

/*
 * Reads another field of the same entry. The other fields are kept, but may be moved in memory. Returns like
 * record_read().
 */
int record_read_more(Record *record, sd_journal *journal, RecordField field);
