/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "users/nss.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "util/cleanup.h"

/* The first and the largest size of the buffer. The entry of a group has the names of all its members. */
#define LOOKUP_SIZE_MIN 1024U
#define LOOKUP_SIZE_MAX (16U * 1024U * 1024U)

static int take_name(const char *name, UserAnswer *answer) {
        size_t size = strlen(name);

        if (size == 0 || size > USER_NAME_MAX)
                return ESRCH;
        memcpy(answer->name, name, size + 1);
        return 0;
}

/* Tries a buffer of `size` bytes. Returns 0, or a positive errno like getpwnam_r(3). */
static int lookup_once(const UserQuestion *question, char *buffer, size_t size, UserAnswer *answer) {
        struct passwd user, *found_user = NULL;
        struct group group, *found_group = NULL;
        int r;

        switch (question->kind) {
        case USER_ID_OF_NAME:
                r = getpwnam_r(question->name, &user, buffer, size, &found_user);
                if (found_user)
                        answer->id = user.pw_uid;
                break;
        case GROUP_ID_OF_NAME:
                r = getgrnam_r(question->name, &group, buffer, size, &found_group);
                if (found_group)
                        answer->id = group.gr_gid;
                break;
        case USER_NAME_OF_ID:
                r = getpwuid_r(question->id, &user, buffer, size, &found_user);
                if (found_user)
                        return take_name(user.pw_name, answer);
                break;
        default:
                return EINVAL;
        }
        if (found_user || found_group)
                return answer->id == UINT32_MAX ? ESRCH : 0; /* (uid_t) -1 is no id */
        return r != 0 ? r : ESRCH;
}

static int lookup(const UserQuestion *question, UserAnswer *answer) {
        for (size_t size = LOOKUP_SIZE_MIN; size <= LOOKUP_SIZE_MAX; size *= 2) {
                _cleanup_free_ char *buffer = malloc(size);
                int r;

                if (!buffer)
                        return -ENOMEM;
                r = lookup_once(question, buffer, size, answer);
                /* All of these mean "not found" for some database, see getpwnam(3), ERRORS. */
                if (r == ENOENT || r == ESRCH || r == EBADF || r == EPERM)
                        return -ESRCH;
                if (r != ERANGE)
                        return -r;
        }
        return -ERANGE;
}

void nss_answer(const UserQuestion *question, UserAnswer *ret) {
        *ret = (UserAnswer){};
        ret->result = lookup(question, ret);
}
