/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "config/values.h"

static int parse_output(const char *word, OutputFormat *ret) {
        if (strcmp(word, "text") == 0)
                *ret = OUTPUT_TEXT;
        else if (strcmp(word, "json") == 0)
                *ret = OUTPUT_JSON;
        else {
                fprintf(stderr, "exectraced: --output=%s: expected text or json\n", word);
                return -EINVAL;
        }
        return 0;
}

static int parse_pid_namespace(const char *word, Options *options) {
        /* Without the option the configuration decides, and that may say "all". */
        if (value_parse_pid_namespace(word, &options->run.pid_namespace) < 0 ||
                options->run.pid_namespace == PID_NAMESPACE_ALL) {
                fprintf(stderr,
                        "exectraced: --pid-ns=%s: expected self, or the number in `readlink "
                        "/proc/PID/ns/pid`\n",
                        word);
                return -EINVAL;
        }
        options->run.pid_namespace_set = true;
        return 0;
}

int options_parse(int argc, char **argv, Options *ret) {
        enum {
                OPTION_CHECK_CONFIG = 0x100,
                OPTION_VERSION,
        };
        static const struct option table[] = {
                { "output", required_argument, NULL, 'f' },
                { "pid-ns", required_argument, NULL, 'p' },
                { "config", required_argument, NULL, 'c' },
                { "check-config", no_argument, NULL, OPTION_CHECK_CONFIG },
                { "help", no_argument, NULL, 'h' },
                { "version", no_argument, NULL, OPTION_VERSION },
                {},
        };
        Options options = {};
        int c;

        while ((c = getopt_long(argc, argv, "f:p:c:h", table, NULL)) >= 0) {
                int r = 0;

                switch (c) {
                case 'f':
                        r = parse_output(optarg, &options.run.output);
                        break;
                case 'p':
                        r = parse_pid_namespace(optarg, &options);
                        break;
                case 'c':
                        options.run.config_file = optarg;
                        break;
                case OPTION_CHECK_CONFIG:
                        options.action = ACTION_CHECK_CONFIG;
                        break;
                case 'h':
                        options.action = ACTION_HELP;
                        break;
                case OPTION_VERSION:
                        options.action = ACTION_VERSION;
                        break;
                default: /* getopt said it */
                        return -EINVAL;
                }
                if (r < 0)
                        return r;
        }
        if (optind < argc) {
                fprintf(stderr, "exectraced: %s: no arguments are expected\n", argv[optind]);
                return -EINVAL;
        }

        *ret = options;
        return 0;
}

void options_print_help(void) {
        printf("exectraced [OPTION...]\n\n"
               "Records every program that is executed on this machine in the journal.\n\n"
               "  -f, --output=text|json  Record on standard output, in the foreground\n"
               "  -p, --pid-ns=ID|self    Record only this PID namespace and those below it\n"
               "  -c, --config=FILE       Read this file only, no drop-ins\n"
               "      --check-config      Say what is wrong with the configuration, and exit\n"
               "  -h, --help              Show this help\n"
               "      --version           Show the version\n\n"
               "See exectraced(8), exectraced.conf(5) and exectraced.fields(7).\n");
}
