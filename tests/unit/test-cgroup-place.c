/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the paths of cgroups say, as systemd and the container runtimes lay them out. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "cgroup/place.h"
#include "text.h"
#include "util/cleanup.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define ID2 "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
#define POD "kubepods-burstable-podd2c1a3b4_0f5e_4a57_9d3c_2f4d3c1b0a99.slice"
#define PODS "/kubepods.slice/kubepods-burstable.slice/" POD "/"
#define X50 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X64 X50 "xxxxxxxxxxxxxx"
#define X247 X50 X50 X50 X50 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

/* Parses a copy that ends where its block of memory does, so that a read behind it is seen. */
static void parse(Bytes path, char *storage, char **ret_copy, CgroupPlace *ret) {
        *ret_copy = malloc(path.size > 0 ? path.size : 1);
        assert_non_null(*ret_copy);
        memcpy(*ret_copy, path.data, path.size);
        cgroup_path_parse((Bytes){ *ret_copy, path.size }, storage, ret);
}

static void check_name(const char *path, const char *what, Bytes found, const char *expected) {
        if (bytes_is_set(found) != (expected != NULL) || !bytes_equal(found, bytes_of_string(expected)))
                fail_msg("%s of \"%s\": \"%.*s\", not \"%s\"", what, path, (int) found.size,
                        bytes_is_set(found) ? found.data : "", expected ? expected : "(none)");
}

static const struct {
        const char *path, *unit, *slice, *user_unit, *session;
} unit_cases[] = {
        { "/" },
        { "/init.scope", "init.scope", "-.slice" },
        { "/ssh.service", "ssh.service", "-.slice" },
        { "/system.slice", NULL, "system.slice" },
        { "/system.slice/", NULL, "system.slice" },
        { "/system.slice/ssh.service", "ssh.service", "system.slice" },
        { "//system.slice///ssh.service/", "ssh.service", "system.slice" },
        { "/system.slice/tmp.mount", "tmp.mount", "system.slice" },
        { "/system.slice/dev-sda2.swap", "dev-sda2.swap", "system.slice" },
        { "/system.slice/dbus.socket", "dbus.socket", "system.slice" },
        { "/a.slice/a-b.slice/a-b-c.slice/x.scope", "x.scope", "a-b-c.slice" },
        { "/system.slice/system-getty.slice/getty@tty1.service", "getty@tty1.service", "system-getty.slice" },

        /* What is below a unit is the unit's. */
        { "/system.slice/foo.service/payload/bar.service", "foo.service", "system.slice" },
        { "/system.slice/foo.service/system.slice/bar.service", "foo.service", "system.slice" },
        { "/machine.slice/machine-a.scope/payload/system.slice/cron.service", "machine-a.scope",
                "machine.slice" },

        /* The escaping of the cgroup is undone, that of the name is the name's. */
        { "/system.slice/_cpu.service", "cpu.service", "system.slice" },
        { "/system.slice/__x.service", "_x.service", "system.slice" },
        { "/_memory.slice/x.service", "x.service", "memory.slice" },
        { "/system.slice/systemd-fsck@dev-disk-by\\x2duuid-1.service",
                "systemd-fsck@dev-disk-by\\x2duuid-1.service", "system.slice" },

        /* Users. */
        { "/user.slice/user-1000.slice/session-3.scope", "session-3.scope", "user-1000.slice", NULL, "3" },
        { "/user.slice/user-0.slice/session-c1.scope", "session-c1.scope", "user-0.slice", NULL, "c1" },
        { "/user.slice/user-0.slice/session-3.scope/x.service", "session-3.scope", "user-0.slice", NULL,
                "3" },
        { "/user.slice/user-1000.slice/user@1000.service", "user@1000.service", "user-1000.slice" },
        { "/user.slice/user-1000.slice/user@1000.service/init.scope", "user@1000.service", "user-1000.slice",
                "init.scope" },
        { "/user.slice/user-1000.slice/user@1000.service/app.slice/app-gnome.slice/x.service/y.scope",
                "user@1000.service", "user-1000.slice", "x.service" },
        { "/user.slice/user-1000.slice/user@1000.service/app.slice", "user@1000.service", "user-1000.slice" },
        { "/user.slice/user-1000.slice/user@1000.service/_io.service", "user@1000.service", "user-1000.slice",
                "io.service" },
        { "/user.slice/user-1000.slice/user@1000.service/x/y.service", "user@1000.service",
                "user-1000.slice" },
        { "/user.slice/user-1000.slice/user@1000.service/session-7.scope", "user@1000.service",
                "user-1000.slice", "session-7.scope" },
        { "/capsule.slice/capsule@a.service/app.slice/x.service", "capsule@a.service", "capsule.slice",
                "x.service" },
        { "/system.slice/user@root.service/x.service", "user@root.service", "system.slice" },
        { "/system.slice/session-3.scope", "session-3.scope", "system.slice" },
        { "/user.slice/user-0.slice/session-.scope", "session-.scope", "user-0.slice" },
        { "/user.slice/user-0.slice/session-a_b.scope", "session-a_b.scope", "user-0.slice" },
        { "/user.slice/user-0.slice/session-3.service", "session-3.service", "user-0.slice" },

        /* The first that is no slice is the unit, or there is none. */
        { "/payload/system.slice/ssh.service" },
        { "/system.slice/x/ssh.service", NULL, "system.slice" },
        { "/ssh", NULL, NULL },
        { "/.service" },
        { "/ssh." },
        { "/ssh.Service" },
        { "/ssh.services" },
        { "/ssh.service.d" },
        { "/@a.service" },
        { "/a@.service" },
        { "/a@b@c.service", "a@b@c.service", "-.slice" },
        { "/a.b.service", "a.b.service", "-.slice" },
        { "/a b.service" },
        { "/a\nb.service" },
        { "/a=b.service" },
        { "/\xc3\xa9.service" },
        { "/\xff.service" },
        { "/_.service" },
        { "/.slice/x.service" },
        { "/x@y.slice/x.service" },
        { "/" X247 ".service", X247 ".service", "-.slice" },
        { "/" X247 "x.service" },
        { "/_" X247 ".service", X247 ".service", "-.slice" },
};

