/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "util/capabilities.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef struct __user_cap_header_struct Header;
typedef struct __user_cap_data_struct Data;

static int get(Data data[static _LINUX_CAPABILITY_U32S_3]) {
        Header header = { .version = _LINUX_CAPABILITY_VERSION_3 };

        return syscall(SYS_capget, &header, data) < 0 ? -errno : 0;
}

int capabilities_permitted(uint64_t *ret) {
        Data data[_LINUX_CAPABILITY_U32S_3] = {};
        int r = get(data);

        if (r < 0)
                return r;
        *ret = (uint64_t) data[1].permitted << 32 | data[0].permitted;
        return 0;
}

int capabilities_keep(uint64_t keep) {
        Header header = { .version = _LINUX_CAPABILITY_VERSION_3 };
        Data data[_LINUX_CAPABILITY_U32S_3] = {};
        int r = get(data);

        if (r < 0)
                return r;
        for (unsigned i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
                data[i].permitted &= (uint32_t) (keep >> 32 * i);
                data[i].effective = data[i].permitted;
                data[i].inheritable = 0;
        }
        return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}
