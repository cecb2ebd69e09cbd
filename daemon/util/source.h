/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

/*
 * Sources of the event loop, each with a name that SYSTEMD_LOG_LEVEL=debug shows (`description`). A handler
 * that fails ends the loop: a source that is silently switched off would leave a daemon that lives and
 * records nothing.
 */

/* How late a timer may be, in microseconds. */
#define SOURCE_ACCURACY_USEC 1000ULL

/*
 * Adds a descriptor; `enabled` is SD_EVENT_ON, SD_EVENT_OFF or SD_EVENT_ONESHOT. 0 or a negative errno;
 * *ret is set on success.
 */
int source_add_io(sd_event *event, sd_event_source **ret, int fd, uint32_t events, int enabled,
        sd_event_io_handler_t handler, void *userdata, const char *description);

/*
 * Adds the end of a child process, which the caller still reaps where this fails. SIGCHLD has to be
 * blocked. Returns 0 or a negative errno; *ret is set on success.
 */
int source_add_child(sd_event *event, sd_event_source **ret, pid_t pid, sd_event_child_handler_t handler,
        void *userdata, const char *description);

/*
 * Adds a timer on CLOCK_MONOTONIC that is off until source_arm(). 0 or a negative errno; *ret is set on
 * success.
 */
int source_add_timer(sd_event *event, sd_event_source **ret, sd_event_time_handler_t handler, void *userdata,
        const char *description);

/* Has the timer elapse once, so many microseconds from when the loop last woke. 0 or a negative errno. */
int source_arm(sd_event_source *timer, uint64_t delay_usec);

/* Adds a signal, which is blocked, for as long as the loop lives. 0 or a negative errno. */
int source_add_signal(sd_event *event, int number, sd_event_signal_handler_t handler, void *userdata,
        const char *description);
