/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "cgroup/place.h"

#include <stdbool.h>
#include <stdint.h>

#include "util/cleanup.h"

#define UNIT_NAME_MAX 255
#define CONTAINER_ID_SIZE 64

#define DIGITS "0123456789"
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

/* Takes the next component off *path and returns it. It is empty when there is none. */
static Bytes next_component(Bytes *path) {
        Bytes component;
        const char *slash;

        while (path->size > 0 && path->data[0] == '/')
                *path = (Bytes){ path->data + 1, path->size - 1 };
        slash = path->size > 0 ? memchr(path->data, '/', path->size) : NULL;
        component = (Bytes){ path->data, slash ? (size_t) (slash - path->data) : path->size };
        *path = (Bytes){ path->data + component.size, path->size - component.size };
        return component;
}

static bool consists_of(Bytes text, const char *characters) {
        for (size_t i = 0; i < text.size; i++)
                if (text.data[i] == '\0' || !strchr(characters, text.data[i]))
                        return false;
        return text.size > 0;
}

/*
 * Removes the prefix from *text. Returns false, and leaves *text unchanged, when it does not begin with it.
 */
static bool take_prefix(Bytes *text, Bytes prefix) {
        if (text->size < prefix.size || memcmp(text->data, prefix.data, prefix.size) != 0)
                return false;
        *text = (Bytes){ text->data + prefix.size, text->size - prefix.size };
        return true;
}

static bool take_suffix(Bytes *text, Bytes suffix) {
        if (text->size < suffix.size ||
                memcmp(text->data + text->size - suffix.size, suffix.data, suffix.size) != 0)
                return false;
        text->size -= suffix.size;
        return true;
}

/* Finds the part between the prefix and the suffix. Returns false when `text` does not have both. */
static bool middle_of(Bytes text, Bytes prefix, Bytes suffix, Bytes *ret) {
        if (!take_prefix(&text, prefix) || !take_suffix(&text, suffix))
                return false;
        *ret = text;
        return true;
}

static bool unit_type_is_known(Bytes type) {
        static const Bytes types[] = {
                BYTES_LITERAL("service"),
                BYTES_LITERAL("scope"),
                BYTES_LITERAL("slice"),
                BYTES_LITERAL("socket"),
                BYTES_LITERAL("mount"),
                BYTES_LITERAL("swap"),
                BYTES_LITERAL("automount"),
                BYTES_LITERAL("device"),
                BYTES_LITERAL("path"),
                BYTES_LITERAL("target"),
                BYTES_LITERAL("timer"),
        };

        for (size_t i = 0; i < ELEMENTSOF(types); i++)
                if (bytes_equal(type, types[i]))
                        return true;
        return false;
}

/*
 * A unit is NAME.TYPE or NAME@INSTANCE.TYPE (systemd.unit(5)). A template, without an instance, never runs.
 */
static bool unit_name_is_valid(Bytes name) {
        const char *dot = name.size > 0 ? memrchr(name.data, '.', name.size) : NULL;
        const char *at;
        Bytes stem, type;

        if (name.size > UNIT_NAME_MAX || !dot)
                return false;
        stem = (Bytes){ name.data, (size_t) (dot - name.data) };
        type = (Bytes){ dot + 1, name.size - stem.size - 1 };
        if (!unit_type_is_known(type) || !consists_of(stem, DIGITS LETTERS ":-_.\\@"))
                return false;

        at = memchr(stem.data, '@', stem.size);
        return !at || (at > stem.data && at + 1 < dot);
}

/* Returns the name of the unit whose cgroup has this name; unset when it is no unit. */
static Bytes unit_of(Bytes component) {
        (void) take_prefix(&component, BYTES_LITERAL("_"));
        return unit_name_is_valid(component) ? component : BYTES_NULL;
}

static bool unit_is_slice(Bytes unit) {
        return take_suffix(&unit, BYTES_LITERAL(".slice"));
}

CgroupNameKind cgroup_name_kind(Bytes name) {
        Bytes unit = unit_of(name);

        if (!bytes_is_set(unit))
                return CGROUP_NAME_OTHER;
        if (!unit_is_slice(unit))
                return CGROUP_NAME_UNIT;
        /* A slice can't be an instance of a template. */
        return memchr(unit.data, '@', unit.size) ? CGROUP_NAME_OTHER : CGROUP_NAME_SLICE;
}

/*
 * Returns the unit after the slices at the beginning of *path, sets *slice to the last of these, and removes
 * all of them from *path. The result is unset when there is no unit.
 */
static Bytes take_unit(Bytes *path, Bytes *slice) {
        for (;;) {
                Bytes name = next_component(path);

                switch (cgroup_name_kind(name)) {
                case CGROUP_NAME_SLICE:
                        *slice = unit_of(name);
                        break;
                case CGROUP_NAME_UNIT:
                        return unit_of(name);
                default:
                        return BYTES_NULL;
                }
        }
}

static bool unit_is_user_manager(Bytes unit) {
        Bytes instance;

        if (middle_of(unit, BYTES_LITERAL("user@"), BYTES_LITERAL(".service"), &instance))
                return consists_of(instance, DIGITS);
        return middle_of(unit, BYTES_LITERAL("capsule@"), BYTES_LITERAL(".service"), &instance);
}

static Bytes session_of(Bytes unit, Bytes slice) {
        Bytes session;

        if (!take_prefix(&slice, BYTES_LITERAL("user-")) ||
                !middle_of(unit, BYTES_LITERAL("session-"), BYTES_LITERAL(".scope"), &session))
                return BYTES_NULL;
        return consists_of(session, DIGITS LETTERS) ? session : BYTES_NULL;
}

