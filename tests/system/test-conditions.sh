# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# In a container as others make them, whose processes can't load BPF programs. Boots one, so it runs last.

machine_stop
# shellcheck disable=SC2034 # for machine_boot
machine_capabilities=() # until the next system
machine_boot "$work/root" ||
    report_fail "system.conditions: a container without privileges did not boot" "$work/console.log"

test_the_container_has_no_capability() {
    local mask
    mask=$(in_machine sed -n 's/^CapBnd:\t//p' /proc/1/status)
    equal "CAP_BPF of PID 1" $((0x$mask >> 39 & 1)) 0
}

test_condition_is_not_met() {
    equal "is-enabled" "$(in_machine systemctl is-enabled exectraced)" enabled
    equal ActiveState "$(show ActiveState)" inactive
    equal ConditionResult "$(show ConditionResult)" no
    in_machine systemctl start exectraced
    equal "ActiveState after a start" "$(show ActiveState)" inactive
    contains status "$(in_machine systemctl status exectraced || true)" "ConditionCapability=CAP_"
}

test_nothing_has_failed() {
    equal "failed units" "$(in_machine systemctl list-units --failed --plain --no-legend 'exectraced*')" ""
}
