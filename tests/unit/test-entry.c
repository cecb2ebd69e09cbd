/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <syslog.h>

#include "exact.h"
#include "format/entry.h"
#include "format/json-string.h"
#include "format/message.h"
#include "journal-receiver.h"
#include "notice/message-ids.h"
#include "sample.h"
#include "text.h"

static const FormatOptions config = { .facility = LOG_AUTHPRIV, .priority = LOG_INFO };

typedef ReceivedEntry Parsed;

static void parse(Bytes entry, Parsed *ret) {
        receiver_take_entry(&entry, ret);
        assert_int_equal(entry.size, 0);
}

static void assert_field(const Parsed *parsed, size_t i, const char *name, Bytes value) {
        assert_true(i < parsed->n);
        assert_bytes_equal(parsed->fields[i].name, bytes_of_string(name));
        assert_bytes_equal(parsed->fields[i].value, value);
}

static void test_field(void **state) {
        _cleanup_(buffer_done) Buffer buffer = BUFFER_NULL;

        (void) state;
        entry_append_field(&buffer, BYTES_LITERAL("A"), BYTES_LITERAL("b=c"));
        entry_append_field(&buffer, BYTES_LITERAL("EMPTY"), BYTES_LITERAL(""));
        entry_append_field(&buffer, BYTES_LITERAL("NOTHING"), BYTES_NULL);
        entry_append_field(&buffer, BYTES_LITERAL("RAW"), BYTES_LITERAL("\xff\x1b"));
        assert_bytes_equal(buffer_bytes(&buffer), BYTES_LITERAL("A=b=c\nEMPTY=\nNOTHING=\nRAW=\xff\x1b\n"));

        buffer_clear(&buffer);
        entry_append_field(&buffer, BYTES_LITERAL("A"), BYTES_LITERAL("x\nB=y"));
        entry_append_field(&buffer, BYTES_LITERAL("C"), BYTES_LITERAL("\n"));
        assert_bytes_equal(
                buffer_bytes(&buffer), BYTES_LITERAL("A\n\5\0\0\0\0\0\0\0x\nB=y\nC\n\1\0\0\0\0\0\0\0\n\n"));
}

static void test_small_event(void **state) {
        _cleanup_(buffer_done) Buffer buffer = BUFFER_NULL;
        Event event = sample_small();

        (void) state;
        entry_format_event(&buffer, &config, &event);
        assert_buffer(&buffer,
                "MESSAGE=[3, uid=0, gid=0]\n"
                "PRIORITY=6\n"
                "SYSLOG_FACILITY=10\n"
                "SYSLOG_IDENTIFIER=exectrace\n"
                "MESSAGE_ID=" MESSAGE_ID_EXEC "\n"
                "EXEC_ARGV=[]\n"
                "EXEC_PID=3\n"
                "EXEC_UID=0\n"
                "EXEC_GID=0\n"
                "EXEC_TIMESTAMP=2\n"
                "EXEC_SEQ=1\n");
}

