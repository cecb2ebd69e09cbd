/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "help.h"

#include <stdio.h>
#include <string.h>

#include "show.h"
#include "util/cleanup.h"

static const char options_text[] =
        "  -h --help                  Show this help\n"
        "     --version               Show the version\n"
        "     --no-pager              Do not pipe output into a pager\n"
        "     --no-legend             Do not print the column headers\n"
        "     --json=pretty|short|off Print one JSON array\n"
        "  -o --output=MODE           short, full, verbose, json, json-pretty, cat\n"
        "     --utc                   Express time in UTC\n"
        "  -l --full                  Do not cut lines at the terminal's width\n"
        "     --no-full               Cut them (the default)\n"
        "  -q --quiet                 Do not say that nothing was found\n"
        "  -n --lines[=N]             Only the N newest records\n"
        "  -r --reverse               Newest first\n"
        "  -f --follow                Go on as it happens\n"
        "  -F --field=FIELD           List all values that a field has in the journal\n";

static const char filters_text[] =
        "  -S --since=TIME            Not before this time\n"
        "  -U --until=TIME            Not after this time\n"
        "  -b --boot[=ID]             This boot, or the one of this id or offset\n"
        "  -u --unit=UNIT             In this unit of the system\n"
        "     --user-unit=UNIT        In this unit of a user's manager\n"
        "     --user=USER             By this user (real user id)\n"
        "     --login=USER            By whoever logged in as this user; or unset\n"
        "     --tag=TAG               With this tag\n"
        "     --failed                Only what could not be executed\n"
        "  -g --grep=PATTERN          Whose command line has this (PCRE2)\n"
        "     --untrusted             Records that the service did not write, too\n";

static const char journals_text[] = "  -m --merge                 All journals here, also of other machines\n"
                                    "  -M --machine=CONTAINER     A local container\n"
                                    "  -D --directory=PATH        Journal files of this directory\n"
                                    "     --file=PATH             This journal file\n"
                                    "     --root=PATH             Journal files below this root directory\n"
                                    "     --namespace=NAMESPACE   This journal namespace\n";

static const char commands_text[] =
        "     --up                    tree: towards the root\n"
        "     --at=TIME               who: at this time\n"
        "     --by=WHAT               top: exe, command, unit, user, login, parent, tag,\n"
        "                             error or container\n"
        "     --format=FORMAT         export: json, ecs, otel, ocsf or csv\n"
        "     --cursor-file=FILE      export: go on behind the last record of the time before\n";

static void headline(bool colors, const char *text) {
        printf("\n%s%s%s\n", colors ? "\033[0;4m" : "", text, colors ? "\033[0m" : "");
}

void help_print(void) {
        bool colors = output_wants_colors();

        printf("exectl [OPTIONS…] COMMAND [MATCH…]\n\n"
               "%sShow what was executed, from the records of exectraced in the journal.%s\n",
                colors ? "\033[0;1m" : "", colors ? "\033[0m" : "");
        headline(colors, "Commands:");
        for (size_t i = 0; i < command_list_size; i++) {
                const Command *c = &command_list[i];
                const char *arguments = c->arguments ? c->arguments : "";
                int used = (int) strlen(c->name) + 1, columns = 0;

                for (const char *p = arguments; *p; p++)
                        columns += ((unsigned char) *p & 0xc0) != 0x80;
                printf("  %s %s%*s %s\n", c->name, arguments, used + columns < 26 ? 26 - used - columns : 0,
                        "", c->help);
        }
        headline(colors, "Options:");
        fputs(options_text, stdout);
        headline(colors, "Which records:");
        fputs(filters_text, stdout);
        headline(colors, "Which journal:");
        fputs(journals_text, stdout);
        headline(colors, "Of single commands:");
        fputs(commands_text, stdout);
        printf("\nA MATCH is a pid, a name, an absolute path, a unit, an EXEC_PROCESS, or FIELD=VALUE.\n"
               "See exectl(1) for details.\n");
}

int help_print_values(Context *context) {
        const char *field = context->options->field;
        sd_journal *journal = source_journal(context->source);
        size_t skip = strlen(field) + 1, size;
        _cleanup_(buffer_done) Buffer line = BUFFER_NULL;
        const void *data;
        int r, n = 0;

        r = sd_journal_query_unique(journal, field);
        if (r < 0) {
                fprintf(stderr, "exectl: --field=%s: no field of the journal has such a name\n", field);
                return r;
        }
        while ((r = sd_journal_enumerate_available_unique(journal, &data, &size)) > 0) {
                const char *text;

                if (size < skip)
                        continue;
                buffer_clear(&line);
                show_text(&line, (Bytes){ (const char *) data + skip, size - skip });
                text = show_string(&line);
                if (!text)
                        return -ENOMEM;
                if (n++ == 0)
                        output_open(&context->output, false);
                output_line(&context->output, text, STYLE_NORMAL, false);
        }
        return r < 0 ? r : n;
}
