# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# A booted system in a container: started, entered, stopped. One at a time, unless the caller gives each a name, a network
# and a cgroup, and keeps these variables of each. Its kernel is this machine's, so what is executed elsewhere is recorded,
# too: tests tell their own programs by names that are used once.

machine_root=
machine_boot_pid=
machine_leader=
machine_name=exectraced-test
machine_options=(--private-network)
machine_console= # a file for what it prints while it boots
machine_enter=: # is called in the process that becomes the container's

# What one needs in which programs are traced, and what the next one that is booted gets, as options of systemd-nspawn.
machine_tracing=(--capability=all --system-call-filter='bpf perf_event_open')
machine_capabilities=("${machine_tracing[@]}")

# missing_program NAME...: prints the first that is not installed, and fails when all are. One "command -v" of several names
# succeeds when it finds any of them.
missing_program() {
    local name
    for name in "$@"; do
        command -v "$name" >/dev/null || {
            printf '%s\n' "$name"
            return 0
        }
    done
    return 1
}

# machine_boot ROOT: boots it and returns when the system is up.
machine_boot() {
    machine_root=$1
    exec {machine_fd}< <(
        "$machine_enter"
        SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 exec "$top/tests/system/lib/boot" 90 systemd-nspawn --quiet --boot \
            --directory="$machine_root" --machine="$machine_name" --register=no --keep-unit --notify-ready=yes \
            "${machine_options[@]}" --link-journal=no "${machine_capabilities[@]}" --console=pipe \
            </dev/null 2>"${machine_console:-$work/console.log}"
    )
    machine_boot_pid=$!
    machine_leader=
    IFS= read -r -u "$machine_fd" machine_leader || {
        machine_gone
        tail -n 20 "${machine_console:-$work/console.log}"
        return 1
    }
}

# The container has ended, or is to end now.
machine_gone() {
    local status=0
    kill "$machine_boot_pid" 2>/dev/null || true
    wait "$machine_boot_pid" || status=$?
    exec {machine_fd}<&-
    machine_boot_pid=
    machine_leader=
    return "$status"
}

# machine_wait: waits until the system has shut itself down.
machine_wait() {
    timeout 60 tail --pid="$machine_leader" -f /dev/null || true
    machine_gone || true
}

# machine_stop: powers it off.
machine_stop() {
    [ -n "$machine_boot_pid" ] || return 0
    if [ -n "$machine_leader" ]; then
        in_machine systemctl --no-block poweroff 2>/dev/null || true
        machine_wait
    else
        machine_gone || true
    fi
}

# in_machine COMMAND...: runs it there, as root and in no unit.
in_machine() {
    nsenter --target "$machine_leader" --mount --uts --ipc --net --pid --cgroup --root --wd \
        env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 TERM=dumb \
        SYSTEMD_PAGER=cat SYSTEMD_COLORS=0 timeout --kill-after=5 180 "$@" </dev/null
}
