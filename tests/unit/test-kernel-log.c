/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "notice/kernel-log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>
#include <syslog.h>

#include "bpf/record.h"
#include "text.h"
#include "util/cleanup.h"

#define START 100000000ULL

static struct exec_log log_of(uint16_t code, int64_t a, int64_t b) {
        return (struct exec_log){
                .size = sizeof(struct exec_log),
                .abi = EXEC_RECORD_ABI,
                .code = code,
                .tgid = 4194304,
                .uid = 1000,
                .gid = UINT32_MAX,
                .args = { a, b },
        };
}

static int decode(KernelLog *log, const struct exec_log *record, uint64_t now_usec, Notice *ret) {
        return kernel_log_decode(log, record, sizeof(*record), now_usec, ret);
}

static int64_t number_of(const Notice *notice, const char *name) {
        for (size_t i = 0; i < notice->n_fields; i++)
                if (strcmp(notice->fields[i].name, name) == 0) {
                        assert_false(bytes_is_set(notice->fields[i].text));
                        return notice->fields[i].number;
                }
        return -1;
}

static void test_texts(void **state) {
        static const struct {
                uint16_t code;
                int64_t a, b;
                const char *text;
        } cases[] = {
                { EXEC_LOG_PATH_TOO_DEEP, 4096, 0,
                        "a path is too deep: only its last 4096 bytes are recorded" },
                { EXEC_LOG_ARGS_UNREADABLE, 5, 6000000000,
                        "only 5 of 6000000000 bytes of the arguments could be read" },
                { EXEC_LOG_ENV_UNREADABLE, 0, 7, "only 0 of 7 bytes of the environment could be read" },
                { EXEC_LOG_SLOT_BUSY, 3, 0, "two execs at once on CPU 3: one of them is not recorded" },
                { EXEC_LOG_NO_EXE, 1, 2, "the process has no executable file" },
                { EXEC_LOG_FILENAME_UNREADABLE, -EFAULT, 0, "the file name could not be read: Bad address" },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const struct exec_log record = log_of(cases[i].code, cases[i].a, cases[i].b);
                KernelLog log = {};
                Notice notice;

                assert_int_equal(decode(&log, &record, START, &notice), 1);
                assert_int_equal(notice.kind, NOTICE_KERNEL_LOG);
                assert_int_equal(notice.priority, LOG_WARNING);
                assert_bytes_equal(notice.message, bytes_of_string(cases[i].text));
                assert_int_equal(notice.n_fields, 3);
                assert_int_equal(number_of(&notice, "EXEC_PID"), 4194304);
                assert_int_equal(number_of(&notice, "EXEC_UID"), 1000);
                assert_int_equal(number_of(&notice, "EXEC_GID"), UINT32_MAX);
        }
}

/* What is no record of this kind makes no notice, and does not count as one. */
static void test_damaged(void **state) {
        const struct exec_log good = log_of(EXEC_LOG_NO_EXE, 0, 0);
        char bytes[2 * sizeof(good)] = {};
        struct exec_log bad[5];
        KernelLog log = {};
        Notice notice = { .n_fields = 9 };

        (void) state;
        memcpy(bytes, &good, sizeof(good));
        for (size_t size = 0; size <= sizeof(bytes); size++)
                if (size != sizeof(good))
                        assert_int_equal(kernel_log_decode(&log, bytes, size, START, &notice), -EBADMSG);

        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                bad[i] = good;
        bad[0].size++;
        bad[1].abi++;
        bad[2].code = 0;
        bad[3].code = UINT16_MAX;
        bad[4].abi = 0;
        for (size_t i = 0; i < 100 * ELEMENTSOF(bad); i++)
                assert_int_equal(decode(&log, &bad[i % ELEMENTSOF(bad)], START, &notice), -EBADMSG);
        assert_int_equal(kernel_log_omitted(&log, &notice), 0);
        assert_int_equal(notice.n_fields, 9);
        assert_int_equal(log.n_in_interval, 0);

        /* Where it begins does not matter. */
        memmove(bytes + 1, bytes, sizeof(good));
        assert_int_equal(kernel_log_decode(&log, bytes + 1, sizeof(good), START, &notice), 1);
}

