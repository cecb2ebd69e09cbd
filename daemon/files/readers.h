/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "files/build-id.h"
#include "util/cleanup.h"

/*
 * Runs the programs that read executed files, and takes what the pipeline wants to know of a file to them.
 * One reader is asked at a time. One that does not answer in time is killed, and the next question goes to
 * a new one. A process that waits for a dead file system does not even die when it is killed, so there are
 * FILE_READERS_MAX at most.
 */
typedef struct FileReaders FileReaders;

#define FILE_READERS_MAX 4

/* Readers that are started in one interval at most, which is in microseconds. */
#define FILE_READERS_BURST 10
#define FILE_READERS_INTERVAL_USEC (60ULL * 1000 * 1000)

typedef struct FileReadersCallbacks {
        /* An answer is there, or none will come: the record that waits can go on. An error ends the loop. */
        int (*settled)(void *userdata);

        /* Something is wrong that an administrator should know. */
        void (*warn)(void *userdata, const char *text);
} FileReadersCallbacks;

/*
 * Makes the object and starts nothing. `program` is the path of the reader's executable
 * (file_reader_program()); it and the callbacks must live as long as the object. SIGCHLD has to be blocked,
 * as sd_event_add_child(3) asks for it.
 *
 * Returns 0, -ENOMEM, or what sd-event failed with.
 */
int file_readers_new(sd_event *event, const char *program, const FileReadersCallbacks *callbacks,
        void *userdata, FileReaders **ret);

/* Kills every reader and reaps those that end within a tenth of a second. */
FileReaders *file_readers_free(FileReaders *readers);
DEFINE_POINTER_CLEANUP(FileReaders *, file_readers_free);

/*
 * Makes file_readers_build_ids() return an object, where it does not yet; what that knows already stays.
 * Returns 0 or -ENOMEM.
 */
int file_readers_enable(FileReaders *readers);

/* Ends that: forgets what is known and kills the reader. A record that waits must not wait any more. */
void file_readers_disable(FileReaders *readers);

/* NULL: disabled. Stays the readers'. */
BuildIds *file_readers_build_ids(const FileReaders *readers);

/* How many records had to go without a build-id since the last call, for want of time or of a reader. */
uint64_t file_readers_take_skipped(FileReaders *readers);
