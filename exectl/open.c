/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "open.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include "util/cleanup.h"

/*
 * Opens the root directory of a machine that systemd-machined knows. Returns a descriptor, which the caller
 * closes, or a negative errno.
 */
static int open_machine_root(const char *machine) {
        sd_bus_error error = SD_BUS_ERROR_NULL;
        sd_bus_message *reply = NULL;
        sd_bus *bus = NULL;
        int fd = -EBADF, r;

        r = sd_bus_open_system(&bus);
        if (r >= 0)
                r = sd_bus_call_method(bus, "org.freedesktop.machine1", "/org/freedesktop/machine1",
                        "org.freedesktop.machine1.Manager", "OpenMachineRootDirectory", &error, &reply, "s",
                        machine);
        if (r >= 0)
                r = sd_bus_message_read(reply, "h", &fd);
        if (r >= 0) {
                fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
                r = fd < 0 ? -errno : fd;
        } else
                fprintf(stderr, "exectl: machine %s: %s\n", machine,
                        error.message ? error.message : strerror(-r));
        sd_bus_error_free(&error);
        sd_bus_message_unref(reply);
        sd_bus_flush_close_unref(bus);
        return r;
}

static int open_machine(const char *machine, sd_journal **ret) {
        int fd, r;

        fd = open_machine_root(machine);
        if (fd < 0)
                return fd;
        /* The journal uses the descriptor as long as it is open. */
        r = sd_journal_open_directory_fd(ret, fd, SD_JOURNAL_OS_ROOT);
        if (r < 0) {
                close(fd);
                fprintf(stderr, "exectl: journal of machine %s: %s\n", machine, strerror(-r));
        }
        return r;
}

static int open_files(const Words *files, sd_journal **ret) {
        glob_t found = {};
        int r = 0;

        for (size_t i = 0; i < files->n; i++) {
                int g = glob(files->word[i], GLOB_NOCHECK | (i > 0 ? GLOB_APPEND : 0), NULL, &found);

                if (g != 0)
                        r = g == GLOB_NOSPACE ? -ENOMEM : -EIO;
        }
        if (r >= 0)
                r = sd_journal_open_files(ret, (const char **) found.gl_pathv, 0);
        if (r < 0)
                fprintf(stderr, "exectl: %s: %s\n", files->word[0],
                        r == -EBADMSG || r == -ENODATA  ? "no journal file, or it is damaged"
                                : r == -EPROTONOSUPPORT ? "this journal file needs a newer libsystemd"
                                                        : strerror(-r));
        globfree(&found);
        return r;
}

static int open_directory(const char *directory, int flags, sd_journal **ret) {
        int r = sd_journal_open_directory(ret, directory, flags);

        if (r < 0)
                fprintf(stderr, "exectl: %s: %s\n", directory, strerror(-r));
        return r;
}

int open_journal(const Options *options, sd_journal **ret) {
        int flags = options->merge ? 0 : SD_JOURNAL_LOCAL_ONLY, r;
        const char *namespace = options->namespace;

        if (options->files.n > 0)
                return open_files(&options->files, ret);
        if (options->directory)
                return open_directory(options->directory, 0, ret);
        if (options->root)
                return open_directory(options->root, SD_JOURNAL_OS_ROOT, ret);
        if (options->machine)
                return open_machine(options->machine, ret);

        if (namespace && strcmp(namespace, "*") == 0)
                r = sd_journal_open_namespace(ret, NULL, flags | SD_JOURNAL_ALL_NAMESPACES);
        else if (namespace && namespace[0] == '+')
                r = sd_journal_open_namespace(
                        ret, namespace + 1, flags | SD_JOURNAL_INCLUDE_DEFAULT_NAMESPACE);
        else
                r = sd_journal_open_namespace(ret, namespace, flags);
        if (r < 0)
                fprintf(stderr, "exectl: the journal can't be opened: %s\n", strerror(-r));
        return r;
}

void open_hint_permission(const Options *options) {
        static const char *const patterns[] = { "/var/log/journal/*/system.journal",
                "/run/log/journal/*/system.journal" };
        glob_t found = {};

        if (options->quiet || options->files.n > 0 || options->root || options->machine)
                return;
        if (options->directory) {
                if (access(options->directory, R_OK | X_OK) < 0)
                        fprintf(stderr, "exectl: %s: %s\n", options->directory, strerror(errno));
                return;
        }
        for (size_t i = 0; i < ELEMENTSOF(patterns); i++)
                (void) glob(patterns[i], i > 0 ? GLOB_APPEND : 0, NULL, &found);
        for (size_t i = 0; i < found.gl_pathc; i++)
                if (access(found.gl_pathv[i], R_OK) < 0) {
                        fprintf(stderr,
                                "exectl: this user may not read the system's journal. Members of the groups\n"
                                "        systemd-journal, adm and wheel may, where the system has them.\n");
                        break;
                }
        globfree(&found);
}
