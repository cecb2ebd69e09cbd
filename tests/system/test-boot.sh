# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The next boot of a system where the service is enabled.

service_reset
in_machine systemctl --quiet enable exectraced
in_machine systemctl --no-block reboot
machine_wait
machine_boot "$work/root" >"$work/reboot.out"

# this_boot MATCH...: records of this boot, as JSON.
this_boot() {
    in_machine journalctl --sync
    in_machine journalctl --boot --identifier exectrace --all --quiet --output json "$@"
}

test_it_runs() {
    [ -n "$machine_leader" ] || fail "did not boot: $(cat "$work/reboot.out")"
    equal ActiveState "$(show ActiveState)" active
    equal NRestarts "$(show NRestarts)" 0
    barrier
}

test_recording_began_before_sysinit() {
    local active sysinit
    # Active means attached, and that the record is sent; when journald comes to it is another matter.
    active=$(show ActiveEnterTimestampMonotonic)
    sysinit=$(in_machine systemctl show --value --property ActiveEnterTimestampMonotonic sysinit.target)
    echo "active: $active, sysinit.target: $sysinit"
    [ "$active" -lt "$sysinit" ]
    equal "records of the start" "$(this_boot EXECTRACED_EVENT=started | wc -l)" 1
}

test_few_programs_ran_before() {
    local record running
    record=$(this_boot EXECTRACED_EVENT=started)
    running=$(field EXECTRACED_RUNNING <<<"$record")
    echo "running: $running"
    # PID 1, journald and the daemon at least.
    [ "$running" -ge 3 ]
    [ "$running" -lt 30 ]
    equal resumed "$(field EXECTRACED_RESUMED <<<"$record")" ""
}

test_programs_after_sysinit_are_recorded() {
    local started
    # What needs sysinit.target is started after the daemon said that it is ready: none of it may be missing.
    for unit in systemd-logind dbus; do
        started=$(in_machine systemctl show --value --property ExecMainPID "$unit.service")
        echo "$unit: $started"
        [ "$(this_boot "EXEC_NSPID=$started" | wc -l)" -ge 1 ]
    done
}

test_no_ordering_cycle() {
    equal cycles "$(in_machine journalctl --boot --quiet --output cat --grep 'ordering cycle' _PID=1 || true)" ""
    equal "failed units" "$(in_machine systemctl list-units --state failed --plain --no-legend)" ""
}

test_last_boot_ended_with_a_stopped_record() {
    local last
    last=$(in_machine journalctl --boot -1 --identifier exectrace --quiet --output json | tail -n 1)
    equal "last record" "$(field EXECTRACED_EVENT <<<"$last")" stopped
}
