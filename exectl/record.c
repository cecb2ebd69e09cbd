/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "event/flags.h"
#include "guard.h"
#include "number.h"
#include "util/cleanup.h"

#define FIELD(name, key, kind) \
        { name, sizeof(name) - 1, key, kind }

const RecordFieldInfo record_fields[_RECORD_FIELD_MAX] = {
        [RECORD_TIMESTAMP] = FIELD("EXEC_TIMESTAMP", "timestamp", RECORD_NUMBER),
        [RECORD_SEQ] = FIELD("EXEC_SEQ", "seq", RECORD_NUMBER),
        [RECORD_PID] = FIELD("EXEC_PID", "pid", RECORD_NUMBER),
        [RECORD_PPID] = FIELD("EXEC_PPID", "ppid", RECORD_NUMBER),
        [RECORD_NSPID] = FIELD("EXEC_NSPID", "nspid", RECORD_NUMBER),
        [RECORD_PIDNS] = FIELD("EXEC_PIDNS", "pidns", RECORD_NUMBER),
        [RECORD_PGID] = FIELD("EXEC_PGID", "pgid", RECORD_NUMBER),
        [RECORD_SID] = FIELD("EXEC_SID", "sid", RECORD_NUMBER),
        [RECORD_PROCESS] = FIELD("EXEC_PROCESS", "process", RECORD_TEXT),
        [RECORD_PARENT] = FIELD("EXEC_PARENT", "parent", RECORD_TEXT),
        [RECORD_ANCESTOR] = FIELD("EXEC_ANCESTOR", "ancestor", RECORD_TEXT),
        [RECORD_UID] = FIELD("EXEC_UID", "uid", RECORD_NUMBER),
        [RECORD_GID] = FIELD("EXEC_GID", "gid", RECORD_NUMBER),
        [RECORD_EUID] = FIELD("EXEC_EUID", "euid", RECORD_NUMBER),
        [RECORD_EGID] = FIELD("EXEC_EGID", "egid", RECORD_NUMBER),
        [RECORD_LOGINUID] = FIELD("EXEC_LOGINUID", "loginuid", RECORD_NUMBER),
        [RECORD_SESSION] = FIELD("EXEC_SESSION", "session", RECORD_NUMBER),
        [RECORD_USER] = FIELD("EXEC_USER", "user", RECORD_TEXT),
        [RECORD_LOGIN_USER] = FIELD("EXEC_LOGIN_USER", "login_user", RECORD_TEXT),
        [RECORD_TTY] = FIELD("EXEC_TTY", "tty", RECORD_TEXT),
        [RECORD_STDIN] = FIELD("EXEC_STDIN", "stdin", RECORD_TEXT),
        [RECORD_CWD] = FIELD("EXEC_CWD", "cwd", RECORD_TEXT),
        [RECORD_COMM] = FIELD("EXEC_COMM", "comm", RECORD_TEXT),
        [RECORD_PARENT_COMM] = FIELD("EXEC_PARENT_COMM", "parent_comm", RECORD_TEXT),
        [RECORD_FILENAME] = FIELD("EXEC_FILENAME", "filename", RECORD_TEXT),
        [RECORD_EXE] = FIELD("EXEC_EXE", "exe", RECORD_TEXT),
        [RECORD_BUILD_ID] = FIELD("EXEC_BUILD_ID", "build_id", RECORD_TEXT),
        [RECORD_ARGV] = FIELD("EXEC_ARGV", "argv", RECORD_ARGUMENTS),
        [RECORD_ARGV_RAW] = FIELD("EXEC_ARGV_RAW", "argv_raw", RECORD_TEXT),
        [RECORD_TRUNCATED] = FIELD("EXEC_TRUNCATED", "truncated", RECORD_TRUTH),
        [RECORD_ARGV_BYTES] = FIELD("EXEC_ARGV_BYTES", "argv_bytes", RECORD_NUMBER),
        [RECORD_FLAG] = FIELD("EXEC_FLAG", "flags", RECORD_LIST),
        [RECORD_UNIT] = FIELD("EXEC_UNIT", "unit", RECORD_TEXT),
        [RECORD_USER_UNIT] = FIELD("EXEC_USER_UNIT", "user_unit", RECORD_TEXT),
        [RECORD_SLICE] = FIELD("EXEC_SLICE", "slice", RECORD_TEXT),
        [RECORD_LOGIND_SESSION] = FIELD("EXEC_LOGIND_SESSION", "logind_session", RECORD_TEXT),
        [RECORD_CONTAINER] = FIELD("EXEC_CONTAINER", "container", RECORD_TEXT),
        [RECORD_CGROUP] = FIELD("EXEC_CGROUP", "cgroup", RECORD_TEXT),
        [RECORD_INVOCATION_ID] = FIELD("EXEC_INVOCATION_ID", "invocation_id", RECORD_TEXT),
        [RECORD_TAG] = FIELD("EXEC_TAG", "tags", RECORD_LIST),
        [RECORD_ERRNO] = FIELD("EXEC_ERRNO", "errno", RECORD_NUMBER),
        [RECORD_ERROR] = FIELD("EXEC_ERROR", "error", RECORD_TEXT),
        [RECORD_TRIES] = FIELD("EXEC_TRIES", "tries", RECORD_NUMBER),
        [RECORD_ENVIRONMENT_TRUNCATED] =
                FIELD("EXEC_ENVIRONMENT_TRUNCATED", "environment_truncated", RECORD_TRUTH),
        [RECORD_ENVIRONMENT_DUPLICATE] =
                FIELD("EXEC_ENVIRONMENT_DUPLICATE", "environment_duplicate", RECORD_LIST),
        [RECORD_REDACT_TIMEOUT] = FIELD("EXEC_REDACT_TIMEOUT", "redact_timeout", RECORD_TRUTH),
        [RECORD_EVENT] = FIELD("EXECTRACED_EVENT", "event", RECORD_TEXT),
        [RECORD_MESSAGE] = FIELD("MESSAGE", "message", RECORD_TEXT),
        [RECORD_HOSTNAME] = FIELD("_HOSTNAME", "host", RECORD_TEXT),
        [RECORD_MACHINE_ID] = FIELD("_MACHINE_ID", "machine_id", RECORD_TEXT),
        [RECORD_BOOT_ID] = FIELD("_BOOT_ID", "boot_id", RECORD_TEXT),
};

