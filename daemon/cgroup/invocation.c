/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "cgroup/invocation.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "util/cleanup.h"

#define DIGITS (CGROUP_INVOCATION_SIZE - 1)

static bool is_id(const char *value) {
        for (size_t i = 0; i < DIGITS; i++)
                if (!((value[i] >= '0' && value[i] <= '9') || (value[i] >= 'a' && value[i] <= 'f')))
                        return false;
        return true;
}

/*
 * Makes the path relative to root_path and ends it with NUL; root_path itself is ".". Returns false if not
 * below.
 */
static bool relative_path(const char *root_path, Bytes path, char ret[static PATH_MAX]) {
        Bytes prefix = bytes_of_string(root_path);

        while (prefix.size > 0 && prefix.data[prefix.size - 1] == '/')
                prefix.size--;
        if (path.size < prefix.size || path.size - prefix.size >= PATH_MAX ||
                memcmp(path.data, prefix.data, prefix.size) != 0)
                return false;
        path = (Bytes){ path.data + prefix.size, path.size - prefix.size };
        if (path.size <= 1) {
                strcpy(ret, ".");
                return true;
        }
        if (path.data[0] != '/' || path.data[1] == '/')
                return false;
        memcpy(ret, path.data + 1, path.size - 1);
        ret[path.size - 1] = '\0';
        return true;
}

bool cgroup_invocation_read(int root_fd, const char *root_path, uint64_t id, Bytes path,
        char ret[static CGROUP_INVOCATION_SIZE]) {
        static const char *const names[] = { "trusted.invocation_id", "user.invocation_id" };
        _cleanup_close_ int fd = -EBADF;
        char relative[PATH_MAX], value[CGROUP_INVOCATION_SIZE];
        struct stat st;

        if (!relative_path(root_path, path, relative))
                return false;
        fd = openat(root_fd, relative, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0 || fstat(fd, &st) < 0 || st.st_ino != id)
                return false;
        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                if (fgetxattr(fd, names[i], value, sizeof(value)) != DIGITS || !is_id(value))
                        continue;
                memcpy(ret, value, DIGITS);
                ret[DIGITS] = '\0';
                return true;
        }
        return false;
}

bool cgroup_invocation_exported(const char *directory, Bytes unit, char ret[static CGROUP_INVOCATION_SIZE]) {
        char path[PATH_MAX], value[CGROUP_INVOCATION_SIZE];
        int n = snprintf(path, sizeof(path), "%s/invocation:%.*s", directory, (int) unit.size, unit.data);

        if (n < 0 || (size_t) n >= sizeof(path) || readlink(path, value, sizeof(value)) != DIGITS ||
                !is_id(value))
                return false;
        memcpy(ret, value, DIGITS);
        ret[DIGITS] = '\0';
        return true;
}
