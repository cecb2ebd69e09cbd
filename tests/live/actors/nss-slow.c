/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A source of users for nsswitch.conf(5) in the place of libnss_hesiod.so.2: the file /mnt/nss-slow says how
 * it is today. "never": it does not answer; "N": it answers after N milliseconds. The user "slow-user" is
 * 54331, the group "slow group" 54332, the id 54333 is "slow-id".
 */

#include <errno.h>
#include <grp.h>
#include <nss.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXPORTED __attribute__((visibility("default")))

enum nss_status _nss_hesiod_getpwnam_r(
        const char *name, struct passwd *ret, char *buffer, size_t size, int *ret_errno);
enum nss_status _nss_hesiod_getpwuid_r(
        uid_t uid, struct passwd *ret, char *buffer, size_t size, int *ret_errno);
enum nss_status _nss_hesiod_getgrnam_r(
        const char *name, struct group *ret, char *buffer, size_t size, int *ret_errno);

static void take_time(void) {
        FILE *file = fopen("/mnt/nss-slow", "re");
        char how[32] = "0";

        if (file) {
                if (fscanf(file, "%31s", how) != 1)
                        (void) strcpy(how, "0");
                (void) fclose(file);
        }
        while (strcmp(how, "never") == 0)
                (void) pause();
        (void) usleep((useconds_t) strtoul(how, NULL, 10) * 1000U);
}

static enum nss_status user(
        const char *name, uid_t uid, struct passwd *ret, char *buffer, size_t size, int *ret_errno) {
        if (size <= strlen(name)) {
                *ret_errno = ERANGE;
                return NSS_STATUS_TRYAGAIN;
        }
        strcpy(buffer, name);
        *ret = (struct passwd){ .pw_name = buffer, .pw_passwd = buffer, .pw_uid = uid, .pw_gid = uid };
        return NSS_STATUS_SUCCESS;
}

EXPORTED enum nss_status _nss_hesiod_getpwnam_r(
        const char *name, struct passwd *ret, char *buffer, size_t size, int *ret_errno) {
        take_time();
        if (strcmp(name, "slow-user") != 0)
                return NSS_STATUS_NOTFOUND;
        return user(name, 54331, ret, buffer, size, ret_errno);
}

EXPORTED enum nss_status _nss_hesiod_getpwuid_r(
        uid_t uid, struct passwd *ret, char *buffer, size_t size, int *ret_errno) {
        take_time();
        if (uid != 54333)
                return NSS_STATUS_NOTFOUND;
        return user("slow-id", uid, ret, buffer, size, ret_errno);
}

EXPORTED enum nss_status _nss_hesiod_getgrnam_r(
        const char *name, struct group *ret, char *buffer, size_t size, int *ret_errno) {
        (void) buffer;
        (void) size;
        (void) ret_errno;
        take_time();
        if (strcmp(name, "slow group") != 0)
                return NSS_STATUS_NOTFOUND;
        *ret = (struct group){ .gr_name = (char *) "slow group", .gr_gid = 54332 };
        return NSS_STATUS_SUCCESS;
}
