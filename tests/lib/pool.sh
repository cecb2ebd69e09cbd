# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Jobs in the background, no more at a time than there are CPUs, and each is heard of when it ends. By a pipe and not by
# "wait -n", which forgets those that end while something else is done. To be sourced.

pool_at_once=$(nproc)
pool_report=: # is called with NAME and STATUS of each job that has ended, in the shell that started it
pool_running=0
pool_ended= # descriptor of the pipe

# pool_run NAME COMMAND...: starts COMMAND, once there is room for it. pool_kill ends its process, so where it is a function
# that runs something long, it ends in exec.
pool_run() {
    local name=$1
    shift
    [ -n "$pool_ended" ] || pool_open
    while [ "$pool_running" -ge "$pool_at_once" ]; do
        pool_next
    done
    pool_running=$((pool_running + 1))
    (
        trap 'kill "$!"' TERM
        "$@" {pool_ended}>&- &
        status=0
        wait "$!" || status=$?
        echo "$name $status" >&"$pool_ended"
    ) &
}

# pool_make FILE COMMAND...: the same for something that makes a thing and prints where that is, in FILE.made; what else it
# has to say is in FILE.log.
pool_make() {
    pool_run "$1" pool_output "$@"
}

pool_output() {
    local file=$1
    shift
    "$@" >"$file.made" 2>"$file.log"
}

# pool_wait: until all have ended and were reported.
pool_wait() {
    while [ "$pool_running" -gt 0 ]; do
        pool_next
    done
}

# pool_kill: ends those that run, unreported. For the end of the script: a job in the background is deaf to Control-C.
pool_kill() {
    local jobs
    mapfile -t jobs < <(jobs -p)
    [ "${#jobs[@]}" -eq 0 ] || kill "${jobs[@]}" 2>/dev/null || true # those that have ended are among them
    wait
}

pool_open() {
    local directory
    directory=$(mktemp -d)
    mkfifo "$directory/ended"
    exec {pool_ended}<>"$directory/ended"
    rm -r "$directory"
}

pool_next() {
    local name status
    read -r name status <&"$pool_ended"
    pool_running=$((pool_running - 1))
    "$pool_report" "$name" "$status"
}
