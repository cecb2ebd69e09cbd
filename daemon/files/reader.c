/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "files/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "files/executable.h"
#include "util/cleanup.h"

#define SOCKET_FD 3
#define PROCESS_NAME "build-ids"

/* What root needs to look into directories of others, and at processes with capabilities and those of others. */
#define CAPABILITIES_KEPT (1U << CAP_DAC_READ_SEARCH | 1U << CAP_SYS_PTRACE)

/* The socket becomes descriptor 3, standard input, output and error lead nowhere, and there is nothing else. */
static int keep_socket_only(int fd) {
        int null;

        /* First: it may be one of the lower three, where the daemon was started without them. */
        if (fd != SOCKET_FD && dup2(fd, SOCKET_FD) < 0)
                return -errno;
        null = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (null < 0)
                return -errno;
        for (int i = 0; i < SOCKET_FD; i++)
                if (dup2(null, i) < 0)
                        return -errno;
        if (close_range(SOCKET_FD + 1, ~0U, 0) >= 0)
                return 0;
        /* Before Linux 5.9. */
        for (int i = SOCKET_FD + 1, end = (int) sysconf(_SC_OPEN_MAX); i < end; i++)
                (void) close(i);
        return 0;
}

static int drop_capabilities(void) {
        struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
        struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};

        if (syscall(SYS_capget, &header, data) < 0)
                return -errno;
        data[0].permitted &= CAPABILITIES_KEPT;
        data[0].effective = data[0].permitted;
        data[0].inheritable = 0;
        data[1] = (struct __user_cap_data_struct){};
        if (syscall(SYS_capset, &header, data) < 0)
                return -errno;
        return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

static int reader_setup(int fd, pid_t daemon) {
        const struct rlimit no_core = {}; /* it would hold what the daemon had in memory */
        sigset_t all;
        int r;

        /* What is sent to the daemon and all of its processes is the daemon's business alone. */
        sigfillset(&all);
        if (sigprocmask(SIG_SETMASK, &all, NULL) < 0)
                return -errno;
        r = keep_socket_only(fd);
        if (r < 0)
                return r;
        if (prctl(PR_SET_NAME, PROCESS_NAME, 0, 0, 0) < 0 || chdir("/") < 0 ||
                setrlimit(RLIMIT_CORE, &no_core) < 0)
                return -errno;
        r = drop_capabilities();
        if (r < 0)
                return r;
        if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
                return -errno;
        return getppid() == daemon ? 0 : -ESRCH; /* it may have ended before */
}

static int reader_run(void) {
        for (;;) {
                BuildIdQuestion question;
                BuildIdAnswer answer;
                ssize_t n;

                n = recv(SOCKET_FD, &question, sizeof(question), 0);
                if (n == 0)
                        return 0;
                if (n < (ssize_t) offsetof(BuildIdQuestion, path))
                        return n < 0 ? -errno : -EBADMSG;
                if ((size_t) n != offsetof(BuildIdQuestion, path) + question.path_size)
                        return -EBADMSG;

                executable_answer(&question, &answer);
                if (send(SOCKET_FD, &answer, sizeof(answer), MSG_NOSIGNAL) < 0)
                        return errno == EPIPE ? 0 : -errno;
        }
}

int build_id_reader_start(pid_t *ret_pid, int *ret_fd) {
        pid_t daemon = getpid(), pid;
        int fds[2];

        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
                return -errno;
        pid = fork();
        if (pid < 0) {
                int error = -errno;

                closep(&fds[0]);
                closep(&fds[1]);
                return error;
        }
        if (pid == 0) {
                int r = reader_setup(fds[1], daemon);

                if (r >= 0)
                        r = reader_run();
                _exit(r < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
        }

        closep(&fds[1]);
        *ret_pid = pid;
        *ret_fd = fds[0];
        return 0;
}
