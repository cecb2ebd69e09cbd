/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What a reader of files can still do in its sandbox, and what ends it. Each call is made by a process of
 * its own.
 */

#include "files/sandbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/cleanup.h"

/* true: the call succeeded. */
typedef bool (*Call)(void);

/*
 * Runs the call in the sandbox, with a socket where a reader has one. Its exit status, or minus the signal.
 */
static int run(Call call) {
        pid_t pid = fork();
        int status;

        assert_true(pid >= 0);
        if (pid == 0) {
                int fds[2];

                if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds) < 0 || dup2(fds[0], READER_SOCKET_FD) < 0)
                        _exit(90);
                if (dup2(fds[1], READER_SOCKET_FD + 1) < 0 || sandbox_enter() < 0)
                        _exit(91);
                _exit(call() ? 0 : 1);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static bool opened(int flags) {
        return open("/dev/null", flags, 0600) >= 0;
}

static bool open_to_read(void) {
        return opened(O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) &&
                opened(O_PATH | O_NOFOLLOW | O_CLOEXEC) && open("/", O_PATH | O_DIRECTORY | O_CLOEXEC) >= 0;
}

static bool look_and_read(void) {
        int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
        struct statfs fs;
        struct statx stx;
        struct stat st;
        char bytes[4];

        return fd >= 0 && statx(fd, "", AT_EMPTY_PATH, STATX_TYPE, &stx) >= 0 && fstatfs(fd, &fs) >= 0 &&
                stat("/proc/self/ns/pid", &st) >= 0 && pread(fd, bytes, 4, 0) == 4 && close(fd) >= 0;
}

static bool use_heap(void) {
        size_t size = 1;
        char *p = NULL;

        for (; size <= 64 << 20; size *= 4) {
                p = realloc(p, size);
                if (!p)
                        return false;
                p[size - 1] = 1;
        }
        free(p);
        return true;
}

static bool use_socket(void) {
        char byte = 'x';

        return send(READER_SOCKET_FD, &byte, 1, MSG_NOSIGNAL) == 1;
}

static bool open_to_write(void) {
        return opened(O_WRONLY);
}

static bool open_to_read_and_write(void) {
        return opened(O_RDWR | O_CLOEXEC);
}

static bool open_new(void) {
        return opened(O_RDONLY | O_CREAT);
}

static bool open_truncating(void) {
        return opened(O_RDONLY | O_TRUNC);
}

static bool open_unnamed(void) {
        return open("/tmp", O_TMPFILE | O_RDWR, 0600) >= 0;
}

static bool send_elsewhere(void) {
        char byte = 'x';

        return send(READER_SOCKET_FD + 1, &byte, 1, MSG_NOSIGNAL) == 1;
}

static bool make_socket(void) {
        return socket(AF_UNIX, SOCK_DGRAM, 0) >= 0;
}

static bool connect_somewhere(void) {
        struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "/run/systemd/private" };

        return connect(READER_SOCKET_FD, (struct sockaddr *) &address, sizeof(address)) >= 0;
}

static bool execute(void) {
        return execl("/bin/true", "true", NULL) >= 0;
}

static bool make_process(void) {
        return fork() >= 0;
}

static bool signal_another(void) {
        return kill(getppid(), 0) >= 0;
}

static bool trace(void) {
        return syscall(SYS_ptrace, 0, 0, 0, 0) >= 0;
}

static bool bpf(void) {
        return syscall(SYS_bpf, 0, NULL, 0) >= 0;
}

static bool write_output(void) {
        return write(STDOUT_FILENO, "", 0) >= 0;
}

static bool map_executable(void) {
        return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

static bool make_executable(void) {
        void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        return mprotect(p, 4096, PROT_READ | PROT_EXEC) >= 0;
}

static bool remove_file(void) {
        return unlink("/tmp/no-such-file") >= 0;
}

static void test_allowed(void **state) {
        static const Call calls[] = { open_to_read, look_and_read, use_heap, use_socket };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(calls); i++)
                assert_int_equal(run(calls[i]), 0);
}

static void test_refused(void **state) {
        static const Call calls[] = {
                open_to_write,
                open_to_read_and_write,
                open_new,
                open_truncating,
                open_unnamed,
                send_elsewhere,
                make_socket,
                connect_somewhere,
                execute,
                make_process,
                signal_another,
                trace,
                bpf,
                write_output,
                map_executable,
                make_executable,
                remove_file,
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(calls); i++) {
                int status = run(calls[i]);

                if (status != -SIGSYS)
                        fail_msg("call %zu ended with %d", i, status);
        }
}

#if defined(__x86_64__)
/* The same numbers mean other calls there: an architecture is compared before any number. */
static bool call_32_bit(void) {
        long r;

        __asm__ volatile("int $0x80" : "=a"(r) : "a"(20 /* getpid */) : "memory");
        return r > 0;
}

/* x32's numbers are those of the 64-bit calls, with a bit set. */
static bool call_x32(void) {
        return syscall(0x40000000 | SYS_close, -1) == 0;
}

static void test_other_interfaces(void **state) {
        (void) state;
        assert_int_equal(run(call_32_bit), -SIGSYS);
        assert_int_equal(run(call_x32), -SIGSYS);
}
#endif

static bool has_no_privileges(void) {
        char line[4096];
        int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
        ssize_t n = pread(fd, line, sizeof(line) - 1, 0);
        const char *effective, *inheritable;

        if (n <= 0)
                return false;
        line[n] = '\0';
        effective = strstr(line, "\nCapEff:\t");
        inheritable = strstr(line, "\nCapInh:\t");
        if (!effective || !inheritable || !strstr(line, "\nNoNewPrivs:\t1\n"))
                return false;
        return (strtoull(effective + 9, NULL, 16) & ~UINT64_C(0x80004)) == 0 &&
                strtoull(inheritable + 9, NULL, 16) == 0;
}

static void test_privileges(void **state) {
        (void) state;
        assert_int_equal(run(has_no_privileges), 0);
}

/* Both make system calls of their own, in every process. */
static bool is_watched(void) {
        const char *preloaded = getenv("LD_PRELOAD");

#if defined(__SANITIZE_ADDRESS__)
        return true;
#endif
        return preloaded && strstr(preloaded, "vgpreload");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_allowed),
                cmocka_unit_test(test_refused),
#if defined(__x86_64__)
                cmocka_unit_test(test_other_interfaces),
#endif
                cmocka_unit_test(test_privileges),
        };

        if (is_watched()) {
                puts("it can't be run under a sanitizer or valgrind");
                return 77;
        }
        return cmocka_run_group_tests_name("sandbox", tests, NULL, NULL);
}
