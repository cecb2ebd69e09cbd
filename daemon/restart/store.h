/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "util/cleanup.h"

/*
 * The service manager's file descriptor store (FDSTORE= in sd_notify(3)). It holds descriptors open while the
 * service is restarted, no matter how its process ended, and closes them when the service is stopped. Each
 * descriptor has a name; several descriptors may have the same name.
 */
typedef struct Store Store;

/*
 * Receives the descriptors that the service manager passes to this process (sd_listen_fds(3)), and removes
 * the variables that say so from the environment. Returns 0 or a negative errno.
 */
int store_new(Store **ret);

/* Closes the descriptors that were received. The service manager keeps what is in its store. */
Store *store_free(Store *store);
DEFINE_POINTER_CLEANUP(Store *, store_free);

/*
 * The entries of the store: those that were received, followed by those that were put since, whose descriptor
 * is -EBADF here. The descriptors belong to the store.
 */
size_t store_size(const Store *store);
const char *store_name(const Store *store, size_t i);
int store_fd(const Store *store, size_t i);

/*
 * Sends duplicates of `n` descriptors to the store, under one name. The service manager does not say whether
 * it accepts them: see store_seal(). Returns 0, -ENOTCONN when there is no service manager, -ENOMEM, or what
 * the message could not be sent with.
 */
int store_put(Store *store, const char *name, const int fds[], size_t n);

/*
 * Removes every descriptor whose name matches from the store, and closes our copy of those that were
 * received. store_clear() removes all of them.
 */
typedef bool (*StoreMatches)(const char *name, const void *userdata);
void store_remove(Store *store, StoreMatches matches, const void *userdata);
void store_clear(Store *store);

/*
 * store_seal() puts one more descriptor after the last store_put(): the end of a pipe. While the service
 * manager holds it, it has accepted the descriptors before it, too. Returns 0 or fails like store_put().
 *
 * store_works() returns true while the service manager holds that descriptor. It costs one poll(2). It
 * returns false before the first store_seal() and after store_clear().
 */
int store_seal(Store *store);
bool store_works(const Store *store);
