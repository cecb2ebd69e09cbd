# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What is not looked at with --quick: the collector comes and goes, files are rotated, records are as long as they can be.

# Of the example.
relp_window=32
batch=32
# Records in the buffers of a connection in a storm of 1000 a second, where 52 were seen, and without one, where it was 1.
under_way=500
at_rest=50

# complete_after_a_break POSITION MISSING: what RELP sends and has no answer for it sends again, so there may be as much of
# it as its window twice. Nothing answers what syslog-ng sends: what was in its buffers, as many as MISSING, is gone.
complete_after_a_break() {
    case $shipper in
        rsyslog) complete "$1" --may-repeat "$relp_window" ;;
        syslog-ng) complete "$1" --may-miss "$2" ;;
    esac
}

test_collector_restarts_meanwhile() {
    local position
    position=$(journal_position)
    during_storm systemctl restart collector
    complete_after_a_break "$position" "$under_way"
}

test_collector_is_away_for_a_while() {
    local path position
    path=$(program "$(unique away)")
    position=$(journal_position)
    in_machine systemctl stop collector
    in_machine storm "$path" 2000
    in_machine systemctl start collector
    complete_after_a_break "$position" "$at_rest"
}

# The window is in no queue, nor is the batch with which it left the queue.
test_shipper_restarts_while_the_collector_is_away() {
    local path position
    path=$(program "$(unique both)")
    position=$(journal_position)
    in_machine systemctl stop collector
    in_machine storm "$path" 2000
    in_machine systemctl restart "$shipper"
    in_machine storm "$path" 100
    in_machine systemctl start collector
    case $shipper in
        rsyslog) complete "$position" --may-repeat "$relp_window" --may-miss "$((relp_window + batch))" ;;
        syslog-ng) complete "$position" --may-miss "$at_rest" ;;
    esac
}

test_file_is_rotated() {
    local position
    position=$(journal_position)
    during_storm sh -c "mv $host_file $host_file.1 && systemctl kill --signal HUP $shipper"
    # shellcheck disable=SC2034 # for complete()
    rotated=("$machine_root$host_file.1")
    complete "$position"
}

test_a_megabyte_of_arguments() {
    local path position
    configure <<<$'[Trace]\nPidNamespace=self\nArgumentBytes=1M'
    reload
    shipper_allow_megabytes
    path=$(program "$(unique megabyte)")
    position=$(journal_position)
    in_machine bash -c "a=\$(printf '\\001%.0s' {1..120000}); $path \$a \$a \$a \$a \$a \$a \$a \$a"
    wait_record "EXEC_FILENAME=$path" >"$work/record"
    echo "measured: $(jq '.EXEC_ARGV | length' "$work/record") bytes of EXEC_ARGV"
    [ "$(jq '.EXEC_ARGV | length' "$work/record")" -gt 5000000 ]
    complete "$position"
}
