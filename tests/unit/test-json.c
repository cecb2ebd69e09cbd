/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "child.h"
#include "exact.h"
#include "format/json-string.h"
#include "format/json.h"
#include "sample.h"
#include "text.h"

static const FormatOptions everything = {};

static const char *const python_environment[] = { "LC_ALL=C.UTF-8", NULL };

static void test_string(void **state) {
        static const struct {
                Bytes string;
                const char *json;
        } cases[] = {
                { BYTES_LITERAL(""), "\"\"" }, { BYTES_NULL, "\"\"" },
                { BYTES_LITERAL("plain /~ text"), "\"plain /~ text\"" },
                { BYTES_LITERAL("\"\\"), "\"\\\"\\\\\"" },
                { BYTES_LITERAL("\b\f\n\r\t"), "\"\\b\\f\\n\\r\\t\"" },
                { { "\0\x01\x1f", 3 }, "\"\\u0000\\u0001\\u001f\"" },
                { BYTES_LITERAL("\x7f"), "\"\\u007f\"" }, { BYTES_LITERAL("\xc2\x9b"), "\"\\u009b\"" },
                { BYTES_LITERAL("\xc3\xa9\xf0\x9f\x98\x80"), "\"\xc3\xa9\xf0\x9f\x98\x80\"" },
                { BYTES_LITERAL("a\xe2\x80\xa8"
                                "b"),
                        "\"a\\u2028b\"" },
                { BYTES_LITERAL("\xef\xbb\xbf"), "\"\\ufeff\"" },
                { BYTES_LITERAL("\xef\xbf\xbf"), "\"\\uffff\"" },
                { BYTES_LITERAL("\xf3\xa0\x81\x81"), "\"\\udb40\\udc41\"" },
                { BYTES_LITERAL("\xf4\x8f\xbf\xbf"), "\"\\udbff\\udfff\"" },
                { BYTES_LITERAL("\x80\xff"), "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
                { BYTES_LITERAL("\xe2\x82"), "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
                { BYTES_LITERAL("\xed\xb2\x80"),
                        "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" }, /* U+DC80 itself */
        };
        _cleanup_(buffer_done) Buffer buffer = BUFFER_NULL;

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                buffer_clear(&buffer);
                (void) json_string(&buffer, cases[i].string);
                assert_buffer(&buffer, cases[i].json);
        }
}

static void test_strings(void **state) {
        static const Bytes strings[] = { BYTES_LITERAL("a"), BYTES_LITERAL(""), BYTES_LITERAL("b,\"") };
        _cleanup_(buffer_done) Buffer buffer = BUFFER_NULL;

        (void) state;
        json_strings(&buffer, NULL, 0);
        json_strings(&buffer, strings, 1);
        json_strings(&buffer, strings, ELEMENTSOF(strings));
        assert_buffer(&buffer, "[][\"a\"][\"a\",\"\",\"b,\\\"\"]");
}

static void test_small_event(void **state) {
        _cleanup_(buffer_done) Buffer buffer = BUFFER_NULL;
        Event event = sample_small();

        (void) state;
        json_event(&buffer, &everything, &event);
        assert_buffer(&buffer,
                "{\"argv\":[],\"truncated\":false,\"pid\":3,\"uid\":0,\"gid\":0,\"timestamp\":2,\"seq\":1}");
}

static void test_full_event(void **state) {
        _cleanup_(buffer_done) Buffer buffer = BUFFER_NULL;
        Event event = sample_full();

        (void) state;
        json_event(&buffer, &everything, &event);
        assert_buffer(&buffer,
                "{\"filename\":\"./run\",\"exe\":\"/usr/bin/dash\",\"build_id\":\"c0ffee00\","
                "\"argv\":[\"./run\",\"two words\",\"a\\n\xef\xbf\xbd...\"],"
                "\"argv_raw\":\"Li9ydW4AdHdvIHdvcmRzAGEK/y4uLgA=\",\"truncated\":true,"
                "\"argv_bytes\":70000,\"pid\":4194304,\"ppid\":0,\"nspid\":7,\"pidns\":4026532211,"
                "\"pgid\":4000,\"sid\":3000,"
                "\"uid\":1000,\"gid\":100,\"euid\":0,\"egid\":4294967294,\"loginuid\":1001,\"session\":5,"
                "\"user\":\"me\",\"login_user\":\"DOM\\\\me\","
                "\"tty\":\"pts/0\",\"stdin\":\"pipe\",\"cwd\":\"/srv/"
                "M\xc3\xbcll\",\"comm\":\"ba\\\"sh\",\"parent_comm\":\"sshd\","
                "\"process\":\"4194304-1f2e3d4c5b\",\"parent\":\"1-0\",\"ancestor\":\"77-ff\","
                "\"flags\":[\"script\",\"setuid\",\"setgid\",\"unread\"],"
                "\"unit\":\"user@1000.service\","
                "\"invocation_id\":\"0123456789abcdef0123456789abcdef\",\"user_unit\":\"a\\\\x2db.service\","
                "\"slice\":\"user-1000.slice\",\"logind_session\":\"c2\",\"container\":\"web\","
                "\"cgroup\":\"/user.slice/user-1000.slice/user@1000.service/a\\\\x2db.service/\xef\xbf\xbd\","
                "\"cgroup_raw\":"
                "\"L3VzZXIuc2xpY2UvdXNlci0xMDAwLnNsaWNlL3VzZXJAMTAwMC5zZXJ2aWNlL2FceDJkYi5zZXJ2aWNlL/8=\","
                "\"tags\":[\"privileged\",\"from-tmp\"],"
                "\"timestamp\":1700000000123456,"
                "\"seq\":18446744073709551614,\"labels\":{\"SITE\":\"a\",\"RACK\":\"b\\\"c\"},"
                "\"environment\":{\"LANG\":\"C\",\"no_proxy\":\"x\\ny\"},\"environment_truncated\":true}");
}

/* Labels and variables that are left out are in no object, and an object of none is left out, too. */
static void test_omitted_names(void **state) {
        char site[] = "EXEC_LABEL_SITE", lang[] = "EXEC_ENV_LANG", proxy[] = "EXEC_ENV_NO_PROXY";
        ConfigWord words[] = { { .text = site }, { .text = lang }, { .text = proxy } };
        ConfigWords names = { words, ELEMENTSOF(words) };
        const FormatOptions options = { .omit_names = &names };
        _cleanup_(buffer_done) Buffer buffer = BUFFER_NULL;
        Event event = sample_full();

        (void) state;
        json_event(&buffer, &options, &event);
        assert_non_null(memmem(buffer.data, buffer.size, ",\"labels\":{\"RACK\":\"b\\\"c\"},", 25));
        assert_null(memmem(buffer.data, buffer.size, "\"environment\"", 13));
        assert_int_equal(buffer.data[buffer.size - 1], '}');

        words[1].text = site;
        buffer_clear(&buffer);
        json_event(&buffer, &options, &event);
        assert_non_null(memmem(buffer.data, buffer.size, "\"environment\":{\"LANG\":\"C\"},", 27));
}

static void test_notice(void **state) {
        _cleanup_(buffer_done) Buffer buffer = BUFFER_NULL;
        Notice notice = { .kind = NOTICE_LOST, .message = BYTES_LITERAL("3 \"lost\"") };

        (void) state;
        json_notice(&buffer, &notice);
        assert_buffer(&buffer, "{\"event\":\"lost\",\"message\":\"3 \\\"lost\\\"\"}");

        notice_add_number(&notice, "EXEC_LOST", 3);
        notice_add_number(&notice, "EXEC_ERRNO", INT64_MIN);
        notice_add_text(&notice, "EXEC_LOST_CAUSE", BYTES_LITERAL("Ring\nFull"));
        notice_add_text(&notice, "EXEC_AZ_2", BYTES_LITERAL(""));
        buffer_clear(&buffer);
        json_notice(&buffer, &notice);
        assert_buffer(&buffer,
                "{\"event\":\"lost\",\"message\":\"3 \\\"lost\\\"\",\"exec_lost\":3,"
                "\"exec_errno\":-9223372036854775808,\"exec_lost_cause\":\"Ring\\nFull\",\"exec_az_2\":"
                "\"\"}");
}

/* Where it runs is in JSON alone, as far as it is known. */
static void test_host(void **state) {
        static const struct {
                NoticeHost host;
                const char *text;
        } cases[] = {
                { {}, "" },
                { { .host = "a\"b" }, ",\"host\":\"a\\\"b\"" },
                { { .host = "web1", .boot_id = "0123456789abcdef0123456789abcdef" },
                        ",\"host\":\"web1\",\"boot_id\":\"0123456789abcdef0123456789abcdef\"" },
                { { .host = "web1",
                          .machine_id = "ffffffffffffffffffffffffffffffff",
                          .boot_id = "0123456789abcdef0123456789abcdef" },
                        ",\"host\":\"web1\",\"machine_id\":\"ffffffffffffffffffffffffffffffff\","
                        "\"boot_id\":\"0123456789abcdef0123456789abcdef\"" },
        };
        _cleanup_(buffer_done) Buffer buffer = BUFFER_NULL, expected = BUFFER_NULL;

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Notice notice = {
                        .kind = NOTICE_STARTED, .message = BYTES_LITERAL("x"), .host = &cases[i].host
                };

                buffer_clear(&buffer);
                buffer_clear(&expected);
                json_notice(&buffer, &notice);
                buffer_append_string(&expected, "{\"event\":\"started\",\"message\":\"x\"");
                buffer_append_string(&expected, cases[i].text);
                buffer_append_char(&expected, '}');
                assert_bytes_equal(buffer_bytes(&buffer), buffer_bytes(&expected));
        }
}

