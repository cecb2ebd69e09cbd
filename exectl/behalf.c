/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * systemd-run and run0 ask the service manager to start a unit, whose processes are not their descendants. at
 * and crontab leave a job for a daemon. This file finds the record of the request that belongs to a program.
 */

#include "behalf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "show.h"
#include "util/cleanup.h"
#include "util/timespan.h"

/* The maximum time between the request and the program. It includes the authentication by polkit. */
#define REQUEST_USEC (120 * USEC_PER_SEC)

/* The maximum time for JOIN_TIME. */
#define NEAR_USEC (2 * USEC_PER_SEC)

/* The maximum time between a request and a job of at or cron. */
#define JOB_USEC (31 * USEC_PER_DAY)

static const char *const managers[] = { "systemd-run", "run0", NULL };
static const char *const at_clients[] = { "at", "batch", NULL };
static const char *const cron_clients[] = { "crontab", NULL };

static bool word_is(Bytes word, const char *text) {
        return bytes_equal(word, bytes_of_string(text));
}

static bool begins_with(Bytes word, const char *prefix) {
        return word.size >= strlen(prefix) && memcmp(word.data, prefix, strlen(prefix)) == 0;
}

/* Returns true when a word is the name of the unit, with or without its suffix. */
static bool names_unit(Bytes word, const char *unit) {
        size_t n = strlen(unit);
        const char *dot = strrchr(unit, '.');

        if (word.size == n && memcmp(word.data, unit, n) == 0)
                return true;
        return dot && word.size == (size_t) (dot - unit) && memcmp(word.data, unit, word.size) == 0;
}

static bool asks_for_unit(const Arguments *client, const char *unit) {
        for (size_t i = 1; i < client->n; i++) {
                Bytes word = client->word[i];

                if (begins_with(word, "--unit=") && names_unit((Bytes){ word.data + 7, word.size - 7 }, unit))
                        return true;
                if ((word_is(word, "--unit") || word_is(word, "-u")) && i + 1 < client->n &&
                        names_unit(client->word[i + 1], unit))
                        return true;
                if (begins_with(word, "-u") && names_unit((Bytes){ word.data + 2, word.size - 2 }, unit))
                        return true;
                /* The command follows the options. */
                if (word_is(word, "--"))
                        return false;
        }
        return false;
}

/* Returns true when the unit is "run-pPID-i….service", which is a name of systemd 257 and later. */
static bool has_pid(const char *unit, const char *pid) {
        size_t n = strlen(pid);

        return strncmp(unit, "run-p", 5) == 0 && strncmp(unit + 5, pid, n) == 0 && unit[5 + n] == '-';
}

/*
 * Returns true when the client's arguments end with those of the program. Only the last components of the
 * first word are compared, because it may have become a path.
 */
static bool ends_with_command(const Arguments *client, const Arguments *executed) {
        size_t skip;

        if (executed->n == 0 || client->n <= executed->n)
                return false;
        skip = client->n - executed->n;
        for (size_t i = 1; i < executed->n; i++)
                if (!bytes_equal(client->word[skip + i], executed->word[i]))
                        return false;
        return bytes_equal(show_basename(client->word[skip]), show_basename(executed->word[0]));
}

/* Returns how a client can be joined to a program in a unit. */
static ChainJoin compare(
        const Arguments *client, const Arguments *executed, const char *unit, const char *client_pid) {
        if (asks_for_unit(client, unit))
                return JOIN_UNIT;
        if (has_pid(unit, client_pid))
                return JOIN_PID;
        if (ends_with_command(client, executed))
                return JOIN_ARGUMENTS;
        return JOIN_TIME;
}

/*
 * Makes conditions for execs of the programs in the boot of this record, only by the user of the record if
 * `same_user` is set.
 */
static int make_conditions(
        const char *const *programs, const Record *record, bool same_user, Conditions *ret) {
        _cleanup_free_ char *boot = NULL, *uid = NULL;
        int r = 0;

        for (size_t i = 0; programs[i] && r >= 0; i++)
                r = conditions_add_word(ret, programs[i]);
        if (r >= 0 && record_has(record, RECORD_BOOT_ID)) {
                boot = strndup(record->field[RECORD_BOOT_ID].data, record->field[RECORD_BOOT_ID].size);
                r = boot ? conditions_add_field(ret, "_BOOT_ID", boot) : -ENOMEM;
        }
        if (r >= 0 && same_user && record_has(record, RECORD_UID)) {
                uid = strndup(record->field[RECORD_UID].data, record->field[RECORD_UID].size);
                r = uid ? conditions_add_field(ret, "EXEC_UID", uid) : -ENOMEM;
        }
        return r;
}

