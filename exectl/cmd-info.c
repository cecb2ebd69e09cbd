/* SPDX-License-Identifier: GPL-2.0-or-later */

/* exectl info: prints each record with all fields, and with its chain. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "chain-print.h"
#include "command.h"
#include "path.h"
#include "row.h"
#include "show.h"
#include "util/cleanup.h"
#include "util/timespan.h"

#define LABEL_WIDTH 14

typedef struct Info {
        Context *context;
        Source *chains; /* for chains, which must not change the position of the other source */
        Names *names;
        CommandLine line;
        Buffer text;
        bool first_done;
} Info;

/* Prints a label and the contents of info->text, which it clears. Returns 0 or -ENOMEM. */
static int end_line(Info *info, const char *label, Style style) {
        _cleanup_(buffer_done) Buffer line = BUFFER_NULL;
        const char *string;

        for (size_t i = strlen(label); i < LABEL_WIDTH; i++)
                buffer_append_char(&line, ' ');
        buffer_append_string(&line, label);
        buffer_append_string(&line, ": ");
        buffer_append_bytes(&line, buffer_bytes(&info->text));
        if (info->text.failed)
                line.failed = true;
        string = show_string(&line);
        if (!string)
                return -ENOMEM;
        output_line(&info->context->output, string, style, false);
        buffer_clear(&info->text);
        return 0;
}

static int field_line(Info *info, const char *label, const Record *record, RecordField field) {
        if (!record_has(record, field))
                return 0;
        show_text(&info->text, record->field[field]);
        return end_line(info, label, STYLE_NORMAL);
}

/*
 * Prints whether the file was changed since. The time of change of the inode is used, because an owner can
 * set that of the contents.
 */
static int file_line(Info *info, const char *label, const char *path, uint64_t time) {
        struct stat status;
        Style style = STYLE_MEMORY;

        if (stat(path, &status) < 0)
                buffer_append_string(
                        &info->text, errno == ENOENT ? "not there any more" : "can't be looked at");
        else if ((uint64_t) status.st_ctim.tv_sec * USEC_PER_SEC + (uint64_t) status.st_ctim.tv_nsec / 1000 >
                time) {
                buffer_append_string(&info->text, "changed or replaced since, at ");
                show_time(&info->text, (uint64_t) status.st_ctim.tv_sec * USEC_PER_SEC,
                        info->context->options->utc, false);
        } else {
                buffer_append_string(&info->text, "still the one that ran");
                style = STYLE_NORMAL;
        }
        return end_line(info, label, style);
}

/* Prints that of a script, which EXEC_FILENAME names, seen from the working directory. */
static int script_line(Info *info, const Record *record) {
        static const char by_descriptor[] = "/dev/fd/";
        _cleanup_(buffer_done) Buffer path = BUFFER_NULL;
        const char *string;

        if (!path_append(&path, record->field[RECORD_CWD], record->field[RECORD_FILENAME]))
                return 0;
        string = show_string(&path);
        if (!string)
                return -ENOMEM;
        /* The descriptor was that of the process. */
        if (strncmp(string, by_descriptor, strlen(by_descriptor)) == 0)
                return 0;
        return file_line(info, "Script", string, record_time(record));
}

/* Only files of the host itself can be checked, not those of a container or of another root. */
static int files_lines(Info *info, const Record *record) {
        bool script = record->flags & FLAG_SCRIPT;
        const char *label = script ? "Interpreter" : "File";
        _cleanup_free_ char *path = NULL;
        int r;

        if (!options_is_local(info->context->options) || record_has(record, RECORD_CONTAINER))
                return 0;
        if (script) {
                r = script_line(info, record);
                if (r < 0)
                        return r;
        }
        if (!path_is_absolute(record->field[RECORD_EXE]))
                return 0;
        if (record->flags & (FLAG_MEMFD | FLAG_DELETED)) {
                buffer_append_string(&info->text, "it had no name any more when it ran");
                return end_line(info, label, STYLE_NORMAL);
        }
        path = strndup(record->field[RECORD_EXE].data, record->field[RECORD_EXE].size);
        return path ? file_line(info, label, path, record_time(record)) : -ENOMEM;
}

