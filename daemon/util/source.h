/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

/*
 * Adds sources to the event loop. `description` is a name that SYSTEMD_LOG_LEVEL=debug shows. When a handler
 * fails, the loop ends. By default, sd-event would only disable the source, and the daemon would run on
 * without recording anything.
 */

/* The accuracy of timers, in microseconds: how late one may be. */
#define SOURCE_ACCURACY_USEC 1000ULL

/*
 * Adds a descriptor. `events` are those of epoll_ctl(2), and `enabled` is SD_EVENT_ON, SD_EVENT_OFF or
 * SD_EVENT_ONESHOT. Returns 0 and sets *ret, or returns a negative errno.
 */
int source_add_io(sd_event *event, sd_event_source **ret, int fd, uint32_t events, int enabled,
        sd_event_io_handler_t handler, void *userdata, const char *description);

/*
 * Adds a source for the end of a child process, which sd-event reaps. SIGCHLD must be blocked. Returns 0 and
 * sets *ret; or returns a negative errno, and then the caller has to reap the child.
 */
int source_add_child(sd_event *event, sd_event_source **ret, pid_t pid, sd_event_child_handler_t handler,
        void *userdata, const char *description);

/*
 * Adds a timer of CLOCK_MONOTONIC that is off until source_arm() is called. Returns 0 and sets *ret, or
 * returns a negative errno.
 */
int source_add_timer(sd_event *event, sd_event_source **ret, sd_event_time_handler_t handler, void *userdata,
        const char *description);

/*
 * Makes the timer elapse once, `delay_usec` microseconds after the time at which the loop last woke up.
 * Returns 0 or a negative errno.
 */
int source_arm(sd_event_source *timer, uint64_t delay_usec);

/* Adds a signal, which must be blocked, until the loop is freed. Returns 0 or a negative errno. */
int source_add_signal(sd_event *event, int number, sd_event_signal_handler_t handler, void *userdata,
        const char *description);
