/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What is read of the executed files: when, and what is said of it. */

#include "manager/files.h"
#include "files/reader.h"
#include "util/clock.h"
#include "util/log.h"

#define SAY_INTERVAL_USEC (60ULL * 1000 * 1000) /* between two lines about records that go without */

static int on_settled(void *userdata) {
        Manager *m = userdata;

        return drain_run(m->drain);
}

static void on_warning(void *userdata, const char *text) {
        (void) userdata;
        log_warning("%s", text);
}

int files_setup(Manager *m, const Config *config) {
        static const FileReadersCallbacks callbacks = { .settled = on_settled, .warn = on_warning };
        int r;

        if (!config->build_id)
                return 0;
        if (!m->files.readers) {
                r = file_readers_new(m->event, file_reader_program(), &callbacks, m, &m->files.readers);
                if (r < 0)
                        return r;
        }
        r = file_readers_enable(m->files.readers);
        if (r < 0)
                return r;
        m->pipeline.lookups.build_ids = file_readers_build_ids(m->files.readers);
        return 0;
}

void files_drop(Manager *m) {
        m->pipeline.lookups.build_ids = NULL;
        if (m->files.readers)
                file_readers_disable(m->files.readers);
}

void files_report(Manager *m, bool at_once) {
        uint64_t now = clock_monotonic_usec(), n;

        if (!m->files.readers || (!at_once && now - m->files.said_usec < SAY_INTERVAL_USEC))
                return;
        n = file_readers_take_skipped(m->files.readers);
        if (n == 0)
                return;
        m->files.said_usec = now;
        log_warning("%llu records are without build-ids: there was no time to read the files",
                (unsigned long long) n);
}
