/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Those who read build-ids. One is asked at a time. One that does not answer in time is killed, and the next question goes to
 * a new one: a process that waits for a dead file system may not even die, so there is a limit to how many there are.
 */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "files/reader.h"
#include "manager/build-id.h"
#include "util/clock.h"
#include "util/log.h"
#include "util/source.h"

#define READERS_INTERVAL_USEC (60ULL * 1000 * 1000)
#define READERS_BURST 10 /* readers that are started in one interval */
#define REAP_TIMEOUT_MSEC 100 /* for a reader, at the end */
#define SAY_INTERVAL_USEC (60ULL * 1000 * 1000) /* between two lines about records that go without */
#define USEC_PER_SEC 1000000ULL

/* An answer that is there counts, also when time is up: it goes before the timer. */
#define PRIORITY_ANSWER (SD_EVENT_PRIORITY_NORMAL - 1)

static uint64_t now_usec(const Manager *m) {
        uint64_t now = 0;

        (void) sd_event_now(m->event, CLOCK_MONOTONIC, &now);
        return now;
}

void manager_init_build_ids(Manager *m) {
        for (size_t i = 0; i < BUILD_ID_READERS_MAX; i++)
                m->build_ids.readers[i].fd = -EBADF;
}

/* The one that can be asked, or NULL. */
static BuildIdReader *reader_find(Manager *m) {
        for (size_t i = 0; i < BUILD_ID_READERS_MAX; i++)
                if (m->build_ids.readers[i].fd >= 0)
                        return m->build_ids.readers + i;
        return NULL;
}

static BuildIdReader *reader_find_free(Manager *m) {
        for (size_t i = 0; i < BUILD_ID_READERS_MAX; i++)
                if (m->build_ids.readers[i].pid == 0)
                        return m->build_ids.readers + i;
        return NULL;
}

/* It ends by itself then, where it can, and keeps its slot until it has. */
static void reader_close(BuildIdReader *reader) {
        reader->source = sd_event_source_disable_unref(reader->source);
        closep(&reader->fd);
        reader->fd = -EBADF;
}

static void reader_kill(BuildIdReader *reader) {
        reader_close(reader);
        reader->killed = true;
        (void) kill(reader->pid, SIGKILL);
}

/* The record that waits goes on without a build-id. */
static int question_fail(Manager *m) {
        if (m->build_ids.ids)
                (void) build_ids_give_up(m->build_ids.ids, false);
        return drain_run(m->drain);
}

static int on_reader_end(sd_event_source *source, const siginfo_t *info, void *userdata) {
        BuildIdReader *reader = userdata;
        bool was_current = reader->fd >= 0;

        (void) source;

        reader_close(reader);
        reader->pid = 0;
        reader->child = sd_event_source_disable_unref(reader->child);
        if (reader->killed)
                return 0;
        log_warning("the reader of build-ids has ended with %s %d",
                info->si_code == CLD_EXITED ? "status" : "signal", info->si_status);
        return was_current ? question_fail(reader->manager) : 0;
}

static int on_answer(sd_event_source *source, int fd, uint32_t revents, void *userdata) {
        BuildIdReader *reader = userdata;
        Manager *m = reader->manager;
        BuildIdAnswer answer;
        ssize_t n;

        (void) revents;

        n = recv(fd, &answer, sizeof(answer), MSG_DONTWAIT | MSG_TRUNC);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return 0;
        if (n <= 0) /* on_reader_end() is to follow */
                return sd_event_source_set_enabled(source, SD_EVENT_OFF);
        if (!m->build_ids.ids || !build_ids_question(m->build_ids.ids))
                return 0;
        if (build_ids_answer(m->build_ids.ids, &answer, (size_t) n) < 0) {
                log_warning("the reader of build-ids has sent what is no answer");
                reader_kill(reader);
                return question_fail(m);
        }
        (void) sd_event_source_set_enabled(m->build_ids.timer, SD_EVENT_OFF);
        return drain_run(m->drain);
}

static int on_build_id_timer(sd_event_source *source, uint64_t usec, void *userdata) {
        Manager *m = userdata;
        const BuildIdQuestion *question = m->build_ids.ids ? build_ids_question(m->build_ids.ids) : NULL;
        BuildIdReader *reader = reader_find(m);
        uint64_t aside_usec;

        (void) source;
        (void) usec;

        if (!question)
                return 0;
        aside_usec = build_ids_give_up(m->build_ids.ids, true); /* the question stays readable */
        log_warning("no build-id of %.*s: its file system, %u:%u, does not answer, and is not asked again "
                    "for %llu s",
                (int) question->path_size, question->path, question->file.device >> 20,
                question->file.device & 0xfffff, (unsigned long long) (aside_usec / USEC_PER_SEC));
        if (reader)
                reader_kill(reader);
        if (!reader_find_free(m))
                log_warning("%d readers of build-ids hang: no more are read until one of them has ended",
                        BUILD_ID_READERS_MAX);
        return drain_run(m->drain);
}