static int ids_line(Info *info, const Record *record) {
        static const struct {
                RecordField field;
                const char *label;
        } parts[] = {
                { RECORD_UID, ", uid " },
                { RECORD_GID, ", gid " },
                { RECORD_EUID, ", effective uid " },
                { RECORD_EGID, ", effective gid " },
        };

        names_append_user(info->names, &info->text, record);
        for (size_t i = 0; i < ELEMENTSOF(parts); i++)
                if (record_has(record, parts[i].field)) {
                        buffer_append_string(&info->text, parts[i].label);
                        show_text(&info->text, record->field[parts[i].field]);
                }
        return end_line(info, "User", record_has(record, RECORD_EUID) ? STYLE_PRIVILEGE : STYLE_NORMAL);
}

static int login_line(Info *info, const Record *record) {
        if (!record_has(record, RECORD_LOGINUID))
                return 0;
        names_append_login(info->names, &info->text, record);
        buffer_append_string(&info->text, ", uid ");
        show_text(&info->text, record->field[RECORD_LOGINUID]);
        if (record_has(record, RECORD_SESSION)) {
                buffer_append_string(&info->text, ", session ");
                show_text(&info->text, record->field[RECORD_SESSION]);
        }
        return end_line(info, "Login", STYLE_NORMAL);
}

static int fields_lines(Info *info, const Record *record) {
        static const struct {
                RecordField field;
                const char *label;
        } lines[] = {
                { RECORD_TTY, "Terminal" },
                { RECORD_STDIN, "Input" },
                { RECORD_CWD, "Directory" },
                { RECORD_FILENAME, "Filename" },
                { RECORD_EXE, "Executable" },
                { RECORD_BUILD_ID, "Build id" },
                { RECORD_FLAG, "Flags" },
                { RECORD_TAG, "Tags" },
                { RECORD_UNIT, "Unit" },
                { RECORD_USER_UNIT, "User unit" },
                { RECORD_SLICE, "Slice" },
                { RECORD_INVOCATION_ID, "Invocation" },
                { RECORD_LOGIND_SESSION, "Session" },
                { RECORD_CONTAINER, "Container" },
                { RECORD_CGROUP, "Control group" },
                { RECORD_COMM, "Called by" },
                { RECORD_PARENT_COMM, "Parent" },
                { RECORD_PPID, "Parent pid" },
                { RECORD_PROCESS, "Process" },
                { RECORD_PARENT, "Parent process" },
                { RECORD_ANCESTOR, "Ancestor" },
                { RECORD_NSPID, "Inner pid" },
                { RECORD_PIDNS, "PID namespace" },
                { RECORD_PGID, "Process group" },
                { RECORD_SID, "Session id" },
                { RECORD_ERROR, "Error" },
                { RECORD_ERRNO, "Error number" },
                { RECORD_TRIES, "Tries" },
                { RECORD_TRUNCATED, "Truncated" },
                { RECORD_ARGV_BYTES, "Argument size" },
                { RECORD_ENVIRONMENT_TRUNCATED, "Env truncated" },
                { RECORD_ENVIRONMENT_DUPLICATE, "Env duplicate" },
                { RECORD_REDACT_TIMEOUT, "Redact timeout" },
                { RECORD_SEQ, "Number" },
                { RECORD_HOSTNAME, "Host" },
                { RECORD_MACHINE_ID, "Machine" },
                { RECORD_BOOT_ID, "Boot" },
        };
        int r = 0;

        for (size_t i = 0; i < ELEMENTSOF(lines) && r >= 0; i++)
                r = field_line(info, lines[i].label, record, lines[i].field);
        return r;
}

