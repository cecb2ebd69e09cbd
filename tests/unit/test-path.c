/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "path.h"
#include "util/cleanup.h"

static void test_append(void **state) {
        static const struct {
                const char *cwd, *name, *path;
        } cases[] = {
                { "/tmp/evil", "./install.sh", "/tmp/evil/install.sh" },
                { "/tmp/evil", "install.sh", "/tmp/evil/install.sh" },
                { "/tmp", "evil//./install.sh", "/tmp/evil/install.sh" },
                { "/tmp/other", "../evil/install.sh", "/tmp/evil/install.sh" },
                { "/", "install.sh", "/install.sh" },
                { "/", "../../x", "/x" },
                { "/tmp/", "x", "/tmp/x" },
                { "/tmp", "/opt/x", "/opt/x" },
                { "", "/opt//y/../x", "/opt/x" },
                { "/tmp", "..", "/" },
                { "/tmp", "...", "/tmp/..." },
                { "/tmp", "", NULL },
                { "", "x", NULL },
                { "(unreachable)/tmp", "x", NULL },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(buffer_done) Buffer buffer = BUFFER_NULL;
                Bytes path;

                buffer_append_string(&buffer, "/before:");
                assert_int_equal(
                        path_append(&buffer, bytes_of_string(cases[i].cwd), bytes_of_string(cases[i].name)),
                        cases[i].path != NULL);
                path = (Bytes){ buffer.data + 8, buffer.size - 8 };
                assert_true(bytes_equal(path, bytes_of_string(cases[i].path ? cases[i].path : "")));
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_append),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
