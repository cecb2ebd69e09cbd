/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "boots.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/cleanup.h"

#define PREFIX "_BOOT_ID="
#define ID_SIZE 32

static int compare(const void *a, const void *b) {
        const Boot *x = a, *y = b;

        return x->first < y->first ? -1 : x->first > y->first;
}

/* Collects the boots of the index, without their times. */
static int collect(sd_journal *journal, Boot **ret, size_t *ret_n) {
        _cleanup_free_ Boot *boots = NULL;
        const void *data;
        size_t size, n = 0;
        int r;

        r = sd_journal_query_unique(journal, "_BOOT_ID");
        if (r < 0)
                return r;
        while ((r = sd_journal_enumerate_available_unique(journal, &data, &size)) > 0) {
                char text[ID_SIZE + 1] = {};
                Boot boot = {}, *grown;

                if (size != strlen(PREFIX) + ID_SIZE)
                        continue;
                memcpy(text, (const char *) data + strlen(PREFIX), ID_SIZE);
                if (sd_id128_from_string(text, &boot.id) < 0)
                        continue;
                grown = reallocarray(boots, n + 1, sizeof(*grown));
                if (!grown)
                        return -ENOMEM;
                boots = grown;
                boots[n++] = boot;
        }
        if (r < 0)
                return r;

        *ret = TAKE_PTR(boots);
        *ret_n = n;
        return 0;
}

/* Reads the id of the host from the current entry. */
static void read_machine(sd_journal *journal, sd_id128_t *ret) {
        static const char prefix[] = "_MACHINE_ID=";
        char text[ID_SIZE + 1] = {};
        const void *data;
        size_t size;

        if (sd_journal_get_data(journal, "_MACHINE_ID", &data, &size) < 0 || size != strlen(prefix) + ID_SIZE)
                return;
        memcpy(text, (const char *) data + strlen(prefix), ID_SIZE);
        (void) sd_id128_from_string(text, ret);
}

/* Reads the times of the current entry. */
static int read_times(sd_journal *journal, uint64_t *ret, uint64_t *ret_ahead) {
        uint64_t monotonic;
        sd_id128_t id;
        int r;

        r = sd_journal_get_realtime_usec(journal, ret);
        if (r >= 0)
                r = sd_journal_get_monotonic_usec(journal, &monotonic, &id);
        if (r >= 0)
                *ret_ahead = *ret > monotonic ? *ret - monotonic : 0;
        return r;
}

/* Finds the host and the times of a boot. Returns 1, 0 when no entry can be read, or a negative errno. */
static int find_ends(sd_journal *journal, Boot *boot) {
        char match[sizeof(PREFIX) + ID_SIZE] = PREFIX;
        uint64_t first_ahead, last_ahead;
        int r;

        sd_journal_flush_matches(journal);
        (void) sd_id128_to_string(boot->id, match + strlen(PREFIX));
        r = sd_journal_add_match(journal, match, 0);
        if (r >= 0)
                r = sd_journal_seek_head(journal);
        if (r >= 0)
                r = sd_journal_next(journal);
        if (r <= 0)
                return r;
        read_machine(journal, &boot->machine);
        r = read_times(journal, &boot->first, &first_ahead);
        if (r >= 0)
                r = sd_journal_seek_tail(journal);
        if (r >= 0)
                r = sd_journal_previous(journal);
        if (r <= 0)
                return r;
        r = read_times(journal, &boot->last, &last_ahead);
        if (r < 0)
                return r;
        boot->ahead_least = first_ahead < last_ahead ? first_ahead : last_ahead;
        boot->ahead_most = first_ahead < last_ahead ? last_ahead : first_ahead;
        return 1;
}

int boots_list(sd_journal *journal, Boot **ret) {
        _cleanup_free_ Boot *boots = NULL;
        size_t n, kept = 0;
        int r;

        r = collect(journal, &boots, &n);
        for (size_t i = 0; i < n && r >= 0; i++) {
                r = find_ends(journal, &boots[i]);
                /* The entries of the boot may be in a damaged file. */
                if (r == -EBADMSG || r == -EADDRNOTAVAIL)
                        r = 0;
                if (r > 0)
                        boots[kept++] = boots[i];
        }
        sd_journal_flush_matches(journal);
        if (r < 0)
                return r;

        if (kept > 0)
                qsort(boots, kept, sizeof(*boots), compare);
        *ret = TAKE_PTR(boots);
        return (int) kept;
}

/* Returns the index of the boot from which -b counts, or n when it is not in the list. */
static int find_reference(const Boot *boots, int n, const Options *options, bool has_id) {
        sd_id128_t id = options->boot_id;

        if (!has_id && (!options_is_local(options) || sd_id128_get_boot(&id) < 0))
                return n - 1;
        for (int i = 0; i < n; i++)
                if (sd_id128_equal(boots[i].id, id))
                        return i;
        /* If the current boot has no entries in the journal, the newest boot there is the one before it. */
        return n;
}

int boots_choose(sd_journal *journal, const Options *options, sd_id128_t *ret) {
        bool has_id = !sd_id128_is_null(options->boot_id);
        _cleanup_free_ Boot *boots = NULL;
        int64_t i;
        int n;

        n = boots_list(journal, &boots);
        if (n < 0) {
                fprintf(stderr, "exectl: the boots in the journal can't be listed: %s\n", strerror(-n));
                return n;
        }
        /* Without an ID, 0 and less count from the current boot, and 1 and more from the oldest one. */
        i = has_id || options->boot_offset <= 0
                ? (int64_t) find_reference(boots, n, options, has_id) + options->boot_offset
                : (int64_t) options->boot_offset - 1;
        if (i < 0 || i >= n) {
                if (has_id)
                        fprintf(stderr, "exectl: the journal has nothing of that boot\n");
                else
                        fprintf(stderr, "exectl: the journal has nothing of boot %+d\n",
                                options->boot_offset);
                return -ENOENT;
        }
        *ret = boots[i].id;
        return 0;
}
