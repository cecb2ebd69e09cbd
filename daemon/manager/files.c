/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What is read of the executed files: when, and what is said of it. */

#include "files/reader.h"
#include "manager/internal.h"
#include "util/log.h"

static int on_settled(void *userdata) {
        return manager_drain(userdata);
}

static void on_warning(void *userdata, const char *text) {
        (void) userdata;
        log_warning("%s", text);
}

int manager_setup_files(Manager *m, const Config *config) {
        static const FileReadersCallbacks callbacks = { .settled = on_settled, .warn = on_warning };
        int r;

        if (!config->build_id)
                return 0;
        if (!m->readers) {
                r = file_readers_new(m->event, file_reader_program(), &callbacks, m, &m->readers);
                if (r < 0)
                        return r;
        }
        r = file_readers_enable(m->readers);
        if (r < 0)
                return r;
        m->pipeline.build_ids = file_readers_build_ids(m->readers);
        return 0;
}

void manager_drop_files(Manager *m) {
        m->pipeline.build_ids = NULL;
        if (m->readers)
                file_readers_disable(m->readers);
}

void manager_report_files(Manager *m, bool at_once) {
        uint64_t now = manager_now_usec(m), n;

        if (!m->readers || (!at_once && now - m->skipped_said_usec < SUPPRESSED_INTERVAL_USEC))
                return;
        n = file_readers_take_skipped(m->readers);
        if (n == 0)
                return;
        m->skipped_said_usec = now;
        log_warning("%llu records are without build-ids: there was no time to read the files",
                (unsigned long long) n);
}
