/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Brings its own user database, in front of the C library's: what it says is the same everywhere. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "users/nss.h"
#include "util/cleanup.h"

typedef struct Entry {
        const char *name;
        uint32_t id;
        int error; /* positive errno, instead of an entry */
        size_t size; /* of the buffer that it needs */
} Entry;

static const Entry users[] = {
        { "root", 0, 0, 0 },
        { "www-data", 33, 0, 0 },
        { "10-users", 1010, 0, 0 },
        { "", 124, 0, 0 },
        { "both", 2000, 0, 0 },
        { "nobody", 65534, 0, 0 },
        { "minus-one", UINT32_MAX, 0, 0 },
        { "large", 3000, 0, 100000 },
        { "endless", 3001, 0, SIZE_MAX },
        { "no-entry", 0, ENOENT, 0 },
        { "no-process", 0, ESRCH, 0 },
        { "bad-fd", 0, EBADF, 0 },
        { "not-permitted", 0, EPERM, 0 },
        { "io", 0, EIO, 0 },
        { "too-many", 0, EMFILE, 0 },
};

static const Entry groups[] = {
        { "both", 2001, 0, 0 },
        { "many-members", 4000, 0, 5000000 },
        { "io", 0, EIO, 0 },
};

/* 0 and NULL is how the C library's functions say that there is no such entry. */
static int find(const Entry *entries, size_t n, const char *name, size_t size, const Entry **ret) {
        *ret = NULL;
        for (size_t i = 0; i < n; i++) {
                if (strcmp(entries[i].name, name) != 0)
                        continue;
                if (entries[i].error != 0)
                        return entries[i].error;
                if (size < entries[i].size)
                        return ERANGE;
                *ret = &entries[i];
        }
        return 0;
}

__attribute__((visibility("default"))) int getpwnam_r(const char *restrict name,
        struct passwd *restrict ret_entry, char *restrict buffer, size_t size, struct passwd **restrict ret) {
        const Entry *entry;
        int r;

        *ret = NULL;
        memset(buffer, 'x', size); /* all of it must be there */
        r = find(users, ELEMENTSOF(users), name, size, &entry);
        if (r == 0 && entry) {
                *ret_entry = (struct passwd){ .pw_uid = entry->id };
                *ret = ret_entry;
        }
        return r;
}

__attribute__((visibility("default"))) int getgrnam_r(const char *restrict name,
        struct group *restrict ret_entry, char *restrict buffer, size_t size, struct group **restrict ret) {
        const Entry *entry;
        int r;

        *ret = NULL;
        memset(buffer, 'x', size);
        r = find(groups, ELEMENTSOF(groups), name, size, &entry);
        if (r == 0 && entry) {
                *ret_entry = (struct group){ .gr_gid = entry->id };
                *ret = ret_entry;
        }
        return r;
}

__attribute__((visibility("default"))) int getpwuid_r(uid_t uid, struct passwd *restrict ret_entry,
        char *restrict buffer, size_t size, struct passwd **restrict ret) {
        *ret = NULL;
        for (size_t i = 0; i < ELEMENTSOF(users); i++) {
                if (users[i].id != uid)
                        continue;
                if (users[i].error != 0)
                        return users[i].error;
                if (size < users[i].size || size < strlen(users[i].name) + 1)
                        return ERANGE;
                strcpy(buffer, users[i].name);
                *ret_entry = (struct passwd){ .pw_uid = uid, .pw_name = buffer };
                *ret = ret_entry;
                return 0;
        }
        return uid == 5 ? EIO : 0;
}

static void test_names(void **state) {
        static const struct {
                UserQuestionKind kind;
                const char *name;
                int result;
                uint32_t id;
        } table[] = {
                { USER_ID_OF_NAME, "root", 0, 0 },
                { USER_ID_OF_NAME, "www-data", 0, 33 },
                { USER_ID_OF_NAME, "10-users", 0, 1010 },
                { USER_ID_OF_NAME, "both", 0, 2000 },
                { GROUP_ID_OF_NAME, "both", 0, 2001 },
                { USER_ID_OF_NAME, "large", 0, 3000 },
                { GROUP_ID_OF_NAME, "many-members", 0, 4000 },
                { USER_ID_OF_NAME, "endless", -ERANGE, 0 },
                { USER_ID_OF_NAME, "minus-one", -ESRCH, 0 },
                { USER_ID_OF_NAME, "no-such-user", -ESRCH, 0 },
                { GROUP_ID_OF_NAME, "root", -ESRCH, 0 },
                { USER_ID_OF_NAME, "no-entry", -ESRCH, 0 },
                { USER_ID_OF_NAME, "no-process", -ESRCH, 0 },
                { USER_ID_OF_NAME, "bad-fd", -ESRCH, 0 },
                { USER_ID_OF_NAME, "not-permitted", -ESRCH, 0 },
                { USER_ID_OF_NAME, "io", -EIO, 0 },
                { GROUP_ID_OF_NAME, "io", -EIO, 0 },
                { USER_ID_OF_NAME, "too-many", -EMFILE, 0 },
                { _USER_QUESTION_KIND_MAX, "root", -EINVAL, 0 },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                UserQuestion question = { .kind = (uint32_t) table[i].kind };
                UserAnswer answer;

                strcpy(question.name, table[i].name);
                nss_answer(&question, &answer);
                if (answer.result != table[i].result)
                        fail_msg("\"%s\": %d, not %d", table[i].name, answer.result, table[i].result);
                if (answer.result == 0)
                        assert_int_equal(answer.id, table[i].id);
        }
}

static void test_ids(void **state) {
        static const struct {
                uint32_t id;
                int result;
                const char *name;
        } table[] = {
                { 33, 0, "www-data" },
                { 3000, 0, "large" },
                { 124, -ESRCH, "" }, /* a name without a letter */
                { 3001, -ERANGE, "" },
                { 999, -ESRCH, "" },
                { 5, -EIO, "" },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                const UserQuestion question = { .kind = USER_NAME_OF_ID, .id = table[i].id };
                UserAnswer answer;

                nss_answer(&question, &answer);
                assert_int_equal(answer.result, table[i].result);
                assert_string_equal(answer.name, table[i].name);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_names),
                cmocka_unit_test(test_ids),
        };

        return cmocka_run_group_tests_name("nss", tests, NULL, NULL);
}
