# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Which files the service can read build-ids from: few capabilities, and two more.

service_reset
capabilities=/run/systemd/system/exectraced.service.d/files.conf

# build_id PATH: that of the program at PATH of the machine, read from outside.
build_id() {
    PYTHONPATH="$top/tests/live" python3 -B -c 'import sys; from lib import elf; print(elf.build_id(sys.argv[1]))' \
        "$machine_root$1"
}

# The names of all that run in the machine.
processes() {
    in_machine sh -c 'cat /proc/[0-9]*/comm 2>/dev/null || true' # some end meanwhile
}

switch_on() {
    configure <<<$'[Output]\nBuildId=yes'
    reload
}

# A program in a directory that only its owner may enter, and what it is executed by.
closed_program() {
    local path
    path=/srv/$1/program
    mkdir -m 0700 "$machine_root/srv/$1"
    cp "$build/tests/system/leaf" "$machine_root$path"
    chown -R 4000:4000 "$machine_root/srv/$1"
    printf '%s\n' "$path"
}

# run_elsewhere PATH: runs a program in a mount namespace of its own, where only it has PATH, for two seconds.
run_elsewhere() {
    in_machine unshare --mount sh -ec "mount -t tmpfs tmpfs ${1%/*}; cp /bin/sleep $1; sleep 0.1; exec $1 2"
}

test_service_reads_programs() {
    local path expected i
    path=$(program "$(unique build-id)")
    expected=$(build_id "$path")
    [[ $expected =~ ^[0-9a-f]{16,}$ ]]
    switch_on
    for i in 1 2; do
        in_machine "$path" "$i"
    done
    wait_record "EXEC_FILENAME=$path" "EXEC_ARGV=[\"$path\",\"2\"]"
    equal records "$(count_records '' "EXEC_FILENAME=$path" "EXEC_BUILD_ID=$expected")" 2
    contains processes "$(processes)" file-reader
}

test_service_reads_nothing_closed() {
    local path elsewhere
    path=$(closed_program "$(unique closed)")
    elsewhere=/mnt/$(unique elsewhere)
    switch_on
    in_machine setpriv --reuid 4000 "$path"
    run_elsewhere "$elsewhere"
    equal build-id "$(wait_record "EXEC_FILENAME=$path" | field EXEC_BUILD_ID)" ""
    equal build-id "$(wait_record "EXEC_FILENAME=$elsewhere" | field EXEC_BUILD_ID)" ""
}

test_two_capabilities_more() {
    local path elsewhere reader
    path=$(closed_program "$(unique closed)")
    elsewhere=/mnt/$(unique elsewhere)
    configure <<<$'[Output]\nBuildId=yes'
    in_machine sh -c "mkdir -p ${capabilities%/*} &&
        printf '[Service]\nCapabilityBoundingSet=CAP_DAC_READ_SEARCH CAP_SYS_PTRACE\n' >$capabilities"
    in_machine systemctl daemon-reload
    in_machine systemctl restart exectraced
    in_machine setpriv --reuid 4000 "$path"
    run_elsewhere "$elsewhere"
    equal build-id "$(wait_record "EXEC_FILENAME=$path" | field EXEC_BUILD_ID)" "$(build_id "$path")"
    equal build-id "$(wait_record "EXEC_FILENAME=$elsewhere" | field EXEC_BUILD_ID)" "$(build_id /bin/sleep)"

    # The one that reads has these two, the daemon has those that it always has, too.
    # shellcheck disable=SC2016 # for the shell in the machine
    reader=$(in_machine sh -c 'grep -slx file-reader /proc/[0-9]*/comm || true')
    equal "capabilities of $reader" "$(in_machine sed -n 's/^CapEff:\t0*//p' "${reader%/comm}/status")" 80004
    equal "capabilities of the daemon" \
        "$(in_machine sed -n 's/^CapEff:\t0*//p' "/proc/$(show MainPID)/status")" c000080004
    in_machine rm -r "${capabilities%/*}"
    in_machine systemctl daemon-reload
    service_reset
}

test_reader_ends_with_the_service() {
    local path
    path=$(program "$(unique build-id)")
    switch_on
    in_machine "$path"
    wait_record "EXEC_FILENAME=$path"
    in_machine systemctl stop exectraced
    equal Result "$(show Result)" success
    [[ $(processes) != *file-reader* ]]
    configure </dev/null
    in_machine systemctl start exectraced
}
