/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "options-check.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "util/cleanup.h"

/* An option that only some commands know. */
typedef struct Scope {
        const char *option;
        bool given;
        bool inverse; /* all commands know it but these */
        const char *commands[6];
} Scope;

static int check_excluded(const Options *options) {
        int places = !!options->directory + !!options->root + !!options->machine + (options->files.n > 0) +
                !!options->namespace;

        if (places > 1) {
                fprintf(stderr,
                        "exectl: only one of --directory=, --file=, --root=, --machine= and --namespace= can "
                        "be given\n");
                return -EINVAL;
        }
        if (options->since != USEC_UNSET && options->until != USEC_UNSET && options->since > options->until) {
                fprintf(stderr, "exectl: --since= is after --until=\n");
                return -EINVAL;
        }
        if (options->follow && options->reverse) {
                fprintf(stderr, "exectl: --follow and --reverse exclude each other\n");
                return -EINVAL;
        }
        if (options->field && options->json != JSON_OFF) {
                fprintf(stderr, "exectl: --field= prints one value a line, and has no --json=\n");
                return -EINVAL;
        }
        return 0;
}

static bool is_known(const Scope *scope, const char *command) {
        for (size_t i = 0; i < ELEMENTSOF(scope->commands) && scope->commands[i]; i++)
                if (strcmp(command, scope->commands[i]) == 0)
                        return !scope->inverse;
        return scope->inverse;
}

static int check_scopes(const Options *options, const char *command) {
        const Scope scopes[] = {
                { "--follow", options->follow, .commands = { "list", "follow", "export" } },
                { "--reverse", options->reverse,
                        .commands = { "list", "info", "sessions", "privileged", "new" } },
                { "--json=", options->json != JSON_OFF, .inverse = true, .commands = { "export" } },
                { "--by=", options->by, .commands = { "top" } },
                { "--up", options->up, .commands = { "tree" } },
                { "--at=", options->at != USEC_UNSET, .commands = { "who" } },
                { "--format=", options->format, .commands = { "export" } },
                { "--cursor-file=", options->cursor_file, .commands = { "export" } },
        };

        for (size_t i = 0; i < ELEMENTSOF(scopes); i++)
                if (scopes[i].given && !is_known(&scopes[i], command)) {
                        fprintf(stderr, "exectl: %s has no %s\n", command, scopes[i].option);
                        return -EINVAL;
                }
        return 0;
}

static bool is_command(const char *name) {
        for (size_t i = 0; i < command_list_size; i++)
                if (strcmp(command_list[i].name, name) == 0)
                        return true;
        return false;
}

int options_check(const Options *options) {
        const char *command = options->command ? options->command : command_list[0].name;
        int r = check_excluded(options);

        /*
         * With --field=, the command has no effect. One that does not exist is reported by whoever runs it.
         */
        if (r < 0 || options->field || !is_command(command))
                return r;
        return check_scopes(options, command);
}
