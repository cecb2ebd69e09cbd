# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The packages on a fresh Debian, which has nothing that they depend on: apt gets that from the network. Then the commands
# that README begins with.

# fresh_root: prints the directory of a pristine root of the suite that boots and has nothing else, making it if need be.
fresh_root() {
    local root=$cache/$suite-fresh
    mkdir -p "$cache"
    [ -d "$root" ] || root_make_new "$suite" systemd,systemd-sysv,dbus "$root" || return
    printf '%s\n' "$root"
}

# start_fresh: boots a copy of it with the packages in /packages. It has this machine's network and can't configure it. Not
# to be called in a subshell, as start_machine.
start_fresh() {
    local pristine
    pristine=$(fresh_root) || return
    root_copy "$pristine" "$work/root" || return
    mkdir "$work/root/packages"
    cp "$(deb exectraced)" "$(deb exectl)" "$work/root/packages/"
    # shellcheck disable=SC2034,SC2154 # lib/machine.sh
    machine_capabilities=("${machine_tracing[@]}" --drop-capability=CAP_NET_ADMIN)
    # shellcheck disable=SC2034
    machine_options=()
    machine_boot "$work/root"
}

# installed_in_machine PACKAGE: prints yes or no.
installed_in_machine() {
    local status
    status=$(in_machine dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null) || true
    [ "$status" = installed ] && echo yes || echo no
}

test_apt_install() {
    equal "libbpf is there before" "$(installed_in_machine libbpf1)" no
    in_machine apt-get update
    in_machine sh -c 'cd /packages && DEBIAN_FRONTEND=noninteractive \
        apt-get install --yes -o DPkg::Options::=--force-unsafe-io ./exectraced_*.deb ./exectl_*.deb'
    equal "libbpf is there" "$(installed_in_machine libbpf1)" yes
    equal "dpkg --audit" "$(in_machine dpkg --audit)" ""
    equal "files that differ" "$(in_machine dpkg --verify exectraced exectl)" ""
    equal enabled "$(in_machine systemctl is-enabled exectraced)" enabled
    equal ActiveState "$(show ActiveState)" active
}

# They are taken out of README, so that these are the ones that are tried. The build there is a script, as is this one.
test_readme_commands() {
    local commands said
    mapfile -t commands < <(sed -n -E 's/^\$ (sudo )?//p' "$top/README.md" | head -n 3)
    printf '%s\n' "${commands[@]}"
    equal "README's first command" "${commands[0]}" "systemctl enable --now exectraced"
    in_machine sh -c "${commands[0]}"
    equal ActiveState "$(show ActiveState)" active
    contains "systemctl status" "$(in_machine systemctl status exectraced)" "active (running)"

    printf '#!/bin/sh\ntr A-Z a-z </dev/null\nuname -s\n' >"$machine_root/root/build"
    chmod 0755 "$machine_root/root/build"
    in_machine sh -c 'cd /root && ./build'
    wait_record EXEC_PARENT_COMM=build EXEC_FILENAME=/usr/bin/uname >/dev/null
    in_machine journalctl --sync
    contains "journalctl -t exectrace" "$(in_machine journalctl -t exectrace)" "tr A-Z a-z"

    equal "README's second command" "${commands[1]}" "exectl -n 4"
    said=$(in_machine sh -c "${commands[1]}")
    printf '%s\n' "$said"
    contains "its head" "$(head -n 1 <<<"$said")" COMMAND
    [ "$(tail -n +2 <<<"$said" | grep -c -E '^[0-9]{4}-[0-9]{2}-[0-9]{2} ')" -eq 4 ]

    equal "README's third command" "${commands[2]}" "exectl tree build"
    said=$(in_machine sh -c "${commands[2]}")
    printf '%s\n' "$said"
    contains "the tree" "$(sed -E 's/[0-9]+/PID/g' <<<"$said")" $'PID /bin/sh ./build\n├─PID tr A-Z a-z\n└─PID uname -s'

    # What else is executed on this machine may be more than the records have room for.
    contains "exectl gaps" "$(in_machine exectl gaps || true)" " recorded "
    said=$(in_machine exectl doctor || true)
    printf '%s\n' "$said"
    contains "exectl doctor" "$said" "ok    service"
    contains "exectl doctor" "$said" "ok    hooks"
    contains "exectl doctor" "$said" "ok    seen"
}
