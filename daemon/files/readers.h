/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "files/build-id.h"
#include "util/cleanup.h"

/*
 * Runs the programs that read executed files, and sends the questions of the pipeline to them. There is one
 * question at a time. A reader that does not answer in time is killed, and the next question goes to a new
 * one. A process that waits for a dead file system may not end even when it is killed, so there are at most
 * FILE_READERS_MAX processes.
 */
typedef struct FileReaders FileReaders;

#define FILE_READERS_MAX 4

/* At most this many readers are started in one interval, which is in microseconds. */
#define FILE_READERS_BURST 10
#define FILE_READERS_INTERVAL_USEC (60ULL * 1000 * 1000)

typedef struct FileReadersCallbacks {
        /*
         * Called when a question was answered or given up, so that the record that waits can continue. A
         * negative result is an error, and ends the loop.
         */
        int (*settled)(void *userdata);

        /* Called with a text about a problem that an administrator should know. */
        void (*warn)(void *userdata, const char *text);
} FileReadersCallbacks;

/*
 * Creates the object, which starts no process yet. `program` is the path of the reader's executable
 * (file_reader_program()). It and the callbacks must live as long as the object. SIGCHLD must be blocked,
 * which sd_event_add_child(3) requires.
 *
 * Returns 0, -ENOMEM, or what sd-event failed with.
 */
int file_readers_new(sd_event *event, const char *program, const FileReadersCallbacks *callbacks,
        void *userdata, FileReaders **ret);

/* Kills every reader and reaps those that end within a tenth of a second. */
FileReaders *file_readers_free(FileReaders *readers);
DEFINE_POINTER_CLEANUP(FileReaders *, file_readers_free);

/*
 * Creates the object that file_readers_build_ids() returns, unless it exists already; then its cache is kept.
 * Returns 0 or -ENOMEM.
 */
int file_readers_enable(FileReaders *readers);

/* Frees that object with its cache, and kills the reader. The caller must not wait for an answer any more. */
void file_readers_disable(FileReaders *readers);

/* Returns the object, which stays the readers', or NULL when it is disabled. */
BuildIds *file_readers_build_ids(const FileReaders *readers);

/* Returns the result of build_ids_take_skipped(), or 0 when build-ids are disabled. */
uint64_t file_readers_take_skipped(FileReaders *readers);
