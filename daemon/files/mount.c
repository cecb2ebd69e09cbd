/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "files/mount.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/cleanup.h"

/*
 * "ID PARENT MAJOR:MINOR ROOT POINT OPTIONS [TAG...] - TYPE SOURCE OPTIONS". FUSE's own options, the last ones, say who
 * mounted it, but for file systems that only root can mount. Blanks inside of what others chose are escaped.
 */
static bool parse(const char *line, uint64_t *ret_id, FileMount *ret) {
        const char *options = strrchr(line, ' '), *user;
        unsigned long long id;
        unsigned major, minor;

        if (!options || sscanf(line, "%llu %*u %u:%u ", &id, &major, &minor) != 3)
                return false;
        user = strstr(options, ",user_id=");
        *ret_id = id;
        *ret = (FileMount){
                .device = file_device(major, minor),
                .of_user = user && strtoul(user + strlen(",user_id="), NULL, 10) != 0,
        };
        return true;
}

int file_mount_find(const char *mountinfo, uint64_t id, FileMount *ret) {
        _cleanup_fclose_ FILE *file = fopen(mountinfo, "re");
        _cleanup_free_ char *line = NULL;
        size_t allocated = 0;

        if (!file)
                return -errno;
        while (getline(&line, &allocated, file) >= 0) {
                uint64_t found;
                FileMount mount;

                if (!parse(line, &found, &mount) || found != id)
                        continue;
                *ret = mount;
                return 0;
        }
        return -ENOENT;
}