static const char full_entry[] = "MESSAGE=[4194304, comm=\"ba\\\"sh\", uid=1000, gid=100, "
                                 "login=1001, tty=pts/0, unit=user@1000.service, filename=./run] "
                                 "./run 'two words' $'a\\012\\377...'\n"
                                 "PRIORITY=7\n"
                                 "SYSLOG_FACILITY=23\n"
                                 "SYSLOG_IDENTIFIER=exectrace\n"
                                 "MESSAGE_ID=" MESSAGE_ID_EXEC "\n"
                                 "EXEC_FILENAME=./run\n"
                                 "EXEC_EXE=/usr/bin/dash\n"
                                 "EXEC_BUILD_ID=c0ffee00\n"
                                 "EXEC_ARGV=[\"./run\",\"two words\",\"a\\n\xef\xbf\xbd...\"]\n"
                                 "EXEC_ARGV_RAW=Li9ydW4AdHdvIHdvcmRzAGEK/y4uLgA=\n"
                                 "EXEC_TRUNCATED=yes\n"
                                 "EXEC_ARGV_BYTES=70000\n"
                                 "EXEC_PID=4194304\n"
                                 "EXEC_PPID=0\n"
                                 "EXEC_NSPID=7\n"
                                 "EXEC_PIDNS=4026532211\n"
                                 "EXEC_PGID=4000\n"
                                 "EXEC_SID=3000\n"
                                 "EXEC_UID=1000\n"
                                 "EXEC_GID=100\n"
                                 "EXEC_EUID=0\n"
                                 "EXEC_EGID=4294967294\n"
                                 "EXEC_LOGINUID=1001\n"
                                 "EXEC_SESSION=5\n"
                                 "EXEC_USER=me\n"
                                 "EXEC_LOGIN_USER=DOM\\me\n"
                                 "EXEC_TTY=pts/0\n"
                                 "EXEC_STDIN=pipe\n"
                                 "EXEC_CWD=/srv/M\xc3\xbcll\n"
                                 "EXEC_COMM=ba\"sh\n"
                                 "EXEC_PARENT_COMM=sshd\n"
                                 "EXEC_PROCESS=4194304-1f2e3d4c5b\n"
                                 "EXEC_PARENT=1-0\n"
                                 "EXEC_ANCESTOR=77-ff\n"
                                 "EXEC_FLAG=script\n"
                                 "EXEC_FLAG=setuid\n"
                                 "EXEC_FLAG=setgid\n"
                                 "EXEC_FLAG=unread\n"
                                 "EXEC_FLAGS=script,setuid,setgid,unread\n"
                                 "EXEC_UNIT=user@1000.service\n"
                                 "EXEC_INVOCATION_ID=0123456789abcdef0123456789abcdef\n"
                                 "EXEC_USER_UNIT=a\\x2db.service\n"
                                 "EXEC_SLICE=user-1000.slice\n"
                                 "EXEC_LOGIND_SESSION=c2\n"
                                 "EXEC_CONTAINER=web\n"
                                 "EXEC_CGROUP=/user.slice/user-1000.slice/user@1000.service/"
                                 "a\\x2db.service/\xff\n"
                                 "EXEC_TAG=privileged\n"
                                 "EXEC_TAG=from-tmp\n"
                                 "EXEC_TAGS=privileged,from-tmp\n"
                                 "EXEC_TIMESTAMP=1700000000123456\n"
                                 "EXEC_SEQ=18446744073709551614\n"
                                 "EXEC_LABEL_SITE=a\n"
                                 "EXEC_LABEL_RACK=b\"c\n"
                                 "EXEC_ENV_LANG=C\n"
                                 "EXEC_ENV_NO_PROXY\n\3\0\0\0\0\0\0\0x\ny\n"
                                 "EXEC_ENVIRONMENT_TRUNCATED=yes\n";

static void test_full_event(void **state) {
        static const FormatOptions other = { .facility = LOG_LOCAL7, .priority = LOG_DEBUG };
        _cleanup_(buffer_done) Buffer buffer = BUFFER_NULL;
        Event event = sample_full();

        (void) state;
        entry_format_event(&buffer, &other, &event);
        assert_bytes_equal(buffer_bytes(&buffer), (Bytes){ full_entry, sizeof(full_entry) - 1 });
}

static void test_failed_event(void **state) {
        _cleanup_(buffer_done) Buffer buffer = BUFFER_NULL;
        Event event = sample_small();
        Parsed parsed;

        (void) state;
        event.error = EACCES;
        entry_format_event(&buffer, &config, &event);
        parse(buffer_bytes(&buffer), &parsed);
        assert_int_equal(parsed.n, 13);
        assert_field(&parsed, 0, "MESSAGE", BYTES_LITERAL("[3, uid=0, gid=0, error=EACCES]"));
        assert_field(&parsed, 4, "MESSAGE_ID", BYTES_LITERAL(MESSAGE_ID_FAILED_EXEC));
        assert_field(&parsed, 9, "EXEC_ERRNO", BYTES_LITERAL("13"));
        assert_field(&parsed, 10, "EXEC_ERROR", BYTES_LITERAL("EACCES"));
}

