/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "query.h"
#include "util/buffer.h"

/*
 * Whether exectraced does here what it is to do. Each check looks at one thing and says what it found and,
 * where that is not as it should be, what to do about it.
 */
typedef enum Verdict {
        VERDICT_OK,
        VERDICT_NOTE, /* as it is meant to be, but one should know */
        VERDICT_BAD,
        VERDICT_UNKNOWN, /* it could not be looked at */
        _VERDICT_MAX,
} Verdict;

typedef struct Diagnosis {
        const char *name; /* of the check, one word or two */
        Verdict verdict;
        Buffer found;
        Buffer advice; /* empty: nothing is to be done */
} Diagnosis;

/* What the checks look at. Paths are absolute; other ones are for tests. */
typedef struct DoctorWorld {
        const Options *options;
        Source *source;
        const char *lockdown; /* securityfs' file */
        const char *journal_storage; /* /var/log/journal */
        const char *syslog_socket; /* where journald forwards to */
        const char *const *
                /* directories of systemd/journald.conf, the most important first; NULL ends them */
                journald_config;
        const char *rsyslog_config; /* /etc/rsyslog.conf; the drop-ins are in rsyslog.d beside it */
        const char *config; /* /etc/exectraced.conf; the drop-ins are in exectraced.conf.d beside it */
        uint64_t boot; /* when this boot began, unless -b names another: microseconds since the epoch */
        uint64_t now; /* microseconds since the epoch */
} DoctorWorld;

/* A check. 0 or -ENOMEM; the texts go into the diagnosis, which is empty and VERDICT_UNKNOWN before. */
typedef int (*DoctorCheck)(const DoctorWorld *world, Diagnosis *diagnosis);

/* What the diagnosis is: `found` as printf(3) has it, and the advice, or NULL. Returns 0 or -ENOMEM. */
__attribute__((format(printf, 4, 5))) int diagnose(
        Diagnosis *diagnosis, Verdict verdict, const char *advice, const char *found, ...);

/* doctor-service.c: the service, as systemd sees it */
int doctor_service(const DoctorWorld *world, Diagnosis *diagnosis);
int doctor_rate_limit(const DoctorWorld *world, Diagnosis *diagnosis);

/* doctor-records.c: what its own records say */
int doctor_hooks(const DoctorWorld *world, Diagnosis *diagnosis);
int doctor_covered(const DoctorWorld *world, Diagnosis *diagnosis);
int doctor_alive(const DoctorWorld *world, Diagnosis *diagnosis);
int doctor_lost(const DoctorWorld *world, Diagnosis *diagnosis);
int doctor_seen(const DoctorWorld *world, Diagnosis *diagnosis);

/* doctor-journal.c: where the records are, and for how long */
int doctor_storage(const DoctorWorld *world, Diagnosis *diagnosis);
int doctor_lasting(const DoctorWorld *world, Diagnosis *diagnosis);
int doctor_dropped(const DoctorWorld *world, Diagnosis *diagnosis);

/* doctor-machine.c: the kernel, syslog, the configuration */
int doctor_lockdown(const DoctorWorld *world, Diagnosis *diagnosis);
int doctor_syslog(const DoctorWorld *world, Diagnosis *diagnosis);
int doctor_config(const DoctorWorld *world, Diagnosis *diagnosis);
