/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

/*
 * The kernel side's object, there once for every level of the kernel (bpf/level.bpf.h), and the skeleton with
 * which it is handled.
 */

struct exec_bpf;

typedef enum ObjectLevel {
        OBJECT_6_1,
        OBJECT_6_2,
        OBJECT_6_14,
        _OBJECT_LEVEL_MAX,
} ObjectLevel;

/* Like exec_bpf__open(), which only knows the object of the level that it comes from. NULL and errno. */
struct exec_bpf *objects_open(ObjectLevel level);

/* The bytes of those that the skeleton does not come with. They last. */
const void *object_exec_6001(size_t *ret_size);
const void *object_exec_6014(size_t *ret_size);
