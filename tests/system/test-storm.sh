# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Many records in a short time: all of them are in the journal.

storm_size=${quick:+20000}
storm_size=${storm_size:-100000}
# journald's note of what its rate limit left out.
suppressed=MESSAGE_ID=a596d6fe7bfa4994828e72309e95d61e

service_reset
cp "$build/tests/system/storm" "$machine_root/usr/local/bin/storm"

# storm PATH COUNT: executes PATH so often, then returns once the last is in the journal.
storm() {
    local path=$1 count=$2
    in_machine systemd-run --quiet --wait --collect storm "$path" "$count"
    barrier
}

# complete PATH COUNT POSITION: every record of it is there once, and no number is missing between. Numbers of two
# processors may change places on their way into the ring.
complete() {
    local path=$1 count=$2 position=$3
    # shellcheck disable=SC2034 # for records()
    local fields=EXEC_ARGV,EXEC_SEQ
    equal "records of $path" "$(count_records "$position" "EXEC_FILENAME=$path")" "$count"
    equal "different arguments" "$(records "$position" "EXEC_FILENAME=$path" | jq --raw-output .EXEC_ARGV | sort -u | wc -l)" "$count"
    equal "gaps in EXEC_SEQ" "$(gaps "$position")" ""
    equal "records of losses" "$(count_records "$position" EXECTRACED_EVENT=lost)" 0
    equal "suppressed by journald" "$(in_machine journalctl --quiet --output json "$suppressed" | after "$position")" ""
}

test_all_pass_the_rate_limit() {
    local path position
    path=$(program "$(unique storm)")
    position=$(journal_position)
    storm "$path" "$storm_size"
    complete "$path" "$storm_size" "$position"
}

test_a_lower_rate_limit_would_suppress() {
    local path position unit=/run/systemd/system/exectraced.service.d
    path=$(program "$(unique limited)")
    # Whatever becomes of this test, the next ones have the unit as it is.
    trap 'in_machine rm -rf /run/systemd/system/exectraced.service.d; in_machine systemctl daemon-reload' EXIT
    in_machine sh -c "mkdir -p $unit && printf '[Service]\nLogRateLimitIntervalSec=1h\nLogRateLimitBurst=100\n' >$unit/limit.conf"
    in_machine systemctl daemon-reload
    in_machine systemctl restart exectraced
    position=$(journal_position)
    in_machine systemd-run --quiet --wait --collect storm "$path" 5000
    # The daemon hands over what it has before it ends; the limit goes with it.
    in_machine systemctl stop exectraced
    in_machine rm -r "$unit"
    in_machine systemctl daemon-reload
    [ "$(count_records "$position" "EXEC_FILENAME=$path")" -lt 5000 ]
    service_reset
}

test_journald_restarts_meanwhile() {
    local path position name
    name=$(unique restart)
    path=$(program "$name")
    position=$(journal_position)
    in_machine systemd-run --quiet --unit "$name" --property Type=exec storm "$path" "$storm_size"
    wait_record "EXEC_FILENAME=$path" >/dev/null
    in_machine systemctl restart systemd-journald
    equal "the storm goes on" "$(in_machine systemctl show --value --property ActiveState "$name")" active
    in_machine sh -c "while systemctl is-active --quiet $name; do :; done"
    barrier
    complete "$path" "$storm_size" "$position"
}

test_journald_hangs_and_dies_meanwhile() {
    local path position name all count gaps
    name=$(unique trouble)
    path=$(program "$name")
    all=12000
    position=$(journal_position)
    in_machine systemd-run --quiet --unit "$name" --property Type=exec storm "$path" "$all" 1500
    wait_record "EXEC_FILENAME=$path" >/dev/null
    in_machine sh -c "
        pid=\$(systemctl show --value --property MainPID systemd-journald)
        kill -STOP \$pid && sleep 5 && kill -CONT \$pid && systemctl kill --signal KILL systemd-journald"
    equal "the storm goes on" "$(in_machine systemctl show --value --property ActiveState "$name")" active
    in_machine sh -c "while systemctl is-active --quiet $name; do :; done"
    barrier
    # One that journald has taken and not yet written goes with it when it is killed.
    count=$(count_records "$position" "EXEC_FILENAME=$path")
    gaps=$(gaps "$position")
    echo "$count of $all; $gaps"
    [ "$count" -ge $((all - 1)) ]
    [ "$(wc -l <<<"$gaps")" -le 1 ]
    equal "records of losses" "$(count_records "$position" EXECTRACED_EVENT=lost)" 0
}

