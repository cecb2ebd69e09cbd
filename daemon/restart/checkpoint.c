/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "restart/checkpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/memfd.h"

#define STATE_MAGIC UINT64_C(0x6465636172747865) /* "extraced" */

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

struct State {
        struct File *file;
        int fd;
};

_Static_assert(EXEC_LOST_CAUSE_COUNT <= WORD_SAID_LOST_END - WORD_SAID_LOST, "each cause has its word");
_Static_assert(EXEC_RULE_COUNT <= WORD_SAID_DROPPED - WORD_DROPPED, "... each rule its two");
_Static_assert(WORD_SAID_DROPPED_END <= SLOT_WORDS, "there is room");

/* Takes the descriptor. */
static int state_map(int fd, State **ret) {
        _cleanup_(state_freep) State *state = calloc(1, sizeof(*state));
        void *p;

        if (!state) {
                close(fd);
                return -ENOMEM;
        }
        state->fd = fd;
        p = mmap(NULL, sizeof(*state->file), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (p == MAP_FAILED)
                return -errno;
        state->file = p;
        *ret = TAKE_PTR(state);
        return 0;
}

int state_new(State **ret) {
        _cleanup_close_ int fd = memfd_new("exectraced-state");
        _cleanup_(state_freep) State *state = NULL;
        int r;

        if (fd < 0)
                return fd;
        if (ftruncate(fd, sizeof(struct File)) < 0)
                return -errno;
        /* Nobody is to make the memory go away under whoever reads it. */
        if (fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
                return -errno;
        r = state_map(TAKE_FD(fd), &state);
        if (r < 0)
                return r;
        state->file->magic = STATE_MAGIC;
        *ret = TAKE_PTR(state);
        return 0;
}

int state_open(int fd, State **ret) {
        _cleanup_(state_freep) State *state = NULL;
        int seals = fcntl(fd, F_GET_SEALS), r;
        struct stat st;

        if (seals < 0 || !(seals & F_SEAL_SHRINK) || fstat(fd, &st) < 0 ||
                st.st_size < (off_t) sizeof(struct File))
                return -EBADMSG;
        fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        if (fd < 0)
                return -errno;
        r = state_map(fd, &state);
        if (r < 0)
                return r;
        if (state->file->magic != STATE_MAGIC || state->file->current > 1)
                return -EBADMSG;
        *ret = TAKE_PTR(state);
        return 0;
}

State *state_free(State *state) {
        if (!state)
                return NULL;
        if (state->file)
                munmap(state->file, sizeof(*state->file));
        closep(&state->fd);
        free(state);
        return NULL;
}

int state_fd(const State *state) {
        return state->fd;
}

uint32_t state_next_generation(State *state) {
        return (uint32_t) ++state->file->generation;
}

void state_save(State *state, const Saved *saved) {
        const uint64_t *before = state->file->slots[state->file->current];
        uint64_t next = 1 - state->file->current, *words = state->file->slots[next];

        words[WORD_MAPS] = saved->maps;
        words[WORD_RING] = saved->ring;
        words[WORD_POSITION] = saved->position;
        words[WORD_TIME] = saved->time_ns;
        words[WORD_RECORDED] = saved->totals.recorded;
        words[WORD_SUPPRESSED] = saved->totals.suppressed;
        words[WORD_MALFORMED] = saved->totals.malformed;
        words[WORD_SAID_SUPPRESSED] = saved->said_suppressed;
        words[WORD_SAID_FILTERED] = saved->said_filtered;
        words[WORD_SAID_MALFORMED] = saved->said_lost[LOST_MALFORMED];
        for (size_t i = 0; i < EXEC_LOST_CAUSE_COUNT; i++)
                words[WORD_SAID_LOST + i] = saved->said_lost[i];
        for (size_t i = 0; i < EXEC_RULE_COUNT; i++) {
                words[WORD_DROPPED + i] = saved->totals.dropped[i];
                words[WORD_SAID_DROPPED + i] = saved->said_dropped[i];
        }
        if (state->file->deaths > 1 &&
                (before[WORD_RING] != saved->ring || before[WORD_POSITION] != saved->position))
                state->file->deaths = 1;

        /* From here on these hold, to whoever looks: one who is killed before this has not written them. */
        __atomic_store_n(&state->file->current, next, __ATOMIC_RELEASE);
}

void state_load(const State *state, Saved *ret) {
        const uint64_t *words = state->file->slots[state->file->current];

        *ret = (Saved){
                .maps = (uint32_t) words[WORD_MAPS],
                .ring = (uint32_t) words[WORD_RING],
                .position = words[WORD_POSITION],
                .time_ns = words[WORD_TIME],
                .totals = {
                        .recorded = words[WORD_RECORDED],
                        .suppressed = words[WORD_SUPPRESSED],
                        .malformed = words[WORD_MALFORMED],
                },
                .said_suppressed = words[WORD_SAID_SUPPRESSED],
                .said_filtered = words[WORD_SAID_FILTERED],
        };
        ret->said_lost[LOST_MALFORMED] = words[WORD_SAID_MALFORMED];
        for (size_t i = 0; i < EXEC_LOST_CAUSE_COUNT; i++)
                ret->said_lost[i] = words[WORD_SAID_LOST + i];
        for (size_t i = 0; i < EXEC_RULE_COUNT; i++) {
                ret->totals.dropped[i] = words[WORD_DROPPED + i];
                ret->said_dropped[i] = words[WORD_SAID_DROPPED + i];
        }
}

void state_enter(State *state) {
        state->file->deaths++;
}

void state_leave(State *state) {
        state->file->deaths = 0;
}

uint64_t state_deaths(const State *state) {
        return state->file->deaths;
}

uint64_t state_accounted(const State *state) {
        const uint64_t *words = state->file->slots[state->file->current];
        uint64_t sum = words[WORD_RECORDED] + words[WORD_SUPPRESSED] + words[WORD_MALFORMED];

        for (size_t i = WORD_SAID_LOST; i < WORD_SAID_LOST_END; i++)
                sum += words[i];
        return sum;
}
