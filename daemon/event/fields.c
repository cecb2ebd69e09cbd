/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "event/fields.h"
#include "event/flags.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "util/buffer.h"
#include "util/cleanup.h"
#include "util/utf8.h"

#define FIELD(journal_name, json_name, field_type, member, ...)                                            \
        {                                                                                                  \
                .journal = journal_name, .json = json_name, .journal_size = sizeof(journal_name) - 1,      \
                .json_size = sizeof(json_name) - 1, .type = field_type, .offset = offsetof(Event, member), \
                __VA_ARGS__                                                                                \
        }

const Field field_table[] = {
        FIELD("EXEC_FILENAME", "filename", FIELD_BYTES, filename),
        FIELD("EXEC_EXE", "exe", FIELD_BYTES, exe),
        FIELD("EXEC_BUILD_ID", "build_id", FIELD_BYTES, build_id),
        FIELD("EXEC_ARGV", "argv", FIELD_ARGV, argv),
        FIELD("EXEC_ARGV_RAW", "argv_raw", FIELD_ARGV_RAW, argv),
        FIELD("EXEC_TRUNCATED", "truncated", FIELD_TRUTH, truncated),
        FIELD("EXEC_ARGV_BYTES", "argv_bytes", FIELD_NUMBER, argv_bytes),
        FIELD("EXEC_PID", "pid", FIELD_ID, pid),
        FIELD("EXEC_PPID", "ppid", FIELD_ID, ppid),
        FIELD("EXEC_NSPID", "nspid", FIELD_ID, nspid),
        FIELD("EXEC_PIDNS", "pidns", FIELD_ID, pidns),
        FIELD("EXEC_PGID", "pgid", FIELD_ID, pgid, .unless_same = offsetof(Event, pid)),
        FIELD("EXEC_SID", "sid", FIELD_ID, sid, .unless_same = offsetof(Event, pid)),
        FIELD("EXEC_UID", "uid", FIELD_ID, uid),
        FIELD("EXEC_GID", "gid", FIELD_ID, gid),
        FIELD("EXEC_EUID", "euid", FIELD_ID, euid, .unless_same = offsetof(Event, uid)),
        FIELD("EXEC_EGID", "egid", FIELD_ID, egid, .unless_same = offsetof(Event, gid)),
        FIELD("EXEC_LOGINUID", "loginuid", FIELD_ID, loginuid),
        FIELD("EXEC_SESSION", "session", FIELD_ID, session),
        FIELD("EXEC_USER", "user", FIELD_BYTES, user),
        FIELD("EXEC_LOGIN_USER", "login_user", FIELD_BYTES, login_user),
        FIELD("EXEC_TTY", "tty", FIELD_BYTES, tty),
        FIELD("EXEC_STDIN", "stdin", FIELD_STDIN, standard_input),
        FIELD("EXEC_CWD", "cwd", FIELD_BYTES, cwd),
        FIELD("EXEC_COMM", "comm", FIELD_BYTES, comm),
        FIELD("EXEC_PARENT_COMM", "parent_comm", FIELD_BYTES, parent_comm),
        FIELD("EXEC_PROCESS", "process", FIELD_PROCESS, process),
        FIELD("EXEC_PARENT", "parent", FIELD_PROCESS, parent),
        FIELD("EXEC_ANCESTOR", "ancestor", FIELD_PROCESS, ancestor),
        FIELD("EXEC_FLAG", "flags", FIELD_LIST, flags),
        FIELD("EXEC_FLAGS", "", FIELD_JOINED, flags),
        FIELD("EXEC_UNIT", "unit", FIELD_BYTES, place.unit),
        FIELD("EXEC_INVOCATION_ID", "invocation_id", FIELD_BYTES, place.invocation_id),
        FIELD("EXEC_USER_UNIT", "user_unit", FIELD_BYTES, place.user_unit),
        FIELD("EXEC_SLICE", "slice", FIELD_BYTES, place.slice),
        FIELD("EXEC_LOGIND_SESSION", "logind_session", FIELD_BYTES, place.session),
        FIELD("EXEC_CONTAINER", "container", FIELD_BYTES, place.container),
        FIELD("EXEC_CGROUP", "cgroup", FIELD_BYTES, place.path),
        FIELD("EXEC_TAG", "tags", FIELD_LIST, tags),
        FIELD("EXEC_TAGS", "", FIELD_JOINED, tags),
        FIELD("EXEC_ERRNO", "errno", FIELD_ERRNO, error),
        FIELD("EXEC_ERROR", "error", FIELD_ERROR, error),
        FIELD("EXEC_TRIES", "tries", FIELD_ERRNO, tries),
        FIELD("EXEC_TIMESTAMP", "timestamp", FIELD_NUMBER, timestamp),
        FIELD("EXEC_SEQ", "seq", FIELD_NUMBER, seq),
        FIELD("EXEC_LABEL_", "labels", FIELD_LABELS, labels),
        FIELD("EXEC_ENV_", "environment", FIELD_ENVIRONMENT, environment),
        FIELD("EXEC_ENVIRONMENT_DUPLICATE", "environment_duplicate", FIELD_LIST, environment_duplicates),
        FIELD("EXEC_ENVIRONMENT_TRUNCATED", "environment_truncated", FIELD_MARK, environment_truncated),
        FIELD("EXEC_REDACT_TIMEOUT", "redact_timeout", FIELD_MARK, redact_timeout),
};

const size_t field_table_size = ELEMENTSOF(field_table);
_Static_assert(ELEMENTSOF(field_table) <= FIELDS_MAX, "a FieldSet has a bit for each field");

