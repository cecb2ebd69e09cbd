/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Names of users and groups: in the local files, in a list that learns, and in the cache for records. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "users/cache.h"
#include "users/local.h"
#include "users/names.h"

#define SECOND 1000000ULL

static char path[64];

/* A file of this content, for as long as the test runs. */
static const char *file_of(const char *content) {
        int fd = memfd_create("passwd", 0);

        assert_true(fd >= 0);
        assert_int_equal(write(fd, content, strlen(content)), strlen(content));
        (void) snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        return path;
}

static const char *const passwd = "root:x:0:0:root:/root:/bin/sh\n"
                                  "# daemon:x:7:7::/:\n"
                                  "daemon:x:1:1:a:b:c:d\n"
                                  "+nis:x:5:5::/:\n"
                                  "no-id:x::5::/:\n"
                                  "two:x:2x:5::/:\n"
                                  "none:x:4294967295:5::/:\n"
                                  "huge:x:99999999999999999999:5::/:\n"
                                  ":x:6:6::/:\n"
                                  "short:x\n"
                                  "last one:x:4294967294:9::/:";

static void test_local_names(void **state) {
        static const struct {
                const char *name;
                int result;
                uint32_t id;
        } table[] = {
                { "root", 0, 0 },
                { "daemon", 0, 1 },
                { "last one", 0, 4294967294 },
                { "nis", -ESRCH, 0 },
                { "+nis", -ESRCH, 0 },
                { "no-id", -ESRCH, 0 },
                { "two", -ESRCH, 0 },
                { "none", -ESRCH, 0 },
                { "huge", -ESRCH, 0 },
                { "short", -ESRCH, 0 },
                { "", -ESRCH, 0 },
        };
        const char *file = file_of(passwd);

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                for (int kind = USER_ID_OF_NAME; kind <= GROUP_ID_OF_NAME; kind++) {
                        UserQuestion question = { .kind = (uint32_t) kind };
                        UserAnswer answer = { .id = 0 };
                        bool group = kind == GROUP_ID_OF_NAME;

                        strcpy(question.name, table[i].name);
                        assert_int_equal(local_answer(group ? "/nonexistent" : file,
                                                 group ? file : "/nonexistent", &question, &answer),
                                table[i].result);
                        assert_int_equal(answer.id, table[i].id);
                }
}

static void test_local_ids(void **state) {
        const char *file = file_of(passwd);
        UserQuestion question = { .kind = USER_NAME_OF_ID, .id = 1 };
        UserAnswer answer;

        (void) state;
        assert_int_equal(local_answer(file, "", &question, &answer), 0);
        assert_string_equal(answer.name, "daemon");
        question.id = 7;
        assert_int_equal(local_answer(file, "", &question, &answer), -ESRCH);
        assert_int_equal(local_answer("/nonexistent", "", &question, &answer), -ENOENT);
}

static void test_list(void **state) {
        static const char *const bad[] = { "", "-x", "+x", "1-2-3", "1-", "a:b", "a/b", "a\nb" };
        const UserAnswer known = { .id = 7 }, other = { .id = 8 }, gone = { .result = -ESRCH },
                         silent = { .result = -EIO };
        NamedIds names = {}, newer = {};
        char *text = NULL;

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                assert_int_equal(named_ids_add(&names, USER_ID_OF_NAME, bad[i]), -EINVAL);
        assert_int_equal(named_ids_describe_open(&names, &text), 0);
        assert_null(text);

        assert_int_equal(named_ids_add(&names, USER_ID_OF_NAME, "nagios"), 0);
        assert_int_equal(named_ids_add(&names, USER_ID_OF_NAME, "nagios"), 0);
        assert_int_equal(named_ids_add(&names, GROUP_ID_OF_NAME, "domain users"), 0);
        assert_int_equal(names.n, 2);
        assert_int_equal(named_ids_count_open(&names), 2);
        assert_int_equal(named_ids_describe_open(&names, &text), 0);
        assert_string_equal(text, "user nagios, group domain users");
        free(text);

        assert_false(named_id_learn(&names.list[0], &silent));
        assert_true(named_id_learn(&names.list[0], &known));
        assert_false(named_id_learn(&names.list[0], &known));
        assert_false(named_id_learn(&names.list[0], &silent));
        assert_int_equal(named_ids_count_open(&names), 1);

        /* What was known counts in a new list, until somebody says that it is another, or none. */
        assert_int_equal(named_ids_add(&newer, GROUP_ID_OF_NAME, "nagios"), 0);
        assert_int_equal(named_ids_add(&newer, USER_ID_OF_NAME, "nagios"), 0);
        named_ids_inherit(&newer, &names);
        assert_false(newer.list[0].known);
        assert_true(newer.list[1].known);
        assert_int_equal(newer.list[1].id, 7);
        assert_true(named_id_learn(&newer.list[1], &other));
        assert_true(named_id_learn(&newer.list[1], &gone));
        assert_int_equal(named_ids_count_open(&newer), 2);
        named_ids_done(&names);
        named_ids_done(&newer);
}