static void test_units(void **state) {
        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(unit_cases); i++) {
                _cleanup_free_ char *copy = NULL;
                char storage[CGROUP_MACHINE_MAX];
                CgroupPlace place;

                parse(bytes_of_string(unit_cases[i].path), storage, &copy, &place);
                check_name(unit_cases[i].path, "path", place.path, unit_cases[i].path);
                check_name(unit_cases[i].path, "unit", place.unit, unit_cases[i].unit);
                check_name(unit_cases[i].path, "slice", place.slice, unit_cases[i].slice);
                check_name(unit_cases[i].path, "user unit", place.user_unit, unit_cases[i].user_unit);
                check_name(unit_cases[i].path, "session", place.session, unit_cases[i].session);
        }
}

static const struct {
        const char *path, *container;
} container_cases[] = {
        { "/", NULL },
        { "/system.slice/docker.service", NULL },

        /* Docker */
        { "/docker/" ID, ID },
        { "/docker/" ID "/init.scope", ID },
        { "/system.slice/docker-" ID ".scope", ID },
        { "/system.slice/docker-" ID ".scope/system.slice/x.service", ID },
        { "/user.slice/user-1000.slice/user@1000.service/user.slice/docker-" ID ".scope", ID },
        { "/docker", NULL },
        { "/docker/buildkit/u1x2v3w4", NULL },
        { "/system.slice/var-lib-docker-overlay2-" ID "-merged.mount", NULL },

        /* containerd, also what its systemd driver leaves in the hands of the cgroupfs one */
        { "/kubepods/burstable/podd2c1a3b4-0f5e-4a57-9d3c-2f4d3c1b0a99/" ID, ID },
        { PODS "cri-containerd-" ID ".scope", ID },
        { PODS, NULL },
        { "/system.slice/containerd.service/" POD ":cri-containerd:" ID, ID },
        { "/" POD ":cri-containerd:" ID, ID },
        { "/cri-containerd:" ID, ID },
        { "/default/" ID, ID },

        /* CRI-O */
        { PODS "crio-" ID ".scope", ID },
        { PODS "crio-" ID ".scope/container", ID },
        { "/kubepods/besteffort/podd2c1a3b4/crio-" ID, ID },
        { PODS "crio-conmon-" ID ".scope", NULL },
        { "/kubepods/besteffort/podd2c1a3b4/crio-conmon-" ID, NULL },

        /* Podman */
        { "/machine.slice/libpod-" ID ".scope", ID },
        { "/machine.slice/libpod-" ID ".scope/container", ID },
        { "/machine.slice/machine-libpod_pod_" ID2 ".slice/libpod-" ID ".scope", ID },
        { "/machine.slice/machine-libpod_pod_" ID2 ".slice", NULL },
        { "/machine.slice/libpod-conmon-" ID ".scope", NULL },
        { "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" ID ".scope", ID },
        { "/libpod_parent/libpod-" ID, ID },
        { "/libpod_parent/" ID2 "/libpod-" ID, ID },
        { "/libpod_parent/" ID2, NULL },
        { "/libpod_parent/libpod-conmon-" ID, NULL },
        { "/system.slice/web.service/libpod-payload-" ID, ID },
        { "/system.slice/web.service/runtime", NULL },
        { "/system.slice/" ID "-1f2e3d4c.service", NULL },
        { "/system.slice/" ID ".service", NULL },

        /* systemd-nspawn and what else machined knows */
        { "/machine.slice/machine-web.scope", "web" },
        { "/machine.slice/machine-web.scope/payload/init.scope", "web" },
        { "/machine.slice/machine-web\\x2d1\\x2eexample.scope/payload", "web-1.example" },
        { "/machine.slice/machine-web.scope/supervisor", NULL },
        { "/machine.slice/systemd-nspawn@web.service/payload", "web" },
        { "/machine.slice/systemd-nspawn@web.service/payload/system.slice/x.service", "web" },
        { "/machine.slice/systemd-nspawn@web-1.service/payload", "web-1" },
        { "/machine.slice/systemd-nspawn@web\\x2d1.service/payload", "web-1" },
        { "/machine.slice/systemd-nspawn@web.service", NULL },
        { "/machine.slice/systemd-nspawn@web.service/supervisor", NULL },
        { "/machine.slice/systemd-nspawn@web.service/.control", NULL },
        { "/machine.slice/web-1.scope/payload/init.scope", "web-1" },
        { "/machine.slice/web-1.scope", NULL },
        { "/system.slice/web-1.scope/payload", NULL },
        { "/system.slice/web.service/payload", NULL },
        { "/machine.slice/machine-lxc\\x2d1\\x2dweb.scope", "lxc-1-web" },
        { "/machine.slice/machine-qemu\\x2d1\\x2dweb.scope/libvirt/emulator", NULL },
        { "/machine.slice/machine-qemu\\x2dx\\x2dweb.scope", "qemu-x-web" },
        { "/machine.slice/machine-qemu.scope", "qemu" },
        { "/machine.slice/machine-" X64 ".scope", X64 },
        { "/machine.slice/machine-" X64 "x.scope", NULL },
        { "/machine.slice/machine-\\x78" X50 "xxxxxxxxxxxxx.scope", X64 },
        { "/machine.slice/machine-\\x78" X64 ".scope", NULL },
        { "/machine.slice/machine-.scope", NULL },
        { "/machine.slice/machine-a\\x00b.scope", NULL },
        { "/machine.slice/machine-a\\x2fb.scope", NULL },
        { "/machine.slice/machine-a\\x2.scope", NULL },
        { "/machine.slice/machine-a\\x.scope", NULL },
        { "/machine.slice/machine-a\\.scope", NULL },
        { "/machine.slice/machine-a\\x2D.scope", NULL },
        { "/machine.slice/machine-a\\y2d.scope", NULL },
        { "/machine.slice/machine-\xc3\xa9.scope", NULL },

        /* LXC and those who use it */
        { "/lxc.payload.web", "web" },
        { "/lxc.payload.web/system.slice/ssh.service", "web" },
        { "/lxc.payload/web", "web" },
        { "/lxc/web/init.scope", "web" },
        { "/user.slice/user-1000.slice/session-3.scope/lxc.payload.a b\xff", "a b\xff" },
        { "/lxc.monitor.web", NULL },
        { "/lxc.monitor/web", NULL },
        { "/lxc.payload.", NULL },
        { "/lxc", NULL },

        /* The outermost of several. */
        { "/docker/" ID "/docker/" ID2, ID },
        { "/machine.slice/machine-web.scope/payload/system.slice/docker-" ID ".scope", "web" },
        { PODS "crio-conmon-" ID ".scope/crio-" ID2, ID2 },

        /* Nearly an id. */
        { "/docker/0" ID, NULL },
        { "/docker/docker0" ID, NULL },
        { "/docker/" ID "0", NULL },
        { "/docker-" ID ".service", NULL },
        { "/docker-" ID ".scope.scope", NULL },
        { "/docker_" ID, NULL },
        { "/docker/ABCDEF6789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", NULL },
        { "/docker/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde", NULL },
        { "/docker/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde\xff", NULL },
};

