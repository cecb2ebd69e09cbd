# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Suites of tests in two lanes, side by side: in each lane one after another. What a suite prints comes as it prints it
# where there is one lane, and whole when the suite has ended where there are two. To be sourced after report.sh,
# pool.sh and packaging/setup.sh; run_one SUITE is to be defined, which calls run_suite.

lanes_output= # directory of what the suites print
lanes_stream=yes # whether what they print is printed at once
lanes_suite= # pid of the suite that runs

# run_suite NAME COMMAND...: runs the command, whose last line is its sum, and adds that up. A suite that ends otherwise
# has failed.
run_suite() {
    local name=$1 output=$lanes_output/$1.out status=0 failed=$report_failed
    shift
    if [ "$lanes_stream" = yes ]; then
        "$@" </dev/null 2>&1 | tee "$output" || status=$?
    else
        "$@" </dev/null >"$output" 2>&1 &
        lanes_suite=$!
        wait "$lanes_suite" || status=$?
        flock "$lanes_output" cat "$output"
    fi
    if ! report_add "$(tail -n 1 "$output")"; then
        report_fail "$name ended with status $status and without a result"
    elif [ "$status" -ne 0 ] && [ "$report_failed" -eq "$failed" ]; then
        report_fail "$name ended with status $status"
    fi
}

# lane_run LANE SUITE...
lane_run() {
    local lane=$1 suite
    shift
    trap '[ -z "$lanes_suite" ] || kill "$lanes_suite" 2>/dev/null; exit 143' TERM
    log=${log%.log}-$lane.log
    open_log "$log"
    for suite in "$@"; do
        run_one "$suite"
    done
    report_summary >"$lanes_output/$lane.sum" || true
}

# lane_report LANE STATUS: of one that has ended.
lane_report() {
    local sum=$lanes_output/$1.sum
    if [ "$2" -ne 0 ] || ! report_add "$(cat "$sum")"; then
        report_fail "the $1 lane ended with status $2 and without a result"
    fi
}

# lanes_run DIRECTORY FIRST SECOND: the suites that these two variables (arrays) hold, one lane each. What they print goes
# to DIRECTORY/SUITE.out.
lanes_run() {
    local -n first=$2 second=$3
    local suite
    lanes_output=$1
    rm -f "$lanes_output"/*.sum
    if [ "${#first[@]}" -eq 0 ] || [ "${#second[@]}" -eq 0 ]; then
        for suite in "${first[@]}" "${second[@]}"; do
            run_one "$suite"
        done
        return
    fi
    lanes_stream=no
    # shellcheck disable=SC2034 # for pool.sh
    pool_at_once=2 pool_report=lane_report
    trap pool_kill EXIT
    trap 'exit 130' INT TERM HUP
    pool_run "$2" lane_run "$2" "${first[@]}"
    pool_run "$3" lane_run "$3" "${second[@]}"
    pool_wait
    trap - EXIT INT TERM HUP
    # shellcheck disable=SC2034
    lanes_stream=yes
}
