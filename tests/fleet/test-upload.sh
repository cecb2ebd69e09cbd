# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Storms on three hosts while the collector and the wire fail and a host is rebooted: each record arrives.

storm_size=${quick:+6000}
storm_size=${storm_size:-50000}
storm_rate=${quick:+400}
storm_rate=${storm_rate:-500}
cut_seconds=${quick:+8}
cut_seconds=${cut_seconds:-60}
storm_path=$(on alpha && unique /usr/local/bin/storm)
storm_half=$((storm_size / 2))
large=12

for host in "${senders[@]}"; do
    cp "$build/tests/system/leaf" "$work/$host$storm_path"
done

# storm_begin HOST COUNT
storm_begin() {
    on "$1"
    in_machine systemd-run --quiet --property Type=exec storm "$storm_path" "$2" "$storm_rate"
}

# storm_reaches HOST NUMBER: the collector has this one of the storm in the boot that runs.
storm_reaches() {
    local boot
    on "$1"
    boot=$(in_machine cat /proc/sys/kernel/random/boot_id)
    arrived_from "$1" "EXEC_FILENAME=$storm_path" "EXEC_ARGV=[\"$storm_path\",\"$2\"]" "_BOOT_ID=${boot//-/}"
}

# all_reach NUMBER: alpha and beta, which have one storm each.
all_reach() {
    storm_reaches alpha "$1" && storm_reaches beta "$1"
}

collector_restarts() {
    on collector
    in_machine systemctl restart systemd-journal-remote.service
}

collector_is_killed() {
    on collector
    in_machine systemctl kill --signal KILL systemd-journal-remote.service
}

collector_is_cut_off() {
    wire collector down
    sleep "$cut_seconds"
    wire collector up
}

# large_arguments HOST COUNT: as large as the kernel takes them, of which no single one can have more than 128 KiB, and of
# bytes that no journal can make smaller.
large_arguments() {
    on "$1"
    in_machine python3 -c '
import base64, os, sys
for _ in range(int(sys.argv[2])):
    arguments = [base64.b64encode(os.urandom(96000)).decode() for _ in range(8)]
    os.waitpid(os.posix_spawn(sys.argv[1], [sys.argv[1], "0", *arguments], {}), 0)' "$storm_path" "$2"
}

# Until there is no room in the file either that systemd-journal-remote had made larger in advance.
fill_up() {
    dd if=/dev/zero of="$collected/ballast" bs=64k 2>/dev/null || true
    large_arguments alpha "$large"
    large_arguments beta "$large"
}

collector_is_full() {
    collector_says "No space left on device" fill_up || return
    df --output=avail "$collected" | tail -n 1
    rm "$collected/ballast"
}

host_reboots() {
    host_stop gamma && host_boot gamma
}

# tell COMMAND...: what is done when.
tell() {
    printf '%s %s\n' "$(date +%T)" "$*"
    "$@" || {
        echo "failed: $*"
        return 1
    }
}

faults() {
    local host
    tell storm_begin alpha "$storm_size" && tell storm_begin beta "$storm_size" && tell storm_begin gamma "$storm_half" || return
    tell all_reach $((storm_size / 10)) && tell collector_restarts || return
    tell all_reach $((storm_size * 2 / 10)) && tell collector_is_killed || return
    tell all_reach $((storm_size * 3 / 10)) && tell collector_is_cut_off || return
    tell storm_reaches gamma "$storm_half" && tell host_reboots && tell storm_begin gamma "$storm_half" || return
    tell all_reach $((storm_size * 6 / 10)) && tell collector_is_full || return
    tell all_reach "$storm_size" && tell storm_reaches gamma "$storm_half" || return
    for host in "${senders[@]}"; do
        on "$host"
        tell in_machine systemctl stop exectraced.service && tell arrived_from "$host" EXECTRACED_EVENT=stopped || return
    done
}

if faults >"$work/faults.out" 2>&1; then
    report_pass "fleet.upload: storms and faults"
else
    on collector
    in_machine journalctl --lines 40 --output short-precise --unit systemd-journal-remote --unit 'stunnel@*' >>"$work/faults.out" 2>&1
    for host in "${senders[@]}"; do
        host_journal "$host" --lines 10 --output short-precise --unit systemd-journal-upload >>"$work/faults.out" 2>&1
    done
    report_fail "fleet.upload: storms and faults" "$work/faults.out"
fi

# Where something is missing, it may have been so on the host already.
test_nothing_is_missing() {
    local host
    local -A counts=([alpha]=$storm_size [beta]=$storm_size [gamma]="$storm_half,$storm_half")
    "$here/account" "$collected" "$storm_path" "alpha=${counts[alpha]}" "beta=${counts[beta]}" "gamma=${counts[gamma]}" || {
        for host in "${senders[@]}"; do
            echo "The host itself has:"
            "$here/account" "$work/$host/var/log/journal" "$storm_path" "$host=${counts[$host]}" || true
            host_journal "$host" --output short-precise --unit systemd-journal-upload
        done
        fail "records are missing"
    }
}

# large_records JOURNALCTL-OPTION...: a checksum of the arguments of each record that has 1 MiB of them, or had before they
# were cut, which is said of each such record.
large_records() {
    journalctl --quiet --output json --all --output-fields EXEC_ARGV,EXEC_PROCESS,EXEC_TRUNCATED "$@" \
        "EXEC_FILENAME=$storm_path" EXEC_COMM=python3 _SYSTEMD_UNIT=exectraced.service | python3 -c '
import hashlib, json, sys
entries = {entry["EXEC_PROCESS"]: entry for entry in map(json.loads, sys.stdin)}
for process, entry in sorted(entries.items()):
    text = entry["EXEC_ARGV"]
    whole = "whole" if len(text) > 1000000 else "cut" if entry.get("EXEC_TRUNCATED") == "yes" else "wrong"
    print(whole, process, hashlib.sha256(text.encode()).hexdigest())'
}

# While a storm fills the ring, arguments are cut.
test_large_arguments() {
    local host sent
    for host in alpha beta; do
        sent=$(large_records --directory "$work/$host/var/log/journal")
        equal "records of $host" "$(wc -l <<<"$sent")" "$large"
        equal "records of $host that are cut, and don't say so" "$(grep -c ^wrong <<<"$sent")" 0
        [ "$(grep -c ^whole <<<"$sent")" -ge $((large / 2)) ] || fail "too few have all of their arguments: $sent"
        equal "collected from $host" "$(large_records --directory "$collected" --merge "_HOSTNAME=$host")" "$sent"
    done
}

# The service was stopped at the end, as in a shutdown, which is no gap.
test_exectl_gaps() {
    local text status=0
    text=$("$build/exectl/exectl" --directory "$collected" gaps --output json) || status=$?
    jq --compact-output . <<<"$text"
    equal "exit status" "$status" 0
    equal "boots" "$(jq --raw-output 'select(.state == "recorded") | .host' <<<"$text" | sort | paste -sd' ')" \
        "alpha beta gamma gamma"
}