/* Who is asked by the cache. */
typedef struct Asked {
        unsigned n;
        uint32_t id;
        int result;
} Asked;

static int on_ask(void *userdata, const UserQuestion *question) {
        Asked *asked = userdata;

        assert_int_equal(question->kind, USER_NAME_OF_ID);
        asked->n++;
        asked->id = question->id;
        return asked->result;
}

static void check(UserCache *cache, uint32_t uid, uint64_t now, const char *name) {
        Bytes found = BYTES_NULL;

        assert_int_equal(user_cache_find(cache, uid, now, &found), 0);
        if (!name)
                assert_null(found.data);
        else
                assert_true(bytes_equal(found, bytes_of_string(name)));
}

static void test_cache(void **state) {
        const UserAnswer a = { .name = "a" }, b = { .name = "b" };
        Asked asked = {};
        UserCache *cache;
        Bytes found;

        (void) state;
        assert_int_equal(user_cache_new(file_of(passwd), on_ask, &asked, &cache), 0);

        /* Nobody is asked for what is in the file. */
        check(cache, 1, SECOND, "daemon");
        assert_int_equal(asked.n, 0);

        /* Two ids of one set, of one record: it waits for the one, then for the other, and then no more. */
        assert_int_equal(user_cache_find(cache, 1024, SECOND, &found), -EINPROGRESS);
        assert_int_equal(user_cache_find(cache, 1024, SECOND, &found), -EINPROGRESS);
        assert_int_equal(asked.n, 1);
        user_cache_answer(cache, 1024, &a, SECOND);
        check(cache, 1024, SECOND, "a");
        assert_int_equal(user_cache_find(cache, 2048, SECOND, &found), -EINPROGRESS);
        user_cache_answer(cache, 2048, &b, SECOND);
        check(cache, 1024, SECOND, "a");
        check(cache, 2048, SECOND, "b");
        assert_int_equal(asked.n, 2);

        /* A third takes the place of the one that was not used for longer. */
        assert_int_equal(user_cache_find(cache, 3072, SECOND, &found), -EINPROGRESS);
        user_cache_answer(cache, 3072, &a, SECOND);
        check(cache, 2048, SECOND, "b");
        assert_int_equal(user_cache_find(cache, 1024, SECOND, &found), -EINPROGRESS);
        user_cache_answer(cache, 1024, &a, SECOND);

        /* Nothing counts for ever. */
        assert_int_equal(user_cache_find(cache, 1024, SECOND + USER_CACHE_KNOWN_USEC, &found), -EINPROGRESS);
        assert_true(user_cache_give_up(cache, SECOND));
        assert_false(user_cache_give_up(cache, SECOND));
        user_cache_free(cache);
}

/* Nobody answers: records go without, and a late answer counts from then on. */
static void test_cache_without_answers(void **state) {
        const UserAnswer late = { .name = "late" };
        Asked asked = {};
        UserCache *cache;
        Bytes found;

        (void) state;
        assert_int_equal(user_cache_new("/nonexistent", on_ask, &asked, &cache), 0);
        assert_int_equal(user_cache_find(cache, 5, SECOND, &found), -EINPROGRESS);
        assert_true(user_cache_give_up(cache, SECOND));
        check(cache, 5, SECOND, NULL);
        check(cache, 5, SECOND + USER_CACHE_NONE_USEC - 1, NULL);
        assert_int_equal(asked.n, 1);
        user_cache_answer(cache, 5, &late, 2 * SECOND);
        check(cache, 5, 2 * SECOND, "late");

        /* Asked, but the record is not to wait. */
        asked.result = 1;
        check(cache, 8, SECOND, NULL);
        user_cache_answer(cache, 8, &late, SECOND);
        check(cache, 8, SECOND, "late");
        asked.n = 1;

        asked.result = -EBUSY;
        check(cache, 6, SECOND, NULL);
        check(cache, 6, SECOND + USER_CACHE_BUSY_USEC - 1, NULL);
        assert_int_equal(asked.n, 2);
        check(cache, 6, SECOND + USER_CACHE_BUSY_USEC, NULL);
        assert_int_equal(asked.n, 3);
        user_cache_free(cache);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_local_names),
                cmocka_unit_test(test_local_ids),
                cmocka_unit_test(test_list),
                cmocka_unit_test(test_cache),
                cmocka_unit_test(test_cache_without_answers),
        };

        return cmocka_run_group_tests_name("names", tests, NULL, NULL);
}
