/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doctor-notices.h"
#include "doctor.h"
#include "util/cleanup.h"
#include "util/timespan.h"

/*
 * Calls `line` for each line of the file, without white space around it, until it returns true. Returns
 * whether it did.
 */
static bool each_line(const char *path, bool (*line)(void *data, char *text), void *data) {
        _cleanup_fclose_ FILE *file = fopen(path, "re");
        _cleanup_free_ char *text = NULL;
        size_t allocated = 0;

        while (file && getline(&text, &allocated, file) >= 0) {
                char *start = text + strspn(text, " \t");
                size_t n = strlen(start);

                while (n > 0 && strchr(" \t\r\n", start[n - 1]))
                        start[--n] = '\0';
                if (line(data, start))
                        return true;
        }
        return false;
}

static int compare_names(const struct dirent **a, const struct dirent **b) {
        return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_conf(const struct dirent *entry) {
        return fnmatch("*.conf", entry->d_name, FNM_PERIOD) == 0;
}

/* Does the same for each *.conf in the directory, in the order of their names. */
static bool each_drop_in(const char *directory, bool (*line)(void *data, char *text), void *data) {
        struct dirent **entries = NULL;
        bool found = false;
        int n = scandir(directory, &entries, is_conf, compare_names);

        for (int i = 0; i < n; i++) {
                _cleanup_free_ char *path = NULL;

                if (!found && asprintf(&path, "%s/%s", directory, entries[i]->d_name) >= 0)
                        found = each_line(path, line, data);
                free(entries[i]);
        }
        free(entries);
        return found;
}

static bool has_confidentiality(void *data, char *text) {
        (void) data;
        return strstr(text, "[confidentiality]") != NULL;
}

int doctor_lockdown(const DoctorWorld *world, Diagnosis *diagnosis) {
        if (each_line(world->lockdown, has_confidentiality, NULL))
                return diagnose(diagnosis, VERDICT_BAD,
                        "boot with lockdown=integrity, or without it: nothing can be traced under "
                        "confidentiality",
                        "the kernel is locked down (confidentiality)");
        return diagnose(diagnosis, VERDICT_OK, NULL, "the kernel's lockdown does not hinder it");
}

static bool take_forward(void *data, char *text) {
        static const char key[] = "ForwardToSyslog=";
        bool *forward = data;

        if (strncmp(text, key, strlen(key)) == 0) {
                const char *value = text + strlen(key);

                *forward = strcmp(value, "1") == 0 || strcasecmp(value, "yes") == 0 ||
                        strcasecmp(value, "true") == 0 || strcasecmp(value, "on") == 0 ||
                        strcasecmp(value, "y") == 0 || strcasecmp(value, "t") == 0;
        }
        return false;
}

/*
 * Returns true when journald forwards messages to syslog. The most important main file is read, and then all
 * drop-ins. The default is that of Debian.
 */
static bool journald_forwards(const DoctorWorld *world) {
        bool forward = true;

        for (size_t i = 0; world->journald_config[i]; i++) {
                _cleanup_free_ char *path = NULL;

                if (asprintf(&path, "%s/systemd/journald.conf", world->journald_config[i]) < 0)
                        return forward;
                if (access(path, F_OK) == 0) {
                        (void) each_line(path, take_forward, &forward);
                        break;
                }
        }
        for (size_t i = 0; world->journald_config[i]; i++) {
                _cleanup_free_ char *path = NULL;

                if (asprintf(&path, "%s/systemd/journald.conf.d", world->journald_config[i]) >= 0)
                        (void) each_drop_in(path, take_forward, &forward);
        }
        return forward;
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
        (void) each_line(path, line, ret);
        if (directory)
                (void) each_drop_in(directory, line, ret);
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

static void newest_of(const char *path, struct timespec *newest) {
        struct stat st;

        if (stat(path, &st) < 0)
                return;
        if (st.st_mtim.tv_sec > newest->tv_sec ||
                (st.st_mtim.tv_sec == newest->tv_sec && st.st_mtim.tv_nsec > newest->tv_nsec))
                *newest = st.st_mtim;
}

/*
 * Returns when the configuration was last changed, also by the removal of a file, in microseconds since the
 * epoch, or 0 when there is none.
 */
static uint64_t config_changed(const char *config) {
        _cleanup_free_ char *directory = NULL;
        struct timespec newest = {};
        struct dirent **entries = NULL;
        int n;

        newest_of(config, &newest);
        if (asprintf(&directory, "%s.d", config) < 0)
                return 0;
        newest_of(directory, &newest);
        n = scandir(directory, &entries, is_conf, compare_names);
        for (int i = 0; i < n; i++) {
                _cleanup_free_ char *path = NULL;

                if (asprintf(&path, "%s/%s", directory, entries[i]->d_name) >= 0)
                        newest_of(path, &newest);
                free(entries[i]);
        }
        free(entries);
        return (uint64_t) newest.tv_sec * USEC_PER_SEC + (uint64_t) newest.tv_nsec / 1000;
}

int doctor_config(const DoctorWorld *world, Diagnosis *diagnosis) {
        _cleanup_(doctor_notices_done) DoctorNotices notices = {};
        uint64_t changed = config_changed(world->config), read;
        int r;

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
        if (read > 0 && changed > read)
                return diagnose(diagnosis, VERDICT_NOTE, "systemctl reload exectraced",
                        "the configuration was changed after it was read");
        return diagnose(diagnosis, VERDICT_OK, NULL, "the configuration is in use as it stands");
}