static void test_unit_match(void **state) {
        _cleanup_(buffer_done) Buffer buffer = BUFFER_NULL;
        Event event = sample_small();
        FormatOptions matching = config;
        Parsed parsed;

        (void) state;
        matching.unit_match = true;
        entry_format_event(&buffer, &matching, &event);
        parse(buffer_bytes(&buffer), &parsed);
        assert_int_equal(parsed.n, 11);

        event.place.unit = BYTES_LITERAL("a.service");
        buffer_clear(&buffer);
        entry_format_event(&buffer, &matching, &event);
        parse(buffer_bytes(&buffer), &parsed);
        assert_int_equal(parsed.n, 13);
        assert_field(&parsed, 5, "OBJECT_SYSTEMD_UNIT", BYTES_LITERAL("a.service"));
        assert_field(&parsed, 10, "EXEC_UNIT", BYTES_LITERAL("a.service"));
}

static void test_omit(void **state) {
        char site[] = "EXEC_LABEL_SITE", proxy[] = "EXEC_ENV_NO_PROXY";
        ConfigWord words[] = { { .text = site }, { .text = proxy } };
        const ConfigWords names = { words, ELEMENTSOF(words) };
        _cleanup_(buffer_done) Buffer buffer = BUFFER_NULL;
        FormatOptions options = config;
        Event event = sample_small();

        (void) state;
        assert_int_equal(field_set_add(&options.omit, BYTES_LITERAL("EXEC_ARGV")), 0);
        assert_int_equal(field_set_add(&options.omit, BYTES_LITERAL("EXEC_TIMESTAMP")), 0);
        assert_int_equal(field_set_add(&options.omit, BYTES_LITERAL("EXEC_FLAG")), 0);
        event.flags = EXEC_FLAG_SCRIPT | EXEC_FLAG_FD;
        entry_format_event(&buffer, &options, &event);
        assert_buffer(&buffer,
                "MESSAGE=[3, uid=0, gid=0]\n"
                "PRIORITY=6\n"
                "SYSLOG_FACILITY=10\n"
                "SYSLOG_IDENTIFIER=exectrace\n"
                "MESSAGE_ID=" MESSAGE_ID_EXEC "\n"
                "EXEC_PID=3\n"
                "EXEC_UID=0\n"
                "EXEC_GID=0\n"
                "EXEC_FLAGS=script,fd\n"
                "EXEC_SEQ=1\n");

        options.omit_message = true;
        options.omit_names = &names;
        event = sample_full();
        buffer_clear(&buffer);
        entry_format_event(&buffer, &options, &event);
        assert_memory_equal(buffer.data, "PRIORITY=6\n", 11);
        assert_null(memmem(buffer.data, buffer.size, "EXEC_LABEL_SITE", 15));
        assert_non_null(memmem(buffer.data, buffer.size, "\nEXEC_LABEL_RACK=b\"c\n", 21));
        assert_non_null(memmem(buffer.data, buffer.size, "\nEXEC_ENV_LANG=C\n", 17));
        assert_null(memmem(buffer.data, buffer.size, "NO_PROXY", 8));
}

/* Names of variables are the traced process's. */
static void test_environment_names(void **state) {
        static const Assignment environment[] = {
                { BYTES_LITERAL("azAZ09"), BYTES_LITERAL("1") },
                { BYTES_LITERAL("A-b\nMESSAGE"), BYTES_LITERAL("2") },
                { BYTES_LITERAL("\xc3\xa9"), BYTES_LITERAL("3") },
                { BYTES_LITERAL("L123456789012345678901234567890123456789012345678901234567890123"),
                        BYTES_LITERAL("4") },
        };
        _cleanup_(buffer_done) Buffer buffer = BUFFER_NULL;
        Event event = sample_small();
        Parsed parsed;

        (void) state;
        event.environment = environment;
        event.n_environment = ELEMENTSOF(environment);
        entry_format_event(&buffer, &config, &event);
        parse(buffer_bytes(&buffer), &parsed);
        assert_int_equal(parsed.n, 15);
        assert_field(&parsed, 11, "EXEC_ENV_AZAZ09", BYTES_LITERAL("1"));
        assert_field(&parsed, 12, "EXEC_ENV_A_B_MESSAGE", BYTES_LITERAL("2"));
        assert_field(&parsed, 13, "EXEC_ENV___", BYTES_LITERAL("3"));
        assert_field(&parsed, 14, "EXEC_ENV_L123456789012345678901234567890123456789012345678901234",
                BYTES_LITERAL("4"));
}

