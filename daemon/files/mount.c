/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "files/mount.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/cleanup.h"
#include "util/mountinfo.h"

/* The options of FUSE name the user who mounted it, except for file systems that only root can mount. */
static bool is_of_user(const Mount *mount) {
        const char *user = strstr(mount->options, ",user_id=");

        return user && strtoul(user + strlen(",user_id="), NULL, 10) != 0;
}

int file_mount_find(const char *mountinfo, uint64_t id, FileMount *ret) {
        _cleanup_(mount_reader_done) MountReader reader = {};
        Mount mount;
        int r;

        r = mount_reader_open(&reader, mountinfo);
        if (r < 0)
                return r;
        while (mount_reader_next(&reader, &mount) > 0) {
                if (mount.id != id)
                        continue;
                *ret = (FileMount){
                        .device = file_device(mount.major, mount.minor),
                        .of_user = is_of_user(&mount),
                };
                return 0;
        }
        return -ENOENT;
}
