/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "pager.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <systemd/sd-login.h>
#include <unistd.h>

#include "util/boolean.h"
#include "util/cleanup.h"

#define WORDS_MAX 32

typedef struct Trust {
        bool secure; /* less runs in its secure mode, and no other of the usual pagers does */
        bool any; /* the pager of the environment variables is started */
} Trust;

/*
 * A pager can execute other programs. So with privileges that whoever logged in does not have, as under
 * sudo, only less is started, in its secure mode. SYSTEMD_PAGERSECURE overrides that, and whoever sets it
 * is expected to have chosen the pager to suit it.
 */
static Trust find_trust(void) {
        const char *set = secure_getenv("SYSTEMD_PAGERSECURE");
        bool secure;
        uid_t owner;
        int r;

        if (set) {
                r = boolean_parse(set);
                return (Trust){ .secure = r != 0, .any = r >= 0 };
        }
        /* The ids of a process do not show it under sudo, which sets all of them. */
        secure = sd_pid_get_owner_uid(0, &owner) < 0 || owner != geteuid();
        return (Trust){ .secure = secure, .any = !secure };
}

/* Returns the pager of the environment variables; NULL when they are unset, or "" when no pager is wanted. */
static const char *chosen(void) {
        const char *pager = getenv("SYSTEMD_PAGER");

        if (!pager)
                pager = getenv("PAGER");
        if (pager && (strcmp(pager, "cat") == 0 || pager[0] == '\0'))
                return "";
        return pager;
}

/* Sets the environment of the pager, in the child. Returns true on success. */
static bool set_environment(bool endless, bool secure) {
        const char *options = getenv("SYSTEMD_LESS"), *charset = getenv("SYSTEMD_LESSCHARSET");

        return setenv("LESS",
                       options           ? options
                               : endless ? "FRSXM"
                                         : "FRSXMK",
                       1) == 0 &&
                (!charset || setenv("LESSCHARSET", charset, 1) == 0) &&
                (secure ? setenv("LESSSECURE", "1", 1) : unsetenv("LESSSECURE")) == 0;
}

/* Executes the command. Returns only when that fails. */
static void execute(const char *command) {
        char copy[1024], *words[WORDS_MAX + 1], *state = NULL;
        size_t n = 0;

        if (strlen(command) >= sizeof(copy))
                return;
        strcpy(copy, command);
        for (char *word = strtok_r(copy, " \t\n", &state); word && n < WORDS_MAX;
                word = strtok_r(NULL, " \t\n", &state))
                words[n++] = word;
        words[n] = NULL;
        if (n > 0)
                (void) execvp(words[0], words);
}

/* Copies the input to the output, because no pager could be executed. */
static void copy_through(void) {
        char buffer[4096];
        ssize_t n;

        while ((n = read(STDIN_FILENO, buffer, sizeof(buffer))) > 0)
                for (ssize_t done = 0; done < n;) {
                        ssize_t written = write(STDOUT_FILENO, buffer + done, (size_t) (n - done));

                        if (written < 0)
                                return;
                        done += written;
                }
}

static void run_child(int fd, pid_t parent, const char *pager, bool endless) {
        static const char *const usual[] = { "pager", "less", "more" };
        Trust trust = find_trust();

        (void) signal(SIGPIPE, SIG_DFL);
        if (dup2(fd, STDIN_FILENO) < 0)
                _exit(EXIT_FAILURE);
        (void) prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() != parent)
                _exit(EXIT_SUCCESS);
        if (!set_environment(endless, trust.secure))
                _exit(EXIT_FAILURE);
        if (pager && trust.any)
                execute(pager);
        for (size_t i = 0; i < ELEMENTSOF(usual); i++)
                if (!trust.secure || strcmp(usual[i], "less") == 0)
                        execute(usual[i]);
        copy_through();
        _exit(EXIT_SUCCESS);
}

pid_t pager_start(bool endless) {
        const char *pager = chosen(), *terminal = getenv("TERM");
        pid_t parent = getpid(), pid;
        int pipes[2];

        if (!isatty(STDOUT_FILENO) || !terminal || strcmp(terminal, "dumb") == 0 || (pager && *pager == '\0'))
                return 0;
        if (pipe2(pipes, O_CLOEXEC) < 0)
                return -errno;
        (void) fflush(stdout);
        pid = fork();
        if (pid < 0) {
                int error = errno;

                close(pipes[0]);
                close(pipes[1]);
                return -error;
        }
        if (pid == 0)
                run_child(pipes[0], parent, pager, endless);

        close(pipes[0]);
        if (dup2(pipes[1], STDOUT_FILENO) < 0) {
                int error = errno;

                close(pipes[1]);
                return -error;
        }
        close(pipes[1]);
        return pid;
}

void pager_wait(pid_t pid) {
        if (pid <= 0)
                return;
        (void) fclose(stdout);
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
                ;
}
