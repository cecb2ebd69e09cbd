# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Editing the configuration of the running service.

service_reset

test_reload_applies_a_dropin() {
    local hidden shown record main
    hidden=$(program "$(unique hidden)")
    shown=$(program "$(unique shown)")
    main=$(show MainPID)
    configure <<CONF
[Filter]
ExcludeExe=/usr/local/bin/hidden-*
[Output]
Label=SITE=lab one
CONF
    reload
    in_machine "$hidden"
    in_machine "$shown"
    record=$(wait_record "EXEC_FILENAME=$shown")
    equal label "$(field EXEC_LABEL_SITE <<<"$record")" "lab one"
    equal "excluded records" "$(count_records '' "EXEC_FILENAME=$hidden")" 0
    equal "the same process" "$(show MainPID)" "$main"
    equal ActiveState "$(show ActiveState)" active
}

test_reload_takes_it_back() {
    local path record
    path=$(program "$(unique hidden)")
    configure </dev/null
    reload
    in_machine "$path"
    record=$(wait_record "EXEC_FILENAME=$path")
    equal label "$(field EXEC_LABEL_SITE <<<"$record")" ""
}

test_include_user() {
    local path
    path=$(program "$(unique user)")
    configure <<CONF
[Filter]
IncludeUser=nobody 4000-4010
CONF
    reload
    in_machine setpriv --reuid 3999 "$path"
    in_machine setpriv --reuid 4010 "$path"
    in_machine runuser -u nobody -- "$path" last
    wait_record "EXEC_FILENAME=$path" "EXEC_UID=$(in_machine id -u nobody)"
    equal "records of 4010" "$(count_records '' "EXEC_FILENAME=$path" EXEC_UID=4010)" 1
    equal "records of 3999" "$(count_records '' "EXEC_FILENAME=$path" EXEC_UID=3999)" 0
    configure </dev/null
    reload
}

test_pid_namespace() {
    local outside inside namespace
    outside=$(program "$(unique outside)")
    inside=$(program "$(unique inside)")
    namespace=$(readlink "/proc/$machine_leader/ns/pid")
    configure <<CONF
[Trace]
PidNamespace=${namespace//[^0-9]/}
CONF
    reload
    "$machine_root$outside"
    in_machine "$inside"
    wait_record "EXEC_FILENAME=$inside"
    equal "records of this machine" "$(count_records '' "EXEC_FILENAME=$machine_root$outside")" 0

    configure <<<$'[Trace]\nPidNamespace=self'
    reload
    "$machine_root$outside"
    in_machine "$inside"
    barrier
    equal "records of this machine" "$(count_records '' "EXEC_FILENAME=$machine_root$outside")" 0
    equal "records of the container" "$(count_records '' "EXEC_FILENAME=$inside")" 2

    configure </dev/null
    reload
    "$machine_root$outside"
    wait_record "EXEC_FILENAME=$machine_root$outside"
}

test_redaction() {
    local path record
    path=$(program "$(unique redact)")
    configure <<<$'[Output]\nRedact=password=[^ ]*'
    reload
    in_machine "$path" --password=secret rest
    record=$(wait_record "EXEC_FILENAME=$path")
    configure </dev/null
    reload
    equal argv "$(field EXEC_ARGV <<<"$record" | jq --compact-output .)" "[\"$path\",\"--***\",\"rest\"]"
    [[ $record != *secret* ]] || fail "in the record: $record"
}

test_broken_configuration_at_reload_changes_nothing() {
    local path position diagnostics record main
    path=$(program "$(unique kept)")
    main=$(show MainPID)
    configure <<<$'[Output]\nLabel=KEPT=yes'
    reload
    position=$(journal_position)
    configure <<<$'[Output]\nLabel=KEPT=no\n\n[Trace]\nArgumentBytes=many'
    reload reload-failed
    diagnostics=$(diagnostics "$position")
    contains diagnostics "$diagnostics" "$dropin:5"
    contains diagnostics "$diagnostics" ArgumentBytes
    in_machine "$path"
    record=$(wait_record "EXEC_FILENAME=$path")
    equal label "$(field EXEC_LABEL_KEPT <<<"$record")" yes
    equal ActiveState "$(show ActiveState)" active
    equal "the same process" "$(show MainPID)" "$main"
    configure </dev/null
    reload
}

test_unknown_key_is_a_warning() {
    local position diagnostics
    position=$(journal_position)
    configure <<<$'[Trace]\nNoSuchKey=1'
    reload
    diagnostics=$(diagnostics "$position")
    contains diagnostics "$diagnostics" "$dropin:2"
    contains diagnostics "$diagnostics" NoSuchKey
    configure </dev/null
    reload
}

test_ring_size_waits_for_a_restart() {
    local position message
    position=$(journal_position)
    configure <<<$'[Trace]\nEventBuffer=32M'
    reload
    message=$(wait_event "$position" reloaded | field MESSAGE)
    contains message "$message" EventBuffer
    contains message "$message" restart
    configure </dev/null
    reload
}

test_broken_configuration_at_start() {
    local status=0
    configure <<<$'[Trace]\nFailures=perhaps'
    in_machine systemctl restart exectraced || status=$?
    equal "systemctl restart fails" "$((status != 0))" 1
    equal ActiveState "$(show ActiveState)" failed
    equal ExecMainStatus "$(show ExecMainStatus)" 78
    # No restart makes a configuration better.
    equal SubState "$(show SubState)" failed
    contains status "$(in_machine systemctl status exectraced || true)" "$dropin:2"
    service_reset
    equal ActiveState "$(show ActiveState)" active
}

test_check_config() {
    local status=0 output
    in_machine exectraced --check-config
    configure <<<$'[Filter]\n\nIncludeUser=9-1'
    output=$(in_machine exectraced --check-config 2>&1) || status=$?
    configure </dev/null
    equal "exit status" "$status" 78
    contains output "$output" "$dropin:3"
    contains output "$output" IncludeUser
}

# The service may not read what only somebody else may: the check says so before a restart does.
test_check_config_reads_with_the_rights_of_the_service() {
    local status=0 output
    configure <<<$'[Output]\nLabel=KEPT=yes'
    in_machine chown nobody: "$dropin"
    in_machine chmod 0600 "$dropin"
    output=$(in_machine exectraced --check-config 2>&1) || status=$?
    configure </dev/null
    equal "exit status" "$status" 78
    contains output "$output" "$dropin"
    in_machine exectraced --check-config
}

test_user_that_is_made_later() {
    local path
    path=$(program "$(unique late)")
    configure <<<$'[Filter]\nExcludeUser=late-user'
    reload
    in_machine systemctl restart exectraced
    equal ActiveState "$(show ActiveState)" active
    in_machine setpriv --reuid 4020 "$path"
    wait_record "EXEC_FILENAME=$path"
    in_machine sh -c 'echo late-user:x:4020:4020::/:/bin/sh >>/etc/passwd'
    reload
    in_machine setpriv --reuid 4020 "$path"
    barrier
    equal "records of the user" "$(count_records '' "EXEC_FILENAME=$path" EXEC_UID=4020)" 1
    configure </dev/null
    in_machine sed -i /^late-user:/d /etc/passwd
    reload
}
