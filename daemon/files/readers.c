/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "files/readers.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "files/reader.h"
#include "util/child.h"
#include "util/clock.h"
#include "util/source.h"

#define WARNING_SIZE 4608 /* for a path and a sentence */
#define USEC_PER_SEC 1000000ULL

/* An answer has a higher priority than the timer, so that one that is there is used when the time is over. */
#define PRIORITY_ANSWER (SD_EVENT_PRIORITY_NORMAL - 1)

/*
 * A reader process. At most one has a descriptor. The others were killed or have closed it, and still exist.
 */
typedef struct Reader {
        FileReaders *readers;
        pid_t pid; /* 0: the slot is free */
        int fd;
        bool killed; /* by us */
        sd_event_source *answer_source;
        sd_event_source *child_source;
} Reader;

struct FileReaders {
        sd_event *event;
        const char *program;
        const FileReadersCallbacks *callbacks;
        void *userdata;
        BuildIds *build_ids;
        Reader slots[FILE_READERS_MAX];
        sd_event_source *timer; /* on while something is asked */
        uint64_t interval_usec; /* when it began, CLOCK_MONOTONIC */
        unsigned n_started; /* in this interval */
};

__attribute__((format(printf, 2, 3))) static void warn(FileReaders *readers, const char *format, ...) {
        char text[WARNING_SIZE];
        va_list ap;

        va_start(ap, format);
        (void) vsnprintf(text, sizeof(text), format, ap);
        va_end(ap);
        readers->callbacks->warn(readers->userdata, text);
}

/* Returns the reader that can be asked, or NULL. */
static Reader *find_reader(FileReaders *readers) {
        for (size_t i = 0; i < FILE_READERS_MAX; i++)
                if (readers->slots[i].fd >= 0)
                        return readers->slots + i;
        return NULL;
}

static Reader *find_free_slot(FileReaders *readers) {
        for (size_t i = 0; i < FILE_READERS_MAX; i++)
                if (readers->slots[i].pid == 0)
                        return readers->slots + i;
        return NULL;
}

/* Closes the socket, so that the process exits unless it hangs. It keeps its slot until it is reaped. */
static void reader_close(Reader *reader) {
        reader->answer_source = sd_event_source_disable_unref(reader->answer_source);
        closep(&reader->fd);
        reader->fd = -EBADF;
}

static void reader_kill(Reader *reader) {
        reader_close(reader);
        reader->killed = true;
        (void) kill(reader->pid, SIGKILL);
}

/* Gives up the question, so that the record that waits continues without a build-id. */
static int question_fail(FileReaders *readers) {
        if (readers->build_ids)
                (void) build_ids_give_up(readers->build_ids, false);
        return readers->callbacks->settled(readers->userdata);
}

static int on_child(sd_event_source *source, const siginfo_t *info, void *userdata) {
        Reader *reader = userdata;
        bool was_current = reader->fd >= 0;

        (void) source;

        reader_close(reader);
        reader->pid = 0;
        reader->child_source = sd_event_source_disable_unref(reader->child_source);
        if (reader->killed)
                return 0;
        if (info->si_code == CLD_EXITED && info->si_status == FILE_READER_MISMATCH)
                warn(reader->readers, "%s is of another version: restart the service to use it",
                        reader->readers->program);
        else
                warn(reader->readers, "the reader of files has ended with %s %d",
                        info->si_code == CLD_EXITED ? "status" : "signal", info->si_status);
        return was_current ? question_fail(reader->readers) : 0;
}

static int on_answer(sd_event_source *source, int fd, uint32_t revents, void *userdata) {
        Reader *reader = userdata;
        FileReaders *readers = reader->readers;
        FileAnswer answer;
        ssize_t n;

        (void) revents;

        n = recv(fd, &answer, sizeof(answer), MSG_DONTWAIT | MSG_TRUNC);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return 0;
        if (n <= 0) /* the process has ended, and on_child() follows */
                return sd_event_source_set_enabled(source, SD_EVENT_OFF);
        if (!readers->build_ids || !build_ids_question(readers->build_ids))
                return 0;
        if (build_ids_answer(readers->build_ids, &answer, (size_t) n) < 0) {
                warn(readers, "the reader of files has sent what is no answer");
                reader_kill(reader);
                return question_fail(readers);
        }
        (void) sd_event_source_set_enabled(readers->timer, SD_EVENT_OFF);
        return readers->callbacks->settled(readers->userdata);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata) {
        FileReaders *readers = userdata;
        const FileQuestion *question = readers->build_ids ? build_ids_question(readers->build_ids) : NULL;
        Reader *reader = find_reader(readers);
        uint64_t aside_usec;

        (void) source;
        (void) usec;

        if (!question)
                return 0;
        aside_usec = build_ids_give_up(readers->build_ids, true); /* the question stays readable */
        warn(readers,
                "no build-id of %.*s: its file system, %u:%u, does not answer, and is not asked again for "
                "%llu s",
                (int) question->path_size, question->path, question->file.device >> 20,
                question->file.device & 0xfffff, (unsigned long long) (aside_usec / USEC_PER_SEC));
        if (reader)
                reader_kill(reader);
        if (!find_free_slot(readers))
                warn(readers, "%d readers of files hang: nothing more is read until one of them has ended",
                        FILE_READERS_MAX);
        return readers->callbacks->settled(readers->userdata);
}

