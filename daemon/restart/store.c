/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "restart/store.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#define SEAL_NAME "seal"

typedef struct Entry {
        char *name;
        int fd; /* -EBADF: the service manager's only */
} Entry;

struct Store {
        Entry *entries;
        size_t n_entries;
        int seal_fd; /* the writing end of a pipe whose other end the service manager has */
};

static void entry_done(Entry *entry) {
        free(entry->name);
        closep(&entry->fd);
}

/* Adds an entry. Takes ownership of both, and closes the descriptor when there is no memory. */
static int store_add(Store *store, char *name, int fd) {
        Entry entry = { .name = name, .fd = fd };
        Entry *entries = NULL;

        if (name)
                entries = reallocarray(store->entries, store->n_entries + 1, sizeof(*entries));
        if (!entries) {
                entry_done(&entry);
                return -ENOMEM;
        }
        store->entries = entries;
        store->entries[store->n_entries++] = entry;
        return 0;
}

int store_new(Store **ret) {
        _cleanup_(store_freep) Store *store = NULL;
        char **names = NULL;
        int n, r = 0;

        store = calloc(1, sizeof(*store));
        if (!store)
                return -ENOMEM;
        store->seal_fd = -EBADF;

        n = sd_listen_fds_with_names(true, &names);
        if (n < 0)
                return n;
        for (int i = 0; i < n; i++) {
                int k = store_add(store, names[i], SD_LISTEN_FDS_START + i);

                if (k < 0)
                        r = k;
        }
        free(names);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(store);
        return 0;
}

Store *store_free(Store *store) {
        if (!store)
                return NULL;
        for (size_t i = 0; i < store->n_entries; i++)
                entry_done(&store->entries[i]);
        free(store->entries);
        closep(&store->seal_fd);
        free(store);
        return NULL;
}

size_t store_size(const Store *store) {
        return store->n_entries;
}

const char *store_name(const Store *store, size_t i) {
        return store->entries[i].name;
}

int store_fd(const Store *store, size_t i) {
        return store->entries[i].fd;
}

/* Sends a message to the service manager. `how` has further assignments, each ended by a line break. */
static int store_send(const char *name, const char *how, const int fds[], size_t n) {
        _cleanup_free_ char *message = NULL;
        int r;

        if (asprintf(&message, "FDSTORE=1\n%sFDNAME=%s", how, name) < 0)
                return -ENOMEM;
        r = sd_pid_notify_with_fds(0, false, message, fds, (unsigned) n);
        if (r == 0)
                return -ENOTCONN;
        return r < 0 ? r : 0;
}

int store_put(Store *store, const char *name, const int fds[], size_t n) {
        int r;

        r = store_add(store, strdup(name), -EBADF);
        if (r < 0)
                return r;
        /* Most BPF maps report events to poll(2) all the time, and would be removed because of that. */
        return store_send(name, "FDPOLL=0\n", fds, n);
}

/* Allocates no memory, so it can't fail for want of it. */
static void store_tell_removed(const char *name) {
        char message[512]; /* the service manager's limit of a name is 255 bytes */

        (void) snprintf(message, sizeof(message), "FDSTOREREMOVE=1\nFDNAME=%s", name);
        (void) sd_notify(false, message);
}

void store_remove(Store *store, StoreMatches matches, const void *userdata) {
        size_t kept = 0;

        for (size_t i = 0; i < store->n_entries; i++) {
                Entry *entry = &store->entries[i];

                if (matches(entry->name, userdata)) {
                        store_tell_removed(entry->name);
                        entry_done(entry);
                } else
                        store->entries[kept++] = *entry;
        }
        store->n_entries = kept;
}

static bool matches_all(const char *name, const void *userdata) {
        (void) name;
        (void) userdata;
        return true;
}

void store_clear(Store *store) {
        if (store->n_entries == 0 && store->seal_fd < 0)
                return;
        store_remove(store, matches_all, NULL);
        store_tell_removed(SEAL_NAME);
        closep(&store->seal_fd);
        store->seal_fd = -EBADF;
}

int store_seal(Store *store) {
        _cleanup_close_ int read_fd = -EBADF, write_fd = -EBADF;
        int fds[2], r;

        if (pipe2(fds, O_CLOEXEC) < 0)
                return -errno;
        read_fd = fds[0];
        write_fd = fds[1];

        /* The service manager polls it, and removes it by itself when this process ends. */
        r = store_send(SEAL_NAME, "", &read_fd, 1);
        if (r < 0)
                return r;
        closep(&store->seal_fd);
        store->seal_fd = TAKE_FD(write_fd);
        return 0;
}

bool store_works(const Store *store) {
        struct pollfd p = { .fd = store->seal_fd };

        return store->seal_fd >= 0 && poll(&p, 1, 0) == 0;
}
