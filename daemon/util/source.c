/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "util/source.h"

#include <stdbool.h>
#include <sys/wait.h>
#include <time.h>

/* Sets the common properties of a source. It belongs to the caller on success, and is freed on failure. */
static int source_finish(
        sd_event_source *source, int enabled, const char *description, sd_event_source **ret) {
        int r;

        (void) sd_event_source_set_description(source, description); /* only for debugging */
        r = sd_event_source_set_exit_on_failure(source, true);
        if (r >= 0)
                r = sd_event_source_set_enabled(source, enabled);
        if (r < 0) {
                sd_event_source_disable_unref(source);
                return r;
        }
        *ret = source;
        return 0;
}

int source_add_io(sd_event *event, sd_event_source **ret, int fd, uint32_t events, int enabled,
        sd_event_io_handler_t handler, void *userdata, const char *description) {
        sd_event_source *source;
        int r;

        r = sd_event_add_io(event, &source, fd, events, handler, userdata);
        return r < 0 ? r : source_finish(source, enabled, description, ret);
}

int source_add_child(sd_event *event, sd_event_source **ret, pid_t pid, sd_event_child_handler_t handler,
        void *userdata, const char *description) {
        sd_event_source *source;
        int r;

        r = sd_event_add_child(event, &source, pid, WEXITED, handler, userdata);
        return r < 0 ? r : source_finish(source, SD_EVENT_ONESHOT, description, ret);
}

int source_add_timer(sd_event *event, sd_event_source **ret, sd_event_time_handler_t handler, void *userdata,
        const char *description) {
        sd_event_source *source;
        int r;

        r = sd_event_add_time(event, &source, CLOCK_MONOTONIC, 0, SOURCE_ACCURACY_USEC, handler, userdata);
        return r < 0 ? r : source_finish(source, SD_EVENT_OFF, description, ret);
}

int source_arm(sd_event_source *timer, uint64_t delay_usec) {
        int r = sd_event_source_set_time_relative(timer, delay_usec);

        return r < 0 ? r : sd_event_source_set_enabled(timer, SD_EVENT_ONESHOT);
}

int source_add_signal(sd_event *event, int number, sd_event_signal_handler_t handler, void *userdata,
        const char *description) {
        sd_event_source *source;
        int r;

        r = sd_event_add_signal(event, &source, number, handler, userdata);
        if (r < 0)
                return r;
        r = source_finish(source, SD_EVENT_ON, description, &source);
        if (r < 0)
                return r;
        r = sd_event_source_set_floating(source, true);
        sd_event_source_unref(source);
        return r < 0 ? r : 0;
}
