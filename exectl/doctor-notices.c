/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "doctor-notices.h"

#include <string.h>

#include "notices.h"
#include "number.h"
#include "util/cleanup.h"

#define DAY_USEC (UINT64_C(86400) * 1000000)

void doctor_notices_done(DoctorNotices *notices) {
        DoctorNotice *all[] = { &notices->started, &notices->stopped, &notices->reloaded,
                &notices->reload_failed, &notices->alive, &notices->blind };

        for (size_t i = 0; i < ELEMENTSOF(all); i++)
                record_done(&all[i]->record);
        *notices = (DoctorNotices){};
}

Bytes doctor_notice_field(const DoctorNotice *notice, const char *name) {
        size_t n = strlen(name);

        for (size_t i = 0; i < notice->record.n_extra; i++) {
                Bytes field = notice->record.extra[i];

                if (field.size > n && field.data[n] == '=' && memcmp(field.data, name, n) == 0)
                        return (Bytes){ field.data + n + 1, field.size - n - 1 };
        }
        return (Bytes){};
}

static int keep(DoctorNotice *notice, const Record *record) {
        record_done(&notice->record);
        notice->time = record->received;
        return record_copy(record, &notice->record);
}

static int take(DoctorNotices *notices, const DoctorWorld *world, const Record *record) {
        const struct {
                const char *event;
                DoctorNotice *notice;
        } kinds[] = {
                { "started", &notices->started },
                { "stopped", &notices->stopped },
                { "reloaded", &notices->reloaded },
                { "reload-failed", &notices->reload_failed },
                { "alive", &notices->alive },
                { "blind", &notices->blind },
        };
        Bytes event = record->field[RECORD_EVENT], message = record->field[RECORD_MESSAGE];
        DoctorNotice lost = { .record = *record };
        uint64_t n;

        if (bytes_equal(event, BYTES_LITERAL("lost")) && record->received + DAY_USEC > world->now &&
                number_read(doctor_notice_field(&lost, "EXEC_LOST"), &n))
                notices->lost += n;
        if (bytes_equal(event, BYTES_LITERAL("reloaded")))
                notices->waits = message.size > 0 && memmem(message.data, message.size, "restart", 7) != NULL;
        for (size_t i = 0; i < ELEMENTSOF(kinds); i++)
                if (bytes_equal(event, bytes_of_string(kinds[i].event)))
                        return keep(kinds[i].notice, record);
        return 0;
}

int doctor_notices_read(DoctorNotices *notices, const DoctorWorld *world) {
        _cleanup_(record_done) Record record = {};
        Query query = { .since = world->options->boot == BOOT_ANY ? world->boot : USEC_UNSET,
                .until = USEC_UNSET,
                .lines = LINES_ALL };
        int r;

        query.kind = QUERY_NOTICES;
        query.fields = RECORD_BIT(RECORD_EVENT) | RECORD_BIT(RECORD_MESSAGE) | RECORD_BIT(RECORD_EXTRA);
        query.narrow = notices_narrow;
        r = source_start(world->source, &query);
        while (r >= 0 && (r = source_next(world->source, &record)) > 0)
                r = take(notices, world, &record);
        return r;
}