/* Python reads lines of arrays and prints the bytes of each string, ended by NUL. */
static void test_strings_read_back(void **state) {
        static const char program[] = "import json, sys\n"
                                      "for line in sys.stdin.buffer:\n"
                                      "    for s in json.loads(line.decode('utf-8')):\n"
                                      "        sys.stdout.buffer.write(s.encode('utf-8') + b'\\0')\n";
        static const char *const python[] = { "/usr/bin/python3", "-I", "-c", program, NULL };
        _cleanup_(buffer_done) Buffer lines = BUFFER_NULL;
        _cleanup_(buffer_done) Buffer expected = BUFFER_NULL;
        _cleanup_(buffer_done) Buffer output = BUFFER_NULL;
        uint64_t seed = random_seed();

        (void) state;
        for (size_t i = 0; i < 1000; i++) {
                char storage[8][WORD_MAX];
                Bytes strings[8];
                size_t n = random_below(&seed, ELEMENTSOF(strings) + 1), start = lines.size;

                for (size_t k = 0; k < n; k++) {
                        strings[k] = random_word(&seed, storage[k]);
                        (void) append_shown(&expected, strings[k]);
                        buffer_append_char(&expected, '\0');
                }
                json_strings(&lines, strings, n);
                assert_printable((Bytes){ lines.data + start, lines.size - start });
                buffer_append_char(&lines, '\n');
        }
        assert_int_equal(buffer_error(&lines), 0);
        assert_int_equal(buffer_error(&expected), 0);

        child_run(python, python_environment, buffer_bytes(&lines), &output);
        assert_bytes_equal(buffer_bytes(&output), buffer_bytes(&expected));
}

