# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What is installed, and the first start. Runs first: nothing was started before.

test_everything_is_installed() {
    local file
    for file in /usr/sbin/exectraced /usr/libexec/exectraced/exectraced-file-reader /etc/exectraced.conf /usr/lib/systemd/system/exectraced.service \
        /usr/lib/systemd/system-preset/90-exectraced.preset /usr/lib/systemd/catalog/exectraced.catalog \
        /usr/share/man/man8/exectraced.8 /usr/share/man/man5/exectraced.conf.5 \
        /usr/share/man/man7/exectraced.fields.7; do
        in_machine test -s "$file" || fail "$file is missing or empty"
    done
}

test_unit_verifies() {
    # There are no manual pages to find: the man program is not in a minimal system.
    equal "systemd-analyze verify" "$(in_machine systemd-analyze verify --man=no exectraced.service 2>&1)" ""
}

test_unit_is_hardened() {
    local exposure
    exposure=$(in_machine systemd-analyze security --offline=no exectraced.service | sed -n 's/.*exposure level.*: \([0-9.]*\).*/\1/p')
    echo "exposure: $exposure"
    [ -n "$exposure" ] || fail "no exposure level"
    [ $((10#${exposure/./})) -le 12 ] || fail "the exposure level is $exposure, expected at most 1.2"
}

test_preset_enables() {
    equal "before" "$(in_machine systemctl is-enabled exectraced || true)" disabled
    in_machine systemctl preset exectraced
    equal "after" "$(in_machine systemctl is-enabled exectraced)" enabled
    in_machine systemctl disable exectraced
}

test_enable_now_starts_and_records() {
    local path record
    path=$(program "$(unique first)")
    # Active means attached: what is executed right after the start has returned is recorded.
    in_machine sh -c "systemctl enable --now exectraced && $path"
    record=$(wait_record "EXEC_FILENAME=$path")
    equal EXEC_UID "$(field EXEC_UID <<<"$record")" 0
    equal ActiveState "$(show ActiveState)" active
    equal "is-enabled" "$(in_machine systemctl is-enabled exectraced)" enabled
    wait_event '' started
}

test_reload_type_is_what_systemd_knows() {
    local version
    version=$(in_machine systemctl --version | sed -n '1s/^systemd \([0-9]*\).*/\1/p')
    if [ "$version" -ge 253 ]; then
        equal Type "$(show Type)" notify-reload
    else
        equal Type "$(show Type)" notify
    fi
    equal "unknown lines" "$(in_machine journalctl --unit exectraced --identifier systemd --grep 'ignoring|Unknown' --quiet --output cat || true)" ""
}

test_status_shows_totals() {
    local status
    status=$(in_machine systemctl status exectraced)
    [[ $status =~ Status:\ \".*[0-9].*\" ]] || fail "no totals in: $status"
}

test_process_has_two_capabilities() {
    local status
    status=$(in_machine cat "/proc/$(show MainPID)/status")
    echo "$status"
    # CAP_PERFMON is 38, CAP_BPF 39.
    grep -q '^CapEff:\s000000c000000000$' <<<"$status"
    grep -q '^CapBnd:\s000000c000000000$' <<<"$status"
    grep -q '^NoNewPrivs:\s1$' <<<"$status"
    grep -q '^Seccomp:\s2$' <<<"$status"
}

test_catalog_explains_records() {
    local path text
    in_machine journalctl --update-catalog
    path=$(program "$(unique catalog)")
    in_machine "$path"
    wait_record "EXEC_FILENAME=$path"
    text=$(in_machine journalctl --catalog --identifier exectrace "EXEC_FILENAME=$path")
    contains "journalctl -x" "$text" "Defined-By: exectraced"
    contains "journalctl -x" "$text" "Subject: Process "
    text=$(in_machine journalctl --catalog --identifier exectrace EXECTRACED_EVENT=started)
    contains "journalctl -x" "$text" "Defined-By: exectraced"
}