uint32_t record_flag_of(Bytes name) {
        for (unsigned i = 0; flag_name(i); i++)
                if (bytes_equal(name, bytes_of_string(flag_name(i))))
                        return 1U << i;
        return 0;
}

void record_done(Record *record) {
        buffer_done(&record->storage);
        free(record->extra);
        free(record->extra_end);
        *record = (Record){};
}

/* Returns the field of this name, or _RECORD_FIELD_MAX when the viewer does not know it. */
static RecordField field_of(const char *name, size_t size) {
        for (RecordField i = 0; i < RECORD_EXTRA; i++)
                if (record_fields[i].name_size == size && memcmp(record_fields[i].name, name, size) == 0)
                        return i;
        return _RECORD_FIELD_MAX;
}

static int store_extra(Record *record, const void *data, size_t size) {
        if (record->n_extra == record->extra_allocated) {
                size_t n = record->extra_allocated ? 2 * record->extra_allocated : 16;
                size_t *ends = reallocarray(record->extra_end, n, sizeof(*ends));
                Bytes *grown;

                if (!ends)
                        return -ENOMEM;
                record->extra_end = ends;
                grown = reallocarray(record->extra, n, sizeof(*grown));
                if (!grown)
                        return -ENOMEM;
                record->extra = grown;
                record->extra_allocated = n;
        }
        record->extra[record->n_extra].size = size;
        record->extra_end[record->n_extra++] = record->storage.size;
        buffer_append(&record->storage, data, size);
        return 0;
}

/*
 * Appends a value of a repeated field to a copy of the values before it, which is at the end of the storage.
 */
static void store_repeated(Record *record, RecordField field, const char *value, size_t size) {
        Buffer *storage = &record->storage;
        size_t before = record->field[field].size, start = storage->size;

        if (buffer_reserve(storage, before + size + 1) < 0)
                return;
        buffer_append(storage, storage->data + record->offset[field], before);
        buffer_append_char(storage, ',');
        buffer_append(storage, value, size);
        record->offset[field] = start;
        record->field[field].size = before + 1 + size;
}

static void store(Record *record, RecordField field, const char *value, size_t size) {
        if (field == RECORD_FLAG)
                record->flags |= record_flag_of((Bytes){ value, size });
        if (!record->field[field].data) {
                record->offset[field] = record->storage.size;
                record->field[field] = (Bytes){ .data = value, .size = size };
                buffer_append(&record->storage, value, size);
        } else if (record_fields[field].kind == RECORD_LIST)
                store_repeated(record, field, value, size);
}

static int store_entry_field(Record *record, const char *data, size_t size, uint64_t fields) {
        const char *equals = memchr(data, '=', size);
        RecordField field;
        size_t n;

        if (!equals || equals == data)
                return 0;
        n = (size_t) (equals - data);
        if (data[0] != '_' && data[0] != 'E' && data[0] != 'M')
                return 0;

        field = field_of(data, n);
        if (field < RECORD_EXTRA) {
                if (fields & RECORD_BIT(field))
                        store(record, field, equals + 1, size - n - 1);
                return 0;
        }
        if ((fields & RECORD_BIT(RECORD_EXTRA)) && size > 5 && memcmp(data, "EXEC", 4) == 0)
                return store_extra(record, data, size);
        return 0;
}