static void test_notice(void **state) {
        static const char *const ids[] = {
                MESSAGE_ID_STARTED,
                MESSAGE_ID_STOPPED,
                MESSAGE_ID_LOST,
                MESSAGE_ID_SUPPRESSED,
                MESSAGE_ID_RELOADED,
                MESSAGE_ID_RELOAD_FAILED,
                MESSAGE_ID_KERNEL_LOG,
                MESSAGE_ID_ALIVE,
                MESSAGE_ID_BLIND,
        };

        (void) state;
        assert_int_equal(ELEMENTSOF(ids), _NOTICE_KIND_MAX);
        for (NoticeKind kind = 0; kind < _NOTICE_KIND_MAX; kind++) {
                Notice notice = {
                        .kind = kind, .priority = LOG_WARNING, .message = BYTES_LITERAL("Lost\nX=y")
                };
                _cleanup_(buffer_done) Buffer buffer = BUFFER_NULL;
                Parsed parsed;

                notice_add_number(&notice, "EXEC_LOST", -3);
                notice_add_text(&notice, "EXEC_LOST_CAUSE", BYTES_LITERAL("a\nEXEC_PID=1"));
                notice_add_text(&notice, "EXEC_EMPTY", BYTES_LITERAL(""));
                entry_format_notice(&buffer, &config, &notice);
                parse(buffer_bytes(&buffer), &parsed);

                assert_int_equal(parsed.n, 9);
                assert_field(&parsed, 0, "MESSAGE", notice.message);
                assert_field(&parsed, 1, "PRIORITY", BYTES_LITERAL("4"));
                assert_field(&parsed, 2, "SYSLOG_FACILITY", BYTES_LITERAL("10"));
                assert_field(&parsed, 3, "SYSLOG_IDENTIFIER", BYTES_LITERAL("exectrace"));
                assert_field(&parsed, 4, "MESSAGE_ID", bytes_of_string(ids[kind]));
                assert_field(&parsed, 5, "EXECTRACED_EVENT", bytes_of_string(notice_kind_to_string(kind)));
                assert_field(&parsed, 6, "EXEC_LOST", BYTES_LITERAL("-3"));
                assert_field(&parsed, 7, "EXEC_LOST_CAUSE", BYTES_LITERAL("a\nEXEC_PID=1"));
                assert_field(&parsed, 8, "EXEC_EMPTY", BYTES_LITERAL(""));
        }
}

/* Appends what tries to end a field, an entry or a length and to begin another. */
static Bytes forge(uint64_t *seed, char storage[static WORD_MAX]) {
        static const Bytes pieces[] = {
                BYTES_LITERAL("\n"),
                BYTES_LITERAL("\n\n"),
                BYTES_LITERAL("="),
                BYTES_LITERAL("EXEC_UID=0"),
                BYTES_LITERAL("MESSAGE="),
                BYTES_LITERAL("EXEC_UID\n\1\0\0\0\0\0\0\0"
                              "0\n"),
                BYTES_LITERAL("\1\0\0"),
                BYTES_LITERAL("x"),
                BYTES_LITERAL("\xff\xc3\xa9"),
        };
        size_t size = 0;

        for (size_t n = random_below(seed, 6); n > 0; n--) {
                Bytes piece = pieces[random_below(seed, ELEMENTSOF(pieces))];

                memcpy(storage + size, piece.data, piece.size);
                size += piece.size;
        }
        return (Bytes){ storage, size };
}

