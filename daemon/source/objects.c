/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "source/objects.h"

#include <errno.h>
#include <stdlib.h>

#include "bpf/settings.h" /* for the skeleton */
#include "exec-6.2.skel.h"

struct exec_bpf *objects_open(ObjectLevel level) {
        struct exec_bpf *s = calloc(1, sizeof(*s));
        int r;

        if (!s)
                return NULL;
        r = exec_bpf__create_skeleton(s);
        if (r == 0) {
                if (level == OBJECT_6_1)
                        s->skeleton->data = (void *) object_exec_6001(&s->skeleton->data_sz);
                else if (level == OBJECT_6_14)
                        s->skeleton->data = (void *) object_exec_6014(&s->skeleton->data_sz);
                else if (level == OBJECT_7_0)
                        s->skeleton->data = (void *) object_exec_7000(&s->skeleton->data_sz);
                r = bpf_object__open_skeleton(s->skeleton, NULL);
        }
        if (r == 0)
                return s;
        exec_bpf__destroy(s);
        errno = -r;
        return NULL;
}
