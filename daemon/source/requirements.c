/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "source/requirements.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "source/features.h"
#include "util/cleanup.h"

#define BTF_PATH "/sys/kernel/btf/vmlinux"
/* The inode number of the initial user namespace: PROC_USER_INIT_INO in the kernel's linux/proc_ns.h. */
#define USERNS_INITIAL 0xEFFFFFFDU

#define LOCKDOWN_PATH "/sys/kernel/security/lockdown"

__attribute__((format(printf, 2, 3))) static int missing(char **ret_why, const char *format, ...) {
        va_list ap;
        int n;

        va_start(ap, format);
        n = vasprintf(ret_why, format, ap);
        va_end(ap);
        return n < 0 ? -ENOMEM : -ENOTSUP;
}

static bool capability_effective(const struct __user_cap_data_struct *data, unsigned capability) {
        return data[CAP_TO_INDEX(capability)].effective & CAP_TO_MASK(capability);
}

/*
 * The kernel takes capabilities for BPF of its initial user namespace alone. Root of another one has all of
 * them, and none that counts.
 */
static int check_user_namespace(char **ret_why) {
        struct stat st;

        if (stat("/proc/self/ns/user", &st) < 0 || st.st_ino == USERNS_INITIAL)
                return 0;
        return missing(ret_why,
                "in a user namespace, whose root has no privileges for BPF: run it outside of it, "
                "on the host and not in a rootless or unprivileged container");
}

static int check_capabilities(char **ret_why) {
        struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
        struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};
        bool bpf, perfmon;

        if (syscall(SYS_capget, &header, data) < 0)
                return -errno;
        if (capability_effective(data, CAP_SYS_ADMIN))
                return 0;

        bpf = capability_effective(data, CAP_BPF);
        perfmon = capability_effective(data, CAP_PERFMON);
        if (bpf && perfmon)
                return 0;
        if (geteuid() != 0)
                return missing(
                        ret_why, "not root: run it as root, or as the systemd service exectraced.service");
        return missing(ret_why,
                "%s missing: give it to the service (CapabilityBoundingSet=) or to the container",
                bpf               ? "the capability CAP_PERFMON is"
                        : perfmon ? "the capability CAP_BPF is"
                                  : "the capabilities CAP_BPF and CAP_PERFMON are");
}

static int check_lockdown(char **ret_why) {
        _cleanup_close_ int fd = open(LOCKDOWN_PATH, O_RDONLY | O_CLOEXEC);
        char text[64];
        ssize_t n;

        /*
         * Without securityfs the lockdown is unknown. It then causes an error when the programs are loaded.
         */
        if (fd < 0)
                return 0;
        n = read(fd, text, sizeof(text) - 1);
        if (n < 0)
                return 0;
        text[n] = '\0';
        if (!strstr(text, "[confidentiality]"))
                return 0;
        return missing(ret_why,
                "the kernel is locked down to confidentiality, which keeps BPF programs from reading its "
                "memory: "
                "boot with lockdown=integrity or without");
}

static int check_btf(char **ret_why) {
        if (access(BTF_PATH, R_OK) >= 0)
                return 0;
        return missing(ret_why, "%s: %s: boot a kernel with CONFIG_DEBUG_INFO_BTF=y, with /sys mounted",
                BTF_PATH, strerror(errno));
}

int requirements_check_features(const Features *features, char **ret_why) {
        struct utsname u = {};

        (void) uname(&u); /* can't fail */
        if (!features->recent)
                return missing(ret_why, "Linux %s is too old: boot 6.1 or newer", u.release);
        if (features->ring_sleeps)
                return missing(ret_why,
                        "Linux %s is a real-time kernel whose BPF ring buffer may sleep where it must not: "
                        "boot "
                        "6.12 or newer, or one without PREEMPT_RT",
                        u.release);
        return 0;
}

int requirements_check(char **ret_why) {
        static int (*const checks[])(char **) = {
                check_user_namespace,
                check_capabilities,
                check_lockdown,
                check_btf,
        };

        for (size_t i = 0; i < ELEMENTSOF(checks); i++) {
                int r = checks[i](ret_why);
                if (r < 0)
                        return r;
        }
        return 0;
}

int requirements_explain(int error, char **ret_why) {
        int r = requirements_check(ret_why);
        if (r < 0)
                return r;

        switch (error) {
        case -EPERM:
        case -EACCES:
                return missing(ret_why,
                        "the kernel refuses its BPF programs (%s): a security module, a seccomp filter or "
                        "the lockdown forbids them: let it call bpf(2) and perf_event_open(2)",
                        strerror(-error));
        case -ENOSYS:
                return missing(ret_why, "the kernel has no BPF: boot one with CONFIG_BPF_SYSCALL=y");
        default:
                return missing(ret_why,
                        "the kernel can't load its BPF programs: %s: boot another kernel, 6.1 or newer, or "
                        "report this with the lines before it",
                        strerror(-error));
        }
}