# What was in the sockets by then goes with them; what comes while there are none waits in the ring.
test_journald_is_gone_for_a_while() {
    local path position sockets="systemd-journald.socket systemd-journald-dev-log.socket"
    path=$(program "$(unique gone)")
    position=$(journal_position)
    in_machine sh -c "
        systemctl stop $sockets systemd-journald.service
        for i in 1 2 3 4 5 6 7 8 9; do $path \$i; done
        systemctl start $sockets systemd-journald.service"
    barrier
    equal records "$(count_records "$position" "EXEC_FILENAME=$path")" 9
    equal "records of losses" "$(count_records "$position" EXECTRACED_EVENT=lost)" 0
    in_machine systemctl restart exectraced # its standard error was a connection to the journald that is gone
}

# On a file system of its own, which has no room left. journald goes on in /run where it can, or drops entries, of which
# it tells nobody who sends: then numbers are missing.
test_disk_is_full_under_journald() {
    local path after position count room all=20000 journal=/var/log/journal
    path=$(program "$(unique full)")
    after=$(program "$(unique after)")
    trap 'in_machine umount --lazy /var/log/journal; in_machine systemctl restart systemd-journald' EXIT
    in_machine mount -t tmpfs -o size=48m,mode=2755 tmpfs "$journal"
    in_machine systemctl restart systemd-journald
    in_machine "$path" before
    in_machine sh -c "until journalctl --quiet EXEC_FILENAME=$path | grep -q before; do :; done"
    position=$(journal_position)
    in_machine dd if=/dev/zero "of=$journal/ballast" bs=64k 2>/dev/null || true
    in_machine storm "$path" "$all"
    room=$(in_machine df --output=avail --block-size=1K "$journal" | tail -n 1)
    echo "room for $room K"
    [ "$room" -lt 128 ]
    in_machine rm "$journal/ballast"
    in_machine "$after"
    in_machine sh -c "until journalctl --quiet EXEC_FILENAME=$after | grep -q $after; do :; done"

    # The daemon went on all the time, and lost nothing itself.
    equal NRestarts "$(show NRestarts)" 0
    equal ActiveState "$(show ActiveState)" active
    equal "records of losses" "$(count_records "$position" EXECTRACED_EVENT=lost)" 0
    count=$(count_records "$position" "EXEC_FILENAME=$path")
    echo "$count of $all"
    [ "$count" -eq "$all" ] || [ -n "$(gaps "$position")" ]
}

test_stopped_meanwhile() {
    local path position name stopped recorded
    name=$(unique stop)
    path=$(program "$name")
    # Its totals are to be those of one process.
    in_machine systemctl stop exectraced
    in_machine systemctl start exectraced
    position=$(journal_position)
    in_machine systemd-run --quiet --unit "$name" --property Type=exec storm "$path" "$storm_size"
    wait_record "EXEC_FILENAME=$path" >/dev/null
    in_machine systemctl stop exectraced
    in_machine systemctl stop "$name"
    stopped=$(wait_event "$position" stopped)
    # Its total is what the journal has of it.
    recorded=$(in_machine journalctl --quiet --output json --output-fields EXEC_SEQ,EXECTRACED_EVENT \
        "_PID=$(field _PID <<<"$stopped")" _SYSTEMD_UNIT=exectraced.service |
        jq --raw-output 'select(.EXECTRACED_EVENT | not) | .EXEC_SEQ // empty' | wc -l)
    equal recorded "$(field EXEC_RECORDED <<<"$stopped")" "$recorded"
    in_machine systemctl start exectraced
}
