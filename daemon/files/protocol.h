/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "event/event.h"
#include "files/elf.h"

/*
 * The protocol between the daemon and exectraced-file-reader(8), over a socket of type SOCK_SEQPACKET. The
 * daemon sends each FileQuestion as one packet, without the unused end of its path. The reader sends one
 * FileAnswer for each question, in the same order. It exits with FILE_READER_MISMATCH when a question has
 * another version, which happens when the files are upgraded while the daemon runs.
 *
 * Each question is about one executed file, and its kind says what the daemon wants to know. A new kind gets
 * a member in the union of the answer. A change of an existing kind needs a new version.
 */
#define FILE_PROTOCOL_VERSION 1U

#define FILE_READER_MISMATCH 3 /* exit status */

#define FILE_PATH_SIZE 4096

typedef enum FileQuestionKind {
        FILE_BUILD_ID = 1, /* the GNU build-id of an ELF file */
} FileQuestionKind;

/* Which file is to be read, and what may lead to it. */
typedef struct FileQuestion {
        uint32_t version;
        uint32_t kind;
        uint64_t number; /* repeated in the answer */
        FileIdentity file;
        uint32_t pid, ppid; /* as in Event */
        uint32_t nspid, pidns;
        uint32_t path_size; /* 0: no path is known */
        char path[FILE_PATH_SIZE]; /* absolute, as seen from the root of the process; without NUL */
} FileQuestion;

typedef struct FileAnswer {
        uint32_t version;
        uint32_t kind; /* the question's, and so is `number` */
        uint64_t number;

        /*
         * 0: the member of the union is there. -ENODATA: the file was read and has nothing of the kind.
         * -EOPNOTSUPP: the reader does not know the kind. Any other negative errno: the file could not be
         * read.
         */
        int32_t error;

        /* 1: the identity does not tell the file from others, and the answer is for this path only. */
        uint32_t of_path;

        union {
                BuildId build_id;
        };
} FileAnswer;

/* Returns the size of a question as it is sent, in bytes. */
static inline size_t file_question_size(const FileQuestion *question) {
        return offsetof(FileQuestion, path) + question->path_size;
}
