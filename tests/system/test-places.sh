# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Where programs ran: units and sessions, in the words in which systemd itself tells of them.

service_reset
tester_uid=4321
in_machine useradd --uid "$tester_uid" --create-home tester

# holder NAME: makes a program of this name, which waits to be stopped, and prints its path in the machine.
holder() {
    local path=/usr/local/bin/$1
    cp "$machine_root/usr/bin/sleep" "$machine_root$path"
    printf '%s\n' "$path"
}

# show_unit PROPERTY UNIT
show_unit() {
    in_machine systemctl show --value --property "$1" "$2"
}

# check_unit UNIT PATH: a holder of this path runs in the unit, and its record says so. Stops the unit.
check_unit() {
    local unit=$1 path=$2 record
    record=$(wait_record "EXEC_FILENAME=$path")
    echo "$record"
    equal unit "$(field EXEC_UNIT <<<"$record")" "$(show_unit Id "$unit")"
    equal "the unit's name" "$(show_unit Id "$unit")" "$unit"
    equal slice "$(field EXEC_SLICE <<<"$record")" "$(show_unit Slice "$unit")"
    equal cgroup "$(field EXEC_CGROUP <<<"$record")" "$(show_unit ControlGroup "$unit")"
    equal invocation "$(field EXEC_INVOCATION_ID <<<"$record")" "$(show_unit InvocationID "$unit")"
    # Quoted where it has a backslash.
    [[ "$(field MESSAGE <<<"$record")" =~ ,\ unit=\'?"$unit"\'?,\  ]] || fail "message: $(field MESSAGE <<<"$record")"
    in_machine systemctl stop "$unit"
}

# as_tester COMMAND...: as this user, with access to his service manager.
as_tester() {
    in_machine setpriv --reuid "$tester_uid" --regid "$tester_uid" --clear-groups env HOME=/home/tester \
        "XDG_RUNTIME_DIR=/run/user/$tester_uid" "DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/$tester_uid/bus" "$@"
}

test_service() {
    local name path
    name=$(unique service)
    path=$(holder "$name")
    in_machine systemd-run --quiet --unit "$name" "$path" infinity
    check_unit "$name.service" "$path"
}

test_scope() {
    local name path
    name=$(unique scope)
    path=$(holder "$name")
    # Of a scope systemd is told the processes: the program is executed in it by systemd-run.
    in_machine systemd-run --quiet --scope --unit "$name" "$path" infinity &
    check_unit "$name.scope" "$path"
    wait
}

# A unit that is started again is another run of it.
test_invocations() {
    local name path first second
    name=$(unique again)
    path=$(holder "$name")
    in_machine systemd-run --quiet --unit "$name" --property Restart=no --remain-after-exit "$path" infinity
    first=$(show_unit InvocationID "$name.service")
    barrier
    in_machine systemctl restart "$name.service"
    second=$(show_unit InvocationID "$name.service")
    barrier
    [ "$first" != "$second" ] || fail "both runs are $first"
    equal "records of the first" "$(count_records '' "EXEC_INVOCATION_ID=$first" "EXEC_FILENAME=$path")" 1
    equal "records of the second" "$(count_records '' "EXEC_INVOCATION_ID=$second" "EXEC_FILENAME=$path")" 1
    in_machine systemctl stop "$name.service"
}

test_slices() {
    local name path
    name=$(unique slices)
    path=$(holder "$name")
    in_machine systemd-run --quiet --unit "$name" --slice a-b-c.slice "$path" infinity
    check_unit "$name.service" "$path"
    contains cgroup "$(wait_record "EXEC_FILENAME=$path" | field EXEC_CGROUP)" "/a.slice/a-b.slice/a-b-c.slice/"
}

# What systemd escapes in the name of a unit belongs to it; the slice that it makes of a template's name is escaped twice.
test_escaped_names() {
    local template path unit
    path=$(holder "$(unique escaped)")
    template="$(unique foo)"'\x2dbar@'
    printf '[Service]\nExecStart=%s infinity\n' "$path" >"$machine_root/etc/systemd/system/$template.service"
    in_machine systemctl daemon-reload
    unit="${template}in\\x2dstance.service"
    in_machine systemctl start "$unit"
    check_unit "$unit" "$path"
}

# Names that the kernel has files for get an underscore in the cgroup, and so do those that begin with one.
test_names_that_the_cgroup_cannot_have() {
    local unit path
    for unit in memory.service cgroup.procs.service _x.service; do
        path=$(holder "$(unique claimed)")
        in_machine systemd-run --quiet --unit "$unit" "$path" infinity
        check_unit "$unit" "$path"
        contains cgroup "$(wait_record "EXEC_FILENAME=$path" | field EXEC_CGROUP)" "/_$unit"
    done
}

# Each lives for some milliseconds: the time of a fork, an exec and an exit. What ran in which, its argument says.
test_units_that_live_for_milliseconds() {
    local name path count=200 position
    name=$(unique short)
    path=$(program "$name")
    printf '[Service]\nType=oneshot\nExecStart=%s %%i\n' "$path" >"$machine_root/etc/systemd/system/$name@.service"
    in_machine systemctl daemon-reload
    position=$(journal_position)
    # shellcheck disable=SC2046 # they are words
    in_machine systemctl start $(seq --format "$name@%g.service" "$count")
    barrier
    equal records "$(count_records "$position" "EXEC_FILENAME=$path")" "$count"
    # shellcheck disable=SC2034 # for records()
    local fields=EXEC_UNIT,EXEC_ARGV,EXEC_SLICE
    equal "units" "$(records "$position" "EXEC_FILENAME=$path" | jq --raw-output '.EXEC_UNIT' | sort -u | wc -l)" "$count"
    records "$position" "EXEC_FILENAME=$path" |
        jq --raw-output --arg name "$name" 'select(.EXEC_UNIT != "\($name)@\(.EXEC_ARGV | fromjson[1]).service")' >"$work/wrong"
    equal "records with another unit" "$(cat "$work/wrong")" ""
    rm "$machine_root/etc/systemd/system/$name@.service"
}

test_transient_units_that_live_for_milliseconds() {
    local name path i
    name=$(unique brief)
    path=$(program "$name")
    # shellcheck disable=SC2016 # for the shell in the machine
    in_machine sh -c 'for i in $(seq 30); do systemd-run --quiet --wait --collect --unit "$1-$i" "$2" "$i"; done' \
        - "$name" "$path"
    barrier
    for ((i = 1; i <= 30; i++)); do
        equal "argument of unit $i" "$(records '' "EXEC_UNIT=$name-$i.service" | field EXEC_ARGV)" "[\"$path\",\"$i\"]"
    done
}

test_user_manager() {
    local name path record
    name=$(unique user)
    path=$(holder "$name")
    in_machine systemctl start "user@$tester_uid.service"
    as_tester systemd-run --quiet --user --unit "$name" "$path" infinity
    record=$(wait_record "EXEC_FILENAME=$path")
    echo "$record"
    equal unit "$(field EXEC_UNIT <<<"$record")" "user@$tester_uid.service"
    equal "user unit" "$(field EXEC_USER_UNIT <<<"$record")" "$name.service"
    equal slice "$(field EXEC_SLICE <<<"$record")" "user-$tester_uid.slice"
    equal session "$(field EXEC_LOGIND_SESSION <<<"$record")" ""
    equal cgroup "$(field EXEC_CGROUP <<<"$record")" "$(as_tester systemctl --user show --value --property ControlGroup "$name")"
    equal uid "$(field EXEC_UID <<<"$record")" "$tester_uid"
    as_tester systemctl --user stop "$name"
}

# The manager itself, and what it executes before there is a unit: all belong to user@UID.service.
test_start_of_a_user_manager() {
    local position record
    in_machine systemctl stop "user@$tester_uid.service"
    position=$(journal_position)
    in_machine systemctl start "user@$tester_uid.service"
    record=$(follow "$position" SYSLOG_IDENTIFIER=exectrace "EXEC_UNIT=user@$tester_uid.service" EXEC_FILENAME=/lib/systemd/systemd EXEC_FILENAME=/usr/lib/systemd/systemd)
    echo "$record"
    equal slice "$(field EXEC_SLICE <<<"$record")" "user-$tester_uid.slice"
    barrier
    record=$(follow "$position" SYSLOG_IDENTIFIER=exectrace "EXEC_UNIT=user-runtime-dir@$tester_uid.service")
    equal "slice of its directory" "$(field EXEC_SLICE <<<"$record")" "user-$tester_uid.slice"
}

# A session that PAM opens, as for a login: logind makes a scope for it.
test_session() {
    local name path record session
    name=$(unique session)
    path=$(holder "$name")
    in_machine systemd-run --quiet --unit "$name" --property PAMName=login --property User=tester "$path" infinity
    record=$(wait_record "EXEC_FILENAME=$path")
    echo "$record"
    session=$(in_machine loginctl list-sessions --no-legend | awk '$3 == "tester" { print $1 }')
    [ -n "$session" ] || skip "logind opened no session"
    equal session "$(field EXEC_LOGIND_SESSION <<<"$record")" "$session"
    equal unit "$(field EXEC_UNIT <<<"$record")" "$(in_machine loginctl show-session --value --property Scope "$session")"
    equal slice "$(field EXEC_SLICE <<<"$record")" "user-$tester_uid.slice"
    equal "by session" "$(count_records '' "EXEC_LOGIND_SESSION=$session" "EXEC_FILENAME=$path")" 1
    in_machine loginctl terminate-session "$session"
}

test_unit_match() {
    local match name path
    for match in no yes; do
        configure <<<$'[Output]\nUnitMatch='"$match"
        reload
        name=$(unique match)
        path=$(program "$name")
        in_machine systemd-run --quiet --wait --unit "$name" "$path"
        wait_record "EXEC_FILENAME=$path"
        in_machine journalctl --sync
        equal "records shown by journalctl -u with UnitMatch=$match" \
            "$(in_machine journalctl --quiet --unit "$name" --output json | field EXEC_FILENAME | grep -c "^$path\$" || true)" \
            "$([ "$match" = no ] && echo 0 || echo 1)"
    done
    # What the unit wrote itself is still there, beside it.
    name=$(unique match)
    in_machine systemd-run --quiet --wait --unit "$name" echo "what it says"
    wait_record "EXEC_UNIT=$name.service"
    in_machine journalctl --sync
    equal "its own words" "$(in_machine journalctl --quiet --unit "$name" --identifier echo --output cat)" "what it says"
    service_reset
}

# program_in UNIT: makes a program and runs it in the unit.
program_in() {
    local path
    path=$(program "$1")
    in_machine systemd-run --quiet --wait --collect --unit "$1" "$path"
}

test_filters() {
    local wanted other
    wanted=$(unique wanted)
    other=$(unique other)
    configure <<<$'[Filter]\nIncludeUnit=wanted-*.service'
    reload
    program_in "$other"
    program_in "$wanted"
    wait_record "EXEC_UNIT=$wanted.service"
    equal "records of another unit" "$(count_records '' "EXEC_UNIT=$other.service")" 0

    wanted=$(unique wanted)
    other=$(unique other)
    configure <<<$'[Filter]\nExcludeUnit=wanted-*.service'
    reload
    program_in "$wanted"
    program_in "$other"
    wait_record "EXEC_UNIT=$other.service"
    equal "records of an excluded unit" "$(count_records '' "EXEC_UNIT=$wanted.service")" 0
    service_reset
}
