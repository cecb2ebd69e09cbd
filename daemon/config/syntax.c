/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * inih separates keys, values and sections. It gets its lines from a reader in this file, for two reasons:
 * every problem is reported with its line, and nothing depends on the limits and options with which a
 * distribution built inih. A line that is too long for inih is an error instead of being cut. The value is
 * taken from the line itself, because inih might take " ;" in a regular expression for a comment.
 */

#include "config/syntax.h"

#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "config/keys.h"
#include "config/tags.h"
#include "config/values.h"
#include "util/buffer.h"
#include "util/cleanup.h"

/* The limit of a line, without its end. A lower limit with which inih was built applies instead. */
#define LINE_BYTES_MAX (64U * 1024U)

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

typedef struct Parser {
        FILE *file;
        const char *path;
        ConfigReport *report;
        Config *config;

        Buffer text; /* the line of the file that was read last, with a NUL */
        unsigned number; /* its number, from 1 */
        Buffer line; /* joined from lines that end in "\" and the line after them; complete, it has a NUL */
        unsigned first; /* the number of the first line in `line` */
        bool joining; /* the next line belongs to `line` */
        bool overlong; /* `line` is too long, and not complete */

        bool awaited; /* inih should call the handler for the line that it got last */
        bool section_broken; /* the section is not valid, so its keys are ignored */
        bool section_warned;
        unsigned section_line;
        bool syntax_error;

        int error; /* ends reading: -ENOMEM, or the error of read(2) */
        bool stopped; /* ends reading: the file is not text */
} Parser;

#ifdef INIH_RUNTIME_OPTIONS
static void prepare_inih(void) {
        ini_use_stack = false;
        ini_allow_realloc = false;
        /* This includes room for the end of the line and a NUL. */
        ini_max_line = (int) LINE_BYTES_MAX + 2;
        ini_initial_alloc = ini_max_line;
        ini_allow_inline_comments = false;
}
#else
static void prepare_inih(void) {
}
#endif

static void parser_check(Parser *p, int r) {
        if (r < 0 && p->error == 0)
                p->error = r;
}

static void report_syntax(Parser *p, unsigned line, const char *text) {
        p->syntax_error = true;
        parser_check(p, config_report_error(p->report, p->path, line, "%s", text));
}

/*
 * Reads a line of the file into p->text, without its end. Sets *ret_cut to true when the line has more than
 * LINE_BYTES_MAX bytes, the rest of which is dropped. Returns false at the end of the file, and when reading
 * has to end.
 */
static bool read_text(Parser *p, bool *ret_cut) {
        bool cut = false;

        buffer_clear(&p->text);
        for (;;) {
                int c = getc_unlocked(p->file);

                if (c == EOF && ferror_unlocked(p->file)) {
                        parser_check(p, -errno);
                        return false;
                }
                if (c == EOF && p->text.size == 0)
                        return false;
                if (c == EOF || c == '\n')
                        break;
                if (c == '\0') {
                        p->stopped = true;
                        report_syntax(p, p->number + 1, "a NUL byte: this is not a text file");
                        return false;
                }
                if (p->text.size <= LINE_BYTES_MAX) /* with one more byte, for a "\r" */
                        buffer_append_char(&p->text, (char) c);
                else
                        cut = true;
        }
        p->number++;

        while (p->text.size > 0 && p->text.data[p->text.size - 1] == '\r')
                p->text.size--;
        buffer_append_char(&p->text, '\0');
        parser_check(p, buffer_error(&p->text));
        *ret_cut = cut;
        return p->error == 0;
}

/* Adds the last line to p->line. As in systemd, a comment between joined lines is left out. */
static void join_text(Parser *p, bool cut) {
        const char *text = p->text.data;
        size_t size, backslashes = 0;

        text += value_leading_space(text);
        /*
         * Removes every byte order mark. Otherwise inih would remove another one, and the line that it sees
         * would not be the one that is checked here.
         */
        while (p->number == 1 && strncmp(text, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)) == 0) {
                text += strlen(BYTE_ORDER_MARK);
                text += value_leading_space(text);
        }
        if (*text == '#' || *text == ';')
                return;

        if (!p->joining)
                p->first = p->number;

        size = strlen(text);
        while (backslashes < size && text[size - 1 - backslashes] == '\\')
                backslashes++;
        /* A "\" after a "\" is escaped, and does not join lines. If the line was cut, its end is unknown. */
        p->joining = backslashes % 2 == 1 && !cut;

        if (cut || p->line.size + size > LINE_BYTES_MAX)
                p->overlong = true;
        if (p->overlong)
                return;
        buffer_append(&p->line, text, p->joining ? size - 1 : size);
        if (p->joining && p->line.size > 0) /* the line does not begin with white space */
                buffer_append_char(&p->line, ' ');
}

