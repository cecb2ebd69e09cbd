# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The connections of a collector, and a second process of systemd-journal-remote beside the first one.

second=$work/collector/var/log/journal/remote-01

# needs_stunnel: what these tests are about is stunnel's.
needs_stunnel() {
    on collector
    ! checks_certificates || skip "this collector needs no stunnel"
}

# connections HOST PORT OPTION...: those that it has made to this port of the collector, as ss shows them.
connections() {
    ip netns exec "$fleet_id-collector" ss --no-header --tcp --numeric "${@:3}" state established \
        "( sport = :$2 and dst ${host_address[$1]} )"
}

# within SECONDS COMMAND...: returns once this is so, or with 1 when that takes longer.
within() {
    local seconds=$1
    shift
    while ! "$@"; do
        [ $((seconds -= 1)) -ge 0 ] || return 1
        sleep 1
    done
}

disconnected() { [ -z "$(connections "$@")" ]; }

# at_rest HOST PORT: connected, and all that was sent to it has been confirmed. Otherwise the kernel sends that again, for
# a quarter of an hour, instead of asking whether the host is there. A host finds out that its connection is gone when it
# has something to send.
at_rest() {
    on "$1"
    in_machine logger "something to send"
    sleep 1
    [[ $(connections "$@" --options) == *"timer:(keepalive,"* ]]
}

# executes HOST NAME: a program of this name; its path is $executed.
executes() {
    on "$1"
    executed=$(program "$2")
    in_machine "$executed"
}

# uploads_to HOST PORT: to this one of the collector from now on.
uploads_to() {
    on "$1"
    sed -i "s/^URL=.*/URL=https:\/\/collector:$2/" "$machine_root/etc/systemd/journal-upload.conf.d/exectraced.conf"
    in_machine systemctl restart systemd-journal-upload.service
}

test_connections_are_watched() {
    needs_stunnel
    uploads_to gamma 19532
    within 30 at_rest gamma 19532 || fail "no connection that is watched"
}

test_stunnel_has_descriptors() {
    local pid hard
    needs_stunnel
    pid=$(in_machine systemctl show --value --property MainPID stunnel@exectraced.service)
    # No more than whoever runs the tests may have.
    hard=$(ulimit -Hn)
    [ "$hard" -lt 65536 ] || hard=65536
    equal "limit" "$(in_machine awk '/^Max open files/ { print $4 }' "/proc/$pid/limits")" "$hard"
}

# The same with other times, as the test would take three minutes.
test_vanished_host_is_let_go() {
    local conf
    needs_stunnel
    conf=$machine_root/etc/stunnel/exectraced.conf
    cp "$conf" "$work/stunnel.conf"
    sed -i -e 's/KEEPIDLE=60/KEEPIDLE=2/' -e 's/KEEPINTVL=20/KEEPINTVL=1/' -e 's/KEEPCNT=6/KEEPCNT=3/' "$conf"
    in_machine systemctl restart stunnel@exectraced.service
    within 30 at_rest gamma 19532 || fail "it does not connect"
    wire gamma down
    within 60 disconnected gamma 19532 || {
        connections gamma 19532 --options --processes
        wire gamma up
        fail "it is still there"
    }
    wire gamma up
    on collector
    cp "$work/stunnel.conf" "$conf"
    in_machine systemctl restart stunnel@exectraced.service
    within 30 at_rest gamma 19532 || fail "it does not come back"
}

test_second_instance() {
    local text files
    needs_stunnel
    put "$fleet/collector/exectraced-remote@.socket" /etc/systemd/system/exectraced-remote@.socket
    put "$fleet/collector/exectraced-remote@.service" /etc/systemd/system/exectraced-remote@.service
    sed -i '/^;\[journal-01\]/,$ s/^;//' "$machine_root/etc/stunnel/exectraced.conf"
    in_machine systemctl daemon-reload
    equal "systemd-analyze verify" "$(in_machine systemd-analyze verify --man=no exectraced-remote@01.socket \
        exectraced-remote@01.service stunnel@exectraced.service 2>&1 | grep exectraced || true)" ""
    in_machine systemctl start exectraced-remote@01.socket
    in_machine systemctl restart stunnel@exectraced.service
    # There are records before and after the move.
    on gamma
    in_machine systemctl start exectraced.service
    executes gamma "$(unique before)"
    arrived_from gamma "EXEC_FILENAME=$executed"
    uploads_to gamma 19601
    executes gamma "$(unique second)"
    # A directory that is not there yet cannot be followed.
    within 60 test -d "$second" || {
        on collector
        in_machine journalctl --lines 30 --quiet --unit 'exectraced-remote@*' --unit 'stunnel@*'
        fail "nobody connected to it"
    }
    collected=$second arrived_from gamma "EXEC_FILENAME=$executed"
    equal "in the first one's journal" \
        "$(journalctl --directory "$collected" --quiet --output cat "EXEC_FILENAME=$executed")" ""
    on alpha
    in_machine systemctl start exectraced.service
    executes alpha "$(unique first)"
    arrived_from alpha "EXEC_FILENAME=$executed"
    text=$("$build/exectl/exectl" --directory "$second" gaps --output json) || true
    equal "hosts" "$(jq --raw-output .host <<<"$text" | sort -u)" gamma
    # Each has a part of the boot, and the files of both have all of it. The service was stopped by other tests.
    contains "of the second one" "$(jq --raw-output 'select(.gap).state' <<<"$text")" removed
    files=("$collected"/*.journal* "$second"/*.journal*)
    text=$("$build/exectl/exectl" "${files[@]/#/--file=}" gaps --output json) || true
    equal "gaps" "$(jq --compact-output 'select(.host == "gamma" and .gap and .state != "stopped")' <<<"$text")" ""
}

# A host without a certificate is refused by this section, too.
test_second_instance_checks_certificates() {
    local status=0
    needs_stunnel
    ip netns exec "$fleet_id-alpha" openssl s_client -connect "${host_address[collector]}:19601" -brief \
        >"$work/second.out" 2>&1 < <(sleep 5) || status=$?
    cat "$work/second.out"
    [ "$status" -ne 0 ] || fail "it was taken"
    grep --quiet "certificate required" "$work/second.out"
}