static Bytes container_by_id(Bytes parent, Bytes component) {
        Bytes id, runtime;

        (void) take_suffix(&component, BYTES_LITERAL(".scope"));
        if (component.size < CONTAINER_ID_SIZE)
                return BYTES_NULL;
        runtime = (Bytes){ component.data, component.size - CONTAINER_ID_SIZE };
        id = (Bytes){ component.data + runtime.size, CONTAINER_ID_SIZE };
        if (!consists_of(id, DIGITS "abcdef"))
                return BYTES_NULL;

        /* With the cgroupfs driver of Podman, this is the id of a pod. */
        if (runtime.size == 0)
                return bytes_equal(parent, BYTES_LITERAL("libpod_parent")) ? BYTES_NULL : id;
        if (!take_suffix(&runtime, BYTES_LITERAL("-")) && !take_suffix(&runtime, BYTES_LITERAL(":")))
                return BYTES_NULL;
        return take_suffix(&runtime, BYTES_LITERAL("conmon")) ? BYTES_NULL : id;
}

static int hexadecimal(char c) {
        const char *digits = DIGITS "abcdef", *p = c != '\0' ? strchr(digits, c) : NULL;

        return p ? (int) (p - digits) : -1;
}

/*
 * Takes one character or one escape ("\x2d") off *escaped, which is not empty. Returns false when it is
 * invalid.
 */
static bool take_unescaped(Bytes *escaped, char *ret) {
        int high, low;

        if (escaped->data[0] != '\\') {
                *ret = escaped->data[0];
                *escaped = (Bytes){ escaped->data + 1, escaped->size - 1 };
                return true;
        }
        if (escaped->size < 4 || escaped->data[1] != 'x')
                return false;
        high = hexadecimal(escaped->data[2]);
        low = hexadecimal(escaped->data[3]);
        if (high < 0 || low < 0)
                return false;
        *ret = (char) (high << 4 | low);
        *escaped = (Bytes){ escaped->data + 4, escaped->size - 4 };
        return true;
}

/* Unescapes the name of a machine that is a part of a unit's name. Returns unset when it is not valid. */
static Bytes machine_name(Bytes escaped, char *storage) {
        Bytes name = escaped;

        if (escaped.size > 0 && memchr(escaped.data, '\\', escaped.size)) {
                for (name.size = 0, name.data = storage; escaped.size > 0; name.size++)
                        if (name.size == CGROUP_MACHINE_MAX || !take_unescaped(&escaped, storage + name.size))
                                return BYTES_NULL;
        }
        if (name.size > CGROUP_MACHINE_MAX || !consists_of(name, DIGITS LETTERS "-_."))
                return BYTES_NULL;
        return name;
}

/*
 * libvirt registers its machines as DRIVER-ID-NAME. If the driver is qemu, the program in the cgroup is QEMU,
 * which runs on the host.
 */
static bool machine_is_virtual(Bytes name) {
        size_t digits = 0;

        if (!take_prefix(&name, BYTES_LITERAL("qemu-")))
                return false;
        while (digits < name.size && strchr(DIGITS, name.data[digits]))
                digits++;
        return digits > 0 && digits < name.size && name.data[digits] == '-';
}

static Bytes container_by_machine(Bytes parent, Bytes component, Bytes child, char *storage) {
        bool payload = bytes_equal(child, BYTES_LITERAL("payload"));
        Bytes name;

        if (middle_of(component, BYTES_LITERAL("machine-"), BYTES_LITERAL(".scope"), &name)) {
                name = machine_name(name, storage);
                return machine_is_virtual(name) || bytes_equal(child, BYTES_LITERAL("supervisor"))
                        ? BYTES_NULL
                        : name;
        }
        if (!payload)
                return BYTES_NULL;
        /* systemd-nspawn as a service, or with --register=no. */
        if (middle_of(component, BYTES_LITERAL("systemd-nspawn@"), BYTES_LITERAL(".service"), &name) ||
                (bytes_equal(parent, BYTES_LITERAL("machine.slice")) &&
                        middle_of(component, BYTES_LITERAL(""), BYTES_LITERAL(".scope"), &name)))
                return machine_name(name, storage);
        return BYTES_NULL;
}

static Bytes container_by_lxc(Bytes parent, Bytes component) {
        if (bytes_equal(parent, BYTES_LITERAL("lxc")) || bytes_equal(parent, BYTES_LITERAL("lxc.payload")))
                return component;
        if (take_prefix(&component, BYTES_LITERAL("lxc.payload.")) && component.size > 0)
                return component;
        return BYTES_NULL;
}

static Bytes find_container(Bytes path, char *storage) {
        Bytes parent = BYTES_NULL, component = next_component(&path);

        while (component.size > 0) {
                Bytes child = next_component(&path), container;

                container = container_by_id(parent, component);
                if (!bytes_is_set(container))
                        container = container_by_machine(parent, component, child, storage);
                if (!bytes_is_set(container))
                        container = container_by_lxc(parent, component);
                if (bytes_is_set(container))
                        return container;
                parent = component;
                component = child;
        }
        return BYTES_NULL;
}

void cgroup_path_parse(Bytes path, char *storage, CgroupPlace *ret) {
        CgroupPlace place = {};
        Bytes rest = path;

        if (path.size > 0 && path.data[0] == '/') {
                place.path = path;
                place.unit = take_unit(&rest, &place.slice);
                place.container = find_container(path, storage);
        }
        if (bytes_is_set(place.unit)) {
                Bytes user_slice = BYTES_NULL;

                if (!bytes_is_set(place.slice))
                        place.slice = BYTES_LITERAL("-.slice");
                place.session = session_of(place.unit, place.slice);
                if (unit_is_user_manager(place.unit))
                        place.user_unit = take_unit(&rest, &user_slice);
        }
        *ret = place;
}