/* Not more than so many in a while: whatever it is that ends them may go on. */
static bool reader_start_is_allowed(Manager *m) {
        uint64_t now = now_usec(m);

        if (now - m->build_ids.interval_usec >= READERS_INTERVAL_USEC) {
                m->build_ids.interval_usec = now;
                m->build_ids.n_started = 0;
        }
        if (m->build_ids.n_started++ < READERS_BURST)
                return true;
        if (m->build_ids.n_started == READERS_BURST + 1)
                log_warning("too many readers of build-ids have ended: no more are read for a while");
        return false;
}

static int reader_start(Manager *m, BuildIdReader **ret) {
        BuildIdReader *reader = reader_find_free(m);
        int r;

        if (!reader || !reader_start_is_allowed(m))
                return -EAGAIN;
        r = build_id_reader_start(&reader->pid, &reader->fd);
        if (r < 0) {
                log_warning("can't start a reader of build-ids: %s", strerror(-r));
                return r;
        }
        reader->manager = m;
        reader->killed = false;
        r = sd_event_add_child(m->event, &reader->child, reader->pid, WEXITED, on_reader_end, reader);
        if (r >= 0)
                r = sd_event_source_set_exit_on_failure(reader->child, true);
        if (r < 0) {
                reader_kill(reader);
                (void) waitpid(reader->pid, NULL, 0); /* it has no file open that it could wait for */
                reader->pid = 0;
                return r;
        }
        r = source_add_io(m->event, &reader->source, reader->fd, EPOLLIN, SD_EVENT_ON, on_answer, reader,
                "build-id-answer");
        if (r >= 0)
                r = sd_event_source_set_priority(reader->source, PRIORITY_ANSWER);
        if (r < 0) {
                reader_kill(reader);
                return r;
        }
        *ret = reader;
        return 0;
}

/* From now on, not from when the loop last looked at the clock: it may have drained much since. */
static int question_arm_timer(Manager *m) {
        int r = sd_event_source_set_time(m->build_ids.timer, clock_monotonic_usec() + BUILD_ID_ANSWER_USEC);

        if (r < 0)
                return r;
        return sd_event_source_set_enabled(m->build_ids.timer, SD_EVENT_ONESHOT);
}

static int question_send(BuildIdReader *reader, const BuildIdQuestion *question) {
        size_t size = offsetof(BuildIdQuestion, path) + question->path_size;
        int r;

        if (send(reader->fd, question, size, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
                return 0;
        r = -errno;
        reader_close(reader);
        return r;
}

static int on_ask(void *userdata, const BuildIdQuestion *question) {
        Manager *m = userdata;
        BuildIdReader *reader = reader_find(m);
        int r;

        r = reader ? question_send(reader, question) : -EPIPE;
        if (r < 0) { /* there is none, or it has just ended */
                r = reader_start(m, &reader);
                if (r >= 0)
                        r = question_send(reader, question);
        }
        return r < 0 ? r : question_arm_timer(m);
}

int manager_setup_build_ids(Manager *m, const Config *config) {
        int r;

        if (!config->build_id || m->build_ids.ids)
                return 0;
        if (!m->build_ids.timer) {
                r = source_add_timer(m->event, &m->build_ids.timer, on_build_id_timer, m, "build-id");
                if (r < 0)
                        return r;
        }
        r = build_ids_new(on_ask, m, &m->build_ids.ids);
        if (r < 0)
                return r;
        m->pipeline.build_ids = m->build_ids.ids;
        return 0;
}

void manager_drop_build_ids(Manager *m) {
        for (size_t i = 0; i < BUILD_ID_READERS_MAX; i++)
                if (m->build_ids.readers[i].fd >= 0)
                        reader_kill(m->build_ids.readers + i);
        m->pipeline.build_ids = NULL;
        m->build_ids.ids = build_ids_free(m->build_ids.ids);
}

/* What was killed ends at once, unless it waits for a file system. */
static void reader_reap(BuildIdReader *reader) {
        struct pollfd pollfd = { .events = POLLIN };
        _cleanup_close_ int fd = -EBADF;

        sd_event_source_disable_unref(reader->child);
        if (reader->pid <= 0)
                return;
        fd = pidfd_open(reader->pid, 0);
        pollfd.fd = fd;
        (void) poll(&pollfd, fd >= 0, REAP_TIMEOUT_MSEC);
        (void) waitpid(reader->pid, NULL, WNOHANG);
}

void manager_free_build_ids(Manager *m) {
        manager_drop_build_ids(m);
        for (size_t i = 0; i < BUILD_ID_READERS_MAX; i++)
                reader_reap(m->build_ids.readers + i);
        sd_event_source_disable_unref(m->build_ids.timer);
}

void manager_report_build_ids(Manager *m, bool at_once) {
        uint64_t now = now_usec(m), n;

        if (!m->build_ids.ids || (!at_once && now - m->build_ids.said_usec < SAY_INTERVAL_USEC))
                return;
        n = build_ids_take_skipped(m->build_ids.ids);
        if (n == 0)
                return;
        m->build_ids.said_usec = now;
        log_warning("%llu records are without build-ids: there was no time to read the files",
                (unsigned long long) n);
}
