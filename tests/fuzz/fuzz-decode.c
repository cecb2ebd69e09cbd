/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Records: any bytes, and records whose lengths are right and whose contents are anything. Of the latter all
 * strings are taken apart a second time here, by other means.
 */

#include <syslog.h>

#include "check-formats.h"
#include "event/decode.h"
#include "notice/kernel-log.h"
#include "repair.h"
#include "util/buffer.h"

/* Every byte that a text claims to have can be read. */
static void touch(Bytes bytes) {
        volatile char sum = 0;

        for (size_t i = 0; i < bytes.size; i++)
                sum = (char) (sum + bytes.data[i]);
}

/* Takes the string up to the next NUL off the front. Without one it is the rest. */
static Bytes next_string(Bytes *rest) {
        size_t n = strnlen(rest->data, rest->size);
        Bytes string = { rest->data, n };

        *rest = (Bytes){ rest->data + n, rest->size - n };
        if (rest->size > 0)
                *rest = (Bytes){ rest->data + 1, rest->size - 1 };
        return string;
}

static void check_arguments(const Event *event, Bytes head, Bytes tail) {
        _cleanup_(buffer_done) Buffer all = BUFFER_NULL;
        Bytes rest;
        size_t n = 0;

        buffer_append_bytes(&all, head);
        if (event->truncated)
                buffer_append_string(&all, "...");
        buffer_append_bytes(&all, tail);
        rest = buffer_bytes(&all);
        for (; rest.size > 0; n++) {
                assert_true(n < event->argc);
                assert_same(event->argv[n], next_string(&rest));
        }
        assert_int_equal(event->argc, n);
}

static void check_environment(const Event *event, Bytes strings, bool cut) {
        size_t n = 0;

        while (strings.size > 0) {
                bool whole = strnlen(strings.data, strings.size) < strings.size;
                Bytes string = next_string(&strings);
                const char *equals = memchr(string.data, '=', string.size);

                if ((cut && !whole) || !equals || equals == string.data)
                        continue;
                assert_true(n < event->n_environment);
                assert_same(
                        event->environment[n].name, (Bytes){ string.data, (size_t) (equals - string.data) });
                assert_same(event->environment[n].value,
                        (Bytes){ equals + 1, (size_t) (string.data + string.size - equals - 1) });
                n++;
        }
        assert_int_equal(event->n_environment, n);
}

static const char *front_of(uint32_t partial, uint32_t cut, uint32_t outside) {
        if (partial & cut)
                return "...";
        return partial & outside ? "(unreachable)" : "";
}

/* The components come last one first. */
static void check_path(Bytes path, Bytes components, const char *front) {
        _cleanup_(buffer_done) Buffer expected = BUFFER_NULL;
        size_t end = components.size;

        if (components.size == 0)
                return;
        buffer_append_string(&expected, front);
        while (end > 0) {
                size_t start = end - 1;

                while (start > 0 && components.data[start - 1] != '\0')
                        start--;
                buffer_append_char(&expected, '/');
                buffer_append(&expected, components.data + start, end - 1 - start);
                end = start;
        }
        assert_same(path, buffer_bytes(&expected));
}

/* That of an exec that failed may be put together with its descriptor. */
static void check_filename(const Event *event, Bytes filename, bool partial) {
        Bytes found = event->filename;

        if (event->error != 0 || filename.size == 0)
                return;
        if (partial) {
                assert_true(found.size == filename.size + 3);
                assert_memory_equal(found.data + filename.size, "...", 3);
                found.size -= 3;
        }
        assert_same(found, filename);
}

/* The lengths that the record ends with, `before` the bytes behind them. */
static struct exec_lengths last_lengths(const char *record, size_t size, size_t before) {
        struct exec_lengths lengths;

        memcpy(&lengths, record + size - before - sizeof(lengths), sizeof(lengths));
        return lengths;
}