/* Takes EXEC_ARGV_RAW out, which is there when it has to be. */
static void take_raw(Parsed *parsed, const Bytes *argv, size_t argc) {
        _cleanup_(buffer_done) Buffer bytes = BUFFER_NULL;

        for (size_t i = 0; i < argc; i++) {
                buffer_append_bytes(&bytes, argv[i]);
                buffer_append_char(&bytes, '\0');
        }
        if (utf8_is_valid(bytes.data, bytes.size))
                return;
        assert_bytes_equal(parsed->fields[8].name, BYTES_LITERAL("EXEC_ARGV_RAW"));
        assert_decoded(parsed->fields[8].value, buffer_bytes(&bytes));
        parsed->n--;
        memmove(parsed->fields + 8, parsed->fields + 9, (parsed->n - 8) * sizeof(parsed->fields[0]));
}

/* Each text that comes from outside, hostile: the same fields come out, in their order, with these bytes. */
static void test_forging(void **state) {
        uint64_t seed = random_seed();

        (void) state;
        for (size_t i = 0; i < 20000; i++) {
                _cleanup_(buffer_done) Buffer buffer = BUFFER_NULL, json = BUFFER_NULL, message = BUFFER_NULL;
                char storage[10][WORD_MAX];
                Event event = sample_small();
                Assignment label, variable;
                Bytes texts[10];
                Parsed parsed;

                for (size_t k = 0; k < ELEMENTSOF(texts); k++)
                        texts[k] = i % 2 ? forge(&seed, storage[k]) : random_word(&seed, storage[k]);
                event.filename = texts[0];
                event.exe = texts[1];
                event.tty = texts[2];
                event.cwd = texts[3];
                event.comm = texts[4];
                event.parent_comm = texts[5];
                event.argv = texts + 6;
                event.argc = 2;
                label = (Assignment){ BYTES_LITERAL("L"), texts[8] };
                variable = (Assignment){ BYTES_LITERAL("V"), texts[9] };
                event.labels = &label;
                event.environment = &variable;
                event.n_labels = event.n_environment = 1;

                entry_format_event(&buffer, &config, &event);
                json_strings(&json, event.argv, event.argc);
                message_format(&message, &event, MESSAGE_SIZE_MAX);
                parse(buffer_bytes(&buffer), &parsed);

                assert_field(&parsed, 0, "MESSAGE", buffer_bytes(&message));
                take_raw(&parsed, event.argv, event.argc);
                assert_int_equal(parsed.n, 19);
                assert_printable(parsed.fields[0].value);
                assert_field(&parsed, 3, "SYSLOG_IDENTIFIER", BYTES_LITERAL("exectrace"));
                assert_field(&parsed, 5, "EXEC_FILENAME", texts[0]);
                assert_field(&parsed, 6, "EXEC_EXE", texts[1]);
                assert_field(&parsed, 7, "EXEC_ARGV", buffer_bytes(&json));
                assert_printable(parsed.fields[7].value);
                assert_field(&parsed, 8, "EXEC_PID", BYTES_LITERAL("3"));
                assert_field(&parsed, 9, "EXEC_UID", BYTES_LITERAL("0"));
                assert_field(&parsed, 10, "EXEC_GID", BYTES_LITERAL("0"));
                assert_field(&parsed, 11, "EXEC_TTY", texts[2]);
                assert_field(&parsed, 12, "EXEC_CWD", texts[3]);
                assert_field(&parsed, 13, "EXEC_COMM", texts[4]);
                assert_field(&parsed, 14, "EXEC_PARENT_COMM", texts[5]);
                assert_field(&parsed, 15, "EXEC_TIMESTAMP", BYTES_LITERAL("2"));
                assert_field(&parsed, 16, "EXEC_SEQ", BYTES_LITERAL("1"));
                assert_field(&parsed, 17, "EXEC_LABEL_L", texts[8]);
                assert_field(&parsed, 18, "EXEC_ENV_V", texts[9]);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_field),
                cmocka_unit_test(test_small_event),
                cmocka_unit_test(test_full_event),
                cmocka_unit_test(test_failed_event),
                cmocka_unit_test(test_unit_match),
                cmocka_unit_test(test_omit),
                cmocka_unit_test(test_environment_names),
                cmocka_unit_test(test_notice),
                cmocka_unit_test(test_forging),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
