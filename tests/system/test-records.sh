# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Records of programs whose truth is known, asked for as an administrator does.

service_reset

test_program_of_a_unit() {
    local path record
    path=$(program "$(unique unit)")
    in_machine systemd-run --quiet --wait --collect --property WorkingDirectory=/usr/share "$path" one 'two words' '' $'li\nne'
    record=$(wait_record "EXEC_FILENAME=$path")
    echo "$record"
    equal argv "$(field EXEC_ARGV <<<"$record" | jq --compact-output .)" "[\"$path\",\"one\",\"two words\",\"\",\"li\\nne\"]"
    equal exe "$(field EXEC_EXE <<<"$record")" "$path"
    equal cwd "$(field EXEC_CWD <<<"$record")" /usr/share
    equal uid "$(field EXEC_UID <<<"$record")" 0
    equal gid "$(field EXEC_GID <<<"$record")" 0
    equal ppid "$(field EXEC_PPID <<<"$record")" "$machine_leader"
    equal parent "$(field EXEC_PARENT_COMM <<<"$record")" systemd
    equal truncated "$(field EXEC_TRUNCATED <<<"$record")" ""
    equal identifier "$(field SYSLOG_IDENTIFIER <<<"$record")" exectrace
    equal sender "$(field _SYSTEMD_UNIT <<<"$record")" exectraced.service
    equal priority "$(field PRIORITY <<<"$record")" 6
    equal facility "$(field SYSLOG_FACILITY <<<"$record")" 10
}

test_message_is_one_line_that_a_shell_reads_back() {
    local path record message line
    path=$(program "$(unique message)")
    in_machine "$path" "it's" $'a\tb' '$HOME' $'\033[31m' end
    record=$(wait_record "EXEC_FILENAME=$path")
    message=$(field MESSAGE <<<"$record")
    [[ $message =~ ^\[([0-9]+),\ comm=\"[^\"]*\",\ uid=0,\ gid=0,\ .*filename=[^\ ]*\]\ (.*)$ ]] || fail "$message"
    equal pid "${BASH_REMATCH[1]}" "$(field EXEC_PID <<<"$record")"
    line=${BASH_REMATCH[2]}
    [[ ! $message =~ [[:cntrl:]] ]] || fail "not printable: $message"
    eval "set -- $line"
    equal argc $# 6
    equal "argv[1]" "$2" "it's"
    equal "argv[2]" "$3" $'a\tb'
    equal "argv[3]" "$4" '$HOME'
    equal "argv[4]" "$5" $'\033[31m'
}

test_ids() {
    local path record
    path=$(program "$(unique ids)")
    in_machine setpriv --reuid 1234 --regid 2345 --clear-groups "$path"
    record=$(wait_record "EXEC_FILENAME=$path")
    equal uid "$(field EXEC_UID <<<"$record")" 1234
    equal gid "$(field EXEC_GID <<<"$record")" 2345
    equal "by user" "$(count_records '' EXEC_UID=1234 "EXEC_FILENAME=$path")" 1
    equal "by another user" "$(count_records '' EXEC_UID=1233 "EXEC_FILENAME=$path")" 0
    contains "as text" "$(in_machine journalctl --identifier exectrace EXEC_UID=1234 --output cat)" "uid=1234, gid=2345"
}

test_named_user() {
    local path record
    path=$(program "$(unique nobody)")
    in_machine runuser -u nobody -- "$path" argument
    record=$(wait_record "EXEC_FILENAME=$path")
    equal uid "$(field EXEC_UID <<<"$record")" "$(in_machine id -u nobody)"
    equal gid "$(field EXEC_GID <<<"$record")" "$(in_machine id -g nobody)"
}

test_pid_in_both_namespaces() {
    local name path record inner outer
    name=$(unique pid)
    path=/usr/local/bin/$name
    cp "$machine_root/usr/bin/sleep" "$machine_root$path"
    in_machine systemd-run --quiet --unit "$name" "$path" infinity
    record=$(wait_record "EXEC_FILENAME=$path")
    inner=$(in_machine systemctl show --value --property MainPID "$name")
    # Processes come and go meanwhile.
    outer=$({ grep --no-messages --with-filename "^NSpid:.*[[:space:]]$inner\$" /proc/[0-9]*/status || true; } | cut -d/ -f3 |
        while read -r pid; do
            [ "$(readlink "/proc/$pid/ns/pid")" != "$(readlink "/proc/$machine_leader/ns/pid")" ] || echo "$pid"
        done)
    in_machine systemctl stop "$name"
    equal pid "$(field EXEC_PID <<<"$record")" "$outer"
    equal nspid "$(field EXEC_NSPID <<<"$record")" "$inner"
    equal pidns "pid:[$(field EXEC_PIDNS <<<"$record")]" "$(readlink "/proc/$machine_leader/ns/pid")"
}

test_arguments_forge_no_field() {
    local path record
    path=$(program "$(unique forge)")
    in_machine "$path" $'x\nEXEC_UID=4711\nMESSAGE=forged\n\nMESSAGE=another' $'EXEC_UID=4712'
    record=$(wait_record "EXEC_FILENAME=$path")
    equal uid "$(field EXEC_UID <<<"$record")" 0
    barrier
    equal "records of the program" "$(count_records '' "EXEC_FILENAME=$path")" 1
    equal "forged uid" "$(count_records '' EXEC_UID=4711)" 0
    equal "forged message" "$(count_records '' MESSAGE=forged)" 0
    equal "forged record" "$(count_records '' MESSAGE=another)" 0
}

test_large_arguments_are_cut_and_say_so() {
    local path record argument
    path=$(program "$(unique large)")
    argument=$(printf '%0100000d' 7)
    in_machine "$path" first "$argument" last
    record=$(wait_record "EXEC_FILENAME=$path")
    equal truncated "$(field EXEC_TRUNCATED <<<"$record")" yes
    equal bytes "$(field EXEC_ARGV_BYTES <<<"$record")" $((${#path} + 1 + 6 + 100001 + 5))
    equal "last argument" "$(field EXEC_ARGV <<<"$record" | jq --raw-output '.[-1]')" last
}

test_follow_in_the_machine() {
    local path line=
    path=$(program "$(unique follow)")
    # The brackets keep the search from finding the record of the search.
    exec {shown_fd}< <(in_machine sh -c 'journalctl -t exectrace -f -n all | grep -m 1 -E "$1"' - "filename[=]$path]")
    in_machine "$path" 'what an administrator sees'
    IFS= read -r -t "$wait_seconds" -u "$shown_fd" line || fail "journalctl -f did not show it"
    # The next record makes journalctl notice that nobody reads any more.
    barrier
    contains "journalctl -f" "$line" "filename=$path] $path 'what an administrator sees'"
}
