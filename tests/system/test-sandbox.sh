# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the service can reach, seen from inside of its namespaces.

service_reset

# in_service COMMAND...: with what the service sees of the file system and the network.
in_service() {
    in_machine nsenter --target "$(show MainPID)" --mount --net "$@"
}

# connect PATH: "connected", or the name of the error.
connect() {
    in_service python3 -c '
import errno, socket, sys
for kind in socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET:
    try:
        socket.socket(socket.AF_UNIX, kind).connect(sys.argv[1])
        print("connected")
        break
    except OSError as error:
        if error.errno != errno.EPROTOTYPE:
            print(errno.errorcode[error.errno])
            break
' "$1"
}

# There they are, and there they are reached.
test_sockets_of_the_machine() {
    local path
    for path in /run/systemd/private /run/dbus/system_bus_socket; do
        in_machine test -S "$path" || fail "$path is no socket: nothing is tested here"
    done
}

test_sockets_out_of_reach() {
    local path
    for path in /run/systemd/private /run/dbus/system_bus_socket /run/systemd/io.systemd.Manager \
        /var/run/dbus/system_bus_socket; do
        equal "$path" "$(connect "$path")" ENOENT
    done
}

test_sockets_in_reach() {
    equal "journal" "$(connect /run/systemd/journal/socket)" connected
    equal "notify" "$(connect /run/systemd/notify)" connected
    equal "syslog" "$(connect /dev/log)" connected
}

# Of all sockets in /run only these.
test_no_other_sockets() {
    local found
    found=$(in_service find /run -type s)
    echo "$found"
    [ -n "$found" ]
    found=$(grep -v -e '^/run/systemd/journal/' -e '^/run/systemd/notify$' -e '^/run/systemd/userdb/' \
        <<<"$found" || true)
    equal "others" "$found" ""
}

test_run_is_read_only() {
    local path
    for path in /run /run/systemd/journal /run/exectraced.conf.d; do
        in_service test -d "$path" || fail "no $path"
        ! in_service touch "$path/file" || fail "$path can be written to"
    done
}

# A socket that is made while the service runs does not appear there either.
test_later_sockets() {
    local name
    name=/run/$(unique later)
    in_machine python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$name"
    in_machine test -S "$name"
    equal "$name" "$(connect "$name")" ENOENT
    in_machine rm "$name"
}

test_abstract_sockets() {
    # shellcheck disable=SC2016 # for the shell there
    equal "names" "$(in_service sh -c 'grep -c " @" /proc/net/unix || true')" 0
}

test_configuration_in_run() {
    local path position
    path=$(program "$(unique run-dropin)")
    position=$(journal_position)
    in_machine sh -c "printf '[Output]\nLabel=WHERE=run\n' >/run/exectraced.conf.d/50-run.conf"
    reload
    in_machine "$path"
    equal "label" "$(wait_record "EXEC_FILENAME=$path" | field EXEC_LABEL_WHERE)" run
    # It outlives the service.
    in_machine systemctl restart exectraced
    in_machine test -s /run/exectraced.conf.d/50-run.conf
    in_machine rm /run/exectraced.conf.d/50-run.conf
    reload
    equal "gaps in EXEC_SEQ" "$(gaps "$position")" ""
}

test_configuration_file_in_run() {
    local path
    path=$(program "$(unique run-file)")
    in_machine mv /etc/exectraced.conf /etc/exectraced.conf.away
    in_machine sh -c "printf '[Output]\nLabel=WHERE=file\n' >/run/exectraced.conf"
    in_machine systemctl restart exectraced
    in_machine "$path"
    in_machine mv /etc/exectraced.conf.away /etc/exectraced.conf
    in_machine rm /run/exectraced.conf
    equal "label" "$(wait_record "EXEC_FILENAME=$path" | field EXEC_LABEL_WHERE)" file
    service_reset
}

# The record of an argument is not to be found in a file that systemd-coredump or the kernel wrote.
test_no_core_dump() {
    equal "LimitCORE" "$(show LimitCORE)" 0
    equal "limit" "$(in_machine sed -n 's/^Max core file size *\([0-9]*\) *\([0-9]*\) .*/\1 \2/p' \
        "/proc/$(show MainPID)/limits")" "0 0"
}

test_after_tracefs() {
    contains After "$(show After)" sys-kernel-tracing.mount
    contains Wants "$(show Wants)" sys-kernel-tracing.mount
}
