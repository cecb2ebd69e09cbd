# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The packages in a booted system. Each test goes on from the one before.

# start_machine: boots a copy of a root that has the libraries, with the packages in /packages. Not to be called
# in a subshell: it sets what machine_stop needs.
start_machine() {
    local pristine
    pristine=$(root_make "$suite" "$build/exectraced") || return
    root_copy "$pristine" "$work/root" || return
    rm -rf "$work/next"
    mkdir "$work/root/packages"
    cp "$packages"/*.deb "$work/root/packages/"
    next_version >"$work/root/packages/next.log" || return
    cp "$build/tests/system/storm" "$work/root/usr/local/bin/"
    # shellcheck disable=SC2034,SC2154 # lib/machine.sh
    machine_capabilities=("${machine_tracing[@]}")
    # shellcheck disable=SC2034
    machine_options=(--private-network)
    machine_boot "$work/root"
}

# next_version: the same program as the version after, in a package of its own.
next_version() {
    local tree=$work/next
    dpkg-deb --raw-extract "$(deb exectraced)" "$tree" &&
        sed -i 's/^Version: .*/&+next/' "$tree/DEBIAN/control" &&
        printf '\n# The sample of the next version.\n' >>"$tree/etc/exectraced.conf" &&
        (cd "$tree" && find . -path ./DEBIAN -prune -o -path ./etc -prune -o -type f -printf '%P\0' |
            xargs -0 md5sum >DEBIAN/md5sums) &&
        dpkg-deb --root-owner-group --build "$tree" "$work/root/packages/next.deb"
}

# dpkg_in COMMAND...: without anybody to ask, and with the old configuration where it was edited.
dpkg_in() {
    in_machine env DEBIAN_FRONTEND=noninteractive dpkg --force-confold "$@"
}

version() {
    in_machine dpkg-query --show --showformat='${Version}' exectraced
}

test_install() {
    local path
    # Only these two: what they depend on is there, or dpkg fails.
    dpkg_in --install "/packages/$(basename "$(deb exectraced)")" "/packages/$(basename "$(deb exectl)")"
    equal enabled "$(in_machine systemctl is-enabled exectraced)" enabled
    equal ActiveState "$(show ActiveState)" active
    path=$(program "$(unique installed)")
    in_machine "$path" one
    wait_record "EXEC_FILENAME=$path"
    contains "exectl" "$(in_machine exectl --no-pager list "$path")" "${path##*/}"
    contains "the catalog" "$(in_machine journalctl --catalog --quiet --identifier exectrace \
        EXECTRACED_EVENT=started)" "exectraced has begun to record"
    contains "the manual" "$(in_machine dpkg --listfiles exectraced)" /usr/share/man/man8/exectraced.8.gz
}

# The storm's programs are numbered by their argument: each is there once, and no record's number is missing.
test_upgrade_in_a_storm() {
    local name path position before storming
    name=$(unique upgrade)
    path=$(program "$name")
    # The failures of a search that then finds its program have numbers and leave no record.
    configure <<<$'[Trace]\nFailures=no'
    reload
    before=$(version)
    position=$(journal_position)
    in_machine systemd-run --quiet --unit "$name" --property Type=exec \
        storm "$path" "$storm_size" "$storm_rate"
    wait_record "EXEC_FILENAME=$path" >/dev/null
    dpkg_in --install /packages/next.deb
    storming=$(in_machine systemctl show --value --property ActiveState "$name")
    in_machine sh -c "while systemctl is-active --quiet $name; do :; done"
    barrier
    equal version "$(version)" "$before+next"
    equal "the storm outlasts the upgrade" "$storming" active
    equal "starts" "$(count_records "$position" EXECTRACED_EVENT=started)" 1
    equal "records" "$(fields=EXEC_SEQ count_records "$position" "EXEC_FILENAME=$path")" "$storm_size"
    equal "different programs" "$(fields=EXEC_ARGV records "$position" "EXEC_FILENAME=$path" |
        jq --raw-output .EXEC_ARGV | sort -u | wc -l)" "$storm_size"
    equal "records of losses" "$(count_records "$position" EXECTRACED_EVENT=lost)" 0
    equal "goes on" "$(records "$position" EXECTRACED_EVENT=started | field EXECTRACED_RESUMED | grep -c -v '^0$')" 1
    equal "gaps in EXEC_SEQ" "$(exec_gaps "$position")" ""
    configure </dev/null
    reload
}

# exec_gaps POSITION: like gaps, without the daemon's own records, of which some name the number of another.
exec_gaps() {
    fields=EXEC_SEQ,EXECTRACED_EVENT records "$1" _SYSTEMD_UNIT=exectraced.service |
        jq --raw-output 'select(.EXECTRACED_EVENT == null) | .EXEC_SEQ // empty' | sort --numeric-sort |
        awk 'NR > 1 && $1 != last + 1 { print last " is followed by " $1 } { last = $1 }'
}

test_edited_configuration() {
    local line='# edited by the administrator'
    dpkg_in --install "/packages/$(basename "$(deb exectraced)")"
    in_machine sh -c "echo '$line' >>/etc/exectraced.conf; echo '$line' >/etc/exectraced.conf.d/50-own.conf"
    dpkg_in --install /packages/next.deb
    equal "last line" "$(tail -n 1 "$machine_root/etc/exectraced.conf")" "$line"
    [ -e "$machine_root/etc/exectraced.conf.d/50-own.conf" ]
    equal ActiveState "$(show ActiveState)" active
    rm "$machine_root/etc/exectraced.conf.d/50-own.conf"
}

test_remove() {
    dpkg_in --remove exectraced
    equal ActiveState "$(show ActiveState)" inactive
    equal "what systemd keeps" "$(show NFileDescriptorStore)" 0
    [ -e "$machine_root/etc/exectraced.conf" ]
    [ ! -e "$machine_root/usr/sbin/exectraced" ]
}

test_purge() {
    local left
    dpkg_in --purge exectraced exectl
    # Its records stay; what is in /usr/local and /packages is of these tests.
    left=$(in_machine find / -xdev -path /proc -prune -o -path /sys -prune -o \
        -path /usr/local -prune -o -path /packages -prune -o \
        \( -name '*exectraced*' -o -name '*exectl*' \) -print; in_machine find /run -name '*exectraced*')
    equal "what is left" "$left" ""
    equal "the unit" "$(in_machine systemctl show --value --property LoadState exectraced)" not-found
    equal "failed units" "$(in_machine systemctl --failed --no-legend --plain 'exec*')" ""
}

# A host that only looks at records has it without the daemon.
test_viewer_alone() {
    dpkg_in --install "/packages/$(basename "$(deb exectl)")"
    [ ! -e "$machine_root/usr/sbin/exectraced" ]
    contains "exectl" "$(in_machine exectl --no-pager list --lines 3)" PID
}