/* Prints the texts of the events that it reads, each ended by NUL, and looks at each key. */
static const char read_back_program[] =
        "import base64, json, sys\n"
        "def once(pairs):\n"
        "    keys = [key for key, value in pairs]\n"
        "    assert len(keys) == len(set(keys)), keys\n"
        "    return dict(pairs)\n"
        "def exact(shown, raw):\n"
        "    bytes = shown.encode('utf-8') if raw is None else base64.b64decode(raw, validate=True)\n"
        "    assert raw is None or bytes.decode('utf-8', 'ignore') != shown\n"
        "    return bytes\n"
        "def texts(e):\n"
        "    yield exact(e['filename'], e.get('filename_raw'))\n"
        "    raw = e.get('argv_raw')\n"
        "    yield from ([a.encode('utf-8') for a in e['argv']] if raw is None\n"
        "                else base64.b64decode(raw, validate=True).split(b'\\0')[:-1])\n"
        "    yield exact(e['comm'], e.get('comm_raw'))\n"
        "    yield exact(e['labels']['L'], e.get('labels_raw', {}).get('L'))\n"
        "    (name, value), = e['environment'].items()\n"
        "    yield name.encode('utf-8')\n"
        "    yield exact(value, e.get('environment_raw', {}).get(name))\n"
        "for line in sys.stdin.buffer:\n"
        "    e = json.loads(line.decode('utf-8'), object_pairs_hook=once)\n"
        "    assert e['pid'] == 3 and e['seq'] == 1 and e['truncated'] is False, e\n"
        "    for text in texts(e):\n"
        "        sys.stdout.buffer.write(text + b'\\0')\n";

