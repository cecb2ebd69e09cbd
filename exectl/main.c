/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "files.h"
#include "guard.h"
#include "help.h"
#include "open.h"
#include "util/cleanup.h"

static const Command *find_command(const char *name) {
        for (size_t i = 0; i < command_list_size; i++)
                if (!name || strcmp(command_list[i].name, name) == 0)
                        return &command_list[i];
        return NULL;
}

/* Reports the result of a command, unless the command has done so. Returns the exit status. */
static int conclude(const Context *context, const Command *command, int r) {
        uint64_t damaged = context->source ? source_damaged(context->source) : 0;

        if (damaged > 0 && !context->options->quiet)
                fprintf(stderr, "exectl: %llu entries of the journal can't be read: a file is damaged\n",
                        (unsigned long long) damaged);
        if (command->own_status && r >= 0)
                return r;
        if (r > 0)
                return EXIT_SUCCESS;
        if (r == 0) {
                if (!context->options->quiet)
                        fprintf(stderr, "exectl: nothing found\n");
                open_hint_permission(context->options);
        } else if (r != -EINVAL && r != -ENOENT)
                fprintf(stderr, "exectl: %s\n", strerror(-r));
        return EXIT_FAILURE;
}

static int run(const Options *options) {
        const Command *command = find_command(options->command);
        Context context = { .options = options };
        int r = 0, closed;

        if (!command) {
                fprintf(stderr, "exectl: %s: no such command\n", options->command);
                return EXIT_FAILURE;
        }
        output_init(&context.output, options);
        if (!command->no_source)
                r = source_open(options, &context.source);
        if (r < 0) {
                if (r != -ENOENT && r != -EINVAL)
                        open_hint_permission(options);
                return EXIT_FAILURE;
        }
        if (context.source)
                context.output.several_hosts = source_has_several_hosts(context.source);
        if (options->field)
                r = help_print_values(&context);
        else
                r = command->run(&context);
        closed = output_close(&context.output);
        if (closed < 0 && r >= 0)
                r = closed;
        r = conclude(&context, command, r);
        source_free(context.source);
        return r;
}

int main(int argc, char **argv) {
        Options options;
        int r;

        (void) setlocale(LC_ALL, "");
        /* A reader that goes is no reason to die before the pager has ended: writing fails, and the
         * command stops. */
        (void) signal(SIGPIPE, SIG_IGN);
        guard_init();
        files_raise_limit();

        r = options_parse(argc, argv, &options);
        if (r < 0) {
                if (r == -ENOMEM)
                        fprintf(stderr, "exectl: %s\n", strerror(-r));
                return EXIT_FAILURE;
        }
        if (options.help)
                help_print();
        else if (options.version)
                printf("exectl " EXECTRACED_VERSION "\n");
        else
                r = run(&options);
        options_done(&options);
        return r;
}