/* The best candidate so far. */
typedef struct Best {
        Record record;
        ChainJoin join;
        bool found, ambiguous;
} Best;

static int take(Best *best, const Record *candidate, ChainJoin join) {
        Record copy;
        int r;

        /* The values of ChainJoin are ordered by certainty, and the newest candidate comes first. */
        if (best->found && join >= best->join) {
                best->ambiguous = best->ambiguous || (join == JOIN_TIME && best->join == JOIN_TIME);
                return 0;
        }
        r = record_copy(candidate, &copy);
        if (r < 0)
                return r;
        record_done(&best->record);
        *best = (Best){ .record = copy, .join = join, .found = true };
        return 0;
}

/* Makes a query for the records up to `how_long` microseconds before this one, the newest first. */
static Query query_before(const Conditions *conditions, const Record *record, uint64_t how_long) {
        uint64_t time = record_time(record);

        return (Query){
                .conditions = conditions,
                .fields = CHAIN_FIELDS,
                .since = time > how_long ? time - how_long : 0,
                .until = time,
                .lines = LINES_ALL,
                .reverse = true,
                .ran = true,
                .any_boot = true,
        };
}

static int find_client(Source *source, const Record *record, const char *unit, Best *best) {
        _cleanup_(arguments_done) Arguments executed = {}, client = {};
        _cleanup_(conditions_done) Conditions conditions = {};
        _cleanup_(record_done) Record candidate = {};
        Query query;
        int r;

        r = show_arguments(&executed, record);
        if (r == -ENOMEM)
                return r;
        r = make_conditions(managers, record, false, &conditions);
        if (r < 0)
                return r;
        query = query_before(&conditions, record, REQUEST_USEC);
        r = source_start(source, &query);
        while (r >= 0 && (r = source_next(source, &candidate)) > 0) {
                char pid[32] = {};
                ChainJoin join;

                if (show_arguments(&client, &candidate) < 0 ||
                        candidate.field[RECORD_PID].size >= sizeof(pid))
                        continue;
                if (candidate.field[RECORD_PID].size > 0)
                        memcpy(pid, candidate.field[RECORD_PID].data, candidate.field[RECORD_PID].size);
                join = compare(&client, &executed, unit, pid);
                if (join == JOIN_TIME && record_time(record) - record_time(&candidate) > NEAR_USEC)
                        continue;
                r = take(best, &candidate, join);
        }
        return r < 0 ? r : 0;
}

/* Finds the last exec of one of the programs by the user of the job. */
static int find_job(Source *source, const Record *record, const char *const *programs, Best *best) {
        _cleanup_(conditions_done) Conditions conditions = {};
        _cleanup_(record_done) Record candidate = {};
        Query query;
        int r;

        r = make_conditions(programs, record, true, &conditions);
        if (r < 0)
                return r;
        query = query_before(&conditions, record, JOB_USEC);
        query.lines = 1;
        r = source_start(source, &query);
        if (r >= 0)
                r = source_next(source, &candidate);
        return r > 0 ? take(best, &candidate, JOIN_USER) : r;
}

/* Returns true when the process was started by the system manager or by a user manager. */
static bool is_started_by_manager(const Record *record) {
        uint64_t ppid;

        return (record_number(record, RECORD_PPID, &ppid) && ppid == 1) ||
                word_is(record->field[RECORD_PARENT_COMM], "systemd");
}

/* Returns the unit of the record (to be freed), that of the user manager if there is one; or NULL. */
static char *unit_of(const Record *record) {
        Bytes unit = record->field[record_has(record, RECORD_USER_UNIT) ? RECORD_USER_UNIT : RECORD_UNIT];

        return bytes_is_set(unit) ? strndup(unit.data, unit.size) : NULL;
}

static bool is_transient_name(const char *unit) {
        return strncmp(unit, "run-", 4) == 0;
}

int behalf_find(Source *source, const Record *record, Record *ret, ChainJoin *ret_join) {
        _cleanup_free_ char *unit = unit_of(record);
        Bytes parent = record->field[RECORD_PARENT_COMM];
        Best best = {};
        int r = 0;

        if (word_is(parent, "atd"))
                r = find_job(source, record, at_clients, &best);
        else if (word_is(parent, "cron") || word_is(parent, "crond"))
                r = find_job(source, record, cron_clients, &best);
        else if (unit && is_started_by_manager(record))
                r = find_client(source, record, unit, &best);
        if (r < 0 || !best.found || (best.join == JOIN_TIME && best.ambiguous) ||
                (best.join > JOIN_PID && best.join != JOIN_USER && !is_transient_name(unit))) {
                record_done(&best.record);
                return r < 0 ? r : 0;
        }
        *ret = best.record;
        *ret_join = best.join;
        return 1;
}
