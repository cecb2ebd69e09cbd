/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "options-check.h"
#include "time-parse.h"
#include "util/cleanup.h"
#include "util/timespan.h"

enum {
        OPTION_USER_UNIT = 0x100,
        OPTION_JSON,
        OPTION_FILE,
        OPTION_ROOT,
        OPTION_NAMESPACE,
        OPTION_UTC,
        OPTION_NO_PAGER,
        OPTION_NO_LEGEND,
        OPTION_NO_FULL,
        OPTION_USER,
        OPTION_LOGIN,
        OPTION_TAG,
        OPTION_FAILED,
        OPTION_UNTRUSTED,
        OPTION_BY,
        OPTION_UP,
        OPTION_AT,
        OPTION_FORMAT,
        OPTION_CURSOR_FILE,
        OPTION_VERSION,
};

static const struct option table[] = {
        { "since", required_argument, NULL, 'S' },
        { "until", required_argument, NULL, 'U' },
        { "boot", optional_argument, NULL, 'b' },
        { "unit", required_argument, NULL, 'u' },
        { "user-unit", required_argument, NULL, OPTION_USER_UNIT },
        { "lines", optional_argument, NULL, 'n' },
        { "reverse", no_argument, NULL, 'r' },
        { "follow", no_argument, NULL, 'f' },
        { "grep", required_argument, NULL, 'g' },
        { "quiet", no_argument, NULL, 'q' },
        { "output", required_argument, NULL, 'o' },
        { "json", required_argument, NULL, OPTION_JSON },
        { "field", required_argument, NULL, 'F' },
        { "merge", no_argument, NULL, 'm' },
        { "machine", required_argument, NULL, 'M' },
        { "directory", required_argument, NULL, 'D' },
        { "file", required_argument, NULL, OPTION_FILE },
        { "root", required_argument, NULL, OPTION_ROOT },
        { "namespace", required_argument, NULL, OPTION_NAMESPACE },
        { "utc", no_argument, NULL, OPTION_UTC },
        { "no-pager", no_argument, NULL, OPTION_NO_PAGER },
        { "no-legend", no_argument, NULL, OPTION_NO_LEGEND },
        { "full", no_argument, NULL, 'l' },
        { "no-full", no_argument, NULL, OPTION_NO_FULL },
        { "user", required_argument, NULL, OPTION_USER },
        { "login", required_argument, NULL, OPTION_LOGIN },
        { "tag", required_argument, NULL, OPTION_TAG },
        { "failed", no_argument, NULL, OPTION_FAILED },
        { "untrusted", no_argument, NULL, OPTION_UNTRUSTED },
        { "by", required_argument, NULL, OPTION_BY },
        { "up", no_argument, NULL, OPTION_UP },
        { "at", required_argument, NULL, OPTION_AT },
        { "format", required_argument, NULL, OPTION_FORMAT },
        { "cursor-file", required_argument, NULL, OPTION_CURSOR_FILE },
        { "help", no_argument, NULL, 'h' },
        { "version", no_argument, NULL, OPTION_VERSION },
        {},
};

static void words_done(Words *words) {
        free(words->word);
        *words = (Words){};
}

static int words_add(Words *words, const char *word) {
        const char **grown = reallocarray(words->word, words->n + 1, sizeof(*grown));

        if (!grown)
                return -ENOMEM;
        words->word = grown;
        words->word[words->n++] = word;
        return 0;
}

void options_done(Options *options) {
        words_done(&options->units);
        words_done(&options->user_units);
        words_done(&options->users);
        words_done(&options->logins);
        words_done(&options->tags);
        words_done(&options->files);
}

static uint64_t now_usec(void) {
        struct timespec now;

        (void) clock_gettime(CLOCK_REALTIME, &now);
        return (uint64_t) now.tv_sec * USEC_PER_SEC + (uint64_t) now.tv_nsec / 1000;
}

static int parse_time(const char *name, const char *word, uint64_t *ret) {
        int r = time_parse(word, now_usec(), ret);

        if (r < 0)
                fprintf(stderr, "exectl: %s=%s: no time as systemd.time(7) has it\n", name, word);
        return r < 0 ? -EINVAL : 0;
}

