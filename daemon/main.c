/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "manager/manager.h"
#include "options.h"
#include "util/log.h"

/* libbpf's own messages: its warnings as they are, the rest for whoever debugs. */
__attribute__((format(printf, 2, 0))) static int on_libbpf_message(
        enum libbpf_print_level level, const char *format, va_list ap) {
        log_message_v(level == LIBBPF_WARN ? LOG_WARNING : LOG_DEBUG, format, ap);
        return 0;
}

/* What is wrong with a configuration is said already. */
static int load_failed(int error) {
        if (error != -ENOMEM)
                return EX_CONFIG;
        log_error("the configuration can't be read: %s", strerror(ENOMEM));
        return EXIT_FAILURE;
}

static int check_config(const Options *options) {
        _cleanup_(policy_freep) Policy *policy = NULL;
        int r = load_policy(&options->run, &policy, NULL);

        return r < 0 ? load_failed(r) : EXIT_SUCCESS;
}

static int run(const Options *options) {
        _cleanup_(manager_freep) Manager *manager = NULL;
        Policy *policy;
        int r;

        r = load_policy(&options->run, &policy, NULL);
        if (r < 0)
                return load_failed(r);

        r = manager_new(&options->run, policy, &manager);
        if (r == -ENOTSUP)
                return EX_NOPERM;
        if (r < 0)
                return EXIT_FAILURE;
        return manager_run(manager) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv) {
        Options options;

        libbpf_set_print(on_libbpf_message);

        if (options_parse(argc, argv, &options) < 0)
                return EX_USAGE;

        switch (options.action) {
        case ACTION_HELP:
                options_print_help();
                return EXIT_SUCCESS;
        case ACTION_VERSION:
                printf("exectraced %s\n", EXECTRACED_VERSION);
                return EXIT_SUCCESS;
        case ACTION_CHECK_CONFIG:
                return check_config(&options);
        default:
                return run(&options);
        }
}
