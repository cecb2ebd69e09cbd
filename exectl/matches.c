/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "matches.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "notice/message-ids.h"
#include "path.h"
#include "show.h"
#include "string-set.h"
#include "util/cleanup.h"

/* Returns true when the condition is the first of its kind. */
static bool is_first(const Conditions *conditions, size_t i) {
        for (size_t k = 0; k < i; k++)
                if (condition_same_thing(&conditions->item[k], &conditions->item[i]))
                        return false;
        return true;
}

bool matches_need_reading(const Query *query, size_t condition) {
        const Conditions *conditions = query->conditions;

        for (size_t i = 0; i < conditions->n; i++) {
                const Condition *c = &conditions->item[i];

                if (condition_same_thing(c, &conditions->item[condition]) &&
                        (c->absent || (query->follow && (c->glob || c->basename || condition_is_path(c)))))
                        return true;
        }
        return false;
}

static int add_match(sd_journal *journal, const char *field, const char *value, size_t size) {
        _cleanup_(buffer_done) Buffer match = BUFFER_NULL;

        buffer_append_string(&match, field);
        buffer_append_char(&match, '=');
        buffer_append(&match, value, size);
        if (buffer_error(&match) < 0)
                return -ENOMEM;
        return sd_journal_add_match(journal, match.data, match.size);
}

/*
 * Adds a match for each value in the index that meets the condition. Returns their number, or a negative
 * errno.
 */
static int add_values(sd_journal *journal, const Condition *condition, const char *field) {
        size_t skip = strlen(field) + 1, size;
        const void *data;
        int r, n = 0;

        r = sd_journal_query_unique(journal, field);
        if (r < 0)
                return r;
        while ((r = sd_journal_enumerate_available_unique(journal, &data, &size)) > 0) {
                if (size < skip || !condition_meets(condition, (const char *) data + skip, size - skip))
                        continue;
                r = sd_journal_add_match(journal, data, size);
                if (r < 0)
                        return r;
                n++;
        }
        return r < 0 ? r : n;
}

static int add_condition(sd_journal *journal, const Condition *condition, const char *field) {
        int r;

        if (condition->glob || condition->basename)
                return add_values(journal, condition, field);
        r = add_match(journal, field, condition->value, strlen(condition->value));
        return r < 0 ? r : 1;
}

/*
 * Reads all values of a field, as FIELD=VALUE. With `path`, only relative paths that end with the same name.
 */
static int read_values(sd_journal *journal, const char *field, const char *path, StringSet *ret) {
        size_t skip = strlen(field) + 1, size;
        const void *data;
        int r;

        r = sd_journal_query_unique(journal, field);
        if (r < 0)
                return r;
        while ((r = sd_journal_enumerate_available_unique(journal, &data, &size)) > 0) {
                Bytes value = { (const char *) data + skip, size - skip };

                if (size <= skip ||
                        (path &&
                                (path_is_absolute(value) ||
                                        !bytes_equal(
                                                show_basename(value), show_basename(bytes_of_string(path))))))
                        continue;
                if (string_set_add(ret, (Bytes){ data, size }) == STRING_SET_NONE)
                        return -ENOMEM;
        }
        return r;
}

/* Adds a term for each relative name and each working directory which together are this path. */
static int add_relative(sd_journal *journal, const char *path) {
        static const size_t skip_name = sizeof("EXEC_FILENAME=") - 1, skip_cwd = sizeof("EXEC_CWD=") - 1;
        _cleanup_(string_set_done) StringSet names = {}, cwds = {};
        _cleanup_(buffer_done) Buffer joined = BUFFER_NULL;
        int r;

        r = read_values(journal, "EXEC_FILENAME", path, &names);
        if (r >= 0 && names.n > 0)
                r = read_values(journal, "EXEC_CWD", NULL, &cwds);
        for (uint32_t i = 0; i < names.n; i++)
                for (uint32_t k = 0; k < cwds.n && r >= 0; k++) {
                        Bytes name = string_set_bytes(&names, i), cwd = string_set_bytes(&cwds, k);

                        buffer_clear(&joined);
                        if (!path_append(&joined, (Bytes){ cwd.data + skip_cwd, cwd.size - skip_cwd },
                                    (Bytes){ name.data + skip_name, name.size - skip_name }) ||
                                !bytes_equal(buffer_bytes(&joined), bytes_of_string(path)))
                                continue;
                        r = sd_journal_add_disjunction(journal);
                        if (r >= 0)
                                r = sd_journal_add_match(journal, name.data, name.size);
                        if (r >= 0)
                                r = sd_journal_add_match(journal, cwd.data, cwd.size);
                }
        return r < 0 ? r : 0;
}

