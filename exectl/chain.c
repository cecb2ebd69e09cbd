/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "chain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "behalf.h"
#include "show.h"
#include "util/cleanup.h"

/* More levels than any process has. */
#define LEVELS_MAX 1024

static void level_done(ChainLevel *level) {
        for (size_t i = 0; i < level->n; i++)
                record_done(&level->program[i]);
        free(level->program);
        *level = (ChainLevel){};
}

void chain_done(Chain *chain) {
        for (size_t i = 0; i < chain->n; i++)
                level_done(&chain->level[i]);
        free(chain->level);
        *chain = (Chain){};
}

static int add_program(ChainLevel *level, const Record *record) {
        Record *grown = reallocarray(level->program, level->n + 1, sizeof(*grown));
        int r;

        if (!grown)
                return -ENOMEM;
        level->program = grown;
        r = record_copy(record, &level->program[level->n]);
        if (r >= 0)
                level->n++;
        return r;
}

/* Adds conditions for the identity in a field, and for the boot of the record, in which it is unique. */
static int add_identity(Conditions *conditions, const Record *record, RecordField field) {
        char text[64];
        int r;

        if (record->field[field].size >= sizeof(text))
                return -EBADMSG;
        memcpy(text, record->field[field].data, record->field[field].size);
        text[record->field[field].size] = '\0';
        r = conditions_add_field(conditions, "EXEC_PROCESS", text);
        if (r < 0 || record->field[RECORD_BOOT_ID].size >= sizeof(text) ||
                !record_has(record, RECORD_BOOT_ID))
                return r;
        memcpy(text, record->field[RECORD_BOOT_ID].data, record->field[RECORD_BOOT_ID].size);
        text[record->field[RECORD_BOOT_ID].size] = '\0';
        return conditions_add_field(conditions, "_BOOT_ID", text);
}

/*
 * Reads what the process in the field `field` had executed up to the time of the record, which may be
 * nothing.
 */
static int read_level(Source *source, const Record *record, RecordField field, ChainLevel *ret) {
        _cleanup_(conditions_done) Conditions conditions = {};
        _cleanup_(record_done) Record found = {};
        ChainLevel level = {};
        Query query = {
                .conditions = &conditions,
                .fields = CHAIN_FIELDS,
                .since = USEC_UNSET,
                .until = USEC_UNSET,
                .lines = LINES_ALL,
                .ran = true,
                .any_boot = true,
        };
        int r;

        r = add_identity(&conditions, record, field);
        if (r == -EBADMSG)
                return 0;
        if (r >= 0)
                r = source_start(source, &query);
        while (r >= 0 && (r = source_next(source, &found)) > 0) {
                if (record_time(&found) > record_time(record))
                        continue;
                r = add_program(&level, &found);
        }
        if (r < 0) {
                level_done(&level);
                return r;
        }
        *ret = level;
        return 0;
}

static int add_level(Chain *chain, ChainLevel *level, ChainJoin join) {
        ChainLevel *grown = reallocarray(chain->level, chain->n + 1, sizeof(*grown));

        if (!grown)
                return -ENOMEM;
        chain->level = grown;
        chain->level[chain->n] = *level;
        chain->level[chain->n++].join = join;
        *level = (ChainLevel){};
        return 0;
}

/* Makes the level of the record itself. A record without an identity is the only one of its level. */
static int first_level(Source *source, const Record *record, ChainLevel *ret) {
        ChainLevel level = {};
        int r = 0;

        if (record_has(record, RECORD_PROCESS))
                r = read_level(source, record, RECORD_PROCESS, &level);
        if (r >= 0 && (level.n == 0 || record_has(record, RECORD_ERRNO)))
                r = add_program(&level, record);
        if (r < 0) {
                level_done(&level);
                return r;
        }
        *ret = level;
        return 0;
}

/*
 * Returns the program that the manager executed for a request. Since version 255, the first program is
 * systemd's own systemd-executor.
 */
static const Record *requested_program(const ChainLevel *level) {
        Bytes exe = level->program[0].field[RECORD_EXE];
        bool executor =
                bytes_is_set(exe) && bytes_equal(show_basename(exe), BYTES_LITERAL("systemd-executor"));

        return &level->program[executor && level->n > 1 ? 1 : 0];
}

/* Returns true when the process is in the chain already. Damaged records can make a circle. */
static bool is_known(const Chain *chain, const ChainLevel *level) {
        const Record *record = chain_last(level);

        for (size_t i = 0; record_has(record, RECORD_PROCESS) && i < chain->n; i++) {
                const Record *other = chain_last(&chain->level[i]);

                if (bytes_equal(record->field[RECORD_PROCESS], other->field[RECORD_PROCESS]) &&
                        bytes_equal(record->field[RECORD_BOOT_ID], other->field[RECORD_BOOT_ID]))
                        return true;
        }
        return false;
}

/* Adds the level above the last one of the chain. Returns 1, 0 when there is none, or a negative errno. */
static int next_level(Source *source, Chain *chain, bool joins) {
        const Record *first = &chain->level[chain->n - 1].program[0];
        RecordField field = record_has(first, RECORD_ANCESTOR) ? RECORD_ANCESTOR : RECORD_PARENT;
        ChainLevel level = {};
        ChainJoin join = JOIN_NONE;
        Record client = {};
        int r = 0;

        if (joins) {
                r = behalf_find(source, requested_program(&chain->level[chain->n - 1]), &client, &join);
                if (r > 0)
                        r = first_level(source, &client, &level);
                record_done(&client);
        }
        if (r >= 0 && level.n == 0 && record_has(first, field)) {
                join = JOIN_NONE;
                r = read_level(source, first, field, &level);
        }
        if (r < 0 || level.n == 0)
                return r;
        r = is_known(chain, &level) ? 0 : add_level(chain, &level, join);
        if (r < 0 || level.n > 0) {
                level_done(&level);
                return r;
        }
        return 1;
}

int chain_follow(Source *source, const Record *record, bool joins, Chain *ret) {
        _cleanup_(chain_done) Chain chain = {};
        ChainLevel level = {};
        int r;

        r = first_level(source, record, &level);
        if (r < 0)
                return r;
        r = add_level(&chain, &level, JOIN_NONE);
        if (r < 0) {
                level_done(&level);
                return r;
        }
        while (chain.n < LEVELS_MAX && (r = next_level(source, &chain, joins)) > 0)
                ;
        if (r < 0)
                return r;
        *ret = chain;
        chain = (Chain){};
        return 0;
}

const char *chain_join_text(ChainJoin join) {
        switch (join) {
        case JOIN_NONE:
                return "";
        case JOIN_UNIT:
                return "joined by the unit that it names";
        case JOIN_PID:
                return "joined by its pid in the unit's name";
        case JOIN_ARGUMENTS:
                return "joined by time and arguments";
        case JOIN_TIME:
                return "joined by time alone";
        case JOIN_USER:
                return "the last of this user before, joined by user and time alone";
        }
        return "";
}
