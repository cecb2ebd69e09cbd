/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "util/cleanup.h"

/*
 * The service manager's descriptor store (FDSTORE= in sd_notify(3)): descriptors that stay open while the
 * service is restarted, however its process ended, and are closed when it is stopped. Each has a name, which
 * several may share.
 */
typedef struct Store Store;

/*
 * Takes what the service manager hands over (sd_listen_fds(3)), and takes it out of the environment. 0 or a
 * negative errno.
 */
int store_new(Store **ret);

/* What was put stays with the service manager; the descriptors that it handed over are closed. */
Store *store_free(Store *store);
DEFINE_POINTER_CLEANUP(Store *, store_free);

/* What was handed over, and what was put since (-EBADF); the descriptors stay the store's. */
size_t store_size(const Store *store);
const char *store_name(const Store *store, size_t i);
int store_fd(const Store *store, size_t i);

/*
 * Puts `n` descriptors, of which the caller keeps its own, under one name. Nobody says whether the service
 * manager takes them. 0; -ENOTCONN: there is no service manager; -ENOMEM; or what it could not be told with.
 */
int store_put(Store *store, const char *name, const int fds[], size_t n);

/*
 * Takes out of it all whose name matches, and closes what was handed over of that. store_clear(): all that
 * there is.
 */
typedef bool (*StoreMatches)(const char *name, const void *userdata);
void store_remove(Store *store, StoreMatches matches, const void *userdata);
void store_clear(Store *store);

/*
 * store_seal(), after the last store_put(), puts one descriptor more, whose other end tells whether the
 * service manager has it: where it does, it has taken the others, too. 0, or fails like store_put().
 * store_works() looks, which is no more than a poll(2); false, too, before the first store_seal() and after
 * store_clear().
 */
int store_seal(Store *store);
bool store_works(const Store *store);
