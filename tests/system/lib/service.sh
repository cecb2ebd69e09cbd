# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The service under test, and its configuration.

dropin=/etc/exectraced.conf.d/50-test.conf

show() {
    in_machine systemctl show --value --property "$1" exectraced.service
}

# configure: makes standard input the one drop-in; with nothing in it there is none.
configure() {
    local text
    text=$(cat)
    mkdir -p "$machine_root${dropin%/*}"
    if [ -n "$text" ]; then
        printf '%s\n' "$text" >"$machine_root$dropin"
    else
        rm -f "$machine_root$dropin"
    fi
}

# reload: as an administrator does it; returns once the daemon has said that it is done.
reload() {
    local position event=${1:-reloaded} status=0
    position=$(journal_position)
    in_machine systemctl reload exectraced || status=$?
    equal "systemctl reload fails" "$((status != 0))" "$([ "$event" = reloaded ] && echo 0 || echo 1)"
    wait_event "$position" "$event"
}

# Runs with the default configuration, whatever the test before left.
service_reset() {
    configure </dev/null
    [ "$(show ActiveState)" != failed ] || in_machine systemctl reset-failed exectraced.service
    in_machine systemctl restart exectraced.service
}
