/* SPDX-License-Identifier: GPL-2.0-or-later */

/* exectl doctor: checks whether exectraced works on this machine. */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "command.h"
#include "doctor.h"
#include "show.h"
#include "util/cleanup.h"

static const struct {
        const char *name;
        DoctorCheck check;
} checks[] = {
        { "service", doctor_service },
        { "hooks", doctor_hooks },
        { "seen", doctor_seen },
        { "alive", doctor_alive },
        { "covered", doctor_covered },
        { "lost", doctor_lost },
        { "lockdown", doctor_lockdown },
        { "storage", doctor_storage },
        { "lasting", doctor_lasting },
        { "rate-limit", doctor_rate_limit },
        { "dropped", doctor_dropped },
        { "syslog", doctor_syslog },
        { "config", doctor_config },
};

static const struct {
        const char *name;
        const char *mark;
        Style style;
} verdicts[_VERDICT_MAX] = {
        [VERDICT_OK] = { "ok", "ok  ", STYLE_GOOD },
        [VERDICT_NOTE] = { "note", "note", STYLE_PRIVILEGE },
        [VERDICT_BAD] = { "bad", "BAD ", STYLE_FAILED },
        [VERDICT_UNKNOWN] = { "unknown", "?   ", STYLE_GREY },
};

int diagnose(Diagnosis *diagnosis, Verdict verdict, const char *advice, const char *found, ...) {
        _cleanup_free_ char *text = NULL;
        va_list ap;
        int r;

        va_start(ap, found);
        r = vasprintf(&text, found, ap);
        va_end(ap);
        if (r < 0) {
                text = NULL;
                return -ENOMEM;
        }
        diagnosis->verdict = verdict;
        buffer_append_string(&diagnosis->found, text);
        if (advice)
                buffer_append_string(&diagnosis->advice, advice);
        return buffer_error(&diagnosis->found);
}

static void print(Output *output, Diagnosis *diagnosis) {
        char line[1024];

        if (options_json(output->options)) {
                JsonWriter *writer = output_json_begin(output);

                json_text(writer, "check", diagnosis->name);
                json_text(writer, "verdict", verdicts[diagnosis->verdict].name);
                json_string(writer, "found", buffer_bytes(&diagnosis->found));
                if (diagnosis->advice.size > 0)
                        json_string(writer, "advice", buffer_bytes(&diagnosis->advice));
                output_json_end(output);
                return;
        }
        (void) snprintf(line, sizeof(line), "%s  %-10s  %.*s", verdicts[diagnosis->verdict].mark,
                diagnosis->name, (int) diagnosis->found.size, diagnosis->found.data);
        output_line(output, line, verdicts[diagnosis->verdict].style, false);
        if (diagnosis->advice.size == 0)
                return;
        (void) snprintf(line, sizeof(line), "                  -> %.*s", (int) diagnosis->advice.size,
                diagnosis->advice.data);
        output_line(output, line, STYLE_NORMAL, false);
}

static bool is_wanted(const Options *options, const char *name) {
        for (size_t i = 0; i < options->n_match; i++)
                if (strcmp(options->match[i], name) == 0)
                        return true;
        return options->n_match == 0;
}

static bool names_are_known(const Options *options) {
        for (size_t i = 0; i < options->n_match; i++) {
                bool known = false;

                for (size_t k = 0; k < ELEMENTSOF(checks); k++)
                        known |= strcmp(options->match[i], checks[k].name) == 0;
                if (!known) {
                        fprintf(stderr, "exectl: doctor: %s: no such check\n", options->match[i]);
                        return false;
                }
        }
        return true;
}

/* Returns 0 and sets *ret_bad to true when a check fails, or returns a negative errno. */
static int run_checks(Context *context, const DoctorWorld *world, bool *ret_bad) {
        int r = 0;

        output_open(&context->output, true);
        for (size_t i = 0; i < ELEMENTSOF(checks) && r >= 0; i++) {
                Diagnosis diagnosis = { .name = checks[i].name, .verdict = VERDICT_UNKNOWN };

                if (!is_wanted(world->options, checks[i].name))
                        continue;
                r = checks[i].check(world, &diagnosis);
                if (r < 0 && r != -ENOMEM)
                        r = diagnose(&diagnosis, VERDICT_UNKNOWN, NULL, "%s", strerror(-r));
                if (r >= 0)
                        print(&context->output, &diagnosis);
                (void) fflush(stdout);
                *ret_bad |= diagnosis.verdict == VERDICT_BAD;
                buffer_done(&diagnosis.found);
                buffer_done(&diagnosis.advice);
        }
        return r;
}

int command_run_doctor(Context *context) {
        static const char *const config[] = { SYSCONFDIR, "/run", "/usr/local/lib", "/usr/lib", NULL };
        static const char *const journald_config[] = { "/etc", "/run", "/usr/local/lib", "/usr/lib", NULL };
        const Options *options = context->options;
        struct timespec now, up;
        DoctorWorld world = {
                .options = options,
                .lockdown = "/sys/kernel/security/lockdown",
                .journal_storage = "/var/log/journal",
                .syslog_socket = "/run/systemd/journal/syslog",
                .journald_config = journald_config,
                .rsyslog_config = "/etc/rsyslog.conf",
                .syslog_ng_config = "/etc/syslog-ng/syslog-ng.conf",
                .config = config,
        };
        bool bad = false;
        int r;

        (void) clock_gettime(CLOCK_REALTIME, &now);
        world.now = (uint64_t) now.tv_sec * 1000000 + (uint64_t) now.tv_nsec / 1000;
        (void) clock_gettime(CLOCK_BOOTTIME, &up);
        world.boot = world.now - (uint64_t) up.tv_sec * 1000000;
        if (!names_are_known(options))
                return EXIT_FAILURE;
        r = source_open(options, &world.source);
        if (r < 0)
                return EXIT_FAILURE;
        r = run_checks(context, &world, &bad);
        source_free(world.source);
        if (r < 0)
                fprintf(stderr, "exectl: %s\n", strerror(-r));
        return r < 0 || bad ? EXIT_FAILURE : EXIT_SUCCESS;
}