static const char *const stdin_names[EXEC_STDIN_COUNT] = {
        [EXEC_STDIN_CLOSED] = "closed",
        [EXEC_STDIN_TTY] = "tty",
        [EXEC_STDIN_PIPE] = "pipe",
        [EXEC_STDIN_SOCKET] = "socket",
        [EXEC_STDIN_NULL] = "null",
        [EXEC_STDIN_FILE] = "file",
        [EXEC_STDIN_OTHER] = "other",
};

const char *field_stdin_name(enum exec_stdin standard_input) {
        assert((unsigned) standard_input < EXEC_STDIN_COUNT);
        return stdin_names[standard_input];
}
/* The flags that are written. */
#define EXEC_FLAGS_NAMED ((uint32_t) ((UINT64_C(1) << EXEC_FLAG_COUNT) - 1))

static bool id_is_present(const Field *field, const Event *event) {
        uint32_t id = *(const uint32_t *) field_value(field, event);

        if (id == EVENT_ID_UNSET)
                return false;
        return field->unless_same == 0 ||
                id != *(const uint32_t *) (const void *) ((const char *) event + field->unless_same);
}

static bool argv_is_utf8(const Event *event) {
        for (size_t i = 0; i < event->argc; i++)
                if (!utf8_is_valid(event->argv[i].data, event->argv[i].size))
                        return false;
        return true;
}

/* Returns true when the list has at least `n` values. `n` is 1 or 2. */
static bool list_has(const Field *field, const Event *event, size_t n) {
        uint32_t flags = event->flags & EXEC_FLAGS_NAMED;

        if (field->offset == offsetof(Event, tags))
                return event->n_tags >= n;
        if (field->offset == offsetof(Event, environment_duplicates))
                return event->n_environment_duplicates >= n;
        return n == 1 ? flags != 0 : (flags & (flags - 1)) != 0;
}

bool field_has_value(const Field *field, const Event *event) {
        const void *value = field_value(field, event);

        switch (field->type) {
        case FIELD_BYTES:
                return bytes_is_set(*(const Bytes *) value);
        case FIELD_ID:
                return id_is_present(field, event);
        case FIELD_NUMBER:
                return *(const uint64_t *) value != EVENT_NUMBER_UNSET;
        case FIELD_TRUTH:
        case FIELD_MARK:
                return *(const bool *) value;
        case FIELD_ERRNO:
        case FIELD_ERROR:
                return *(const uint32_t *) value != 0;
        case FIELD_ARGV:
                return true;
        case FIELD_ARGV_RAW:
                return !argv_is_utf8(event);
        case FIELD_LIST:
                return list_has(field, event, 1);
        case FIELD_JOINED:
                return list_has(field, event, 2);
        case FIELD_STDIN:
                return *(const enum exec_stdin *) value != EXEC_STDIN_UNKNOWN;
        case FIELD_PROCESS:
                return ((const ProcessIdentity *) value)->pid != 0;
        case FIELD_LABELS:
                return event->n_labels > 0;
        case FIELD_ENVIRONMENT:
                return event->n_environment > 0;
        case _FIELD_TYPE_MAX:
                break;
        }

        assert(false);
        return false;
}

static Bytes duplicate_next(const Event *event, size_t *i) {
        if (*i >= event->n_environment_duplicates)
                return BYTES_NULL;
        return event->environment_duplicates[(*i)++];
}

Bytes field_list_next(const Field *field, const Event *event, size_t *i) {
        if (field->offset == offsetof(Event, tags))
                return *i < event->n_tags ? event->tags[(*i)++] : BYTES_NULL;
        if (field->offset == offsetof(Event, environment_duplicates))
                return duplicate_next(event, i);

        while (*i < EXEC_FLAG_COUNT) {
                unsigned bit = (unsigned) (*i)++;

                if (event->flags & 1U << bit)
                        return bytes_of_string(flag_name(bit));
        }
        return BYTES_NULL;
}

int field_set_add(FieldSet *set, Bytes name) {
        for (size_t i = 0; i < field_table_size; i++) {
                const Field *field = &field_table[i];

                if (field->type == FIELD_LABELS || field->type == FIELD_ENVIRONMENT)
                        continue;
                if (bytes_equal(name, (Bytes){ field->journal, field->journal_size })) {
                        *set |= UINT64_C(1) << i;
                        return 0;
                }
        }
        return -ENOENT;
}

char field_name_character(char c) {
        if (c >= 'a' && c <= 'z')
                return (char) (c - 'a' + 'A');
        return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ? c : '_';
}

size_t field_format_process(char buffer[static PROCESS_IDENTITY_SIZE], const ProcessIdentity *process) {
        char digits[10 + 1 + 16];
        size_t i = sizeof(digits), size;
        uint64_t start = process->start_ns;
        uint32_t pid = process->pid;

        do {
                digits[--i] = "0123456789abcdef"[start & 0xf];
                start >>= 4;
        } while (start > 0);
        digits[--i] = '-';
        do {
                digits[--i] = (char) ('0' + pid % 10);
                pid /= 10;
        } while (pid > 0);

        size = sizeof(digits) - i;
        memcpy(buffer, digits + i, size);
        buffer[size] = '\0';
        return size;
}

const char *field_error_name(char buffer[static ERROR_NAME_SIZE], uint32_t error) {
        const char *name = strerrorname_np((int) error);

        if (name)
                return name;
        (void) snprintf(buffer, ERROR_NAME_SIZE, "%u", error);
        return buffer;
}
