/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "doctor-notices.h"
#include "doctor.h"
#include "show.h"
#include "util/cleanup.h"
#include "util/timespan.h"

/* If an exec has no record after this time, it counts as not seen. */
#define SEEN_SECONDS 10

/* The heartbeat is hourly by default, and may be configured to be daily. */
#define ALIVE_MAX_USEC (25 * 3600 * USEC_PER_SEC)

static const char *text_of(Buffer *buffer, Bytes value) {
        buffer_clear(buffer);
        show_text(buffer, value);
        return show_string(buffer);
}

/* Without any word of the daemon nothing is known, which is not the same as that all is well. */
static int no_start(Diagnosis *diagnosis) {
        return diagnose(
                diagnosis, VERDICT_UNKNOWN, NULL, "the journal has no start of recording in this boot");
}

int doctor_hooks(const DoctorWorld *world, Diagnosis *diagnosis) {
        _cleanup_(doctor_notices_done) DoctorNotices notices = {};
        _cleanup_(buffer_done) Buffer text = BUFFER_NULL;
        Bytes hooks;
        int r;

        r = doctor_notices_read(&notices, world);
        if (r < 0)
                return r;
        if (notices.started.time == 0)
                return diagnose(diagnosis, VERDICT_BAD,
                        "systemctl enable --now exectraced; journalctl -u exectraced",
                        "no start of recording in this boot");
        if (notices.stopped.time > notices.started.time)
                return diagnose(
                        diagnosis, VERDICT_BAD, "systemctl start exectraced", "recording was stopped");
        hooks = doctor_notice_field(&notices.started, "EXECTRACED_HOOKS");
        if (hooks.size == 0)
                return diagnose(
                        diagnosis, VERDICT_BAD, "systemctl restart exectraced", "no hook is attached");
        return diagnose(diagnosis, VERDICT_OK, NULL, "attached: %s", text_of(&text, hooks));
}

int doctor_covered(const DoctorWorld *world, Diagnosis *diagnosis) {
        _cleanup_(doctor_notices_done) DoctorNotices notices = {};
        _cleanup_(buffer_done) Buffer text = BUFFER_NULL;
        Bytes not_covered;
        int r;

        r = doctor_notices_read(&notices, world);
        if (r < 0)
                return r;
        if (notices.started.time == 0)
                return no_start(diagnosis);
        not_covered = doctor_notice_field(&notices.started, "EXECTRACED_NOT_COVERED");
        if (not_covered.size == 0)
                return diagnose(diagnosis, VERDICT_OK, NULL, "nothing is known not to be covered");
        return diagnose(diagnosis, VERDICT_NOTE, "journalctl -b -u exectraced says why", "not covered: %s",
                text_of(&text, not_covered));
}

int doctor_alive(const DoctorWorld *world, Diagnosis *diagnosis) {
        _cleanup_(doctor_notices_done) DoctorNotices notices = {};
        _cleanup_(buffer_done) Buffer text = BUFFER_NULL;
        uint64_t last;
        int r;

        r = doctor_notices_read(&notices, world);
        if (r < 0)
                return r;
        if (notices.blind.time > 0 && notices.blind.time >= notices.alive.time)
                return diagnose(diagnosis, VERDICT_BAD,
                        "systemctl stop exectraced; systemctl start exectraced; look at bpftool prog",
                        "exectraced does not see execs of its own");
        last = notices.alive.time > notices.started.time ? notices.alive.time : notices.started.time;
        if (last > 0 && world->now > last + ALIVE_MAX_USEC)
                return diagnose(diagnosis, VERDICT_NOTE,
                        "set Heartbeat=1h, or look whether the service hangs", "no sign of life for a day");
        if (last == 0)
                return no_start(diagnosis);
        if (notices.alive.time == 0)
                return diagnose(diagnosis, VERDICT_OK, NULL, "no heartbeat yet, and none was missed");
        show_time(&text, notices.alive.time, world->options->utc, false);
        return diagnose(diagnosis, VERDICT_OK, NULL, "last heartbeat %s", show_string(&text));
}

