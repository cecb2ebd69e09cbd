/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "source/links.h"

size_t links_fds(const struct bpf_object_skeleton *skeleton, int fds[], size_t max) {
        size_t n = 0;

        for (int i = 0; i < skeleton->prog_cnt; i++) {
                struct bpf_link *link = *skeleton->progs[i].link;

                if (link && n < max)
                        fds[n++] = bpf_link__fd(link);
        }
        return n;
}

/* Closing a link's descriptor would do, but before that libbpf switches off the events of tracepoints. */
void links_leave(const struct bpf_object_skeleton *skeleton) {
        for (int i = 0; i < skeleton->prog_cnt; i++) {
                struct bpf_link *link = *skeleton->progs[i].link;

                if (link)
                        bpf_link__disconnect(link);
        }
}