/*
 * Events full of hostile text: one object a line, each key once, and the exact bytes of each text can be had.
 */
static void test_events_read_back(void **state) {
        static const char *const python[] = { "/usr/bin/python3", "-I", "-c", read_back_program, NULL };
        _cleanup_(buffer_done) Buffer lines = BUFFER_NULL;
        _cleanup_(buffer_done) Buffer expected = BUFFER_NULL;
        _cleanup_(buffer_done) Buffer output = BUFFER_NULL;
        uint64_t seed = random_seed();

        (void) state;
        for (size_t i = 0; i < 500; i++) {
                Event event = sample_small();
                char storage[7][WORD_MAX];
                size_t start = lines.size;
                Bytes words[7];
                Assignment label, variable;

                for (size_t k = 0; k < ELEMENTSOF(words); k++) {
                        words[k] = random_word(&seed, storage[k]);
                        if (k == 5) /* a name */
                                (void) append_shown(&expected, words[k]);
                        else
                                buffer_append_bytes(&expected, words[k]);
                        buffer_append_char(&expected, '\0');
                }
                label = (Assignment){ BYTES_LITERAL("L"), words[4] };
                variable = (Assignment){ words[5], words[6] };
                event.filename = words[0];
                event.argv = words + 1;
                event.argc = 2;
                event.comm = words[3];
                event.labels = &label;
                event.environment = &variable;
                event.n_labels = event.n_environment = 1;

                json_event(&lines, &everything, &event);
                assert_printable((Bytes){ lines.data + start, lines.size - start });
                buffer_append_char(&lines, '\n');
        }
        assert_int_equal(buffer_error(&lines), 0);
        assert_int_equal(buffer_error(&expected), 0);

        child_run(python, python_environment, buffer_bytes(&lines), &output);
        assert_bytes_equal(buffer_bytes(&output), buffer_bytes(&expected));
}

/* Fields that are left out, with what belongs to them. */
static void test_omit(void **state) {
        static const char *const names[] = { "EXEC_FILENAME", "EXEC_ARGV", "EXEC_ARGV_RAW", "EXEC_TRUNCATED",
                "EXEC_PID", "EXEC_UID", "EXEC_GID", "EXEC_TIMESTAMP" };
        Bytes argv[] = { BYTES_LITERAL("\xff") };
        FormatOptions options = {};
        Event event = sample_small();
        _cleanup_(buffer_done) Buffer buffer = BUFFER_NULL;

        (void) state;
        event.filename = BYTES_LITERAL("\xff");
        event.argv = argv;
        event.argc = 1;
        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                assert_int_equal(field_set_add(&options.omit, bytes_of_string(names[i])), 0);
        json_event(&buffer, &options, &event);
        assert_buffer(&buffer, "{\"seq\":1}");

        assert_int_equal(field_set_add(&options.omit, BYTES_LITERAL("EXEC_SEQ")), 0);
        buffer_clear(&buffer);
        json_event(&buffer, &options, &event);
        assert_buffer(&buffer, "{}");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_string),
                cmocka_unit_test(test_strings),
                cmocka_unit_test(test_small_event),
                cmocka_unit_test(test_full_event),
                cmocka_unit_test(test_omitted_names),
                cmocka_unit_test(test_notice),
                cmocka_unit_test(test_host),
                cmocka_unit_test(test_strings_read_back),
                cmocka_unit_test(test_events_read_back),
                cmocka_unit_test(test_omit),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
