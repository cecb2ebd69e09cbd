/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "query.h"
#include "util/buffer.h"

/*
 * Checks whether exectraced works on this machine. Each check examines one thing, and says what it found and,
 * if that is not right, what to do about it.
 */
typedef enum Verdict {
        VERDICT_OK,
        VERDICT_NOTE, /* it works, but the user should know about it */
        VERDICT_BAD,
        VERDICT_UNKNOWN, /* it could not be checked */
        _VERDICT_MAX,
} Verdict;

typedef struct Diagnosis {
        const char *name; /* of the check, in one or two words */
        Verdict verdict;
        Buffer found;
        Buffer advice; /* empty when there is nothing to do */
} Diagnosis;

/* The objects that the checks examine. Paths are absolute, and tests use other ones. */
typedef struct DoctorWorld {
        const Options *options;
        Source *source;
        const char *lockdown; /* the file in securityfs */
        const char *journal_storage; /* /var/log/journal */
        const char *syslog_socket; /* the socket to which journald forwards messages */
        /* the directories of exectraced.conf, the most important first, then NULL */
        const char *const *config;
        /* the same of systemd/journald.conf */
        const char *const *journald_config;
        const char *rsyslog_config; /* /etc/rsyslog.conf; the drop-ins are in rsyslog.d beside it */
        const char *syslog_ng_config; /* /etc/syslog-ng/syslog-ng.conf, and conf.d beside it */
        uint64_t boot; /* when this boot began, in microseconds since the epoch; used unless -b is given */
        uint64_t now; /* the current time, in microseconds since the epoch */
} DoctorWorld;

/*
 * A check. It fills in the diagnosis, which has no texts and VERDICT_UNKNOWN before. Returns 0 or -ENOMEM.
 */
typedef int (*DoctorCheck)(const DoctorWorld *world, Diagnosis *diagnosis);

/* Fills in a diagnosis. `found` is a format of printf(3), and `advice` may be NULL. Returns 0 or -ENOMEM. */
__attribute__((format(printf, 4, 5))) int diagnose(
        Diagnosis *diagnosis, Verdict verdict, const char *advice, const char *found, ...);

/* doctor-service.c: the state of the service in systemd */
int doctor_service(const DoctorWorld *world, Diagnosis *diagnosis);
int doctor_rate_limit(const DoctorWorld *world, Diagnosis *diagnosis);

/* doctor-records.c: the notices and records of exectraced */
int doctor_hooks(const DoctorWorld *world, Diagnosis *diagnosis);
int doctor_covered(const DoctorWorld *world, Diagnosis *diagnosis);
int doctor_alive(const DoctorWorld *world, Diagnosis *diagnosis);
int doctor_lost(const DoctorWorld *world, Diagnosis *diagnosis);
int doctor_seen(const DoctorWorld *world, Diagnosis *diagnosis);

/* doctor-journal.c: where the records are stored, and for how long */
int doctor_storage(const DoctorWorld *world, Diagnosis *diagnosis);
int doctor_lasting(const DoctorWorld *world, Diagnosis *diagnosis);
int doctor_dropped(const DoctorWorld *world, Diagnosis *diagnosis);

/* doctor-machine.c: the kernel, syslog, the configuration */
int doctor_lockdown(const DoctorWorld *world, Diagnosis *diagnosis);
int doctor_syslog(const DoctorWorld *world, Diagnosis *diagnosis);
int doctor_config(const DoctorWorld *world, Diagnosis *diagnosis);
