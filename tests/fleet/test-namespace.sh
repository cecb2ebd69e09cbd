# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Records in a journal of their own, from the boot on.

unit_directory=/etc/systemd/system

host_stop alpha
put "$fleet/namespace/exectraced-service.conf" "$unit_directory/exectraced.service.d/namespace.conf"
put "$fleet/namespace/upload-service.conf" "$unit_directory/systemd-journal-upload.service.d/namespace.conf"
put "$fleet/namespace/journald@exectraced.conf" /etc/systemd/journald@exectraced.conf
for unit in systemd-journald@exectraced.{socket,service} systemd-journald-varlink@exectraced.socket \
    systemd-journald-sync@exectraced.service; do
    put "$fleet/namespace/journald-early.conf" "$unit_directory/$unit.d/early.conf"
done
host_boot alpha >"$work/namespace.out" 2>&1 || report_fail "fleet.namespace: boot" "$work/namespace.out"
namespace_journal=$work/alpha/var/log/journal/$(<"$work/alpha/etc/machine-id").exectraced

# in_namespace MATCH...: the first such record of it.
in_namespace() {
    journal_directory=$namespace_journal follow '' "$@"
}

# executes NAME: a program of this name, and waits for its record.
executes() {
    local path
    path=$(program "$1")
    in_machine "$path"
    in_namespace "EXEC_FILENAME=$path" >/dev/null
}

test_no_ordering_cycle() {
    equal ActiveState "$(show ActiveState)" active
    equal cycles "$(host_journal alpha --boot --grep "ordering cycle" --output cat || true)" ""
    equal failed "$(in_machine systemctl --failed --plain --no-legend)" ""
}

# The records wait in the socket until the namespace's journald runs, so it is the service that is asked.
test_early() {
    local started reached
    in_namespace EXECTRACED_EVENT=started >/dev/null
    started=$(show ActiveEnterTimestampMonotonic)
    reached=$(in_machine systemctl show --value --property ActiveEnterTimestampMonotonic sysinit.target)
    echo "started $started, sysinit.target $reached"
    [ "$started" -lt "$reached" ]
}

test_exectl_reads_them() {
    local name
    name=$(unique namespace)
    executes "$name"
    contains "without --untrusted" "$(in_machine exectl --namespace=exectraced list "$name")" "$name"
    equal _NAMESPACE "$(in_namespace "EXEC_FILENAME=/usr/local/bin/$name" | field _NAMESPACE)" exectraced
    in_machine exectl --namespace=exectraced gaps
    ! in_machine exectl list "$name" || fail "it is in the default journal"
}

test_doctor_is_content() {
    local text
    text=$(in_machine exectl --namespace=exectraced doctor seen storage rate-limit dropped)
    equal verdicts "$(cut -d' ' -f1 <<<"$text" | sort -u)" ok
}

# Of other programs nothing is there but what the service says on its standard error.
test_other_logs_stay_apart() {
    local text
    text=$(unique other)
    in_machine sh -c "echo $text | systemd-cat --identifier other"
    in_machine journalctl --sync
    contains "default journal" "$(host_journal alpha --identifier other --output cat)" "$text"
    equal identifiers "$(journalctl --directory "$namespace_journal" --field SYSLOG_IDENTIFIER | sort | paste -sd' ')" \
        "exectrace exectraced systemd-journald"
}

test_both_restart() {
    local path count
    path=$(program "$(unique restarts)")
    in_machine systemd-run --quiet --property Type=exec storm "$path" 3000 1000
    in_namespace "EXEC_FILENAME=$path" >/dev/null
    in_machine systemctl restart exectraced
    in_namespace "EXEC_FILENAME=$path" "EXEC_ARGV=[\"$path\",\"1500\"]" >/dev/null
    in_machine systemctl restart systemd-journald@exectraced.service
    in_namespace "EXEC_FILENAME=$path" "EXEC_ARGV=[\"$path\",\"3000\"]" >/dev/null
    count=$(journalctl --directory "$namespace_journal" --quiet --output json --output-fields EXEC_ARGV "EXEC_FILENAME=$path" |
        jq .EXEC_ARGV | sort -u | wc -l)
    equal records "$count" 3000
    in_machine exectl --namespace=exectraced gaps
}

# The service stops before its journal does, and that holds its last word.
test_stop() {
    in_machine systemctl stop exectraced
    in_namespace EXECTRACED_EVENT=stopped >/dev/null
    in_machine systemctl start exectraced
    executes "$(unique again)"
}

test_only_they_are_uploaded() {
    local name text
    name=$(unique uploaded)
    text=$(unique not-uploaded)
    in_machine sh -c "echo $text | systemd-cat --identifier other"
    executes "$name"
    arrived_from alpha "EXEC_FILENAME=/usr/local/bin/$name"
    equal "other logs" "$(journalctl --directory "$collected" --quiet --merge --output cat "MESSAGE=$text" || true)" ""
}