/* Sets the pointers of all fields, after the storage has got its final place. */
static void settle(Record *record) {
        static const char nothing[1];
        const char *base = record->storage.data ? record->storage.data : nothing;

        for (size_t i = 0; i < _RECORD_FIELD_MAX; i++)
                if (record->field[i].data)
                        record->field[i].data = base + record->offset[i];
        for (size_t i = 0; i < record->n_extra; i++)
                record->extra[i].data = base + record->extra_end[i];
}

/* Reads each field by its name, which is faster for few fields. */
static int read_single(Record *record, sd_journal *journal, uint64_t fields) {
        for (RecordField i = 0; i < RECORD_EXTRA; i++) {
                const void *data;
                size_t size, skip;
                int r;

                if (!(fields & RECORD_BIT(i)))
                        continue;
                r = sd_journal_get_data(journal, record_fields[i].name, &data, &size);
                if (r == -ENOENT)
                        continue;
                if (r < 0)
                        return r;
                skip = record_fields[i].name_size + 1;
                if (size >= skip)
                        store(record, i, (const char *) data + skip, size - skip);
        }
        return 0;
}

static int read_all(Record *record, sd_journal *journal, uint64_t fields) {
        const void *data;
        size_t size;
        int r;

        sd_journal_restart_data(journal);
        while ((r = sd_journal_enumerate_available_data(journal, &data, &size)) > 0) {
                r = store_entry_field(record, data, size, fields);
                if (r < 0)
                        return r;
        }
        return r;
}

/* What is to be read of the current entry, and into what. */
typedef struct Reading {
        Record *record;
        sd_journal *journal;
        uint64_t fields;
} Reading;

static int read_named(void *data) {
        const Reading *reading = data;

        return read_single(reading->record, reading->journal, reading->fields);
}

static int read_entry(void *data) {
        static const uint64_t repeated = RECORD_BIT(RECORD_FLAG) | RECORD_BIT(RECORD_TAG) |
                RECORD_BIT(RECORD_ENVIRONMENT_DUPLICATE) | RECORD_BIT(RECORD_EXTRA);
        const Reading *reading = data;
        int r;

        r = sd_journal_get_realtime_usec(reading->journal, &reading->record->received);
        if (r < 0)
                return r;
        if (__builtin_popcountll(reading->fields) <= 4 && !(reading->fields & repeated))
                return read_single(reading->record, reading->journal, reading->fields);
        return read_all(reading->record, reading->journal, reading->fields);
}

int record_read_more(Record *record, sd_journal *journal, RecordField field) {
        int r = guard_call(read_named, &(Reading){ record, journal, RECORD_BIT(field) });

        if (r >= 0)
                r = buffer_error(&record->storage);
        if (r < 0)
                return r;
        settle(record);
        return 0;
}

int record_read(Record *record, sd_journal *journal, uint64_t fields) {
        int r;

        memset(record->field, 0, sizeof(record->field));
        buffer_clear(&record->storage);
        record->n_extra = 0;
        record->flags = 0;
        record->received = 0;

        r = guard_call(read_entry, &(Reading){ record, journal, fields });
        if (r >= 0)
                r = buffer_error(&record->storage);
        if (r < 0)
                return r;
        settle(record);
        return 0;
}

bool record_number(const Record *record, RecordField field, uint64_t *ret) {
        return number_read(record->field[field], ret);
}

uint64_t record_time(const Record *record) {
        uint64_t usec;

        /* A time after the year 9999 can't be shown, and does not come from a kernel. */
        if (record_number(record, RECORD_TIMESTAMP, &usec) && usec < UINT64_C(253402300800) * 1000000)
                return usec;
        return record->received;
}

int record_copy(const Record *record, Record *ret) {
        Record copy = {
                .received = record->received,
                .flags = record->flags,
        };

        memcpy(copy.field, record->field, sizeof(copy.field));
        memcpy(copy.offset, record->offset, sizeof(copy.offset));
        buffer_append_bytes(&copy.storage, buffer_bytes(&record->storage));
        if (record->n_extra > 0) {
                copy.extra = calloc(record->n_extra, sizeof(*copy.extra));
                copy.extra_end = calloc(record->n_extra, sizeof(*copy.extra_end));
                if (!copy.extra || !copy.extra_end)
                        copy.storage.failed = true;
                else {
                        memcpy(copy.extra, record->extra, record->n_extra * sizeof(*copy.extra));
                        memcpy(copy.extra_end, record->extra_end, record->n_extra * sizeof(*copy.extra_end));
                        copy.n_extra = copy.extra_allocated = record->n_extra;
                }
        }
        if (buffer_error(&copy.storage) < 0) {
                record_done(&copy);
                return -ENOMEM;
        }
        settle(&copy);
        *ret = copy;
        return 0;
}
