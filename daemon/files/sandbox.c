/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The filter is a classic BPF program, see seccomp(2): it gets a struct seccomp_data and returns the action
 * for the system call. It is written without a library, because it is a list and four conditions on
 * arguments.
 */

#include "files/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util/cleanup.h"

#if defined(__x86_64__)
#define NATIVE_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE_ARCH AUDIT_ARCH_AARCH64
#else
#error "the filter of system calls does not know this architecture"
#endif

/*
 * The capabilities that are needed to open directories of other users, and files in /proc of processes of
 * other users or with more capabilities.
 */
#define CAPABILITIES_KEPT (1U << CAP_DAC_READ_SEARCH | 1U << CAP_SYS_PTRACE)

/*
 * An openat(2) with any of these flags is not for reading an existing file. The bit of O_DIRECTORY, which is
 * part of O_TMPFILE, is allowed.
 */
#define OPEN_REFUSED (O_ACCMODE | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY))

#define LOAD(member) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
/*
 * Loads the lower half of an argument, which is what the kernel uses of an int. Both architectures are little
 * endian.
 */
#define LOAD_ARGUMENT(n) \
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args) + (n) * sizeof(uint64_t))
#define RETURN(action) BPF_STMT(BPF_RET | BPF_K, (action))

#define ALLOW(call) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##call, 0, 1), RETURN(SECCOMP_RET_ALLOW)

/* Allows the call if none of these bits is set in argument n. */
#define ALLOW_WITHOUT(call, n, bits)                                                           \
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##call, 0, 4), LOAD_ARGUMENT(n),               \
                BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (bits), 1, 0), RETURN(SECCOMP_RET_ALLOW), \
                RETURN(SECCOMP_RET_KILL_PROCESS)

/* Allows the call if argument n has this value. */
#define ALLOW_ONLY(call, n, value)                                                             \
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##call, 0, 4), LOAD_ARGUMENT(n),               \
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, 1), RETURN(SECCOMP_RET_ALLOW), \
                RETURN(SECCOMP_RET_KILL_PROCESS)

static int drop_capabilities(void) {
        struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
        struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};

        if (syscall(SYS_capget, &header, data) < 0)
                return -errno;
        data[0].permitted &= CAPABILITIES_KEPT;
        data[0].effective = data[0].permitted;
        data[0].inheritable = 0;
        data[1] = (struct __user_cap_data_struct){};
        return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

static int filter_system_calls(void) {
        static const struct sock_filter filter[] = {
                LOAD(arch),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE_ARCH, 1, 0),
                RETURN(SECCOMP_RET_KILL_PROCESS),
                LOAD(nr),

                /* Questions, answers, and exit. */
                ALLOW_ONLY(recvfrom, 0, READER_SOCKET_FD),
                ALLOW_ONLY(sendto, 0, READER_SOCKET_FD),
                ALLOW(exit_group),

                /* Files. */
                ALLOW_WITHOUT(openat, 2, OPEN_REFUSED),
                ALLOW(close),
                ALLOW(statx),
                ALLOW(newfstatat),
                ALLOW(fstat),
                ALLOW(fstatfs),
                ALLOW(pread64),
                ALLOW(read),
                ALLOW(lseek),

                /*
                 * Calls that the C library needs for its heap and its streams, and restart_syscall(2), which
                 * the kernel itself makes a process execute.
                 */
                ALLOW(brk),
                ALLOW_WITHOUT(mmap, 2, PROT_EXEC),
                ALLOW(mremap),
                ALLOW(munmap),
                ALLOW(getrandom),
                ALLOW(restart_syscall),

                RETURN(SECCOMP_RET_KILL_PROCESS),
        };
        const struct sock_fprog program = {
                .len = ELEMENTSOF(filter),
                .filter = (struct sock_filter *) filter,
        };

        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
                return -errno;
        return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0 ? -errno : 0;
}

int sandbox_enter(void) {
        const struct rlimit none = {};
        int r;

        if (setrlimit(RLIMIT_CORE, &none) < 0 || setrlimit(RLIMIT_FSIZE, &none) < 0)
                return -errno;
        r = drop_capabilities();
        return r < 0 ? r : filter_system_calls();
}
