/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "pipeline/late.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/child.h"
#include "util/cleanup.h"
#include "util/clock.h"

#define NSEC_PER_SEC 1000000000ULL

/* How long an answer may take, and those that did not come in that time, all together. */
#define ANSWER_USEC (UINT64_C(250) * 1000)
#define LOST_USEC (UINT64_C(1000) * 1000)

struct LateReader {
        int proc_fd;
        pid_t child; /* 0: there is none */
        int fd; /* this end of the socket to it */
        uint64_t lost_usec; /* what was waited for no answer */
};

typedef struct Question {
        ProcessIdentity process;
        uint64_t max;
} Question;

/* The arguments come behind it. */
typedef struct Answer {
        int64_t error;
        uint64_t size;
} Answer;

/*
 * Compares the start time in proc_pid_stat(5), field 22, which is in ticks since boot. The name in field 2
 * may hold any bytes.
 */
static bool is_process(int proc_fd, const ProcessIdentity *process) {
        const uint64_t tick_ns = NSEC_PER_SEC / (uint64_t) sysconf(_SC_CLK_TCK);
        _cleanup_close_ int fd = -EBADF;
        char path[32], text[1024];
        const char *behind;
        uint64_t ticks;
        ssize_t n;

        (void) snprintf(path, sizeof(path), "%u/stat", process->pid);
        fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);

        n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
        if (n <= 0)
                return false;
        text[n] = '\0';
        behind = strrchr(text, ')');
        if (!behind ||
                sscanf(behind,
                        ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d "
                        "%" SCNu64,
                        &ticks) != 1)
                return false;
        /* Times in /proc are those of the reader's time namespace. */
        return ticks == (process->start_ns + (uint64_t) clock_namespace_ns()) / tick_ns;
}

static int read_arguments(int proc_fd, const ProcessIdentity *process, size_t max, Buffer *ret) {
        _cleanup_close_ int fd = -EBADF;
        char path[32];

        buffer_clear(ret);
        (void) snprintf(path, sizeof(path), "%u/cmdline", process->pid);
        fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return errno == ENOENT ? -ESRCH : -errno;
        while (ret->size < max) {
                size_t room = max - ret->size < 4096 ? max - ret->size : 4096;
                ssize_t n;

                if (buffer_reserve(ret, room) < 0)
                        return -ENOMEM;
                n = read(fd, ret->data + ret->size, room);
                if (n < 0)
                        return -errno;
                if (n == 0)
                        break;
                ret->size += (size_t) n;
        }
        return 0;
}

/* Sends all of it. Returns false when nobody takes it any more. */
static bool send_all(int fd, const void *data, size_t size) {
        for (size_t done = 0; done < size;) {
                ssize_t n = send(fd, (const char *) data + done, size - done, MSG_NOSIGNAL);

                if (n < 0 && errno != EINTR)
                        return false;
                done += n > 0 ? (size_t) n : 0;
        }
        return true;
}

/* The child's life. It keeps no descriptor by which it could hold back the end of the parent's programs. */
static void serve(int proc_fd, int fd) {
        Buffer arguments = BUFFER_NULL;
        Question question;

        if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || dup2(proc_fd, STDIN_FILENO) < 0 ||
                dup2(fd, STDOUT_FILENO) < 0 || close_range(STDERR_FILENO, ~0U, 0) < 0)
                _exit(EXIT_FAILURE);
        while (recv(STDOUT_FILENO, &question, sizeof(question), MSG_WAITALL) == sizeof(question)) {
                int r = read_arguments(STDIN_FILENO, &question.process, question.max, &arguments);
                Answer answer = { .error = r, .size = r < 0 ? 0 : arguments.size };

                if (!send_all(STDOUT_FILENO, &answer, sizeof(answer)) ||
                        !send_all(STDOUT_FILENO, arguments.data, answer.size))
                        break;
        }
        _exit(EXIT_SUCCESS);
}

static int start(LateReader *reader) {
        int fds[2];
        pid_t child;

        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
                return -errno;
        child = fork();
        if (child < 0) {
                int error = errno;

                closep(&fds[0]);
                closep(&fds[1]);
                return -error;
        }
        if (child == 0) {
                /* Above those that it gets: one must not be in the place of the other. */
                int proc_fd = fcntl(reader->proc_fd, F_DUPFD, STDERR_FILENO + 1);
                int fd = fcntl(fds[1], F_DUPFD, STDERR_FILENO + 1);

                serve(proc_fd, fd);
        }
        closep(&fds[1]);
        reader->child = child;
        reader->fd = fds[0];
        return 0;
}

void late_stop(LateReader *reader) {
        if (!reader || reader->child == 0)
                return;
        closep(&reader->fd);
        (void) kill(reader->child, SIGKILL);
        child_reap(reader->child); /* it dies at once where it waits for the lock */
        reader->child = 0;
}

LateReader *late_free(LateReader *reader) {
        late_stop(reader);
        free(reader);
        return NULL;
}

int late_new(int proc_fd, LateReader **ret) {
        LateReader *reader = calloc(1, sizeof(*reader));

        if (!reader)
                return -ENOMEM;
        reader->proc_fd = proc_fd;
        reader->fd = -EBADF;
        *ret = reader;
        return 0;
}

/* Receives so many bytes. Returns 0, -ETIMEDOUT at the time `end`, or a negative errno. */
static int receive(int fd, uint64_t end, void *data, size_t size) {
        for (size_t done = 0; done < size;) {
                struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
                uint64_t now = clock_monotonic_usec();
                ssize_t n;

                if (now >= end || poll(&poll_fd, 1, (int) ((end - now) / 1000) + 1) == 0)
                        return -ETIMEDOUT;
                n = recv(fd, (char *) data + done, size - done, MSG_DONTWAIT);
                if (n == 0)
                        return -EPIPE;
                if (n < 0 && errno != EINTR && errno != EAGAIN)
                        return -errno;
                done += n > 0 ? (size_t) n : 0;
        }
        return 0;
}

static int ask(LateReader *reader, const Question *question, Buffer *ret) {
        uint64_t end = clock_monotonic_usec() + ANSWER_USEC;
        Answer answer;
        int r;

        if (!send_all(reader->fd, question, sizeof(*question)))
                return -EPIPE;
        r = receive(reader->fd, end, &answer, sizeof(answer));
        if (r < 0)
                return r;
        if (answer.size > question->max)
                return -EBADMSG;
        if (answer.error == 0 && buffer_reserve(ret, answer.size) < 0)
                return -ENOMEM;
        r = answer.error < 0 ? (int) answer.error : receive(reader->fd, end, ret->data, answer.size);
        if (r >= 0)
                ret->size = answer.size;
        return r;
}

int late_arguments(LateReader *reader, const ProcessIdentity *process, size_t max, Buffer *ret) {
        const Question question = { .process = *process, .max = max };
        int r = 0;

        buffer_clear(ret);
        if (reader->lost_usec >= LOST_USEC)
                return -ETIMEDOUT;
        if (reader->child == 0)
                r = start(reader);
        if (r < 0)
                return r;
        r = ask(reader, &question, ret);
        if (r == -ETIMEDOUT)
                reader->lost_usec += ANSWER_USEC;
        /* What comes later would be taken for the answer to the next question. */
        if (r == -ETIMEDOUT || r == -EPIPE || r == -EBADMSG || r == -ENOMEM)
                late_stop(reader);
        /*
         * Checked after the read: if the pid belongs to the process now, it did so during the read. Not by
         * the child, which can be in another time namespace than this process.
         */
        return r < 0 || is_process(reader->proc_fd, process) ? r : -ESRCH;
}
