/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "names.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-id128.h>

#include "open.h"
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
        names->all_local = open_is_local(options);
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

static void append(Names *names, Buffer *buffer, const Record *record, RecordField name, RecordField number) {
        uint64_t uid;
        const char *found;

        if (record_has(record, name)) {
                show_text(buffer, record->field[name]);
                return;
        }
        if (!record_number(record, number, &uid) || uid > UINT32_MAX) {
                show_text(buffer, record->field[number]);
                return;
        }
        found = names_is_local(names, record) ? look_up(names, (uint32_t) uid) : "";
        if (*found)
                show_text(buffer, bytes_of_string(found));
        else
                buffer_append_u64(buffer, uid);
}

void names_append_user(Names *names, Buffer *buffer, const Record *record) {
        append(names, buffer, record, RECORD_USER, RECORD_UID);
}

void names_append_login(Names *names, Buffer *buffer, const Record *record) {
        append(names, buffer, record, RECORD_LOGIN_USER, RECORD_LOGINUID);
}