/* Any numbers make one line of text. */
static void test_any_numbers(void **state) {
        static const int64_t numbers[] = { INT64_MIN, INT64_MIN + 1, -4097, -4096, -4095, -134, -1, 0, 1,
                4096, INT64_MAX };

        (void) state;
        for (uint16_t code = EXEC_LOG_PATH_TOO_DEEP; code <= EXEC_LOG_FILENAME_UNREADABLE; code++)
                for (size_t i = 0; i < ELEMENTSOF(numbers); i++)
                        for (size_t k = 0; k < ELEMENTSOF(numbers); k++) {
                                const struct exec_log record = log_of(code, numbers[i], numbers[k]);
                                KernelLog log = {};
                                Notice notice;

                                assert_int_equal(decode(&log, &record, START, &notice), 1);
                                assert_true(notice.message.size > 10);
                                assert_true(notice.message.size < sizeof(log.text) - 1);
                                assert_printable(notice.message);
                        }
}

/* So many in an interval, and one that says how many more there were. */
static void test_rate(void **state) {
        const struct exec_log record = log_of(EXEC_LOG_NO_EXE, 0, 0);
        KernelLog log = {};
        Notice notice;

        (void) state;
        for (unsigned i = 0; i < KERNEL_LOG_BURST; i++)
                assert_int_equal(decode(&log, &record, START + i, &notice), 1);
        assert_int_equal(kernel_log_omitted(&log, &notice), 0);
        for (unsigned i = 0; i < 7; i++)
                assert_int_equal(decode(&log, &record, START + KERNEL_LOG_INTERVAL_USEC - 1, &notice), 0);

        /* The next interval says it with its first. */
        assert_int_equal(decode(&log, &record, START + KERNEL_LOG_INTERVAL_USEC, &notice), 1);
        assert_int_equal(number_of(&notice, "EXECTRACED_OMITTED"), 7);
        assert_int_equal(decode(&log, &record, START + KERNEL_LOG_INTERVAL_USEC, &notice), 1);
        assert_int_equal(number_of(&notice, "EXECTRACED_OMITTED"), -1);
        for (unsigned i = 2; i < KERNEL_LOG_BURST; i++)
                assert_int_equal(decode(&log, &record, START + KERNEL_LOG_INTERVAL_USEC, &notice), 1);

        /* Or it is asked for, once. */
        for (unsigned i = 0; i < 3; i++)
                assert_int_equal(decode(&log, &record, START + 2 * KERNEL_LOG_INTERVAL_USEC - 1, &notice), 0);
        assert_int_equal(kernel_log_omitted(&log, &notice), 1);
        assert_int_equal(notice.kind, NOTICE_KERNEL_LOG);
        assert_bytes_equal(notice.message, BYTES_LITERAL("3 more messages of the kernel side were left out"));
        assert_int_equal(notice.n_fields, 1);
        assert_int_equal(number_of(&notice, "EXECTRACED_OMITTED"), 3);
        assert_int_equal(kernel_log_omitted(&log, &notice), 0);

        assert_int_equal(decode(&log, &record, START + 2 * KERNEL_LOG_INTERVAL_USEC, &notice), 1);
        assert_int_equal(number_of(&notice, "EXECTRACED_OMITTED"), -1);
}

/* Every message is a record, or is counted in one. */
static void test_nothing_is_passed_over(void **state) {
        const struct exec_log record = log_of(EXEC_LOG_NO_EXE, 0, 0);
        uint64_t now = 5, seed = 0x6b6c6f67;
        int64_t n_notices = 0, n_omitted = 0;
        KernelLog log = {};
        Notice notice;

        (void) state;
        for (unsigned i = 0; i < 10000; i++) {
                now += random_below(&seed, 2000000);
                if (decode(&log, &record, now, &notice) > 0) {
                        int64_t omitted = number_of(&notice, "EXECTRACED_OMITTED");

                        n_notices++;
                        n_omitted += omitted > 0 ? omitted : 0;
                }
                if (random_below(&seed, 50) == 0 && kernel_log_omitted(&log, &notice) > 0)
                        n_omitted += number_of(&notice, "EXECTRACED_OMITTED");
        }
        if (kernel_log_omitted(&log, &notice) > 0)
                n_omitted += number_of(&notice, "EXECTRACED_OMITTED");
        assert_int_equal(n_notices + n_omitted, 10000);
        assert_in_range(n_omitted, 1, 9999);
        assert_true((uint64_t) n_notices <= (now / KERNEL_LOG_INTERVAL_USEC + 1) * KERNEL_LOG_BURST);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_texts),
                cmocka_unit_test(test_damaged),
                cmocka_unit_test(test_any_numbers),
                cmocka_unit_test(test_rate),
                cmocka_unit_test(test_nothing_is_passed_over),
        };

        return cmocka_run_group_tests_name("kernel-log", tests, NULL, NULL);
}