static void check_event(const Event *event, const char *record, size_t size) {
        struct exec_lengths cut = {}, env = {};
        struct exec_record head;
        Bytes filename, exe, cwd, tty, args_head, args_tail;
        Input input = { (const uint8_t *) record, size };

        memcpy(&head, record, sizeof(head));
        (void) input_take(&input, sizeof(head));
        for (unsigned i = 0; i < ELEMENTSOF(part_sizes); i++)
                if (head.parts & 1U << i)
                        (void) input_take(&input, part_sizes[i]);
        cut.head = head.args_len;
        if (head.parts & EXEC_PART_CUT)
                cut = last_lengths(record, size, 0);
        if (head.parts & EXEC_PART_ENV)
                env = last_lengths(record, size, head.parts & EXEC_PART_CUT ? sizeof(cut) : 0);
        assert_same(event->comm,
                head.partial & EXEC_PARTIAL_CALLER ? BYTES_NULL
                                                   : (Bytes){ (const char *) input.data, head.comm_len });
        (void) input_take(&input, head.comm_len);
        assert_same(event->parent_comm, input_take(&input, head.parent_comm_len));
        tty = input_take(&input, head.tty_len);
        filename = input_take(&input, head.filename_len);
        exe = input_take(&input, head.exe_len);
        cwd = input_take(&input, head.cwd_len);
        args_head = input_take(&input, cut.head);
        args_tail = input_take(&input, head.args_len - cut.head);

        check_filename(event, filename, head.partial & EXEC_PARTIAL_FILENAME);
        if (head.parts & EXEC_PART_SAME_EXE)
                assert_same(event->exe, event->filename);
        check_path(event->exe, exe, front_of(head.partial, EXEC_PARTIAL_EXE, EXEC_PARTIAL_EXE_OUTSIDE));
        check_path(event->cwd, cwd, front_of(head.partial, EXEC_PARTIAL_CWD, EXEC_PARTIAL_CWD_OUTSIDE));
        assert_int_equal(bytes_is_set(event->tty), tty.size > 0);
        assert_in_range(event->tty.size, tty.size, tty.size + 1);
        assert_int_equal(event->truncated, !!(head.parts & EXEC_PART_CUT));
        check_arguments(event, args_head, args_tail);
        check_environment(event, input_take(&input, env.head), env.head < env.total);
}

static void touch_event(const Event *event) {
        const Bytes texts[] = { event->filename, event->exe, event->cwd, event->tty, event->comm,
                event->parent_comm };

        for (size_t i = 0; i < ELEMENTSOF(texts); i++)
                touch(texts[i]);
        for (size_t i = 0; i < event->argc; i++)
                touch(event->argv[i]);
        for (size_t i = 0; i < event->n_environment; i++) {
                touch(event->environment[i].name);
                touch(event->environment[i].value);
        }
}

static void check_record(const char *record, size_t size, bool repaired) {
        _cleanup_(decoder_done) Decoder decoder = {};
        Event event;
        int r, again;

        r = decode_record(&decoder, record, size, 1700000000000000000, &event);
        assert_true(r == 0 || r == -EBADMSG);
        if (repaired)
                assert_int_equal(r, 0);
        if (r < 0)
                return;
        touch_event(&event);
        if (repaired)
                check_event(&event, record, size);

        /* The decoder's memory, used again. */
        again = decode_record(&decoder, record, size, INT64_MIN, &event);
        assert_int_equal(again, 0);
        touch_event(&event);
}

static void check_cgroup(const char *record, size_t size) {
        int kind = decode_kind(record, size);
        CgroupChange change;

        assert_true(kind >= 0 || kind == -EBADMSG);
        if (decode_cgroup(record, size, &change) < 0)
                return;
        assert_true(kind == EXEC_RECORD_CGROUP_MADE || kind == EXEC_RECORD_CGROUP_GONE);
        assert_int_equal(change.name.size, size - sizeof(struct exec_cgroup));
        assert_true(change.name.size > 0 || kind == EXEC_RECORD_CGROUP_GONE);
        if (change.name.size > 0) {
                assert_null(memchr(change.name.data, '/', change.name.size));
                assert_null(memchr(change.name.data, '\0', change.name.size));
        }
}

static void check_log(const char *record, size_t size) {
        const FormatOptions options = { .facility = LOG_AUTHPRIV };
        KernelLog log = {};
        Notice notice;
        int r;

        for (uint64_t i = 0; i <= KERNEL_LOG_BURST; i++) {
                r = kernel_log_decode(&log, record, size, KERNEL_LOG_INTERVAL_USEC, &notice);
                assert_true(r == -EBADMSG || r == (i < KERNEL_LOG_BURST));
                if (r > 0 && i == 0)
                        check_notice_formats(&options, &notice);
        }
        if (kernel_log_omitted(&log, &notice) > 0)
                check_notice_formats(&options, &notice);
}

/* The first byte says whether the rest is repaired. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        Input input = { data, size };
        bool repaired = input_number(&input, 1) & 1;
        Bytes bytes = { (const char *) input.data, input.size };
        _cleanup_free_ char *record = copy_of(bytes);

        if (repaired && !repair_record(record, bytes.size))
                return 0;
        check_record(record, bytes.size, repaired);
        check_cgroup(record, bytes.size);
        check_log(record, bytes.size);
        return 0;
}
