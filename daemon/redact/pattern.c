/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * PCRE2 limits how often it backtracks for one offset at which a match may begin, but not how many offsets it
 * tries, and a search can't be interrupted. So each pattern begins with a callout. It is called for each
 * offset, and ends the search when the budget is spent. The limit of backtracking is low at first, and is
 * doubled as long as the budget is not spent.
 */

#include "redact/pattern.h"

#include <stdint.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/* Written before each pattern. So it is in the first alternative, which is tried first at each offset. */
#define CALLOUT "(?C1)"

/* Limits of one search. The memory for backtracking stays allocated, so it adds to that of the daemon. */
#define HEAP_MAX_KIB 2048U
#define DEPTH_MAX 50000U
#define JIT_STACK_MAX (512U * 1024U)

/*
 * The first limit of backtracking, for a text of at most LIMIT_SIZE bytes. It is lower for a longer text,
 * because each step may read the whole text.
 */
#define LIMIT_FIRST 1024U
#define LIMIT_SIZE 4096U
#define LIMIT_LEAST 16U

/* The fixed costs of a call and of an offset that is tried, as a number of bytes that are read. */
#define CALL_WORK 128U
#define PLACE_WORK 32U

struct Matcher {
        pcre2_general_context *general;
        pcre2_compile_context *compile;
        pcre2_match_context *match;
        pcre2_match_data *data;
        pcre2_jit_stack *stack;
        bool jit;

        /* For the current search. */
        Budget *budget;
        size_t place; /* the offset that was tried last */
};

struct Pattern {
        pcre2_code *code;
        size_t shortest;
};

static void *allocate(size_t size, void *data) {
        (void) data;
        return malloc(size);
}

static void release(void *memory, void *data) {
        (void) data;
        free(memory);
}

static int on_place(pcre2_callout_block *block, void *data) {
        Matcher *matcher = data;

        matcher->place = block->start_match;
        return budget_spend(matcher->budget, block->subject_length - block->start_match + PLACE_WORK)
                ? PCRE2_ERROR_CALLOUT
                : 0;
}

Matcher *matcher_free(Matcher *matcher) {
        if (!matcher)
                return NULL;
        pcre2_match_data_free(matcher->data);
        pcre2_jit_stack_free(matcher->stack);
        pcre2_match_context_free(matcher->match);
        pcre2_compile_context_free(matcher->compile);
        pcre2_general_context_free(matcher->general);
        free(matcher);
        return NULL;
}

int matcher_new(bool jit, Matcher **ret) {
        _cleanup_(matcher_freep) Matcher *matcher = calloc(1, sizeof(*matcher));

        if (!matcher)
                return -ENOMEM;
        matcher->jit = jit;
        matcher->general = pcre2_general_context_create(allocate, release, NULL);
        if (!matcher->general)
                return -ENOMEM;
        matcher->compile = pcre2_compile_context_create(matcher->general);
        matcher->match = pcre2_match_context_create(matcher->general);
        matcher->data = pcre2_match_data_create(1, matcher->general);
        if (!matcher->compile || !matcher->match || !matcher->data)
                return -ENOMEM;

        (void) pcre2_set_max_pattern_length(matcher->compile, PATTERN_SIZE_MAX + strlen(CALLOUT));
        (void) pcre2_set_parens_nest_limit(matcher->compile, PATTERN_DEPTH_MAX);
        (void) pcre2_set_heap_limit(matcher->match, HEAP_MAX_KIB);
        (void) pcre2_set_depth_limit(matcher->match, DEPTH_MAX);
        (void) pcre2_set_callout(matcher->match, on_place, matcher);
        *ret = TAKE_PTR(matcher);
        return 0;
}

Pattern *pattern_free(Pattern *pattern) {
        if (!pattern)
                return NULL;
        pcre2_code_free(pattern->code);
        free(pattern);
        return NULL;
}

static int refuse(char **ret_reason, const char *reason) {
        char *copy = strdup(reason);

        if (!copy)
                return -ENOMEM;
        *ret_reason = copy;
        return -EINVAL;
}

/*
 * Finds the GNU word anchors "\<" and "\>". PCRE2 treats them as the plain characters, so such a pattern
 * would silently match nothing. Returns a text for the user, or NULL.
 */
static const char *find_foreign(const char *text) {
        for (const char *p = text; *p; p++) {
                if (*p != '\\')
                        continue;
                p++;
                if (*p == '<' || *p == '>')
                        return "\"\\<\" and \"\\>\" are not known here, \"\\b\" is";
                if (*p == '\0')
                        break;
        }
        return NULL;
}