static void check_section(Parser *p) {
        const char *name = p->line.data + 1;
        size_t size = strcspn(name, "[];");

        p->section_line = p->first;
        p->section_warned = false;
        p->section_broken = size == 0 || strcmp(name + size, "]") != 0;
        if (p->section_broken)
                report_syntax(p, p->first, "expected [Section] and nothing else in this line");
}

/*
 * Checks p->line, which is complete, and adds a NUL. Returns true when it is to be passed to inih, which
 * takes lines of at most `limit` bytes.
 */
static bool check_line(Parser *p, size_t limit) {
        if (limit > LINE_BYTES_MAX)
                limit = LINE_BYTES_MAX;
        if (p->overlong || p->line.size > limit) {
                parser_check(p,
                        config_report_error(p->report, p->path, p->first,
                                "line too long: more than the %zu bytes that are possible", limit));
                return false;
        }

        p->line.size = value_trimmed_size(p->line.data, p->line.size);
        buffer_append_char(&p->line, '\0');
        parser_check(p, buffer_error(&p->line));
        if (p->error < 0 || p->line.size == 1) /* nothing but the NUL */
                return false;

        if (p->line.data[0] == '[')
                check_section(p);
        else
                p->awaited = true;
        return true;
}

/*
 * The reader that inih calls like fgets(3). It returns one line for each line of the file, a blank one if
 * there is nothing to parse, so that inih's line numbers are those of the file.
 */
static char *give_line(char *buffer, int size, void *userdata) {
        static const char newline[] = "\n";
        Parser *p = userdata;
        bool cut;

        if (p->awaited)
                report_syntax(p, p->first, "expected [Section], Key=value or a comment");
        p->awaited = false;
        if (!p->joining) {
                buffer_clear(&p->line);
                p->overlong = false;
        }

        if (p->error < 0 || p->stopped)
                return NULL;
        if (read_text(p, &cut))
                join_text(p, cut);
        else if (p->joining && p->error == 0 && !p->stopped)
                p->joining = false; /* the file ends in "\" */
        else
                return NULL;

        if (p->joining || !check_line(p, (size_t) size - sizeof(newline)))
                return strcpy(buffer, newline);
        return strcat(strcpy(buffer, p->line.data), newline);
}

/* Warns once for each occurrence of an unknown section. */
static int warn_of_section(Parser *p, const char *section) {
        _cleanup_free_ char *shown = value_show(section);

        if (p->section_warned)
                return 0;
        p->section_warned = true;
        if (!shown)
                return -ENOMEM;
        return config_report_warning(
                p->report, p->path, p->section_line, "unknown section [%s], ignored", shown);
}

static int warn_of_key(Parser *p, const char *section, const char *name) {
        _cleanup_free_ char *shown_section = value_show(section), *shown_name = value_show(name);

        if (!shown_section || !shown_name)
                return -ENOMEM;
        if (section[0] == '\0')
                return config_report_warning(
                        p->report, p->path, p->first, "%s= stands before any section, ignored", shown_name);
        return config_report_warning(
                p->report, p->path, p->first, "unknown key %s.%s=, ignored", shown_section, shown_name);
}

static int report_value(Parser *p, int r, const char *section, const char *name, const char *problem) {
        if (r != -EINVAL)
                return r;
        return config_report_error(p->report, p->path, p->first, "%s.%s=: %s", section, name, problem);
}

