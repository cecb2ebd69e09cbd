/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "util/memfd.h"

#include <errno.h>
#include <sys/mman.h>

#include "util/descriptors.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

/*
 * With vm.memfd_noexec=2 (Linux 6.3 and newer), memfd_create(2) needs MFD_NOEXEC_SEAL. Older kernels refuse
 * that flag, so it is tried only after EACCES.
 */
int memfd_new(const char *name) {
        const unsigned flags = MFD_ALLOW_SEALING | MFD_CLOEXEC;
        int fd = memfd_create(name, flags);

        if (fd < 0 && errno == EACCES)
                fd = memfd_create(name, flags | MFD_NOEXEC_SEAL);
        return fd < 0 ? -errno : descriptors_move_up(fd);
}