/* Adds the conditions of one kind, as a disjunction with a term for each condition and field. */
static int add_thing(sd_journal *journal, const Conditions *conditions, size_t first) {
        int n = 0, r;

        r = sd_journal_add_conjunction(journal);
        for (size_t i = first; i < conditions->n && r >= 0; i++) {
                const Condition *c = &conditions->item[i];
                const char *fields[] = { c->field, c->field2 };

                if (!condition_same_thing(c, &conditions->item[first]))
                        continue;
                for (size_t k = 0; k < ELEMENTSOF(fields) && fields[k] && r >= 0; k++) {
                        r = sd_journal_add_disjunction(journal);
                        if (r >= 0)
                                r = add_condition(journal, c, fields[k]);
                        n += r > 0;
                }
                if (r >= 0 && condition_is_path(c))
                        r = add_relative(journal, c->value);
        }
        return r < 0 ? r : n;
}

static int add_service(
        sd_journal *journal, const Options *options, const sd_id128_t *boot, const Query *query) {
        char boot_match[] = "_BOOT_ID=01234567890123456789012345678901";
        int r;

        r = sd_journal_add_match(journal, "SYSLOG_IDENTIFIER=exectrace", 0);
        if (r >= 0 && !options->untrusted)
                r = sd_journal_add_match(journal, "_SYSTEMD_UNIT=exectraced.service", 0);
        if (r >= 0 && !options->untrusted)
                r = sd_journal_add_match(journal, "_UID=0", 0);
        if (r >= 0 && query->failed)
                r = sd_journal_add_match(journal, "MESSAGE_ID=" MESSAGE_ID_FAILED_EXEC, 0);
        if (r >= 0 && boot) {
                (void) sd_id128_to_string(*boot, strchr(boot_match, '=') + 1);
                r = sd_journal_add_match(journal, boot_match, 0);
        }
        return r;
}

int matches_set(sd_journal *journal, const Options *options, const sd_id128_t *boot, const Query *query) {
        const Conditions *conditions = query->conditions;
        int r;

        sd_journal_flush_matches(journal);
        r = add_service(journal, options, boot, query);
        for (size_t i = 0; conditions && i < conditions->n && r >= 0; i++) {
                if (!is_first(conditions, i) || matches_need_reading(query, i))
                        continue;
                r = add_thing(journal, conditions, i);
                if (r == 0)
                        return 0;
        }
        if (r < 0 || !query->narrow)
                return r < 0 ? r : 1;
        r = sd_journal_add_conjunction(journal);
        return r < 0 ? r : query->narrow(journal, query->narrow_data);
}

/* Returns the field of this name, or _RECORD_FIELD_MAX. */
static RecordField field_of(const char *name) {
        for (RecordField i = 0; i < RECORD_EXTRA; i++)
                if (strcmp(record_fields[i].name, name) == 0)
                        return i;
        return _RECORD_FIELD_MAX;
}

uint64_t matches_fields(const Query *query) {
        uint64_t fields = 0;

        for (size_t i = 0; query->conditions && i < query->conditions->n; i++) {
                const Condition *c = &query->conditions->item[i];

                if (!matches_need_reading(query, i))
                        continue;
                if (field_of(c->field) < _RECORD_FIELD_MAX)
                        fields |= RECORD_BIT(field_of(c->field));
                if (c->field2)
                        fields |= RECORD_BIT(field_of(c->field2));
                if (condition_is_path(c))
                        fields |= RECORD_BIT(RECORD_CWD);
        }
        return fields;
}

static bool field_meets(const Condition *condition, const char *name, const Record *record) {
        RecordField field = field_of(name);
        Bytes value;

        if (field == _RECORD_FIELD_MAX)
                return false;
        value = record->field[field];
        if (condition->absent)
                return !bytes_is_set(value);
        return bytes_is_set(value) && condition_meets(condition, value.data, value.size);
}

static bool path_meets(const Condition *condition, const Record *record) {
        _cleanup_(buffer_done) Buffer path = BUFFER_NULL;

        return condition_is_path(condition) &&
                path_append(&path, record->field[RECORD_CWD], record->field[RECORD_FILENAME]) &&
                bytes_equal(buffer_bytes(&path), bytes_of_string(condition->value));
}

bool matches_meets(const Query *query, const Record *record) {
        const Conditions *conditions = query->conditions;

        for (size_t i = 0; conditions && i < conditions->n; i++) {
                bool met = false;

                if (!is_first(conditions, i) || !matches_need_reading(query, i))
                        continue;
                for (size_t k = i; k < conditions->n && !met; k++) {
                        const Condition *c = &conditions->item[k];

                        if (condition_same_thing(c, &conditions->item[i]))
                                met = field_meets(c, c->field, record) ||
                                        (c->field2 && field_meets(c, c->field2, record)) ||
                                        path_meets(c, record);
                }
                if (!met)
                        return false;
        }
        return true;
}