/* Limits the rate of starts, because a new reader may end for the same reason as the one before. */
static bool start_is_allowed(FileReaders *readers) {
        uint64_t now = clock_monotonic_usec();

        if (readers->interval_usec == 0 || now - readers->interval_usec >= FILE_READERS_INTERVAL_USEC) {
                readers->interval_usec = now;
                readers->n_started = 0;
        }
        if (readers->n_started++ < FILE_READERS_BURST)
                return true;
        if (readers->n_started == FILE_READERS_BURST + 1)
                warn(readers, "too many readers of files have ended: nothing more is read for a while");
        return false;
}

static int reader_watch(FileReaders *readers, Reader *reader) {
        int r;

        r = source_add_child(
                readers->event, &reader->child_source, reader->pid, on_child, reader, "file-reader-end");
        if (r < 0) {
                reader_kill(reader);
                (void) waitpid(reader->pid, NULL, 0); /* it has opened no file yet that could hang */
                reader->pid = 0;
                return r;
        }
        r = source_add_io(readers->event, &reader->answer_source, reader->fd, EPOLLIN, SD_EVENT_ON, on_answer,
                reader, "file-reader-answer");
        if (r >= 0)
                r = sd_event_source_set_priority(reader->answer_source, PRIORITY_ANSWER);
        if (r < 0)
                reader_kill(reader);
        return r;
}

static int reader_start(FileReaders *readers, Reader **ret) {
        Reader *reader = find_free_slot(readers);
        int r;

        if (!reader || !start_is_allowed(readers))
                return -EAGAIN;
        r = file_reader_start(readers->program, &reader->pid, &reader->fd);
        if (r < 0) {
                reader->pid = 0; /* the value is unspecified when posix_spawn(3) fails */
                warn(readers, "can't start the reader of files, %s: %s", readers->program, strerror(-r));
                return r;
        }
        reader->readers = readers;
        reader->killed = false;
        r = reader_watch(readers, reader);
        if (r < 0)
                return r;
        *ret = reader;
        return 0;
}

/*
 * The timeout begins now, and not at the time of the loop, which may have processed many records since it
 * last read the clock.
 */
static int arm_timer(FileReaders *readers) {
        int r = sd_event_source_set_time(readers->timer, clock_monotonic_usec() + BUILD_ID_ANSWER_USEC);

        return r < 0 ? r : sd_event_source_set_enabled(readers->timer, SD_EVENT_ONESHOT);
}

static int reader_ask(Reader *reader, const FileQuestion *question) {
        int r;

        if (send(reader->fd, question, file_question_size(question), MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
                return 0;
        r = -errno;
        reader_close(reader);
        return r;
}

static int on_ask(void *userdata, const FileQuestion *question) {
        FileReaders *readers = userdata;
        Reader *reader = find_reader(readers);
        int r;

        r = reader ? reader_ask(reader, question) : -EPIPE;
        if (r < 0) { /* there is no reader, or it has just ended */
                r = reader_start(readers, &reader);
                if (r >= 0)
                        r = reader_ask(reader, question);
        }
        return r < 0 ? r : arm_timer(readers);
}

int file_readers_new(sd_event *event, const char *program, const FileReadersCallbacks *callbacks,
        void *userdata, FileReaders **ret) {
        _cleanup_(file_readers_freep) FileReaders *readers = calloc(1, sizeof(*readers));
        int r;

        if (!readers)
                return -ENOMEM;
        for (size_t i = 0; i < FILE_READERS_MAX; i++)
                readers->slots[i].fd = -EBADF;
        readers->event = sd_event_ref(event);
        readers->program = program;
        readers->callbacks = callbacks;
        readers->userdata = userdata;

        r = source_add_timer(event, &readers->timer, on_timer, readers, "file-reader-timeout");
        if (r < 0)
                return r;
        *ret = TAKE_PTR(readers);
        return 0;
}

FileReaders *file_readers_free(FileReaders *readers) {
        if (!readers)
                return NULL;
        file_readers_disable(readers);
        for (size_t i = 0; i < FILE_READERS_MAX; i++) {
                if (readers->slots[i].pid > 0)
                        child_reap(readers->slots[i].pid);
                sd_event_source_disable_unref(readers->slots[i].child_source);
        }
        sd_event_source_disable_unref(readers->timer);
        sd_event_unref(readers->event);
        free(readers);
        return NULL;
}

int file_readers_enable(FileReaders *readers) {
        return readers->build_ids ? 0 : build_ids_new(on_ask, readers, &readers->build_ids);
}

void file_readers_disable(FileReaders *readers) {
        for (size_t i = 0; i < FILE_READERS_MAX; i++)
                if (readers->slots[i].fd >= 0)
                        reader_kill(readers->slots + i);
        readers->build_ids = build_ids_free(readers->build_ids);
}

BuildIds *file_readers_build_ids(const FileReaders *readers) {
        return readers->build_ids;
}

uint64_t file_readers_take_skipped(FileReaders *readers) {
        return readers->build_ids ? build_ids_take_skipped(readers->build_ids) : 0;
}