static int compile(Matcher *matcher, const char *text, pcre2_code **ret, char **ret_reason) {
        const uint32_t options = PCRE2_DOTALL | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_UTF | PCRE2_NEVER_UCP;
        _cleanup_free_ char *whole = NULL, *reason = NULL;
        PCRE2_UCHAR message[160];
        PCRE2_SIZE offset;
        int error;

        if (strlen(text) > PATTERN_SIZE_MAX)
                return refuse(ret_reason, "it is too long");
        if (asprintf(&whole, CALLOUT "%s", text) < 0) {
                whole = NULL;
                return -ENOMEM;
        }
        *ret = pcre2_compile(
                (PCRE2_SPTR) whole, PCRE2_ZERO_TERMINATED, options, &error, &offset, matcher->compile);
        if (*ret)
                return 0;
        if (error == PCRE2_ERROR_HEAP_FAILED)
                return -ENOMEM;
        (void) pcre2_get_error_message(error, message, sizeof(message));
        offset = offset > strlen(CALLOUT) ? offset - strlen(CALLOUT) : 0;
        if (asprintf(&reason, "%s, at byte %zu", (const char *) message, offset) < 0) {
                reason = NULL;
                return -ENOMEM;
        }
        *ret_reason = TAKE_PTR(reason);
        return -EINVAL;
}

/* Returns 1 when the pattern matches the empty text, or that can't be decided; 0 when not; or -ENOMEM. */
static int matches_nothing(Matcher *matcher, const Pattern *pattern) {
        Budget budget = budget_new(0, 0);
        int r;

        matcher->budget = &budget;
        (void) pcre2_set_match_limit(matcher->match, LIMIT_FIRST);
        r = pcre2_match(pattern->code, (PCRE2_SPTR) "", 0, 0, PCRE2_NO_JIT, matcher->data, matcher->match);
        if (r == PCRE2_ERROR_NOMEMORY)
                return -ENOMEM;
        return r != PCRE2_ERROR_NOMATCH;
}

/*
 * Compiles the pattern to machine code. This is not possible when memory must not be both writable and
 * executable, which is so in the service, and then the pattern is interpreted. Returns 0 or -ENOMEM.
 */
static int translate(Matcher *matcher, Pattern *pattern) {
        if (!matcher->jit || pcre2_jit_compile(pattern->code, PCRE2_JIT_COMPLETE) != 0 || matcher->stack)
                return 0;
        matcher->stack = pcre2_jit_stack_create(32U * 1024U, JIT_STACK_MAX, matcher->general);
        if (!matcher->stack)
                return -ENOMEM;
        pcre2_jit_stack_assign(matcher->match, NULL, matcher->stack);
        return 0;
}

int pattern_new(Matcher *matcher, const char *text, Pattern **ret, char **ret_reason) {
        _cleanup_(pattern_freep) Pattern *pattern = NULL;
        const char *foreign = find_foreign(text);
        uint32_t shortest = 0;
        int r;

        if (foreign)
                return refuse(ret_reason, foreign);
        pattern = calloc(1, sizeof(*pattern));
        if (!pattern)
                return -ENOMEM;
        r = compile(matcher, text, &pattern->code, ret_reason);
        if (r < 0)
                return r;
        r = matches_nothing(matcher, pattern);
        if (r < 0)
                return r;
        if (r > 0)
                return refuse(ret_reason, "it matches the empty string");
        (void) pcre2_pattern_info(pattern->code, PCRE2_INFO_MINLENGTH, &shortest);
        pattern->shortest = shortest > 0 ? shortest : 1;
        r = translate(matcher, pattern);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(pattern);
        return 0;
}

size_t pattern_shortest(const Pattern *pattern) {
        return pattern->shortest;
}

/* Returns the first limit of backtracking. The larger the text, the more a single step may cost. */
static uint32_t first_limit(size_t size) {
        size_t limit = size > LIMIT_SIZE ? (size_t) LIMIT_FIRST * LIMIT_SIZE / size : LIMIT_FIRST;

        return (uint32_t) (limit > LIMIT_LEAST ? limit : LIMIT_LEAST);
}

static int found(const Matcher *matcher, size_t *ret_begin, size_t *ret_end) {
        const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(matcher->data);

        /* With "\K" in a lookahead, a match can begin after its end. */
        if (ends[0] >= ends[1])
                return -ETIME;
        *ret_begin = ends[0];
        *ret_end = ends[1];
        return 1;
}

int pattern_find(Matcher *matcher, const Pattern *pattern, Bytes text, size_t from, Budget *budget,
        size_t *ret_begin, size_t *ret_end) {
        uint32_t limit = first_limit(text.size), options = PCRE2_NOTEMPTY;

        matcher->budget = budget;
        matcher->place = from;
        if (budget_spend(budget, CALL_WORK))
                return -ETIME;
        for (;;) {
                int r;

                (void) pcre2_set_match_limit(matcher->match, limit);
                r = pcre2_match(pattern->code, (PCRE2_SPTR) text.data, text.size, from, options,
                        matcher->data, matcher->match);
                if (r >= 0)
                        return found(matcher, ret_begin, ret_end);
                switch (r) {
                case PCRE2_ERROR_NOMATCH:
                        return 0;
                case PCRE2_ERROR_NOMEMORY:
                        return -ENOMEM;
                case PCRE2_ERROR_JIT_STACKLIMIT:
                        options |= PCRE2_NO_JIT;
                        break;
                case PCRE2_ERROR_MATCHLIMIT:
                        if (limit > UINT32_MAX / 2)
                                return -ETIME;
                        limit *= 2;
                        break;
                default:
                        return -ETIME;
                }
                if (budget_is_spent_by_twice(budget))
                        return -ETIME;
                from = matcher->place; /* no match begins before this offset */
        }
}
