/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "doctor.h"

/* The last notice of a kind. */
typedef struct DoctorNotice {
        uint64_t time; /* in microseconds since the epoch; 0: there is none */
        Record record;
} DoctorNotice;

/* The last notice of each kind in this boot. */
typedef struct DoctorNotices {
        DoctorNotice started, stopped, reloaded, reload_failed, alive, blind;
        uint64_t lost; /* how many execs were lost within the last day */
        bool waits; /* the last reload says that a change needs a restart */
} DoctorNotices;

void doctor_notices_done(DoctorNotices *notices);

/* Reads the notices. Replaces the query of the source. Returns 0 or a negative errno. */
int doctor_notices_read(DoctorNotices *notices, const DoctorWorld *world);

/* Returns the value of a field of a notice; unset when it does not exist. */
Bytes doctor_notice_field(const DoctorNotice *notice, const char *name);
