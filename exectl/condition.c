/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "condition.h"

#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/cleanup.h"

#define DIGITS "0123456789"
#define HEX_DIGITS "0123456789abcdef"
#define FIELD_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
#define FIELD_LENGTH_MAX 64

static const char *const unit_suffixes[] = {
        ".service",
        ".socket",
        ".timer",
        ".mount",
        ".automount",
        ".swap",
        ".path",
        ".device",
        ".scope",
        ".slice",
        ".target",
};

static bool ends_with(const char *word, const char *suffix) {
        size_t n = strlen(word), m = strlen(suffix);

        return n > m && strcmp(word + n - m, suffix) == 0;
}

static bool is_glob(const char *word) {
        return word[strcspn(word, "*?[")] != '\0';
}

bool condition_is_unit(const char *word) {
        for (size_t i = 0; i < ELEMENTSOF(unit_suffixes); i++)
                if (ends_with(word, unit_suffixes[i]))
                        return true;
        return false;
}

bool condition_is_process(const char *word) {
        size_t pid = strspn(word, DIGITS), start;

        if (pid == 0 || word[pid] != '-')
                return false;
        start = strspn(word + pid + 1, HEX_DIGITS);
        return start > 0 && word[pid + 1 + start] == '\0';
}

void conditions_done(Conditions *conditions) {
        for (size_t i = 0; i < conditions->n; i++) {
                free(conditions->item[i].value);
                if (conditions->item[i].kind == CONDITION_FIELD)
                        free((char *) conditions->item[i].field);
        }
        free(conditions->item);
        *conditions = (Conditions){};
}

/*
 * Adds a condition with a copy of the value. Its other members are stored as they are. Returns 0 or -ENOMEM.
 */
static int add(Conditions *conditions, Condition condition, const char *value) {
        Condition *grown = reallocarray(conditions->item, conditions->n + 1, sizeof(*grown));

        if (!grown)
                return -ENOMEM;
        conditions->item = grown;
        condition.value = strdup(value);
        if (!condition.value)
                return -ENOMEM;
        conditions->item[conditions->n++] = condition;
        return 0;
}

int conditions_add_field(Conditions *conditions, const char *field, const char *value) {
        char *copy = strdup(field);
        int r;

        if (!copy)
                return -ENOMEM;
        r = add(conditions, (Condition){ .kind = CONDITION_FIELD, .field = copy }, value);
        if (r < 0)
                free(copy);
        return r;
}

/*
 * Adds FIELD=VALUE if the name is valid in the journal. Returns 1 when it was added, 0 when the word is
 * something else, or -ENOMEM.
 */
static int add_assignment(Conditions *conditions, const char *word) {
        size_t n = strspn(word, FIELD_LETTERS);
        char field[FIELD_LENGTH_MAX + 1];
        int r;

        if (n == 0 || n > FIELD_LENGTH_MAX || word[n] != '=' || isdigit((unsigned char) word[0]))
                return 0;
        memcpy(field, word, n);
        field[n] = '\0';
        r = conditions_add_field(conditions, field, word + n + 1);
        return r < 0 ? r : 1;
}

static int add_unit(Conditions *conditions, const char *word) {
        Condition condition = {
                .kind = CONDITION_UNIT,
                .field = ends_with(word, ".slice") ? "EXEC_SLICE" : "EXEC_UNIT",
                .field2 = ends_with(word, ".slice") ? NULL : "EXEC_USER_UNIT",
                .glob = is_glob(word),
        };

        return add(conditions, condition, word);
}

static int add_program(Conditions *conditions, const char *word) {
        Condition condition = {
                .kind = CONDITION_PROGRAM,
                .field = "EXEC_EXE",
                .field2 = "EXEC_FILENAME",
                .glob = is_glob(word),
                .basename = !strchr(word, '/'),
        };

        return add(conditions, condition, word);
}

int conditions_add_word(Conditions *conditions, const char *word) {
        size_t n = strlen(word);
        int r;

        r = add_assignment(conditions, word);
        if (r != 0)
                return r < 0 ? r : 0;
        if (n == 0)
                return -EINVAL;
        if (strspn(word, DIGITS) == n) {
                errno = 0;
                if (strtoul(word, NULL, 10) > INT32_MAX || errno != 0)
                        return -EINVAL;
                return add(conditions, (Condition){ .kind = CONDITION_PROCESS, .field = "EXEC_PID" }, word);
        }
        if (condition_is_process(word))
                return add(
                        conditions, (Condition){ .kind = CONDITION_PROCESS, .field = "EXEC_PROCESS" }, word);
        if (word[0] != '/' && condition_is_unit(word))
                return add_unit(conditions, word);
        return add_program(conditions, word);
}

