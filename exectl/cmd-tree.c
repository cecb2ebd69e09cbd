/* SPDX-License-Identifier: GPL-2.0-or-later */

/* exectl tree: shows processes and their children. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chain-print.h"
#include "command.h"
#include "forest.h"
#include "record-json.h"
#include "row.h"
#include "show.h"
#include "util/cleanup.h"

#define IDENTITY_FIELDS                                                                           \
        (RECORD_BIT(RECORD_PROCESS) | RECORD_BIT(RECORD_BOOT_ID) | RECORD_BIT(RECORD_TIMESTAMP) | \
                RECORD_BIT(RECORD_PID))
#define TREE_FIELDS                                                                              \
        (IDENTITY_FIELDS | RECORD_BIT(RECORD_PARENT) | RECORD_BIT(RECORD_ANCESTOR) |             \
                RECORD_BIT(RECORD_PPID) | RECORD_BIT(RECORD_PARENT_COMM) | COMMAND_LINE_FIELDS | \
                FLAGS_FIELDS)

/* Deeper levels have the same indentation as this one, and their lines say how deep they are. */
#define DEPTH_MAX 64

typedef struct Tree {
        Context *context;
        Forest forest;
        bool json;
        uint64_t earliest; /* when the first wanted record was received; its descendants come later */
        CommandLine line;
        Arguments arguments;
        Buffer key;
        /* Used for printing. */
        Buffer prefix;
        size_t prefix_end[DEPTH_MAX + 1];
} Tree;

/* Returns the node of a process. An identity is unique within its boot only. */
static uint32_t find_node(Tree *tree, const Record *record, Bytes identity) {
        buffer_clear(&tree->key);
        buffer_append_bytes(&tree->key, identity);
        buffer_append_char(&tree->key, ' ');
        buffer_append_bytes(&tree->key, record->field[RECORD_BOOT_ID]);
        if (buffer_error(&tree->key) < 0)
                return FOREST_NONE;
        return forest_node(&tree->forest, buffer_bytes(&tree->key));
}

static int add_text(Tree *tree, ForestNode *node, const Record *record) {
        const char *command = command_line_of(&tree->line, record);

        if (!command)
                return -ENOMEM;
        if (node->known)
                buffer_append_string(&node->content, "  =>  ");
        else {
                buffer_clear(&node->content);
                show_text(&node->content, record->field[RECORD_PID]);
                buffer_append_char(&node->content, ' ');
        }
        buffer_append_string(&node->content, command);
        return buffer_error(&node->content);
}

/* Appends the object of a program, after a comma if it is not the first one of the process. */
static int add_json(Tree *tree, ForestNode *node, const Record *record) {
        JsonWriter writer = { .out = &node->content };

        if (node->known)
                buffer_append_char(&node->content, ',');
        else
                buffer_clear(&node->content);
        json_open(&writer, NULL, '{');
        record_json_members(&writer, record, &tree->arguments);
        json_close(&writer, '}');
        return buffer_error(&node->content);
}

/* Adds the parent. It may have no record, and then its content is made from the record of its child. */
static int add_parent(Tree *tree, uint32_t child, const Record *record) {
        Bytes identity = record->field[record_has(record, RECORD_ANCESTOR) ? RECORD_ANCESTOR : RECORD_PARENT];
        uint32_t parent;
        ForestNode *node;

        if (!bytes_is_set(identity))
                return 0;
        parent = find_node(tree, record, identity);
        if (parent == FOREST_NONE)
                return -ENOMEM;
        forest_set_parent(&tree->forest, child, parent);
        node = &tree->forest.node[parent];
        if (node->known || node->content.size > 0)
                return 0;
        if (tree->json)
                return 0;
        node->style = STYLE_GREY;
        /* The name and the pid in the record are those of the parent, and not of the ancestor. */
        if (record_has(record, RECORD_ANCESTOR)) {
                const char *dash = memchr(identity.data, '-', identity.size);

                show_text(&node->content,
                        (Bytes){ identity.data, dash ? (size_t) (dash - identity.data) : identity.size });
                buffer_append_string(&node->content, " (not recorded)");
        } else {
                show_text(&node->content, record->field[RECORD_PPID]);
                buffer_append_char(&node->content, ' ');
                show_text(&node->content, record->field[RECORD_PARENT_COMM]);
                buffer_append_string(&node->content, " (not recorded)");
        }
        return buffer_error(&node->content);
}

static int add_record(Tree *tree, const Record *record) {
        ForestNode *node;
        uint32_t number;
        Style style;
        bool first;
        int r;

        if (!record_has(record, RECORD_PROCESS))
                return 0;
        number = find_node(tree, record, record->field[RECORD_PROCESS]);
        if (number == FOREST_NONE)
                return -ENOMEM;
        node = &tree->forest.node[number];
        first = !node->known;
        r = tree->json ? add_json(tree, node, record) : add_text(tree, node, record);
        if (r < 0)
                return r;
        forest_trim(node);
        style = row_style(record);
        if (first || style != STYLE_NORMAL)
                node->style = style;
        node->known = true;
        return first ? add_parent(tree, number, record) : 0;
}

/*
 * Marks the processes that meet the conditions, which the index finds. Their descendants need not meet them.
 */
static int mark_wanted(Tree *tree, const Conditions *conditions) {
        _cleanup_(record_done) Record record = {};
        Query query = QUERY_OF_OPTIONS(tree->context->options, conditions, IDENTITY_FIELDS);
        int r;

        query.ran = true;
        r = source_start(tree->context->source, &query);
        while (r >= 0 && (r = source_next(tree->context->source, &record)) > 0) {
                uint32_t node = record_has(&record, RECORD_PROCESS)
                        ? find_node(tree, &record, record.field[RECORD_PROCESS])
                        : FOREST_NONE;

                if (node == FOREST_NONE)
                        continue;
                tree->forest.node[node].wanted = true;
                if (record.received < tree->earliest)
                        tree->earliest = record.received;
        }
        return r;
}

