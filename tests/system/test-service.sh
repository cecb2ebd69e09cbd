# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Stopping, dying, restarting, and programs beside the service.

service_reset

test_stop_says_totals() {
    local position record
    barrier
    position=$(journal_position)
    in_machine systemctl stop exectraced
    record=$(wait_event "$position" stopped)
    echo "$record"
    [ "$(field EXEC_RECORDED <<<"$record")" -gt 0 ]
    equal lost "$(field EXEC_LOST <<<"$record")" 0
    [ "$(field EXEC_SUPPRESSED <<<"$record")" -ge 0 ]
    equal ActiveState "$(show ActiveState)" inactive
    equal Result "$(show Result)" success
    in_machine systemctl start exectraced
}

test_nothing_is_recorded_while_stopped() {
    local path
    path=$(program "$(unique stopped)")
    in_machine systemctl stop exectraced
    in_machine "$path"
    in_machine systemctl start exectraced
    barrier
    equal records "$(count_records '' "EXEC_FILENAME=$path")" 0
}

test_everything_before_a_stop_is_recorded() {
    local path
    path=$(program "$(unique drained)")
    # The stop comes at once, while the daemon still waits for more to gather.
    in_machine sh -c "for i in 1 2 3 4 5 6 7 8 9; do $path \$i; done; systemctl stop exectraced"
    equal records "$(count_records '' "EXEC_FILENAME=$path")" 9
    in_machine systemctl start exectraced
}

test_killed_and_back() {
    local position path main record
    main=$(show MainPID)
    position=$(journal_position)
    in_machine sh -c "kill -KILL $main"
    record=$(wait_event "$position" started)
    echo "$record"
    [ "$(show MainPID)" != "$main" ]
    [ -n "$(field EXECTRACED_RESUMED <<<"$record")" ]
    path=$(program "$(unique back)")
    in_machine "$path"
    wait_record "EXEC_FILENAME=$path"
}

test_started_says_how_many_programs_ran() {
    local position record running
    position=$(journal_position)
    in_machine systemctl stop exectraced
    in_machine systemctl start exectraced
    record=$(wait_event "$position" started)
    echo "$record"
    running=$(field EXECTRACED_RUNNING <<<"$record")
    # PID 1, journald and the daemon at least; at most all that there is now, and some that have ended meanwhile.
    [ "$running" -ge 3 ]
    [ "$running" -le $(($(in_machine sh -c 'cd /proc && echo [0-9]*' | wc -w) + 10)) ]
    equal resumed "$(field EXECTRACED_RESUMED <<<"$record")" ""
}

test_hung_and_back() {
    local position path record unit=/run/systemd/system/exectraced.service.d
    path=$(program "$(unique hung)")
    in_machine sh -c "mkdir -p $unit && printf '[Service]\nWatchdogSec=2s\n' >$unit/watchdog.conf"
    in_machine systemctl daemon-reload
    in_machine systemctl restart exectraced
    position=$(journal_position)
    in_machine sh -c "kill -STOP $(show MainPID); for i in 1 2 3 4 5 6 7 8 9; do $path \$i; done"
    record=$(wait_event "$position" started)
    echo "$record"
    [ -n "$(field EXECTRACED_RESUMED <<<"$record")" ]
    barrier
    equal "records of what ran meanwhile" "$(count_records "$position" "EXEC_FILENAME=$path")" 9
    equal "gaps in EXEC_SEQ" "$(gaps "$position")" ""
    contains journal "$(in_machine journalctl --unit exectraced --identifier systemd --quiet --output json | after "$position")" watchdog
    in_machine rm -r "$unit"
    in_machine systemctl daemon-reload
    service_reset
}

test_watchdog_is_fed() {
    local started unit=/run/systemd/system/exectraced.service.d
    in_machine sh -c "mkdir -p $unit && printf '[Service]\nWatchdogSec=1s\n' >$unit/watchdog.conf"
    in_machine systemctl daemon-reload
    in_machine systemctl restart exectraced
    started=$(show MainPID)
    # Three times as long as one that says nothing would live.
    in_machine timeout 3 tail --pid "$started" -f /dev/null || true
    equal "the same process" "$(show MainPID)" "$started"
    in_machine rm -r "$unit"
    in_machine systemctl daemon-reload
    service_reset
}

test_beside_the_service() {
    local path line
    path=$(program "$(unique beside)")
    exec {beside_fd}< <(in_machine timeout --signal INT 20 exectraced -f json)
    while IFS= read -r -t "$wait_seconds" -u "$beside_fd" line; do
        [[ $line != *'"started"'* ]] || break
    done
    in_machine "$path" both
    while IFS= read -r -t "$wait_seconds" -u "$beside_fd" line; do
        [[ $line != *"\"filename\":\"$path\""* ]] || break
    done
    equal "beside it" "$(jq --raw-output .filename <<<"$line")" "$path"
    wait_record "EXEC_FILENAME=$path"
}

# exit_status COMMAND...
exit_status() {
    local status=0
    in_machine "$@" || status=$?
    printf '%s' "$status"
}

test_exit_status() {
    equal usage "$(exit_status exectraced --no-such-option 2>/dev/null)" 64
    equal privileges "$(exit_status setpriv --bounding-set -all exectraced -f text 2>/dev/null)" 77
}
