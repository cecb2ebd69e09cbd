/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "manager/manager.h"
#include "manager/outlet.h"
#include "options.h"
#include "users/helper.h"
#include "util/capabilities.h"
#include "util/descriptors.h"
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

/*
 * Whoever checks may read more than the service may: the unit leaves that only what recording takes, and a
 * file that only its owner may read, who is not root, is none for it. Started by the unit, this has the
 * capabilities of the service, and keeps what an administrator added there.
 */
static int become_as_service(void) {
        uint64_t permitted;
        int r;

        r = capabilities_permitted(&permitted);
        if (r < 0 || !(permitted & CAPABILITY(CAP_SYS_ADMIN)))
                return r;
        return capabilities_keep(CAPABILITY(CAP_BPF) | CAPABILITY(CAP_PERFMON));
}

static int check_config(const Options *options) {
        _cleanup_(policy_freep) Policy *policy = NULL;
        int r;

        r = become_as_service();
        if (r < 0) {
                log_error("can't take the capabilities of the service: %s", strerror(-r));
                return EXIT_FAILURE;
        }
        r = load_policy(&options->run, NULL, NAMES_CHECK_USEC, &policy, NULL);
        if (r < 0)
                return load_failed(r);

        /* systemd sets MAINPID for ExecReload=. The daemon would refuse the configuration a moment later. */
        return outlet_check(&options->run, policy, getenv("MAINPID") != NULL) < 0 ? EX_CONFIG : EXIT_SUCCESS;
}

static int run(const Options *options) {
        _cleanup_(manager_freep) Manager *manager = NULL;
        Policy *policy;
        int r;

        r = load_policy(&options->run, NULL, NAMES_START_USEC, &policy, NULL);
        if (r < 0)
                return load_failed(r);

        r = manager_new(&options->run, policy, &manager);
        if (r == -ENOTSUP)
                return EX_NOPERM;
        if (r < 0)
                return EXIT_FAILURE;
        return manager_run(manager) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* What was asked for is on standard output, or it is said that it is not. */
static int end_output(void) {
        if (fflush(stdout) == 0 && !ferror(stdout))
                return EXIT_SUCCESS;
        log_error("can't write to standard output: %s", strerror(errno));
        return EXIT_FAILURE;
}

int main(int argc, char **argv) {
        Options options;
        int r;

        r = descriptors_fill_standard();
        if (r < 0) {
                log_error("can't open /dev/null for what is closed of standard input, output and error: %s",
                        strerror(-r));
                return EXIT_FAILURE;
        }

        if (argc > 0 && strcmp(argv[0], USERS_HELPER_NAME) == 0)
                return users_helper_main();

        libbpf_set_print(on_libbpf_message);

        if (options_parse(argc, argv, &options) < 0)
                return EX_USAGE;

        switch (options.action) {
        case ACTION_HELP:
                options_print_help();
                return end_output();
        case ACTION_VERSION:
                printf("exectraced %s\n", EXECTRACED_VERSION);
                return end_output();
        case ACTION_CHECK_CONFIG:
                return check_config(&options);
        default:
                return run(&options);
        }
}
