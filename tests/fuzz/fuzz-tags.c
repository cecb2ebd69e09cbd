/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Tags, and records that they are to mark. The same is judged a second time here, word by word, from the
 * texts.
 *
 * An input is up to WORDS_MAX words, each a byte (the tag and the key; 0xff ends them), a byte (whether "!"
 * is in front) and a text. Then a record.
 */

#include "any-event.h"
#include "event/fields.h"
#include "event/flags.h"
#include "filter/script.h"
#include "filter/tags.h"
#include "oracle-glob.h"
#include "util/buffer.h"

#define WORDS_MAX 24
#define TAGS 3

/* Ids are tried by tests/fuzz/fuzz-filter.c: here they are words of one digit. */
static bool key_is_of_ids(TagKey key) {
        return key == TAG_USER || key == TAG_LOGIN || key == TAG_GROUP;
}

static bool text_matches(const char *glob, Bytes text) {
        return bytes_is_set(text) && glob_matches(glob, text);
}

static bool word_matches(TagKey key, const char *word, const Event *event) {
        _cleanup_(buffer_done) Buffer storage = BUFFER_NULL;
        char error[ERROR_NAME_SIZE];
        Bytes script = BYTES_NULL;
        bool found = false;

        switch (key) {
        case TAG_USER:
                return event->uid == (uint32_t) (word[0] - '0');
        case TAG_LOGIN:
                return event->loginuid == (word[0] == 'u' ? EVENT_ID_UNSET : (uint32_t) (word[0] - '0'));
        case TAG_GROUP:
                return event->gid == (uint32_t) (word[0] - '0');
        case TAG_FLAG:
                for (unsigned i = 0; i < EXEC_FLAG_COUNT; i++)
                        found = found || (event->flags & 1U << i && strcmp(flag_name(i), word) == 0);
                return found;
        case TAG_ERROR:
                return event->error != 0 &&
                        text_matches(word, bytes_of_string(field_error_name(error, event->error)));
        case TAG_PARENT:
                return text_matches(word, event->comm);
        case TAG_UNIT:
                return text_matches(word, event->place.unit);
        case TAG_CONTAINER:
                return text_matches(word, event->place.container);
        case TAG_EXE:
                assert_int_equal(script_path(event, &storage, &script), 0);
                return text_matches(word, event->exe) || text_matches(word, script);
        case TAG_CWD:
                return text_matches(word, event->cwd);
        default:
                for (size_t i = 1; i < event->argc; i++)
                        found = found || text_matches(word, event->argv[i]);
                return found;
        }
}

static bool key_matches(const ConfigWords *words, TagKey key, const Event *event) {
        bool asked = false, found = false;

        for (size_t i = 0; i < words->n; i++) {
                const char *text = words->list[i].text;

                if (text[0] == '!' && word_matches(key, text + 1, event))
                        return false;
                asked = asked || text[0] != '!';
                found = found || (text[0] != '!' && word_matches(key, text, event));
        }
        return !asked || found;
}

static bool tag_matches(const ConfigTag *tag, const Event *event) {
        size_t n = 0;

        for (TagKey key = 0; key < _TAG_KEY_MAX; key++) {
                n += tag->words[key].n;
                if (!key_matches(&tag->words[key], key, event))
                        return false;
        }
        return n > 0;
}

/* The text of the word, made one that the key takes; what can be none is left out. */
static void add_word(ConfigTag *tag, TagKey key, bool unwanted, Bytes text) {
        static const ConfigPlace place = { .section = "Tag", .key = "Key", .file = "f", .line = 1 };
        Buffer word = BUFFER_NULL;

        if (unwanted)
                buffer_append_char(&word, '!');
        if (key_is_of_ids(key) && key == TAG_LOGIN && text.size % 3 == 0)
                buffer_append_string(&word, "unset");
        else if (key_is_of_ids(key))
                buffer_append_char(&word, (char) ('0' + text.size % 3));
        else if (key == TAG_FLAG)
                buffer_append_string(&word, flag_name((unsigned) (text.size % EXEC_FLAG_COUNT)));
        else
                for (size_t i = 0; i < text.size && text.data[i] != '\0'; i++)
                        buffer_append_char(&word, text.data[i]);
        buffer_append_char(&word, '\0');
        assert_int_equal(buffer_error(&word), 0);
        if (word.data[0] != '\0' && strcmp(word.data, "!") != 0 && glob_is_simple(word.data))
                assert_int_equal(config_words_add(&tag->words[key], word.data, strlen(word.data), &place), 0);
        buffer_done(&word);
}

static void check(const Config *config, Event *event) {
        _cleanup_(tag_set_done) TagSet set = {};
        ConfigReport report = {};
        NamedIds names = {};
        size_t n = 0;

        assert_int_equal(tags_collect_names(config, &report, &names), 0);
        assert_int_equal(names.n, 0);
        assert_int_equal(tags_compile(config, &names, &report, &set), 0);
        assert_int_equal(report.n_errors, 0);
        config_report_done(&report);
        assert_int_equal(tags_apply(&set, event), 0);
        for (size_t i = 0; i < config->n_tags; i++)
                if (tag_matches(&config->tags[i], event)) {
                        assert_true(n < event->n_tags);
                        assert_true(bytes_equal(event->tags[n], bytes_of_string(config->tags[i].name)));
                        n++;
                }
        assert_int_equal(n, event->n_tags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static char names[TAGS][2] = { "a", "b", "c" }, file[] = "f";
        ConfigTag tags[TAGS] = {};
        Config config = { .tags = tags, .n_tags = TAGS };
        Input input = { data, size };
        AnyEvent any;

        for (size_t i = 0; i < TAGS; i++)
                tags[i] = (ConfigTag){ .name = names[i], .file = file };
        for (size_t n = 0; n < WORDS_MAX && input.size > 0; n++) {
                uint64_t which = input_number(&input, 1), order;

                if (which == 0xff)
                        break;
                order = input_number(&input, 1);
                add_word(&tags[which % TAGS], (TagKey) (which / TAGS % _TAG_KEY_MAX), order & 1,
                        input_text(&input));
        }
        any_event(&input, &any);
        check(&config, &any.event);
        for (size_t i = 0; i < TAGS; i++)
                for (size_t k = 0; k < _TAG_KEY_MAX; k++)
                        config_words_done(&tags[i].words[k]);
        return 0;
}
