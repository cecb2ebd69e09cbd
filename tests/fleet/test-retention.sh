# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What is removed on a collector whose systemd-journal-remote removes nothing itself.

# file_like NAME: a journal of the collector's under this name.
file_like() {
    local from
    from=$(find "$collected" -name '*.journal' ! -name '*@*' | head -n 1)
    cp --preserve "$from" "$collected/$1"
}

test_timer_removes_archived_files() {
    local unit=exectraced-fleet-vacuum archived unclosed active
    archived=remote-old@00000000000000000000000000000001-0000000000000001-0000000000000001.journal
    unclosed=remote-old@0000000000000001-0000000000000001.journal~
    active=remote-still.journal
    on collector
    put "$fleet/collector/$unit.service" "/etc/systemd/system/$unit.service"
    put "$fleet/collector/$unit.timer" "/etc/systemd/system/$unit.timer"
    sed -i 's/--vacuum-size=100G/--vacuum-size=1K/' "$machine_root/etc/systemd/system/$unit.service"
    file_like "$archived"
    file_like "$unclosed"
    file_like "$active"
    cp "$collected/$active" "$collected/other"
    in_machine systemctl daemon-reload
    in_machine systemctl enable --quiet --now "$unit.timer"
    # The timer is late by a minute at most.
    for ((i = 0; i < 150; i++)); do
        [ -e "$collected/$archived" ] || [ -e "$collected/$unclosed" ] || break
        sleep 1
    done
    in_machine systemctl show --property Result,ExecMainStatus,ActiveState "$unit.service"
    equal "files that were removed" "$(cd "$collected" && find . -name 'remote-old*')" ""
    [ -e "$collected/$active" ] || fail "a file that is in use was removed"
    [ -e "$collected/other" ] || fail "a file with another name was removed"
    equal "the service's result" "$(in_machine systemctl show --value --property Result "$unit.service")" success
    in_machine systemctl disable --quiet --now "$unit.timer"
    rm "$collected/$active" "$collected/other"
}
