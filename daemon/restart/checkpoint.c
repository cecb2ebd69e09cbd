/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "restart/checkpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/memfd.h"

#define CHECKPOINT_MAGIC UINT64_C(0x6465636172747865) /* "extraced" */

/* Numbers are added behind the last and never change their meaning: an older version's file has 0 there. */
enum {
        WORD_MAPS,
        WORD_RING,
        WORD_POSITION,
        WORD_TIME,
        WORD_RECORDED,
        WORD_SUPPRESSED,
        WORD_MALFORMED,
        WORD_SAID_SUPPRESSED,
        WORD_SAID_FILTERED,
        WORD_SAID_MALFORMED,
        WORD_SAID_LOST, /* by the kernel side's causes */
        WORD_SAID_LOST_END = WORD_SAID_LOST + 16,
        WORD_DROPPED = WORD_SAID_LOST_END, /* by rules */
        WORD_SAID_DROPPED = WORD_DROPPED + 32,
        WORD_SAID_DROPPED_END = WORD_SAID_DROPPED + 32,
        WORD_COLLAPSED = WORD_SAID_DROPPED_END,
        WORD_SAID_COLLAPSED,
        WORD_FAILURES_RING,
        WORD_FAILURES_POSITION,
        WORD_SAID_LIMITED,
        WORD_END,
};
#define SLOT_WORDS 128

struct File {
        uint64_t magic;
        uint64_t generation; /* the last that was given away */
        uint64_t deaths; /* of processes that took records, the present one included while it does */
        uint64_t current; /* the slot that holds */
        uint64_t reserved[4];
        uint64_t slots[2][SLOT_WORDS];
};

struct Checkpoint {
        struct File *file;
        int fd;
};

/* The slot that holds. The file is shared with other processes: no number in it leads out of it. */
static uint64_t current_slot(const Checkpoint *checkpoint) {
        return checkpoint->file->current & 1;
}

_Static_assert(LOST_SKIPPED < WORD_SAID_LOST_END - WORD_SAID_LOST, "each cause has its word");
_Static_assert(EXEC_RULE_COUNT <= WORD_SAID_DROPPED - WORD_DROPPED, "... each rule its two");
_Static_assert(WORD_END <= SLOT_WORDS, "there is room");