static void test_containers(void **state) {
        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(container_cases); i++) {
                _cleanup_free_ char *copy = NULL;
                char storage[CGROUP_MACHINE_MAX];
                CgroupPlace place;

                parse(bytes_of_string(container_cases[i].path),
                        strchr(container_cases[i].path, '\\') ? storage : NULL, &copy, &place);
                check_name(
                        container_cases[i].path, "container", place.container, container_cases[i].container);
        }
}

static void assert_says_nothing(const CgroupPlace *place) {
        assert_false(bytes_is_set(place->unit));
        assert_false(bytes_is_set(place->user_unit));
        assert_false(bytes_is_set(place->slice));
        assert_false(bytes_is_set(place->session));
        assert_false(bytes_is_set(place->container));
}

static void test_no_path(void **state) {
        static const Bytes paths[] = {
                BYTES_LITERAL(""),
                BYTES_LITERAL("ssh.service"),
                BYTES_LITERAL("system.slice/docker-" ID ".scope"),
                BYTES_LITERAL("\0/ssh.service"),
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(paths); i++) {
                _cleanup_free_ char *copy = NULL;
                CgroupPlace place;

                parse(paths[i], NULL, &copy, &place);
                assert_false(bytes_is_set(place.path));
                assert_says_nothing(&place);
        }
}

