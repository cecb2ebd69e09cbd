/* SPDX-License-Identifier: GPL-2.0-or-later */

/* exectl why and exectl who: show how a process came to run, and which process had a pid at a time. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "chain-print.h"
#include "command.h"
#include "util/cleanup.h"

/* Adds matches for processes that a service manager started itself. */
static int narrow_to_started(sd_journal *journal, void *data) {
        int r;

        (void) data;
        r = sd_journal_add_match(journal, "EXEC_PPID=1", 0);
        if (r >= 0)
                r = sd_journal_add_disjunction(journal);
        if (r >= 0)
                r = sd_journal_add_match(journal, "EXEC_PARENT_COMM=systemd", 0);
        return r < 0 ? r : 1;
}

/*
 * Finds the newest record that meets the conditions. For a unit, it is that of a process that the service
 * manager started, if there is one.
 */
static int find_newest(Context *context, Query *query, bool of_unit, Record *ret) {
        int r;

        query->narrow = of_unit ? narrow_to_started : NULL;
        r = source_start(context->source, query);
        if (r >= 0)
                r = source_next(context->source, ret);
        if (r != 0 || !of_unit)
                return r;

        /* The manager did not start any process of the unit, which is so in a scope. */
        query->narrow = NULL;
        r = source_start(context->source, query);
        return r < 0 ? r : source_next(context->source, ret);
}

static int print(Context *context, const Record *record) {
        _cleanup_(chain_done) Chain chain = {};
        _cleanup_(names_freep) Names *names = NULL;
        int r;

        r = names_new(context->options, &names);
        if (r >= 0)
                r = chain_follow(context->source, record, true, &chain);
        if (r < 0)
                return r;
        output_open(&context->output, false);
        r = options_json(context->options) ? chain_print_json(&context->output, names, &chain)
                                           : chain_print(&context->output, names, &chain, 0);
        return r < 0 ? r : 1;
}

static Query newest_first(const Options *options, const Conditions *conditions) {
        Query query = QUERY_OF_OPTIONS(options, conditions, CHAIN_FIELDS);

        query.reverse = true;
        query.lines = LINES_ALL;
        return query;
}

static bool is_unit_only(const Conditions *conditions) {
        bool unit = false;

        for (size_t i = 0; i < conditions->n; i++) {
                if (conditions->item[i].kind == CONDITION_PROCESS ||
                        conditions->item[i].kind == CONDITION_PROGRAM)
                        return false;
                unit = unit || conditions->item[i].kind == CONDITION_UNIT;
        }
        return unit;
}

int command_run_why(Context *context) {
        _cleanup_(conditions_done) Conditions conditions = {};
        _cleanup_(record_done) Record record = {};
        Query query;
        int r;

        r = conditions_of_options(context->options, &conditions);
        if (r < 0)
                return r;
        if (conditions.n == 0) {
                fprintf(stderr, "exectl: why needs a pid, a unit or another MATCH\n");
                return -EINVAL;
        }
        query = newest_first(context->options, &conditions);
        query.ran = is_unit_only(&conditions);
        r = find_newest(context, &query, query.ran, &record);
        return r > 0 ? print(context, &record) : r;
}

/* Returns true for a pid and an EXEC_PROCESS. A name may begin with a digit, too: 7z, 2to3. */
static bool is_process(const char *word) {
        return condition_is_process(word) || (*word != '\0' && word[strspn(word, "0123456789")] == '\0');
}

int command_run_who(Context *context) {
        const Options *options = context->options;
        _cleanup_(conditions_done) Conditions conditions = {};
        _cleanup_(record_done) Record record = {};
        Query query;
        int r;

        if (options->n_match != 1 || !is_process(options->match[0])) {
                fprintf(stderr, "exectl: who needs one pid\n");
                return -EINVAL;
        }
        r = conditions_of_options(options, &conditions);
        if (r < 0)
                return r;
        query = newest_first(options, &conditions);
        query.ran = true;
        if (options->at != USEC_UNSET)
                query.until = options->at;
        r = find_newest(context, &query, false, &record);
        return r > 0 ? print(context, &record) : r;
}
