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
#include <time.h>

#include "files/reader.h"
#include "manager/internal.h"
#include "util/log.h"

/* The one that can be asked, or NULL. */
static BuildIdReader *reader_find(Manager *m) {
        for (size_t i = 0; i < BUILD_ID_READERS_MAX; i++)
                if (m->readers[i].fd >= 0)
                        return m->readers + i;
        return NULL;
}

static BuildIdReader *reader_find_free(Manager *m) {
        for (size_t i = 0; i < BUILD_ID_READERS_MAX; i++)
                if (m->readers[i].pid == 0)
                        return m->readers + i;
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
        if (m->build_ids)
                (void) build_ids_give_up(m->build_ids, false);
        return manager_drain(m);
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
        if (!m->build_ids || !build_ids_question(m->build_ids))
                return 0;
        if (build_ids_answer(m->build_ids, &answer, (size_t) n) < 0) {
                log_warning("the reader of build-ids has sent what is no answer");
                reader_kill(reader);
                return question_fail(m);
        }
        (void) sd_event_source_set_enabled(m->build_id_timer, SD_EVENT_OFF);
        return manager_drain(m);
}

static int on_build_id_timer(sd_event_source *source, uint64_t usec, void *userdata) {
        Manager *m = userdata;
        const BuildIdQuestion *question = m->build_ids ? build_ids_question(m->build_ids) : NULL;
        BuildIdReader *reader = reader_find(m);
        uint64_t aside_usec;

        (void) source;
        (void) usec;

        if (!question)
                return 0;
        aside_usec = build_ids_give_up(m->build_ids, true); /* the question stays readable */
        log_warning("no build-id of %.*s: its file system, %u:%u, does not answer, and is not asked again "
                    "for %llu s",
                (int) question->path_size, question->path, question->file.device >> 20,
                question->file.device & 0xfffff, (unsigned long long) (aside_usec / USEC_PER_SEC));
        if (reader)
                reader_kill(reader);
        if (!reader_find_free(m))
                log_warning("%d readers of build-ids hang: no more are read until one of them has ended",
                        BUILD_ID_READERS_MAX);
        return manager_drain(m);
}

/* Not more than so many in a while: whatever it is that ends them may go on. */
static bool reader_start_is_allowed(Manager *m) {
        uint64_t now = manager_now_usec(m);

        if (now - m->readers_interval_usec >= READERS_INTERVAL_USEC) {
                m->readers_interval_usec = now;
                m->n_readers_started = 0;
        }
        if (m->n_readers_started++ < READERS_BURST)
                return true;
        if (m->n_readers_started == READERS_BURST + 1)
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
        if (r < 0) {
                reader_kill(reader);
                (void) waitpid(reader->pid, NULL, 0); /* it has no file open that it could wait for */
                reader->pid = 0;
                return r;
        }
        r = sd_event_add_io(m->event, &reader->source, reader->fd, EPOLLIN, on_answer, reader);
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
        struct timespec now;
        int r;

        (void) clock_gettime(CLOCK_MONOTONIC, &now);
        r = sd_event_source_set_time(m->build_id_timer,
                (uint64_t) now.tv_sec * USEC_PER_SEC + (uint64_t) now.tv_nsec / 1000 + BUILD_ID_ANSWER_USEC);
        if (r < 0)
                return r;
        return sd_event_source_set_enabled(m->build_id_timer, SD_EVENT_ONESHOT);
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

        if (!config->build_id || m->build_ids)
                return 0;
        if (!m->build_id_timer) {
                r = sd_event_add_time(m->event, &m->build_id_timer, CLOCK_MONOTONIC, 0, TIMER_ACCURACY_USEC,
                        on_build_id_timer, m);
                if (r < 0)
                        return r;
                r = sd_event_source_set_enabled(m->build_id_timer, SD_EVENT_OFF);
                if (r < 0)
                        return r;
        }
        r = build_ids_new(on_ask, m, &m->build_ids);
        if (r < 0)
                return r;
        m->pipeline.build_ids = m->build_ids;
        return 0;
}

void manager_drop_build_ids(Manager *m) {
        for (size_t i = 0; i < BUILD_ID_READERS_MAX; i++)
                if (m->readers[i].fd >= 0)
                        reader_kill(m->readers + i);
        m->pipeline.build_ids = NULL;
        m->build_ids = build_ids_free(m->build_ids);
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
                reader_reap(m->readers + i);
        sd_event_source_disable_unref(m->build_id_timer);
}

void manager_report_build_ids(Manager *m, bool at_once) {
        uint64_t now = manager_now_usec(m), n;

        if (!m->build_ids || (!at_once && now - m->skipped_said_usec < SUPPRESSED_INTERVAL_USEC))
                return;
        n = build_ids_take_skipped(m->build_ids);
        if (n == 0)
                return;
        m->skipped_said_usec = now;
        log_warning("%llu records are without build-ids: there was no time to read the files",
                (unsigned long long) n);
}