static int parse_output(const char *word, Options *options) {
        static const char *const names[_OUTPUT_MODE_MAX] = {
                [OUTPUT_SHORT] = "short",
                [OUTPUT_FULL] = "full",
                [OUTPUT_VERBOSE] = "verbose",
                [OUTPUT_JSON] = "json",
                [OUTPUT_JSON_PRETTY] = "json-pretty",
                [OUTPUT_CAT] = "cat",
        };

        for (OutputMode i = 0; i < _OUTPUT_MODE_MAX; i++)
                if (strcmp(word, names[i]) == 0) {
                        options->output = i;
                        options->output_set = true;
                        return 0;
                }
        fprintf(stderr, "exectl: --output=%s: expected short, full, verbose, json, json-pretty or cat\n",
                word);
        return -EINVAL;
}

static int parse_json(const char *word, JsonMode *ret) {
        if (strcmp(word, "off") == 0)
                *ret = JSON_OFF;
        else if (strcmp(word, "short") == 0)
                *ret = JSON_SHORT;
        else if (strcmp(word, "pretty") == 0)
                *ret = JSON_PRETTY;
        else {
                fprintf(stderr, "exectl: --json=%s: expected short, pretty or off\n", word);
                return -EINVAL;
        }
        return 0;
}

static int parse_lines(const char *word, int64_t *ret) {
        char *end;
        long long n;

        if (!word) {
                *ret = 10;
                return 0;
        }
        if (strcmp(word, "all") == 0) {
                *ret = LINES_ALL;
                return 0;
        }
        errno = 0;
        n = strtoll(word, &end, 10);
        if (!isdigit((unsigned char) *word) || *end != '\0' || errno != 0) {
                fprintf(stderr, "exectl: --lines=%s: expected a number, or all\n", word);
                return -EINVAL;
        }
        *ret = n;
        return 0;
}

/* Parses [ID][+N|-N], N, or "all". */
static int parse_boot(const char *word, Options *options) {
        char id[33] = {}, *end;
        long offset = 0;
        bool has_id;

        options->boot_id = SD_ID128_NULL;
        options->boot_offset = 0;
        options->boot = BOOT_CHOSEN;
        if (!word)
                return 0;
        if (strcmp(word, "all") == 0) {
                options->boot = BOOT_ANY;
                return 0;
        }

        has_id = strspn(word, "0123456789abcdefABCDEF") == 32;
        if (has_id) {
                memcpy(id, word, 32);
                if (sd_id128_from_string(id, &options->boot_id) < 0)
                        goto invalid;
                word += 32;
                if (*word != '\0' && *word != '+' && *word != '-')
                        goto invalid;
        } else if (*word == '\0')
                goto invalid;

        if (*word != '\0') {
                errno = 0;
                offset = strtol(word, &end, 10);
                if (end == word || *end != '\0' || errno != 0 || offset < -1000000 || offset > 1000000)
                        goto invalid;
        }
        options->boot_offset = (int) offset;
        return 0;

invalid:
        fprintf(stderr, "exectl: --boot=%s: expected a boot id, an offset, both, or all\n", word);
        return -EINVAL;
}

/*
 * Returns true when the word after -b is its value. A number without a sign is a MATCH, that is a pid; the
 * oldest boot is --boot=1.
 */
static bool is_boot(const char *word) {
        if (strcmp(word, "all") == 0 || strcmp(word, "0") == 0 ||
                strspn(word, "0123456789abcdefABCDEF") == 32)
                return true;
        return (*word == '-' || *word == '+') && word[1] != '\0' &&
                word[1 + strspn(word + 1, "0123456789")] == '\0';
}

static bool is_lines(const char *word) {
        return strcmp(word, "all") == 0 ||
                (isdigit((unsigned char) *word) && word[strspn(word, "0123456789")] == '\0');
}

/*
 * Returns the optional value of -b or -n, which may be the next word of the command line, as for journalctl.
 */
static const char *optional_word(int argc, char **argv, bool (*fits)(const char *)) {
        if (optarg)
                return optarg;
        if (optind < argc && fits(argv[optind]))
                return argv[optind++];
        return NULL;
}

/* An option that only sets a member, as most do. */
typedef struct Setter {
        int option;
        enum {
                SET_TRUE,
                SET_STRING,
                SET_WORDS,
        } kind;
        size_t offset;
} Setter;

