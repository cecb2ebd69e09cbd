/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/record.h"
#include "event/place.h"
#include "util/bytes.h"

/* NAME=value: a label, or a variable of the environment. */
typedef struct Assignment {
        Bytes name;
        Bytes value;
} Assignment;

/* Identifies a process among all of this boot: pids are reused, but not together with the start time. */
typedef struct ProcessIdentity {
        uint32_t pid; /* tgid, initial PID namespace; 0: unknown */
        uint64_t start_ns; /* CLOCK_BOOTTIME */
} ProcessIdentity;

/*
 * Identifies a file, as the kernel knows it. Another file of the same path has another identity, and so has
 * the same file after it was written to.
 */
typedef struct FileIdentity {
        uint64_t inode;
        int64_t ctime_ns; /* last change of its status, since the epoch */
        uint32_t device; /* of its file system: major << 20 | minor */
        bool known;
} FileIdentity;

static inline bool file_identity_equal(const FileIdentity *a, const FileIdentity *b) {
        return a->known && b->known && a->inode == b->inode && a->ctime_ns == b->ctime_ns &&
                a->device == b->device;
}

#define EVENT_ID_UNSET UINT32_MAX
#define EVENT_NUMBER_UNSET UINT64_MAX

/*
 * One exec, as all stages after the decoder see it. It owns nothing: its pointers refer to memory of the
 * ring, of the decoder or of the configuration, and are valid until the next record is decoded.
 */
typedef struct Event {
        uint64_t seq;
        uint64_t timestamp; /* microseconds since the epoch */

        uint32_t pid; /* tgid, initial PID namespace */
        uint32_t ppid;
        uint32_t nspid; /* EVENT_ID_UNSET in the initial PID namespace */
        uint32_t pidns; /* EVENT_ID_UNSET: the initial one */
        uint32_t pgid, sid; /* initial PID namespace */
        ProcessIdentity process;
        ProcessIdentity parent; /* the process that forked it; if that has exited, `ppid` is another one */
        /* the nearest ancestor that executed a program; the pid is 0 if that is the parent, or unknown */
        ProcessIdentity ancestor;

        uint32_t uid, gid;
        uint32_t euid, egid; /* always set, also when they are the same as uid and gid */
        uint32_t loginuid, session; /* EVENT_ID_UNSET: none */
        Bytes user, login_user; /* names of uid and loginuid; unset: not wanted, or unknown */

        uint32_t flags; /* enum exec_flag */
        enum exec_stdin standard_input;
        bool running; /* it was running before recording began, so it has no number */

        uint32_t error; /* the errno of an exec that failed; 0: it succeeded */
        uint32_t tries; /* how many directories a search along PATH tried; 0: one, or it was no search */
        uint64_t cgroup_id; /* in the unified hierarchy */
        CgroupPlace place; /* of that cgroup */
        bool place_unknown; /* nothing was heard of the cgroup yet, though it is one that is heard of */

        Bytes filename; /* as given to execve; unset when it could not be read */
        bool filename_cut; /* the end of `filename` is missing */
        Bytes build_id; /* of `file`, in hexadecimal digits; unset: none, or unknown */
        FileIdentity file; /* of `exe`; known if the kernel side was configured to send it */
        Bytes exe; /* absolute */
        bool exe_cut; /* `exe` begins with "...", because the path is too deep */
        Bytes cwd; /* absolute */
        bool cwd_cut; /* the same for `cwd` */
        Bytes tty; /* "pts/0" */
        Bytes comm; /* of the caller; unset when unknown */
        Bytes parent_comm;

        Bytes *argv;
        size_t argc;
        const Bytes *argv_gap; /* the element of argv that is incomplete, or NULL */
        bool truncated; /* some bytes of the arguments are missing */
        uint64_t argv_bytes; /* how many bytes the arguments had, each with its NUL; EVENT_NUMBER_UNSET */

        const Assignment *environment; /* the variables that Environment= names */
        size_t n_environment;
        const Bytes *environment_duplicates; /* names of variables that were set more than once */
        size_t n_environment_duplicates;
        bool environment_truncated; /* variables may be missing, because the kernel side did not send all */

        bool redact_timeout; /* a text was left out, because it could not be searched for patterns in time */

        const Assignment *labels;
        size_t n_labels;

        const Bytes *tags; /* names, in printable ASCII */
        size_t n_tags;
        bool has_priority; /* a tag sets the priority */
        int priority; /* LOG_INFO and so on; valid if has_priority is set */
} Event;

/* Returns the priority of the record: the one that a tag sets, otherwise `usual`. */
static inline int event_priority(const Event *event, int usual) {
        return event->has_priority ? event->priority : usual;
}
