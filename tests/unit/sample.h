/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "event/event.h"
#include "util/cleanup.h"

/* A record that says as little as a record can. */
static inline Event sample_small(void) {
        return (Event){
                .seq = 1,
                .timestamp = 2,
                .pid = 3,
                .ppid = EVENT_ID_UNSET,
                .nspid = EVENT_ID_UNSET,
                .pidns = EVENT_ID_UNSET,
                .loginuid = EVENT_ID_UNSET,
                .session = EVENT_ID_UNSET,
                .pgid = EVENT_ID_UNSET,
                .sid = EVENT_ID_UNSET,
                .argv_bytes = EVENT_NUMBER_UNSET,
        };
}

static Bytes sample_argv[] = { BYTES_LITERAL("./run"), BYTES_LITERAL("two words"),
        BYTES_LITERAL("a\n\xff...") };
static const Assignment sample_labels[] = {
        { BYTES_LITERAL("SITE"), BYTES_LITERAL("a") },
        { BYTES_LITERAL("RACK"), BYTES_LITERAL("b\"c") },
};
static const Assignment sample_environment[] = {
        { BYTES_LITERAL("LANG"), BYTES_LITERAL("C") },
        { BYTES_LITERAL("no_proxy"), BYTES_LITERAL("x\ny") },
};
static const Bytes sample_tags[] = { BYTES_LITERAL("privileged"), BYTES_LITERAL("from-tmp") };

/* One with something in every field but those of a failed one. */
static inline Event sample_full(void) {
        return (Event){
                .seq = 18446744073709551614U,
                .timestamp = 1700000000123456U,
                .pid = 4194304,
                .ppid = 0,
                .nspid = 7,
                .pidns = 4026532211,
                .pgid = 4000,
                .sid = 3000,
                .standard_input = EXEC_STDIN_PIPE,
                .process = { 4194304, 0x1f2e3d4c5bU },
                .parent = { 1, 0 },
                .ancestor = { 77, 0xff },
                .uid = 1000,
                .gid = 100,
                .euid = 0,
                .egid = 4294967294,
                .loginuid = 1001,
                .session = 5,
                .user = BYTES_LITERAL("me"),
                .login_user = BYTES_LITERAL("DOM\\me"),
                .flags = EXEC_FLAG_SCRIPT | EXEC_FLAG_SETUID | EXEC_FLAG_SETGID | EXEC_FLAG_UNREAD |
                        (1U << EXEC_FLAG_COUNT) /* has no name */,
                .cgroup_id = 6000,
                .place = {
                        .path = BYTES_LITERAL("/user.slice/user-1000.slice/user@1000.service/"
                                              "a\\x2db.service/\xff"),
                        .unit = BYTES_LITERAL("user@1000.service"),
                        .user_unit = BYTES_LITERAL("a\\x2db.service"),
                        .slice = BYTES_LITERAL("user-1000.slice"),
                        .session = BYTES_LITERAL("c2"),
                        .container = BYTES_LITERAL("web"),
                        .invocation_id = BYTES_LITERAL("0123456789abcdef0123456789abcdef"),
                },
                .filename = BYTES_LITERAL("./run"),
                .exe = BYTES_LITERAL("/usr/bin/dash"),
                .build_id = BYTES_LITERAL("c0ffee00"),
                .cwd = BYTES_LITERAL("/srv/M\xc3\xbcll"),
                .tty = BYTES_LITERAL("pts/0"),
                .comm = BYTES_LITERAL("ba\"sh"),
                .parent_comm = BYTES_LITERAL("sshd"),
                .argv = sample_argv,
                .argc = ELEMENTSOF(sample_argv),
                .truncated = true,
                .argv_bytes = 70000,
                .environment = sample_environment,
                .n_environment = ELEMENTSOF(sample_environment),
                .environment_truncated = true,
                .labels = sample_labels,
                .n_labels = ELEMENTSOF(sample_labels),
                .tags = sample_tags,
                .n_tags = ELEMENTSOF(sample_tags),
        };
}
