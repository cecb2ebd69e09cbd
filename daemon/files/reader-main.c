/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * exectraced-file-reader: the process that answers the questions of files/protocol.h. The daemon starts it
 * (files/reader.h). It exits at once when another process starts it.
 */

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "files/executable.h"
#include "files/protocol.h"
#include "files/sandbox.h"

/* The comm of this process. By default it would be the first 15 bytes of the program's name. */
#define PROCESS_NAME "file-reader"

/*
 * Makes the kernel kill this process when its parent ends. Fails when the parent is not the process that
 * created the socket.
 */
static int die_with_the_daemon(void) {
        struct ucred peer;
        socklen_t size = sizeof(peer);

        if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
                return -errno;
        if (getsockopt(READER_SOCKET_FD, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
                return -errno;
        return getppid() == peer.pid ? 0 : -ESRCH; /* the daemon may have ended before prctl(2) */
}

static int setup(void) {
        int r = die_with_the_daemon();

        if (r < 0)
                return r;
        if (prctl(PR_SET_NAME, PROCESS_NAME, 0, 0, 0) < 0 || chdir("/") < 0)
                return -errno;
        return sandbox_enter();
}

/* Answers all questions. Returns 0 when the daemon has closed its end, or a negative errno. */
static int answer_all(void) {
        for (;;) {
                FileQuestion question;
                FileAnswer answer;
                ssize_t n;

                n = recv(READER_SOCKET_FD, &question, sizeof(question), 0);
                if (n == 0)
                        return 0;
                if (n < 0)
                        return -errno;
                if (n < (ssize_t) sizeof(question.version))
                        return -EBADMSG;
                if (question.version != FILE_PROTOCOL_VERSION)
                        return -EPROTO;
                if (n < (ssize_t) offsetof(FileQuestion, path) || (size_t) n != file_question_size(&question))
                        return -EBADMSG;

                executable_answer(&question, &answer);
                if (send(READER_SOCKET_FD, &answer, sizeof(answer), MSG_NOSIGNAL) < 0)
                        return errno == EPIPE ? 0 : -errno;
        }
}

int main(void) {
        int r = setup();

        if (r >= 0)
                r = answer_all();
        /* exit(3) would execute system calls that the filter refuses. */
        _exit(r == -EPROTO ? FILE_READER_MISMATCH : r < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}