#define SETTER(option, kind, member) \
        { option, kind, offsetof(Options, member) }

static const Setter setters[] = {
        SETTER('r', SET_TRUE, reverse),
        SETTER('f', SET_TRUE, follow),
        SETTER('q', SET_TRUE, quiet),
        SETTER('m', SET_TRUE, merge),
        SETTER('l', SET_TRUE, full),
        SETTER('h', SET_TRUE, help),
        SETTER(OPTION_UTC, SET_TRUE, utc),
        SETTER(OPTION_NO_PAGER, SET_TRUE, no_pager),
        SETTER(OPTION_NO_LEGEND, SET_TRUE, no_legend),
        SETTER(OPTION_FAILED, SET_TRUE, failed),
        SETTER(OPTION_UNTRUSTED, SET_TRUE, untrusted),
        SETTER(OPTION_UP, SET_TRUE, up),
        SETTER(OPTION_VERSION, SET_TRUE, version),
        SETTER('g', SET_STRING, grep),
        SETTER('F', SET_STRING, field),
        SETTER('M', SET_STRING, machine),
        SETTER('D', SET_STRING, directory),
        SETTER(OPTION_ROOT, SET_STRING, root),
        SETTER(OPTION_NAMESPACE, SET_STRING, namespace),
        SETTER(OPTION_BY, SET_STRING, by),
        SETTER(OPTION_FORMAT, SET_STRING, format),
        SETTER(OPTION_CURSOR_FILE, SET_STRING, cursor_file),
        SETTER('u', SET_WORDS, units),
        SETTER(OPTION_USER_UNIT, SET_WORDS, user_units),
        SETTER(OPTION_USER, SET_WORDS, users),
        SETTER(OPTION_LOGIN, SET_WORDS, logins),
        SETTER(OPTION_TAG, SET_WORDS, tags),
        SETTER(OPTION_FILE, SET_WORDS, files),
};

/* Applies an option of the table. Returns 0, -ENOMEM, or -ENOENT when the option is not in the table. */
static int apply_setter(int c, Options *options) {
        for (size_t i = 0; i < ELEMENTSOF(setters); i++) {
                void *member = (char *) options + setters[i].offset;

                if (setters[i].option != c)
                        continue;
                switch (setters[i].kind) {
                case SET_TRUE:
                        *(bool *) member = true;
                        return 0;
                case SET_STRING:
                        *(const char **) member = optarg;
                        return 0;
                case SET_WORDS:
                        return words_add(member, optarg);
                }
        }
        return -ENOENT;
}

static int apply(int c, int argc, char **argv, Options *options) {
        switch (c) {
        case 'S':
                return parse_time("--since", optarg, &options->since);
        case 'U':
                return parse_time("--until", optarg, &options->until);
        case OPTION_AT:
                return parse_time("--at", optarg, &options->at);
        case 'b':
                return parse_boot(optional_word(argc, argv, is_boot), options);
        case 'n':
                return parse_lines(optional_word(argc, argv, is_lines), &options->lines);
        case 'o':
                return parse_output(optarg, options);
        case OPTION_JSON:
                return parse_json(optarg, &options->json);
        case OPTION_NO_FULL:
                options->full = false;
                return 0;
        case '?': /* getopt_long(3) has reported it */
                return -EINVAL;
        default:
                return apply_setter(c, options);
        }
}

int options_parse(int argc, char **argv, Options *ret) {
        Options options = {
                .since = USEC_UNSET,
                .until = USEC_UNSET,
                .at = USEC_UNSET,
                .lines = LINES_UNSET,
        };
        int c, r = 0;

        while ((c = getopt_long(argc, argv, "S:U:b::u:n::rfg:qo:F:mM:D:lh", table, NULL)) >= 0) {
                r = apply(c, argc, argv, &options);
                if (r < 0)
                        goto fail;
        }
        if (optind < argc) {
                options.command = argv[optind++];
                options.match = argv + optind;
                options.n_match = (size_t) (argc - optind);
        }
        if (!options.help && !options.version) {
                r = options_check(&options);
                if (r < 0)
                        goto fail;
        }

        *ret = options;
        return 0;

fail:
        options_done(&options);
        return r;
}
