# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Questions to what the collector has collected. They are asked from outside, so that nothing is executed on the hosts.

# arrived MATCH...: the first such entry, once it is with the collector. Without --merge, --follow is about one boot only.
arrived() {
    journal_directory=$collected wait_seconds=${wait_arrival:-120} follow '' --merge "$@"
}

# arrived_from HOST MATCH...: returns once such an entry of this host is there, or with 1 when that takes too long.
arrived_from() {
    (arrived "_HOSTNAME=$1" "${@:2}" >/dev/null)
}

# host_journal HOST OPTION...: what this host itself has.
host_journal() {
    journalctl --directory "$work/$1/var/log/journal" --quiet "${@:2}"
}

# collector_says TEXT COMMAND...: runs COMMAND, and returns once systemd-journal-remote has said this after it, or with 1.
collector_says() {
    local position
    on collector
    position=$(journal_position)
    "${@:2}"
    (first_line "$1" journalctl --directory "$work/collector/var/log/journal" --follow --lines all --output cat \
        --since "@$((position / 1000000)).$(printf %06d $((position % 1000000 + 1)))" \
        --unit systemd-journal-remote.service >/dev/null)
}
