/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "doctor.h"

/* The last notice of a kind. */
typedef struct DoctorNotice {
        uint64_t time; /* microseconds since the epoch; 0: there is none */
        Record record; /* all its fields */
} DoctorNotice;

/* The last ones of this boot. */
typedef struct DoctorNotices {
        DoctorNotice started, stopped, reloaded, reload_failed, alive, blind;
        uint64_t lost; /* execs within the last day */
        bool waits; /* the last reload says that something waits for a restart */
} DoctorNotices;

void doctor_notices_done(DoctorNotices *notices);

/* 0 or a negative errno. Ends the source's query. */
int doctor_notices_read(DoctorNotices *notices, const DoctorWorld *world);

/* A field of a notice; unset: it is not there. */
Bytes doctor_notice_field(const DoctorNotice *notice, const char *name);
