/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

/*
 * The kernel side's objects, each there once for every level of the kernel (bpf/level.bpf.h), and the skeleton with which
 * the one for this kernel is handled.
 */

struct exec_bpf;
struct failed_bpf;

/* Like exec_bpf__open() and failed_bpf__open(), which only know the object of the level that they come from. NULL and errno. */
struct exec_bpf *objects_open_exec(void);
struct failed_bpf *objects_open_failed(void);

/* The bytes of each that the skeleton does not come with. They last. */
const void *object_exec_5010(size_t *ret_size);
const void *object_exec_5017(size_t *ret_size);
const void *object_failed_5010(size_t *ret_size);
const void *object_failed_5017(size_t *ret_size);
