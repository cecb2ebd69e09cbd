# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Runs the tests of a file: functions whose names begin with "test_".

# What their names begin with.
tests_of=system

# run_file FILE: the tests in it, in their order. A test ends at its first command that fails.
run_file() {
    local file=$1 name prefix test status
    prefix=$tests_of.$(basename "${file#*test-}" .sh)
    # shellcheck source=/dev/null
    source "$file"
    # shellcheck disable=SC2013 # they are words
    for test in $(sed -n 's/^\(test_[a-z0-9_]*\)() {$/\1/p' "$file"); do
        name=$prefix.${test#test_}
        (set -e; "$test") >"$work/test.out" 2>&1 </dev/null
        status=$?
        case $status in
            0) report_pass "$name" ;;
            77) report_skip "$name" "$(tail -n 1 "$work/test.out")" ;;
            *)
                {
                    echo "exectraced.service in the journal:"
                    in_machine journalctl --unit exectraced --identifier exectraced --lines 12 --quiet --output cat
                } >>"$work/test.out" 2>&1
                report_fail "$name" "$work/test.out"
                ;;
        esac
    done
}
