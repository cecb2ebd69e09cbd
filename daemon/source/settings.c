/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "source/settings.h"

#include <errno.h>
#include <sys/stat.h>

static int own_pid_namespace(uint32_t *ret) {
        struct stat st;

        if (stat("/proc/self/ns/pid", &st) < 0)
                return -errno;
        *ret = (uint32_t) st.st_ino;
        return 0;
}

int settings_make(const Config *config, uint32_t generation, struct exec_settings *ret) {
        struct exec_settings settings = {
                .generation = generation,
                .pidns = config->pid_namespace,
                .args_max = config->argument_bytes,
                .env_max = config->n_environment > 0 ? config->argument_bytes : 0,
        };
        int r;

        _Static_assert(PID_NAMESPACE_ALL == 0, "0 is all on the other side, too");
        if (config->pid_namespace == PID_NAMESPACE_SELF) {
                r = own_pid_namespace(&settings.pidns);
                if (r < 0)
                        return r;
        }
        *ret = settings;
        return 0;
}