/* No byte of a name is more than a byte of a name. */
static void test_nul(void **state) {
        static const Bytes paths[] = {
                BYTES_LITERAL("/ssh\0.service"),
                BYTES_LITERAL("/ssh.service\0"),
                BYTES_LITERAL("/machine-a\0b.scope"),
                BYTES_LITERAL("/machine-a\\x2d\0.scope"),
                BYTES_LITERAL("/docker/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde\0"),
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(paths); i++) {
                _cleanup_free_ char *copy = NULL;
                char storage[CGROUP_MACHINE_MAX];
                CgroupPlace place;

                parse(paths[i], storage, &copy, &place);
                assert_bytes_equal(place.path, paths[i]);
                assert_says_nothing(&place);
        }
}

static bool lies_in(Bytes part, const char *whole, size_t size) {
        return part.data >= whole && part.size <= size && (size_t) (part.data - whole) <= size - part.size;
}

static void check_random(Bytes path) {
        _cleanup_free_ char *copy = NULL;
        char storage[CGROUP_MACHINE_MAX];
        CgroupPlace place;
        Bytes names[3];

        parse(path, storage, &copy, &place);
        names[0] = place.unit;
        names[1] = place.user_unit;
        names[2] = place.session;
        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                if (bytes_is_set(names[i])) {
                        assert_true(lies_in(names[i], copy, path.size));
                        assert_true(names[i].size > 0 && names[i].size <= 255);
                        assert_printable(names[i]);
                }
        if (bytes_is_set(place.slice) && !bytes_equal(place.slice, BYTES_LITERAL("-.slice")))
                assert_true(lies_in(place.slice, copy, path.size));
        if (bytes_is_set(place.container))
                assert_true(place.container.size > 0 &&
                        (lies_in(place.container, copy, path.size) ||
                                lies_in(place.container, storage, sizeof(storage))));
        assert_int_equal(bytes_is_set(place.path), path.size > 0 && path.data[0] == '/');
}

/* Whoever names cgroups, and however: all that is found is inside of the path. */
static void test_random(void **state) {
        static const char *const starts[] = { "", "/", "/system.slice/", "/machine.slice/machine-", "/lxc/",
                "/user.slice/user-1.slice/session-", "/user.slice/user-1.slice/user@1.service/" };
        static const char *const words[] = { "/", "/", "/", "a", "1", ".service", ".scope", ".slice", "_",
                "-", ":", "@", ".", "\\x2d", "\\x", "\\", "\xff", "user@", "machine-", "systemd-nspawn@",
                "session-", "payload", "lxc.payload.", "lxc", "conmon", "libpod_parent", ID, X64 };
        uint64_t seed = 0x6367726f7570;

        (void) state;
        for (size_t i = 0; i < 50000; i++) {
                Buffer path = BUFFER_NULL;

                buffer_append_string(&path, starts[random_below(&seed, ELEMENTSOF(starts))]);
                for (uint32_t n = random_below(&seed, 12); n > 0; n--) {
                        char storage[WORD_MAX];

                        if (random_below(&seed, 32) == 0)
                                buffer_append_bytes(&path, random_word(&seed, storage));
                        else
                                buffer_append_string(&path, words[random_below(&seed, ELEMENTSOF(words))]);
                }
                assert_int_equal(buffer_error(&path), 0);
                if (path.size > 0)
                        check_random(buffer_bytes(&path));
                buffer_done(&path);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_units),
                cmocka_unit_test(test_containers),
                cmocka_unit_test(test_no_path),
                cmocka_unit_test(test_nul),
                cmocka_unit_test(test_random),
        };

        return cmocka_run_group_tests_name("cgroup-place", tests, NULL, NULL);
}