/* Adds a unit of the option -u or --user-unit. A name without a suffix is that of a service. */
static int add_unit_option(Conditions *conditions, const char *field, const char *word) {
        _cleanup_free_ char *name = NULL;

        if (asprintf(&name, "%s%s", word, condition_is_unit(word) || ends_with(word, "*") ? "" : ".service") <
                0)
                return -ENOMEM;
        return add(conditions,
                (Condition){
                        .kind = CONDITION_UNIT,
                        .field = ends_with(name, ".slice") ? "EXEC_SLICE" : field,
                        .glob = is_glob(name),
                },
                name);
}

/* The option --user or --login. */
typedef struct UserOption {
        const char *name;
        const char *number_field, *name_field;
} UserOption;

static const UserOption user_option = { "--user", "EXEC_UID", "EXEC_USER" };
static const UserOption login_option = { "--login", "EXEC_LOGINUID", "EXEC_LOGIN_USER" };

/*
 * Adds a user by name or number. This machine's users are not those of other places, whose records may have
 * the name. Only root is the same everywhere.
 */
static int add_user_option(
        Conditions *conditions, const Options *options, const UserOption *option, const char *word) {
        const struct passwd *user;
        char number[32];
        int r;

        if (word[0] != '\0' && strspn(word, DIGITS) == strlen(word))
                return conditions_add_field(conditions, option->number_field, word);
        if (strcmp(word, "root") == 0)
                return conditions_add_field(conditions, option->number_field, "0");
        if (!options_is_local(options)) {
                r = conditions_add_field(conditions, option->number_field, word);
                if (r >= 0)
                        conditions->item[conditions->n - 1].field2 = option->name_field;
                return r;
        }
        user = getpwnam(word);
        if (!user) {
                fprintf(stderr, "exectl: %s=%s: no such user\n", option->name, word);
                return -EINVAL;
        }
        (void) snprintf(number, sizeof(number), "%u", (unsigned) user->pw_uid);
        return conditions_add_field(conditions, option->number_field, number);
}

static int add_login_option(Conditions *conditions, const Options *options, const char *word) {
        int r;

        if (strcmp(word, "unset") != 0)
                return add_user_option(conditions, options, &login_option, word);

        r = conditions_add_field(conditions, login_option.number_field, "");
        if (r >= 0)
                conditions->item[conditions->n - 1].absent = true;
        return r;
}

static int add_options(const Options *options, Conditions *conditions) {
        int r = 0;

        for (size_t i = 0; i < options->units.n && r >= 0; i++)
                r = add_unit_option(conditions, "EXEC_UNIT", options->units.word[i]);
        for (size_t i = 0; i < options->user_units.n && r >= 0; i++)
                r = add_unit_option(conditions, "EXEC_USER_UNIT", options->user_units.word[i]);
        for (size_t i = 0; i < options->users.n && r >= 0; i++)
                r = add_user_option(conditions, options, &user_option, options->users.word[i]);
        for (size_t i = 0; i < options->logins.n && r >= 0; i++)
                r = add_login_option(conditions, options, options->logins.word[i]);
        for (size_t i = 0; i < options->tags.n && r >= 0; i++)
                r = conditions_add_field(conditions, "EXEC_TAG", options->tags.word[i]);
        return r;
}

int conditions_of_options(const Options *options, Conditions *ret) {
        Conditions conditions = {};
        int r;

        r = add_options(options, &conditions);
        for (size_t i = 0; i < options->n_match && r >= 0; i++) {
                r = conditions_add_word(&conditions, options->match[i]);
                if (r == -EINVAL)
                        fprintf(stderr,
                                "exectl: \"%s\" is no pid, name, path, unit, process or FIELD=VALUE\n",
                                options->match[i]);
        }
        if (r < 0) {
                conditions_done(&conditions);
                return r;
        }
        *ret = conditions;
        return 0;
}

bool condition_same_thing(const Condition *a, const Condition *b) {
        return a->kind == b->kind && (a->kind != CONDITION_FIELD || strcmp(a->field, b->field) == 0);
}

bool condition_meets(const Condition *condition, const char *value, size_t size) {
        _cleanup_free_ char *text = NULL;

        if (condition->basename) {
                const char *slash = memrchr(value, '/', size);

                if (slash) {
                        size -= (size_t) (slash + 1 - value);
                        value = slash + 1;
                }
        }
        /* A name may have brackets, and is itself whatever it is as a pattern. */
        if (size == strlen(condition->value) && memcmp(value, condition->value, size) == 0)
                return true;
        if (!condition->glob)
                return false;

        /* The names of units have backslashes, as in "dev-disk-by\\x2duuid". */
        text = strndup(value, size);
        return text &&
                fnmatch(condition->value, text, condition->kind == CONDITION_UNIT ? FNM_NOESCAPE : 0) == 0;
}