int doctor_lost(const DoctorWorld *world, Diagnosis *diagnosis) {
        _cleanup_(doctor_notices_done) DoctorNotices notices = {};
        int r;

        r = doctor_notices_read(&notices, world);
        if (r < 0)
                return r;
        if (notices.lost > 0)
                return diagnose(diagnosis, VERDICT_BAD,
                        "exectl gaps -b says when and why; a larger EventBuffer= helps against ring-full",
                        "%" PRIu64 " execs were lost within the last day", notices.lost);
        if (notices.started.time == 0 && notices.alive.time == 0)
                return no_start(diagnosis);
        return diagnose(diagnosis, VERDICT_OK, NULL, "nothing was lost within the last day");
}

static uint64_t now_usec(void) {
        struct timespec ts;

        (void) clock_gettime(CLOCK_REALTIME, &ts);
        return (uint64_t) ts.tv_sec * USEC_PER_SEC + (uint64_t) ts.tv_nsec / 1000;
}

/* Executes this program with a token in its arguments, which identifies it. Returns 0 or a negative errno. */
static int execute(char *token) {
        posix_spawn_file_actions_t actions;
        char name[] = "exectl", option[] = "--version";
        char *argv[] = { name, option, token, NULL };
        pid_t pid;
        int r;

        r = posix_spawn_file_actions_init(&actions);
        if (r == 0)
                r = posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
        if (r == 0)
                r = posix_spawn(&pid, "/proc/self/exe", &actions, NULL, argv, environ);
        (void) posix_spawn_file_actions_destroy(&actions);
        if (r == 0)
                while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
                        ;
        return -r;
}

/*
 * Waits for the record with the token. Returns 1 and sets *ret to its delay in microseconds; 0 when it did
 * not come in time; or a negative errno.
 */
static int wait_for(const DoctorWorld *world, const char *token, uint64_t begin, uint64_t *ret) {
        _cleanup_(record_done) Record record = {};
        Query query = { .since = begin, .until = USEC_UNSET, .lines = LINES_ALL, .follow = true };
        uint64_t end = begin + SEEN_SECONDS * USEC_PER_SEC;
        int r;

        query.kind = QUERY_EXECS;
        query.fields = RECORD_BIT(RECORD_ARGV) | RECORD_BIT(RECORD_TIMESTAMP);
        r = source_start(world->source, &query);
        while (r >= 0 && now_usec() < end) {
                while ((r = source_next(world->source, &record)) > 0)
                        if (memmem(record.field[RECORD_ARGV].data, record.field[RECORD_ARGV].size, token,
                                    strlen(token))) {
                                *ret = record.received > begin ? record.received - begin : 0;
                                return 1;
                        }
                if (r >= 0)
                        r = source_wait(world->source, 30000);
        }
        return r < 0 ? r : 0;
}

int doctor_seen(const DoctorWorld *world, Diagnosis *diagnosis) {
        char token[64];
        uint64_t begin = now_usec(), delay;
        int r;

        (void) snprintf(token, sizeof(token), "doctor-%" PRIx64 "-%d", begin, (int) getpid());
        r = execute(token);
        if (r < 0)
                return diagnose(
                        diagnosis, VERDICT_UNKNOWN, NULL, "can't execute a program: %s", strerror(-r));
        r = wait_for(world, token, begin, &delay);
        if (r == -ENOMEM)
                return r;
        if (r < 0)
                return diagnose(
                        diagnosis, VERDICT_UNKNOWN, NULL, "the journal can't be read: %s", strerror(-r));
        if (r == 0)
                return diagnose(diagnosis, VERDICT_BAD,
                        "look whether a filter drops this user (exectraced.conf), and at systemctl status "
                        "exectraced",
                        "an exec of this program was not recorded within %d s", SEEN_SECONDS);
        return diagnose(diagnosis, VERDICT_OK, NULL,
                "an exec of this program was in the journal after %" PRIu64 ".%" PRIu64 " ms", delay / 1000,
                delay / 100 % 10);
}