static int read_all(Tree *tree, bool wanted_only) {
        _cleanup_(record_done) Record record = {};
        Query query = QUERY_OF_OPTIONS(tree->context->options, NULL, tree->json ? CHAIN_FIELDS : TREE_FIELDS);
        int r;

        query.ran = true;
        query.reverse = false;
        query.grep = NULL;
        query.lines = wanted_only ? LINES_ALL : tree->context->options->lines;
        if (wanted_only)
                query.from = tree->earliest;
        r = source_start(tree->context->source, &query);
        while (r >= 0 && (r = source_next(tree->context->source, &record)) > 0)
                r = add_record(tree, &record);
        return r;
}

/* Appends the prefix for the level below to that of this level. */
static void set_prefix(Tree *tree, unsigned depth, bool last) {
        bool utf8 = tree->context->output.utf8;

        buffer_truncate(&tree->prefix, tree->prefix_end[depth - 1]);
        buffer_append_string(&tree->prefix, last ? "  " : utf8 ? "│ " : "| ");
        tree->prefix_end[depth] = tree->prefix.size;
}

static int print_text(void *data, uint32_t number, unsigned depth, bool last) {
        Tree *tree = data;
        Output *output = &tree->context->output;
        const ForestNode *node = &tree->forest.node[number];
        unsigned level = depth < DEPTH_MAX ? depth : DEPTH_MAX;
        _cleanup_(buffer_done) Buffer line = BUFFER_NULL;
        const char *text;

        if (level > 0) {
                buffer_append(&line, tree->prefix.data, tree->prefix_end[level - 1]);
                buffer_append_string(&line, output->utf8 ? (last ? "└─" : "├─") : last ? "`-" : "|-");
                set_prefix(tree, level, last);
        }
        if (depth > DEPTH_MAX) {
                buffer_append_char(&line, '(');
                buffer_append_u64(&line, depth);
                buffer_append_string(&line, ") ");
        }
        buffer_append_bytes(&line, buffer_bytes(&node->content));
        text = show_string(&line);
        if (!text)
                return -ENOMEM;
        output_line(output, text, node->style, true);
        return output_is_gone(output);
}

static int print_json(void *data, uint32_t number, unsigned depth, bool last) {
        Tree *tree = data;
        const Forest *forest = &tree->forest;
        const ForestNode *node = &forest->node[number];
        Bytes key = string_set_bytes(&forest->keys, number);
        JsonWriter *writer = output_json_begin(&tree->context->output);

        (void) last;
        key.size = (size_t) ((const char *) memchr(key.data, ' ', key.size) - key.data);
        json_string(writer, "process", key);
        json_number(writer, "depth", depth);
        json_bool(writer, "recorded", node->known);
        json_open(writer, "programs", '[');
        if (node->content.size > 0)
                json_raw(writer, buffer_bytes(&node->content));
        json_close(writer, ']');
        output_json_end(&tree->context->output);
        return output_is_gone(&tree->context->output);
}

static int run(Tree *tree, const Conditions *conditions) {
        bool wanted_only = conditions->n > 0 || tree->context->options->grep;
        int r = 0;

        if (wanted_only) {
                r = mark_wanted(tree, conditions);
                if (r < 0 || tree->forest.n == 0)
                        return r;
        }
        r = read_all(tree, wanted_only);
        if (r < 0 || tree->forest.n == 0)
                return r;
        forest_link(&tree->forest);
        output_open(&tree->context->output, false);
        return forest_walk(&tree->forest, wanted_only, tree->json ? print_json : print_text, tree);
}

/* For --up: prints the chain of each record that meets the conditions. */
static int run_up(Context *context, const Conditions *conditions) {
        _cleanup_(record_done) Record record = {};
        _cleanup_(names_freep) Names *names = NULL;
        Query query = QUERY_OF_OPTIONS(context->options, conditions, CHAIN_FIELDS);
        Source *chains = NULL;
        int r, n = 0;

        if (query.lines == LINES_UNSET)
                query.lines = conditions->n == 0 ? 1 : LINES_ALL;
        r = names_new(context->options, &names);
        if (r >= 0)
                r = source_open(context->options, &chains);
        if (r >= 0)
                r = source_start(context->source, &query);
        while (r >= 0 && !output_is_gone(&context->output) &&
                (r = source_next(context->source, &record)) > 0) {
                _cleanup_(chain_done) Chain chain = {};

                r = chain_follow(chains, &record, false, &chain);
                if (r < 0)
                        break;
                output_open(&context->output, false);
                n = 1;
                r = options_json(context->options) ? chain_print_json(&context->output, names, &chain)
                                                   : chain_print_up(&context->output, names, &chain);
        }
        source_free(chains);
        return r < 0 ? r : n;
}

int command_run_tree(Context *context) {
        _cleanup_(conditions_done) Conditions conditions = {};
        Tree tree = {
                .context = context,
                .json = options_json(context->options),
                .earliest = USEC_UNSET - 1,
        };
        int r;

        r = conditions_of_options(context->options, &conditions);
        if (r < 0)
                return r;
        if (context->options->up)
                return run_up(context, &conditions);
        r = command_refuse_failed(context, "tree");
        if (r < 0)
                return r;

        r = run(&tree, &conditions);
        forest_done(&tree.forest);
        command_line_done(&tree.line);
        arguments_done(&tree.arguments);
        buffer_done(&tree.key);
        buffer_done(&tree.prefix);
        return r;
}
