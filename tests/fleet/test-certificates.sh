# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Who may send, and to whom.

# Other people's certificates: the same names, by an authority that nobody here trusts.
"$fleet/make-authority" "$work/strangers" alpha collector >/dev/null

# upload URL KEY CERT TRUSTED: one attempt of alpha's, with a journal of one entry of its own.
upload() {
    on alpha
    # It takes no second URL beside that of its configuration.
    in_machine unshare --mount sh -c 'mount -t tmpfs tmpfs /etc/systemd/journal-upload.conf.d && exec "$@"' sh \
        /usr/lib/systemd/systemd-journal-upload --url="$1" --key="$2" --cert="$3" --trust="$4" \
        --file=/root/one.journal --follow=no
}

# give NAME AUTHORITY: alpha gets the files of this authority, as /root/NAME.
give() {
    on alpha
    mkdir -p "$machine_root/root/$1"
    cp "$2/alpha"/*.pem "$machine_root/root/$1/"
}

# one_entry TEXT: makes the journal that upload() sends.
one_entry() {
    on alpha
    rm -f "$machine_root/root/one.journal"
    printf '__REALTIME_TIMESTAMP=%s\n__MONOTONIC_TIMESTAMP=1\n_BOOT_ID=%s\nMESSAGE=%s\n\n' "$(date +%s%6N)" \
        "$(tr -d - </proc/sys/kernel/random/uuid)" "$1" >"$machine_root/root/one.export"
    in_machine /usr/lib/systemd/systemd-journal-remote --output=/root/one.journal /root/one.export
}

# refused TEXT URL KEY CERT TRUSTED: this attempt fails, and a good one after it shows that there was something to send.
refused() {
    local text
    text=$(unique "$1")
    one_entry "$text"
    ! upload "${@:2}" || fail "it was taken"
    equal "collected" "$(journalctl --directory "$collected" --quiet --output cat "MESSAGE=$text")" ""
    give own "$work/authority"
    upload https://collector:19532 /root/own/{key,cert,trusted}.pem
    arrived "MESSAGE=$text" >/dev/null
}

test_without_a_certificate() {
    refused none https://collector:19532 - - /etc/exectraced-fleet/trusted.pem
}

test_certificate_of_another_authority() {
    give strange "$work/strangers"
    refused strange https://collector:19532 /root/strange/{key,cert}.pem /etc/exectraced-fleet/trusted.pem
}

test_collector_of_another_authority() {
    give strange "$work/strangers"
    refused collector https://collector:19532 /etc/exectraced-fleet/{key,cert}.pem /root/strange/trusted.pem
}

test_collector_of_another_name() {
    refused name "https://${host_address[collector]}:19532" /etc/exectraced-fleet/{key,cert,trusted}.pem
}

test_without_tls() {
    refused plain http://collector:19532 - - -
}

test_keys_are_readable_by_root_only() {
    local host file
    for host in "${hosts[@]}"; do
        for file in key cert trusted; do
            equal "$host $file" "$(stat --format %a:%u "$work/$host/etc/exectraced-fleet/$file.pem")" 600:0
        done
    done
}
