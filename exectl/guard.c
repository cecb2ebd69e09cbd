/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "guard.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static sigjmp_buf caller;
static volatile sig_atomic_t in_call;

/* abort(3) raises the signal in the thread that calls it, so this runs as if it were called from there. */
static void on_abort(int number, siginfo_t *info, void *context) {
        static const char message[] = "exectl: a journal file is so damaged that libsystemd can't read on; "
                                      "journalctl --verify finds it\n";

        (void) context;

        if (info->si_pid != getpid()) {
                /* It was sent by somebody, and comes once more when this function has returned. */
                (void) signal(number, SIG_DFL);
                (void) raise(number);
                return;
        }
        if (in_call)
                siglongjmp(caller, 1);
        (void) fflush(stdout);
        (void) !write(STDERR_FILENO, message, sizeof(message) - 1);
        _exit(EXIT_FAILURE);
}

void guard_init(void) {
        /* The signal is not blocked while it is handled: the function does not always return. */
        const struct sigaction action = { .sa_sigaction = on_abort, .sa_flags = SA_SIGINFO | SA_NODEFER };

        (void) sigaction(SIGABRT, &action, NULL);
}

int guard_call(int (*function)(void *data), void *data) {
        int r;

        if (sigsetjmp(caller, 0) != 0) {
                in_call = false;
                return -EBADMSG;
        }
        in_call = true;
        r = function(data);
        in_call = false;
        return r;
}