/* Prints variables, labels, and the fields that are unknown here, whole. */
static int extra_lines(Info *info, const Record *record) {
        static const struct {
                const char *prefix, *label; /* the label is NULL where the field repeats another one */
                size_t skip;
        } kinds[] = {
                { "EXEC_ENV_", "Environment", sizeof("EXEC_ENV_") - 1 },
                { "EXEC_LABEL_", "Label", sizeof("EXEC_LABEL_") - 1 },
                { "EXEC_FLAGS=", NULL, 0 },
                { "EXEC_TAGS=", NULL, 0 },
                { "EXEC", "Field", 0 },
        };
        int r = 0;

        for (size_t i = 0; i < record->n_extra && r >= 0; i++) {
                Bytes pair = record->extra[i];
                size_t k = 0;

                while (k < ELEMENTSOF(kinds) &&
                        (pair.size < strlen(kinds[k].prefix) ||
                                memcmp(pair.data, kinds[k].prefix, strlen(kinds[k].prefix)) != 0))
                        k++;
                if (k == ELEMENTSOF(kinds) || !kinds[k].label)
                        continue;
                show_text(&info->text, (Bytes){ pair.data + kinds[k].skip, pair.size - kinds[k].skip });
                r = end_line(info, kinds[k].label, STYLE_NORMAL);
        }
        return r;
}

static int print_text(Info *info, const Record *record, const Chain *chain) {
        Output *output = &info->context->output;
        const char *command = command_line_of(&info->line, record);
        int r;

        if (!command)
                return -ENOMEM;
        if (info->first_done)
                output_line(output, "", STYLE_NORMAL, false);
        info->first_done = true;
        buffer_append_string(&info->text, command);
        r = end_line(info, "Command line", row_style(record));
        if (r >= 0) {
                show_time(&info->text, record_time(record), info->context->options->utc, true);
                r = end_line(info, "Time", STYLE_NORMAL);
        }
        if (r >= 0)
                r = field_line(info, "PID", record, RECORD_PID);
        if (r >= 0)
                r = ids_line(info, record);
        if (r >= 0)
                r = login_line(info, record);
        if (r >= 0)
                r = fields_lines(info, record);
        if (r >= 0)
                r = extra_lines(info, record);
        if (r >= 0)
                r = files_lines(info, record);
        if (r < 0)
                return r;
        output_line(output, "         Chain:", STYLE_NORMAL, false);
        return chain_print(output, info->names, chain, LABEL_WIDTH + 2);
}

static int print_record(Info *info, const Record *record) {
        _cleanup_(chain_done) Chain chain = {};
        int r;

        r = chain_follow(info->chains, record, false, &chain);
        if (r < 0)
                return r;
        return options_json(info->context->options)
                ? chain_print_json(&info->context->output, info->names, &chain)
                : print_text(info, record, &chain);
}

int command_run_info(Context *context) {
        _cleanup_(conditions_done) Conditions conditions = {};
        _cleanup_(record_done) Record record = {};
        Info info = { .context = context };
        Query query;
        int r, n = 0;

        r = conditions_of_options(context->options, &conditions);
        if (r < 0)
                return r;
        query = QUERY_OF_OPTIONS(context->options, &conditions, CHAIN_FIELDS);
        /* Without a MATCH, the newest record is shown, as by coredumpctl. */
        if (conditions.n == 0 && query.lines == LINES_UNSET)
                query.lines = 1;
        r = names_new(context->options, &info.names);
        if (r >= 0)
                r = source_open(context->options, &info.chains);
        if (r >= 0)
                r = source_start(context->source, &query);
        while (r >= 0 && !output_is_gone(&context->output) &&
                (r = source_next(context->source, &record)) > 0) {
                output_open(&context->output, false);
                n = 1;
                r = print_record(&info, &record);
        }
        source_free(info.chains);
        names_free(info.names);
        command_line_done(&info.line);
        buffer_done(&info.text);
        return r < 0 ? r : n;
}
