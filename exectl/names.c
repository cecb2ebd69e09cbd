/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "names.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-id128.h>

#include "show.h"

#define SLOTS 256
#define NAME_SIZE 64

typedef struct Slot {
        bool known;
        uint32_t uid;
        char name[NAME_SIZE]; /* empty when unknown */
} Slot;

struct Names {
        bool all_local;
        char machine_id[33];
        Slot slot[SLOTS];
};

int names_new(const Options *options, Names **ret) {
        Names *names = calloc(1, sizeof(*names));
        sd_id128_t id;

        if (!names)
                return -ENOMEM;
        names->all_local = options_is_local(options);
        if (sd_id128_get_machine(&id) >= 0)
                (void) sd_id128_to_string(id, names->machine_id);
        *ret = names;
        return 0;
}

void names_free(Names *names) {
        free(names);
}

bool names_is_local(const Names *names, const Record *record) {
        return names->all_local ||
                bytes_equal(record->field[RECORD_MACHINE_ID], bytes_of_string(names->machine_id));
}

static const char *look_up(Names *names, uint32_t uid) {
        Slot *slot = &names->slot[uid % SLOTS];

        if (!slot->known || slot->uid != uid) {
                const struct passwd *user = getpwuid(uid);

                *slot = (Slot){ .known = true, .uid = uid };
                if (user && strlen(user->pw_name) < NAME_SIZE)
                        strcpy(slot->name, user->pw_name);
        }
        return slot->name;
}

static Bytes name_of(Names *names, const Record *record, RecordField name, RecordField number) {
        const char *found;
        uint64_t uid;

        if (record_has(record, name))
                return record->field[name];
        if (!record_number(record, number, &uid) || uid > UINT32_MAX || !names_is_local(names, record))
                return record->field[number];
        found = look_up(names, (uint32_t) uid);
        return *found ? bytes_of_string(found) : record->field[number];
}

Bytes names_user(Names *names, const Record *record) {
        return name_of(names, record, RECORD_USER, RECORD_UID);
}

Bytes names_login(Names *names, const Record *record) {
        return name_of(names, record, RECORD_LOGIN_USER, RECORD_LOGINUID);
}

void names_append_user(Names *names, Buffer *buffer, const Record *record) {
        show_text(buffer, names_user(names, record));
}

void names_append_login(Names *names, Buffer *buffer, const Record *record) {
        show_text(buffer, names_login(names, record));
}