/* Takes the descriptor. */
static int checkpoint_map(int fd, Checkpoint **ret) {
        _cleanup_(checkpoint_freep) Checkpoint *checkpoint = calloc(1, sizeof(*checkpoint));
        void *p;

        if (!checkpoint) {
                close(fd);
                return -ENOMEM;
        }
        checkpoint->fd = fd;
        p = mmap(NULL, sizeof(*checkpoint->file), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (p == MAP_FAILED)
                return -errno;
        checkpoint->file = p;
        *ret = TAKE_PTR(checkpoint);
        return 0;
}

int checkpoint_new(Checkpoint **ret) {
        _cleanup_close_ int fd = memfd_new("exectraced-state");
        _cleanup_(checkpoint_freep) Checkpoint *checkpoint = NULL;
        int r;

        if (fd < 0)
                return fd;
        if (ftruncate(fd, sizeof(struct File)) < 0)
                return -errno;
        /* No process may shrink the file under another one that has mapped it. */
        if (fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
                return -errno;
        r = checkpoint_map(TAKE_FD(fd), &checkpoint);
        if (r < 0)
                return r;
        checkpoint->file->magic = CHECKPOINT_MAGIC;
        *ret = TAKE_PTR(checkpoint);
        return 0;
}

int checkpoint_open(int fd, Checkpoint **ret) {
        _cleanup_(checkpoint_freep) Checkpoint *checkpoint = NULL;
        int seals = fcntl(fd, F_GET_SEALS), r;
        struct stat st;

        if (seals < 0 || !(seals & F_SEAL_SHRINK) || fstat(fd, &st) < 0 ||
                st.st_size < (off_t) sizeof(struct File))
                return -EBADMSG;
        fd = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
        if (fd < 0)
                return -errno;
        r = checkpoint_map(fd, &checkpoint);
        if (r < 0)
                return r;
        if (checkpoint->file->magic != CHECKPOINT_MAGIC || checkpoint->file->current > 1)
                return -EBADMSG;
        *ret = TAKE_PTR(checkpoint);
        return 0;
}

Checkpoint *checkpoint_free(Checkpoint *checkpoint) {
        if (!checkpoint)
                return NULL;
        if (checkpoint->file)
                munmap(checkpoint->file, sizeof(*checkpoint->file));
        closep(&checkpoint->fd);
        free(checkpoint);
        return NULL;
}

int checkpoint_fd(const Checkpoint *checkpoint) {
        return checkpoint->fd;
}

uint32_t checkpoint_next_generation(Checkpoint *checkpoint) {
        return (uint32_t) ++checkpoint->file->generation;
}

void checkpoint_save(Checkpoint *checkpoint, const CheckpointData *saved) {
        const uint64_t *before = checkpoint->file->slots[current_slot(checkpoint)];
        uint64_t next = 1 - current_slot(checkpoint), *words = checkpoint->file->slots[next];

        words[WORD_MAPS] = saved->maps;
        words[WORD_RING] = saved->ring;
        words[WORD_POSITION] = saved->position;
        words[WORD_FAILURES_RING] = saved->failures_ring;
        words[WORD_FAILURES_POSITION] = saved->failures_position;
        words[WORD_TIME] = saved->time_ns;
        words[WORD_RECORDED] = saved->totals.recorded;
        /* Held records are in the memory of this process only: for the next process they are dropped. */
        words[WORD_SUPPRESSED] = saved->totals.suppressed + saved->totals.held;
        words[WORD_COLLAPSED] = saved->totals.collapsed + saved->totals.held;
        words[WORD_SAID_COLLAPSED] = saved->said_collapsed;
        words[WORD_MALFORMED] = saved->totals.malformed;
        words[WORD_SAID_SUPPRESSED] = saved->said_suppressed;
        words[WORD_SAID_FILTERED] = saved->said_filtered;
        words[WORD_SAID_LIMITED] = saved->said_limited;
        words[WORD_SAID_MALFORMED] = saved->said_lost[LOST_MALFORMED];
        for (size_t i = 0; i <= LOST_SKIPPED; i++)
                words[WORD_SAID_LOST + i] = saved->said_lost[i];
        for (size_t i = 0; i < EXEC_RULE_COUNT; i++) {
                words[WORD_DROPPED + i] = saved->totals.dropped[i];
                words[WORD_SAID_DROPPED + i] = saved->said_dropped[i];
        }
        if (checkpoint->file->deaths > 1 &&
                (before[WORD_RING] != saved->ring || before[WORD_POSITION] != saved->position ||
                        before[WORD_FAILURES_POSITION] != saved->failures_position))
                checkpoint->file->deaths = 1;

        /* This makes the new slot current. A process that is killed before has changed nothing. */
        __atomic_store_n(&checkpoint->file->current, next, __ATOMIC_RELEASE);
}

void checkpoint_load(const Checkpoint *checkpoint, CheckpointData *ret) {
        const uint64_t *words = checkpoint->file->slots[current_slot(checkpoint)];

        *ret = (CheckpointData){
                .maps = (uint32_t) words[WORD_MAPS],
                .ring = (uint32_t) words[WORD_RING],
                .position = words[WORD_POSITION],
                .failures_ring = (uint32_t) words[WORD_FAILURES_RING],
                .failures_position = words[WORD_FAILURES_POSITION],
                .time_ns = words[WORD_TIME],
                .totals = {
                        .recorded = words[WORD_RECORDED],
                        .suppressed = words[WORD_SUPPRESSED],
                        .malformed = words[WORD_MALFORMED],
                        .collapsed = words[WORD_COLLAPSED],
                },
                .said_suppressed = words[WORD_SAID_SUPPRESSED],
                .said_filtered = words[WORD_SAID_FILTERED],
                .said_collapsed = words[WORD_SAID_COLLAPSED],
                .said_limited = words[WORD_SAID_LIMITED],
        };
        ret->said_lost[LOST_MALFORMED] = words[WORD_SAID_MALFORMED];
        for (size_t i = 0; i <= LOST_SKIPPED; i++)
                ret->said_lost[i] = words[WORD_SAID_LOST + i];
        for (size_t i = 0; i < EXEC_RULE_COUNT; i++) {
                ret->totals.dropped[i] = words[WORD_DROPPED + i];
                ret->said_dropped[i] = words[WORD_SAID_DROPPED + i];
        }
}

void checkpoint_enter(Checkpoint *checkpoint) {
        checkpoint->file->deaths++;
}

void checkpoint_leave(Checkpoint *checkpoint) {
        checkpoint->file->deaths = 0;
}

uint64_t checkpoint_deaths(const Checkpoint *checkpoint) {
        return checkpoint->file->deaths;
}

uint64_t checkpoint_accounted(const Checkpoint *checkpoint) {
        const uint64_t *words = checkpoint->file->slots[current_slot(checkpoint)];
        uint64_t sum = words[WORD_RECORDED] + words[WORD_SUPPRESSED] + words[WORD_MALFORMED];

        for (size_t i = WORD_SAID_LOST; i < WORD_SAID_LOST_END; i++)
                sum += words[i];
        return sum;
}
