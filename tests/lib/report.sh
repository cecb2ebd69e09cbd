# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The results of tests: one line each, and their sum as the last line. To be sourced.

report_passed=0
report_failed=0
report_skipped=0

report_pass() {
    report_passed=$((report_passed + 1))
    printf 'PASS  %s\n' "$1"
}

# report_fail NAME [FILE]: FILE holds what the test printed.
report_fail() {
    report_failed=$((report_failed + 1))
    printf 'FAIL  %s\n' "$1"
    [ -z "${2:-}" ] || sed 's/^/      | /' "$2"
}

report_skip() {
    report_skipped=$((report_skipped + 1))
    printf 'SKIP  %s (%s)\n' "$1" "$2"
}

# report_add LINE: the last line of another program that counts like this one. Fails when it is none.
report_add() {
    [[ $1 =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed,\ ([0-9]+)\ skipped$ ]] || return 1
    report_passed=$((report_passed + BASH_REMATCH[1]))
    report_failed=$((report_failed + BASH_REMATCH[2]))
    report_skipped=$((report_skipped + BASH_REMATCH[3]))
}

# The last line; false when a test failed or when there was none at all.
report_summary() {
    printf '%d passed, %d failed, %d skipped\n' "$report_passed" "$report_failed" "$report_skipped"
    [ "$report_failed" -eq 0 ] && [ $((report_passed + report_skipped)) -gt 0 ]
}
