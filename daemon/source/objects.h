/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

/*
 * The BPF object of the kernel side, which is built once for each level of the kernel (bpf/level.bpf.h), and
 * its skeleton.
 */

struct exec_bpf;

typedef enum ObjectLevel {
        OBJECT_6_1,
        OBJECT_6_2,
        OBJECT_6_14,
        OBJECT_7_0,
        _OBJECT_LEVEL_MAX,
} ObjectLevel;

/*
 * Opens the object of a level. exec_bpf__open() can only open that of its own level. Returns the skeleton, to
 * be freed with exec_bpf__destroy(); or NULL, with errno set.
 */
struct exec_bpf *objects_open(ObjectLevel level);

/* Return the bytes of the objects that are not in the skeleton, which are constants, and set *ret_size. */
const void *object_exec_6001(size_t *ret_size);
const void *object_exec_6014(size_t *ret_size);
const void *object_exec_7000(size_t *ret_size);