/* Assigns a key of the section [Tag TAG]. */
static int assign_tag(
        Parser *p, const char *section, const char *tag_name, const char *name, const char *value) {
        _cleanup_free_ char *problem = NULL;
        ConfigTag *tag;
        int r;

        if (!config_tag_key_is_known(name))
                return warn_of_key(p, section, name);
        r = config_tag_get(p->config, tag_name, p->path, p->section_line, &tag);
        if (r == -E2BIG) {
                p->section_broken = true;
                return config_report_error(
                        p->report, p->path, p->section_line, "more than %u tags", CONFIG_TAGS_MAX);
        }
        if (r < 0)
                return r;
        p->config->place =
                (ConfigPlace){ .section = section, .key = name, .file = p->path, .line = p->first };
        r = config_tag_assign(p->config, tag, name, value, &problem);
        return report_value(p, r, section, name, problem);
}

static int assign(Parser *p, const char *section, const char *name, const char *value) {
        _cleanup_free_ char *problem = NULL;
        const ConfigKey *key;
        const char *tag_name;
        int r = 0;

        tag_name = config_tag_name(section, &r);
        if (tag_name && r >= 0)
                return assign_tag(p, section, tag_name, name, value);
        if (tag_name) {
                p->section_broken = true;
                return config_report_error(p->report, p->path, p->section_line,
                        "the name of a tag has letters, digits, \"_\", \"-\" and \".\", at most 40 of them");
        }
        if (section[0] != '\0' && !config_section_is_known(section))
                return warn_of_section(p, section);
        key = config_key_find(section, name);
        if (!key)
                return warn_of_key(p, section, name);

        p->config->place =
                (ConfigPlace){ .section = section, .key = key->name, .file = p->path, .line = p->first };
        r = config_key_assign(key, p->config, value, &problem);
        return report_value(p, r, section, name, problem);
}

/*
 * The handler that inih calls for each pair. It always returns 1, so that inih goes on; errors are in the
 * Parser.
 */
static int take_pair(void *userdata, const char *section, const char *name, const char *inih_value) {
        Parser *p = userdata;
        const char *value = strpbrk(p->line.data, "=:");

        (void) inih_value;
        p->awaited = false;
        if (!value || name[0] == '\0')
                report_syntax(p, p->first, "expected a key before \"=\"");
        else if (!p->section_broken) {
                value++;
                parser_check(p, assign(p, section, name, value + value_leading_space(value)));
        }
        return 1;
}

/* Returns true when reading from the file can't block: it is no pipe, socket or terminal. */
static bool is_readable_kind(const struct stat *st) {
        return S_ISREG(st->st_mode) || (S_ISCHR(st->st_mode) && st->st_rdev == makedev(1, 3)); /* /dev/null */
}

/*
 * Opens a file that can be read without blocking. Returns 0, -EISDIR, -EINVAL when it is of another kind, or
 * the error of open(2).
 */
static int open_file(const char *path, FILE **ret) {
        _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        struct stat st;
        FILE *file;

        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        if (S_ISDIR(st.st_mode))
                return -EISDIR;
        if (!is_readable_kind(&st))
                return -EINVAL;
        file = fdopen(fd, "r");
        if (!file)
                return -errno;
        (void) TAKE_FD(fd);
        *ret = file;
        return 0;
}

int config_parse_file(const char *path, ConfigReport *report, Config *config) {
        _cleanup_fclose_ FILE *file = NULL;
        Parser parser = { .path = path, .report = report, .config = config };
        int error, r;

        error = open_file(path, &file);
        if (error < 0) {
                r = config_report_error(report, path, 0, "can't be opened: %s",
                        error == -EINVAL ? "Not a regular file" : strerror(-error));
                return r < 0 ? r : error;
        }
        parser.file = file;

        prepare_inih();
        r = ini_parse_stream(give_line, &parser, take_pair, &parser);
        buffer_done(&parser.text);
        buffer_done(&parser.line);

        if (r == -2 || parser.error == -ENOMEM)
                return -ENOMEM;
        if (parser.error < 0) {
                r = config_report_error(report, path, 0, "can't be read: %s", strerror(-parser.error));
                return r < 0 ? r : parser.error;
        }
        /* A line that only inih refuses is an error, too. */
        if (r != 0 && !parser.syntax_error)
                return config_report_error(report, path, r > 0 ? (unsigned) r : 0, "syntax error");
        return 0;
}
