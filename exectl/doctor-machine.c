/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "doctor-config.h"
#include "doctor-notices.h"
#include "doctor.h"
#include "util/cleanup.h"

static bool has_confidentiality(void *data, char *text) {
        (void) data;
        return strstr(text, "[confidentiality]") != NULL;
}

int doctor_lockdown(const DoctorWorld *world, Diagnosis *diagnosis) {
        if (config_each_line(world->lockdown, has_confidentiality, NULL))
                return diagnose(diagnosis, VERDICT_BAD,
                        "boot with lockdown=integrity, or without it: nothing can be traced under "
                        "confidentiality",
                        "the kernel is locked down (confidentiality)");
        return diagnose(diagnosis, VERDICT_OK, NULL, "the kernel's lockdown does not hinder it");
}

/* Returns true when journald forwards messages to syslog. The default is that of Debian. */
static bool journald_forwards(const DoctorWorld *world) {
        static const char *const yes[] = { "1", "yes", "true", "on", "y", "t" };
        _cleanup_free_ char *value = NULL;

        if (config_setting(world->journald_config, "systemd/journald.conf", "ForwardToSyslog", &value) <= 0)
                return true;
        for (size_t i = 0; i < ELEMENTSOF(yes); i++)
                if (strcasecmp(value, yes[i]) == 0)
                        return true;
        return false;
}

/* What the configurations of syslog daemons say that concerns the records. */
typedef struct SyslogConfig {
        bool reads_journal;
        bool unlimited; /* rsyslog's imjournal has no rate limit */
        bool discards; /* a rule of rsyslog stops the records, or syslog-ng has a rule for them */
        bool in_imjournal; /* the statement that loads imjournal goes on in the next line */
} SyslogConfig;

/* Returns true when the text has the name in it, as one that no other name goes on to. */
static bool has_parameter(const char *text, const char *name) {
        const char *found = strcasestr(text, name);

        return found && (found == text || strchr(" \t(", found[-1]) != NULL);
}

static bool take_rsyslog(void *data, char *text) {
        SyslogConfig *config = data;

        if (text[0] == '#')
                return false;
        if (strstr(text, "imjournal") && (strcasestr(text, "load=") || strcasestr(text, "$ModLoad"))) {
                config->reads_journal = true;
                config->in_imjournal = strcasestr(text, "load=") != NULL;
        }
        if ((config->in_imjournal && has_parameter(text, "ratelimit.interval=\"0\"")) ||
                strcasecmp(text, "$imjournalRatelimitInterval 0") == 0)
                config->unlimited = true;
        if (strchr(text, ')'))
                config->in_imjournal = false;
        if (strstr(text, "\"exectrace\"") && (strstr(text, "stop") || strchr(text, '~')))
                config->discards = true;
        return false;
}

static bool take_syslog_ng(void *data, char *text) {
        SyslogConfig *config = data;

        if (text[0] == '#')
                return false;
        if (strstr(text, "systemd-journal(") || strstr(text, "system("))
                config->reads_journal = true;
        if (strstr(text, "exectrace"))
                config->discards = true;
        return false;
}

/* Reads a main file, and after it the drop-ins in a directory beside it. */
static int read_syslog_config(
        const char *path, const char *drop_ins, bool (*line)(void *data, char *text), SyslogConfig *ret) {
        _cleanup_free_ char *directory = NULL;
        const char *slash = strrchr(path, '/');

        if (slash && asprintf(&directory, "%.*s/%s", (int) (slash - path), path, drop_ins) < 0)
                return -ENOMEM;
        (void) config_each_line(path, line, ret);
        if (directory)
                (void) config_each_drop_in(directory, line, ret);
        return 0;
}

int doctor_syslog(const DoctorWorld *world, Diagnosis *diagnosis) {
        static const char advice[] =
                "keep the records out of its other files: exectraced-fleet(7) has an example";
        SyslogConfig rsyslog = {}, syslog_ng = {};
        int r;

        r = read_syslog_config(world->rsyslog_config, "rsyslog.d", take_rsyslog, &rsyslog);
        if (r < 0)
                return r;
        r = read_syslog_config(world->syslog_ng_config, "conf.d", take_syslog_ng, &syslog_ng);
        if (r < 0)
                return r;
        if (rsyslog.reads_journal && !rsyslog.unlimited)
                return diagnose(diagnosis, VERDICT_BAD,
                        "set ratelimit.interval=\"0\" where imjournal is loaded: exectraced-fleet(7)",
                        "rsyslog reads the journal with imjournal, which drops what is over 20,000 messages "
                        "in 600 s, those of others, too");
        if (rsyslog.discards || (syslog_ng.reads_journal && syslog_ng.discards))
                return diagnose(diagnosis, VERDICT_OK, NULL, "the syslog daemon has a rule for the records");
        if (rsyslog.reads_journal || syslog_ng.reads_journal)
                return diagnose(diagnosis, VERDICT_NOTE, advice,
                        "%s reads the journal: each record is written once more (auth.log, secure)",
                        rsyslog.reads_journal ? "rsyslog" : "syslog-ng");
        if (access(world->syslog_socket, F_OK) == 0 && journald_forwards(world))
                return diagnose(diagnosis, VERDICT_NOTE, advice,
                        "journald forwards to a syslog daemon: each record is written once more (auth.log, "
                        "secure)");
        return diagnose(diagnosis, VERDICT_OK, NULL, "no syslog daemon writes the records once more");
}

int doctor_config(const DoctorWorld *world, Diagnosis *diagnosis) {
        _cleanup_(doctor_notices_done) DoctorNotices notices = {};
        uint64_t changed, read;
        int r;

        r = config_changed(world->config, "exectraced.conf", &changed);
        if (r >= 0)
                r = doctor_notices_read(&notices, world);
        if (r < 0)
                return r;
        read = notices.reloaded.time > notices.started.time ? notices.reloaded.time : notices.started.time;
        if (notices.reload_failed.time > read)
                return diagnose(diagnosis, VERDICT_BAD,
                        "exectraced --check-config, then systemctl reload exectraced",
                        "the configuration was refused at the last reload: the one before is in use");
        if (notices.reloaded.time > notices.started.time && notices.waits)
                return diagnose(diagnosis, VERDICT_NOTE, "systemctl restart exectraced (nothing is missed)",
                        "a part of the configuration waits for a restart");
        if (read == 0)
                return diagnose(diagnosis, VERDICT_UNKNOWN, NULL,
                        "when the configuration was read is not known: the journal has no start of "
                        "recording");
        if (changed > read)
                return diagnose(diagnosis, VERDICT_NOTE, "systemctl reload exectraced",
                        "the configuration was changed after it was read");
        return diagnose(diagnosis, VERDICT_OK, NULL, "the configuration is in use as it stands");
}
