/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "files/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "files/sandbox.h"
#include "util/cleanup.h"
#include "util/descriptors.h"

/* The socket is moved to its number first. Any descriptor that it replaces is not needed by the program. */
static int prepare_descriptors(posix_spawn_file_actions_t *actions, int fd) {
        int r;

        r = posix_spawn_file_actions_adddup2(actions, fd, READER_SOCKET_FD);
        if (r == 0)
                r = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDWR, 0);
        if (r == 0)
                r = posix_spawn_file_actions_adddup2(actions, STDIN_FILENO, STDOUT_FILENO);
        if (r == 0)
                r = posix_spawn_file_actions_adddup2(actions, STDIN_FILENO, STDERR_FILENO);
        if (r == 0)
                r = posix_spawn_file_actions_addclosefrom_np(actions, READER_SOCKET_FD + 1);
        return -r;
}

/*
 * Blocks all signals in the reader. A signal that is sent to all processes of the service is for the daemon
 * only, which ends the reader itself.
 */
static int prepare_signals(posix_spawnattr_t *attributes) {
        sigset_t all;
        int r;

        sigfillset(&all);
        r = posix_spawnattr_setsigmask(attributes, &all);
        if (r == 0)
                r = posix_spawnattr_setsigdefault(attributes, &all);
        if (r == 0)
                r = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
        return -r;
}

static int spawn(const char *program, int fd, pid_t *ret_pid) {
        char name[] = "exectraced-file-reader", *arguments[] = { name, NULL }, *environment[] = { NULL };
        posix_spawn_file_actions_t actions;
        posix_spawnattr_t attributes;
        int r;

        r = -posix_spawn_file_actions_init(&actions);
        if (r < 0)
                return r;
        r = -posix_spawnattr_init(&attributes);
        if (r < 0) {
                (void) posix_spawn_file_actions_destroy(&actions);
                return r;
        }
        r = prepare_descriptors(&actions, fd);
        if (r >= 0)
                r = prepare_signals(&attributes);
        if (r >= 0)
                r = -posix_spawn(ret_pid, program, &actions, &attributes, arguments, environment);
        (void) posix_spawnattr_destroy(&attributes);
        (void) posix_spawn_file_actions_destroy(&actions);
        return r;
}

int file_reader_start(const char *program, pid_t *ret_pid, int *ret_fd) {
        _cleanup_close_ int ours = -EBADF, theirs = -EBADF;
        int fds[2], r;

        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
                return -errno;
        ours = descriptors_move_up(fds[0]);
        theirs = descriptors_move_up(fds[1]);
        if (ours < 0 || theirs < 0)
                return ours < 0 ? ours : theirs;
        r = spawn(program, theirs, ret_pid);
        if (r < 0)
                return r;
        *ret_fd = TAKE_FD(ours);
        return 0;
}

const char *file_reader_program(void) {
        const char *program = secure_getenv("EXECTRACED_FILE_READER");

        return program ? program : FILE_READER_PROGRAM;
}
