# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# exectl as an administrator uses it, on the records of the service itself and with a real manager between who asks and
# what is executed.

service_reset

# viewed COMMAND MATCH OPTION...: what exectl says of a record that must be there already.
viewed() {
    in_machine exectl --no-pager "$@"
}

test_list_shows_what_journalctl_has() {
    local path record object
    path=$(program "$(unique viewed)")
    in_machine "$path" one 'two words' $'li\nne'
    record=$(wait_record "EXEC_FILENAME=$path")
    object=$(viewed list "$path" -o json)
    equal argv "$(jq --compact-output .argv <<<"$object")" "$(field EXEC_ARGV <<<"$record" | jq --compact-output .)"
    equal pid "$(jq .pid <<<"$object")" "$(field EXEC_PID <<<"$record")"
    equal seq "$(jq .seq <<<"$object")" "$(field EXEC_SEQ <<<"$record")"
    equal boot "$(jq --raw-output .boot_id <<<"$object")" "$(field _BOOT_ID <<<"$record")"
    equal "by name, in this boot" "$(viewed list -b "${path##*/}" -o cat)" "$path one 'two words' \$'li\\012ne'"
    contains "the user's name" "$(viewed list "$path" --no-legend)" " root "
    contains "the file" "$(viewed info "$path")" "still the one that ran"
}

test_why_joins_what_systemd_run_asked_for() {
    local path text
    path=$(program "$(unique asked)")
    in_machine systemd-run --quiet --wait --collect "$path" one 'two words'
    wait_record "EXEC_FILENAME=$path" >/dev/null
    text=$(viewed why "$path")
    echo "$text"
    contains "who asked" "$text" "systemd-run --quiet --wait --collect $path one 'two words'"
    [[ $text =~ "joined by time and arguments"|"joined by its pid in the unit's name" ]] || fail "not joined: $text"
}

test_why_joins_by_the_name_of_a_unit() {
    local path name text
    name=$(unique named)
    path=$(program "$name-program")
    in_machine systemd-run --quiet --wait --collect --unit "$name" "$path"
    wait_record "EXEC_FILENAME=$path" >/dev/null
    text=$(viewed why "$name.service")
    echo "$text"
    contains "who asked" "$text" "systemd-run --quiet --wait --collect --unit $name $path"
    contains "how it is joined" "$text" "joined by the unit that it names"
}

test_tree_of_a_unit() {
    local path name
    name=$(unique tree)
    path=$(program "$name-leaf")
    in_machine systemd-run --quiet --wait --collect --unit "$name" /bin/sh -c "$path a & wait; ($path b); exec $path c"
    barrier
    equal "the tree" "$(viewed tree "$name.service" --json=short |
        jq --compact-output '[.[] | [.depth, (.programs | map(.argv[-1]))]]')" \
        "[[0,[\"$path a & wait; ($path b); exec $path c\",\"c\"]],[1,[\"a\"]],[1,[\"b\"]]]"
}

test_why_names_the_timer() {
    local path name text
    name=$(unique timed)
    path=$(program "$name-program")
    printf '[Service]\nType=oneshot\nExecStart=%s\n' "$path" >"$machine_root/run-$name"
    in_machine mkdir -p /run/systemd/system
    in_machine mv "/run-$name" "/run/systemd/system/$name.service"
    printf '[Timer]\nOnActiveSec=0\n' >"$machine_root/run-$name"
    in_machine mv "/run-$name" "/run/systemd/system/$name.timer"
    in_machine systemctl daemon-reload
    in_machine systemctl start "$name.timer"
    wait_record "EXEC_FILENAME=$path" >/dev/null
    text=$(viewed why "$name.service")
    echo "$text"
    contains "the timer" "$text" "$name.service, "
    contains "the timer" "$text" "started by systemd, triggered by $name.timer"
}

# A session that PAM opens, as for a login.
test_sessions_of_pam() {
    local path name session
    name=$(unique login)
    path=$(program "$name-program")
    in_machine useradd --create-home "${name//-/}"
    in_machine systemd-run --quiet --wait --collect --property PAMName=login --property "User=${name//-/}" "$path" typed
    session=$(wait_record "EXEC_FILENAME=$path" | jq --raw-output '.EXEC_SESSION // .EXEC_LOGIND_SESSION // empty')
    [ -n "$session" ] || skip "no session was opened"
    equal "executed in it" "$(viewed sessions "$path" -o json | jq --raw-output '"\(.session) \(.executed)"')" "$session 1"
}

test_follow_shows_it_as_it_happens() {
    local path follower line
    path=$(program "$(unique followed)")
    exec {followed}< <(exec nsenter --target "$machine_leader" --mount --pid --cgroup --root --wd /usr/bin/exectl follow "$path")
    follower=$!
    in_machine "$path" now
    IFS= read -r -t "$wait_seconds" -u "$followed" line || fail "nothing came"
    kill "$follower"
    exec {followed}<&-
    contains "the line" "$line" "| $path now"
}

test_members_of_the_journals_group() {
    local path text status=0
    path=$(program "$(unique group)")
    in_machine "$path"
    wait_record "EXEC_FILENAME=$path" >/dev/null
    equal "a member" "$(in_machine setpriv --reuid 1234 --regid 1234 --groups systemd-journal exectl list "$path" -o cat)" "$path"
    text=$(in_machine setpriv --reuid 1234 --regid 1234 --clear-groups exectl list "$path" 2>&1) || status=$?
    equal "status of another" "$status" 1
    contains "what it is told" "$text" "may not read the system's journal"
}

test_nobody_else_is_believed() {
    local name
    name=$(unique forged)
    in_machine setpriv --reuid 1234 --regid 1234 --clear-groups python3 -c 'import socket, sys
entry = "SYSLOG_IDENTIFIER=exectrace\nMESSAGE=x\nEXEC_PID=1\nEXEC_FILENAME=/%s\nEXEC_ARGV=[\"/%s\"]\n" % (sys.argv[1], sys.argv[1])
socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(entry.encode(), "/run/systemd/journal/socket")' "$name"
    in_machine journalctl --sync
    equal "without asking" "$(viewed list "/$name" -o cat 2>&1 || true)" "exectl: nothing found"
    equal "with --untrusted" "$(viewed list "/$name" -o cat --untrusted)" "/$name"
}

test_boots() {
    equal "this one" "$(viewed list -b -n1 -o json | jq --raw-output .boot_id)" \
        "$(in_machine cat /proc/sys/kernel/random/boot_id | tr -d -)"
}
