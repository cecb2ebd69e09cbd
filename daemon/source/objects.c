/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "source/objects.h"

#include <errno.h>
#include <stdlib.h>

#include "bpf/settings.h" /* for the skeletons */
#include "exec-6.2.skel.h"
#include "failed-6.2.skel.h"
#include "source/features.h"

typedef const void *(*object_t)(size_t *ret_size);

/* That of the highest level is the one that the skeleton came with. */
static const object_t exec_objects[_KERNEL_LEVEL_MAX] = {
        [KERNEL_LEVEL_5_10] = object_exec_5010,
        [KERNEL_LEVEL_5_17] = object_exec_5017,
};
static const object_t failed_objects[_KERNEL_LEVEL_MAX] = {
        [KERNEL_LEVEL_5_10] = object_failed_5010,
        [KERNEL_LEVEL_5_17] = object_failed_5017,
};

static int open_object(struct bpf_object_skeleton *skeleton, const object_t objects[]) {
        const object_t object = objects[feature_level()];

        if (object)
                skeleton->data = (void *) object(&skeleton->data_sz);
        return bpf_object__open_skeleton(skeleton, NULL);
}

struct exec_bpf *objects_open_exec(void) {
        struct exec_bpf *s = calloc(1, sizeof(*s));
        int r;

        if (!s)
                return NULL;
        r = exec_bpf__create_skeleton(s);
        if (r == 0)
                r = open_object(s->skeleton, exec_objects);
        if (r == 0)
                return s;
        exec_bpf__destroy(s);
        errno = -r;
        return NULL;
}

struct failed_bpf *objects_open_failed(void) {
        struct failed_bpf *s = calloc(1, sizeof(*s));
        int r;

        if (!s)
                return NULL;
        r = failed_bpf__create_skeleton(s);
        if (r == 0)
                r = open_object(s->skeleton, failed_objects);
        if (r == 0)
                return s;
        failed_bpf__destroy(s);
        errno = -r;
        return NULL;
}
