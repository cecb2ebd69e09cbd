# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Questions to the machine's journal. Those that wait follow it from outside, so that nothing is executed in
# the machine meanwhile.

wait_seconds=30
journal_directory= # where follow() looks, if not in the machine's own journal

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

skip() {
    printf '%s\n' "$*" >&2
    exit 77
}

# equal WHAT ACTUAL EXPECTED
equal() {
    [ "$2" = "$3" ] || fail "$1: \"$2\", expected \"$3\""
}

# contains WHAT TEXT PART
contains() {
    [[ $2 == *"$3"* ]] || fail "$1 has no \"$3\": $2"
}

# field NAME: the field of the record (JSON) on standard input; nothing when it has none.
field() {
    jq --raw-output --arg name "$1" '.[$name] // empty'
}

# A name that no program and no unit had before.
unique() {
    printf '%s-%s' "$1" "$(tr -d - </proc/sys/kernel/random/uuid | cut -c1-12)"
}

# Where the journal is now, as the time of its last entry; to be handed to those that look at what came after.
journal_position() {
    in_machine journalctl --sync
    in_machine journalctl --lines 1 --quiet --output json --output-fields _PID | field __REALTIME_TIMESTAMP
}

# after POSITION: of the entries on standard input those behind it. Not by journalctl's own --after-cursor: together
# with a match that of systemd 252 passes over the first entry.
after() {
    jq --unbuffered --compact-output --argjson position "${1:-0}" \
        'select((.__REALTIME_TIMESTAMP | tonumber) > $position)'
}

# first_line TEXT COMMAND...: the first line with TEXT in it of a COMMAND that does not end by itself.
first_line() {
    local text=$1 follower line
    shift
    exec {follow_fd}< <(exec "$@" 2>/dev/null)
    follower=$!
    while IFS= read -r -t "$wait_seconds" -u "$follow_fd" line; do
        [[ $line == *"$text"* ]] && break
        line=
    done
    kill "$follower"
    exec {follow_fd}<&-
    [ -n "$line" ] || fail "nothing within $wait_seconds s from $*: $text"
    printf '%s\n' "$line"
}

# follow POSITION MATCH...: the first entry after POSITION ("": from the beginning) that matches, as JSON, once
# it is there.
follow() {
    local position=$1 line follower
    shift
    exec {follow_fd}< <(exec journalctl --directory "${journal_directory:-$machine_root/var/log/journal}" --follow --lines all --all \
        --output json "$@" 2>/dev/null)
    follower=$!
    line=$(after "$position" <&"$follow_fd" | {
        IFS= read -r -t "$wait_seconds" line && printf '%s\n' "$line"
        kill "$follower"
    } || true) # jq fails when there is more than the one line to write
    exec {follow_fd}<&-
    [ -n "$line" ] || fail "nothing within $wait_seconds s of: $*"
    printf '%s\n' "$line"
}

# wait_record MATCH...: the first exec record that matches.
wait_record() {
    follow '' SYSLOG_IDENTIFIER=exectrace "$@"
}

# wait_event POSITION EVENT: the first of the daemon's own records of this kind after POSITION.
wait_event() {
    follow "$1" SYSLOG_IDENTIFIER=exectrace "EXECTRACED_EVENT=$2"
}

# records POSITION MATCH...: every record after POSITION that matches, as JSON, one a line; with $fields, a list with
# commas, only those of its fields.
records() {
    local position=$1
    shift
    in_machine journalctl --sync
    in_machine journalctl --identifier exectrace --all --quiet --output json ${fields:+"--output-fields=$fields"} "$@" |
        after "$position"
}

# diagnostics POSITION: what the daemon said after POSITION, beside its records.
diagnostics() {
    in_machine journalctl --sync
    in_machine journalctl --identifier exectraced --quiet --output json | after "$1" | field MESSAGE
}

# count_records POSITION MATCH...
count_records() {
    local fields=EXEC_SEQ
    records "$@" | wc -l
}

# gaps POSITION: where numbers are missing, or are there twice, in the records after POSITION. Those of two processors may
# change places on their way.
gaps() {
    # shellcheck disable=SC2034 # for records()
    local fields=EXEC_SEQ,EXECTRACED_EVENT
    records "$1" _SYSTEMD_UNIT=exectraced.service | jq --raw-output 'select(.EXECTRACED_EVENT | not) | .EXEC_SEQ // empty' |
        sort --numeric-sort | awk 'NR > 1 && $1 != last + 1 { print last " is followed by " $1 } { last = $1 }'
}

# program NAME: makes a program of this name, which does nothing, and prints its path in the machine.
program() {
    local path=/usr/local/bin/$1
    [ -e "$machine_root$path" ] || cp "$build/tests/system/leaf" "$machine_root$path"
    printf '%s\n' "$path"
}

# Returns once the daemon has recorded everything that was executed before.
barrier() {
    local path
    path=$(program "$(unique barrier)")
    in_machine "$path"
    wait_record "EXEC_FILENAME=$path" >/dev/null
    rm "$machine_root$path"
}
