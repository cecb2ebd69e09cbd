/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "doctor-config.h"
#include "doctor.h"
#include "number.h"
#include "show.h"
#include "util/cleanup.h"
#include "util/timespan.h"

/* The messages that journald writes about its files when it starts, and when it drops messages. */
#define MESSAGE_USAGE "MESSAGE_ID=ec387f577b844b8fa948f33cad9a75e6"
#define MESSAGE_DROPPED "MESSAGE_ID=a596d6fe7bfa4994828e72309e95d61e"

/* The size of a record on the disk, with the default fields. */
#define RECORD_BYTES 1400

/* If records are kept for less than this, an intrusion is usually noticed too late. */
#define LASTING_MIN_DAYS 7

int doctor_storage(const DoctorWorld *world, Diagnosis *diagnosis) {
        _cleanup_free_ char *storage = NULL;
        int r;

        r = config_setting(world->journald_config, "systemd/journald.conf", "Storage", &storage);
        if (r < 0)
                return r;
        if (storage && strcasecmp(storage, "none") == 0)
                return diagnose(diagnosis, VERDICT_BAD, "set Storage=persistent in journald.conf",
                        "the journal keeps nothing (Storage=none)");
        if (storage && strcasecmp(storage, "volatile") == 0)
                return diagnose(diagnosis, VERDICT_BAD, "set Storage=persistent in journald.conf",
                        "the journal is in memory only (Storage=volatile): records are gone with a reboot");
        if (access(world->journal_storage, F_OK) == 0)
                return diagnose(diagnosis, VERDICT_OK, NULL, "the journal is kept over a reboot (%s)",
                        world->journal_storage);
        return diagnose(diagnosis, VERDICT_BAD,
                "mkdir /var/log/journal && systemctl restart systemd-journal-flush, or Storage=persistent",
                "the journal is in memory only: records are gone with a reboot");
}

/* Returns how many bytes journald may use, by its last message about that, or 0 when it is unknown. */
static uint64_t find_limit(sd_journal *journal) {
        const size_t name_size = strlen("LIMIT=");
        uint64_t limit = 0;
        const void *data;
        size_t size;

        sd_journal_flush_matches(journal);
        if (sd_journal_add_match(journal, MESSAGE_USAGE, 0) < 0 ||
                sd_journal_add_match(journal, "_COMM=systemd-journal", 0) < 0 ||
                sd_journal_seek_tail(journal) < 0 || sd_journal_previous(journal) <= 0 ||
                sd_journal_get_data(journal, "LIMIT", &data, &size) < 0)
                return 0;
        (void) number_read((Bytes){ (const char *) data + name_size, size - name_size }, &limit);
        return limit;
}

/*
 * Finds the number and the time of the first or the last record since `since`. Returns false when there is
 * none.
 */
static bool find_seq(
        const DoctorWorld *world, uint64_t since, bool last, uint64_t *ret_seq, uint64_t *ret_time) {
        _cleanup_(record_done) Record record = {};
        Query query = { .since = since, .until = USEC_UNSET, .lines = last ? 1 : LINES_ALL, .reverse = last };

        query.kind = QUERY_EXECS;
        query.fields = RECORD_BIT(RECORD_SEQ) | RECORD_BIT(RECORD_TIMESTAMP);
        if (source_start(world->source, &query) < 0)
                return false;
        while (source_next(world->source, &record) > 0)
                if (record_number(&record, RECORD_SEQ, ret_seq)) {
                        *ret_time = record_time(&record);
                        return true;
                }
        return false;
}

/* Returns the number of execs a day, at the rate of the last day, or 0 when there are too few to tell. */
static uint64_t rate_per_day(const DoctorWorld *world) {
        uint64_t first_seq, first, last_seq, last;

        if (!find_seq(world, world->now - USEC_PER_DAY, false, &first_seq, &first) ||
                !find_seq(world, world->now - USEC_PER_DAY, true, &last_seq, &last) ||
                last_seq <= first_seq || last < first + USEC_PER_DAY / 1440)
                return 0;
        return (uint64_t) ((double) (last_seq - first_seq) * (double) USEC_PER_DAY / (double) (last - first));
}

int doctor_lasting(const DoctorWorld *world, Diagnosis *diagnosis) {
        sd_journal *journal = source_journal(world->source);
        uint64_t limit = find_limit(journal), rate = rate_per_day(world);
        double days;

        if (limit == 0)
                return diagnose(diagnosis, VERDICT_UNKNOWN, "journalctl --disk-usage",
                        "journald's limit is not known");
        if (rate == 0)
                return diagnose(diagnosis, VERDICT_OK, NULL,
                        "journald may use %" PRIu64 " MiB; too few records to tell how long that lasts",
                        limit >> 20);
        days = (double) limit / ((double) rate * RECORD_BYTES);
        return diagnose(diagnosis, days < LASTING_MIN_DAYS ? VERDICT_BAD : VERDICT_OK,
                days < LASTING_MIN_DAYS
                        ? "raise SystemMaxUse= in journald.conf, leave out fields (OmitField=) or filter"
                        : NULL,
                "%" PRIu64 " records a day, %" PRIu64 " MiB for the journal: records last about %.1f days",
                rate, limit >> 20, days);
}

int doctor_dropped(const DoctorWorld *world, Diagnosis *diagnosis) {
        sd_journal *journal = source_journal(world->source);
        uint64_t n = 0;
        int r;

        sd_journal_flush_matches(journal);
        r = sd_journal_add_match(journal, MESSAGE_DROPPED, 0);
        if (r >= 0)
                r = sd_journal_seek_realtime_usec(journal, world->now - USEC_PER_DAY);
        while (r >= 0 && (r = sd_journal_next(journal)) > 0) {
                const void *data;
                size_t size;

                if (sd_journal_get_data(journal, "MESSAGE", &data, &size) >= 0 &&
                        memmem(data, size, "exectraced", 10))
                        n++;
        }
        if (r < 0)
                return diagnose(
                        diagnosis, VERDICT_UNKNOWN, NULL, "the journal can't be read: %s", strerror(-r));
        if (n > 0)
                return diagnose(diagnosis, VERDICT_BAD,
                        "take LogRateLimitIntervalSec=1ms and LogRateLimitBurst=1000000 from the shipped "
                        "unit",
                        "journald dropped records of exectraced, %" PRIu64 " times within the last day", n);
        return diagnose(diagnosis, VERDICT_OK, NULL,
                "journald dropped none of exectraced's records within the last day");
}
