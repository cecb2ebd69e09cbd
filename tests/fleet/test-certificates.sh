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

# The collector's files change, so its stunnel starts again.
restart_stunnel() {
    on collector
    in_machine systemctl restart stunnel@exectraced.service
}

test_revoked_certificate() {
    local drop_in
    on collector
    ! checks_certificates || skip "this systemd-journal-remote knows no list of revoked certificates"
    drop_in=$machine_root/etc/systemd/system/stunnel@exectraced.service.d/exectraced.conf
    mkdir -p "$work/alpha/root/stolen"
    cp "$work/authority/stolen"/*.pem "$work/alpha/root/stolen/"
    one_entry "$(unique stolen)"
    upload https://collector:19532 /root/stolen/{key,cert,trusted}.pem
    "$fleet/make-authority" --revoke "$work/authority" stolen
    [ ! -e "$work/authority/stolen" ] || fail "its directory is still there"
    on collector
    install -m 0600 "$work/authority/revoked.pem" "$machine_root/etc/exectraced-fleet/revoked.pem"
    sed -i 's/^#\(LoadCredential=revoked\)/\1/' "$drop_in"
    sed -i 's/^;\(CRLfile\)/\1/' "$machine_root/etc/stunnel/exectraced.conf"
    in_machine systemctl daemon-reload
    restart_stunnel
    refused stolen https://collector:19532 /root/stolen/{key,cert,trusted}.pem
}

# A name of more than 64 characters does not fit into the subject.
test_long_name() {
    local part name other authority=$work/authority
    part=$(printf 'x%.0s' {1..60})
    name=$part.$part.example other=$part.$part.example.org
    "$fleet/make-authority" "$authority" "$name" "$other"
    openssl verify -CAfile "$authority/authority.pem" -verify_hostname "$name" "$authority/$name/cert.pem"
    ! openssl verify -CAfile "$authority/authority.pem" -verify_hostname "$name" "$authority/$other/cert.pem" ||
        fail "it is that of another host"
    [ "$(openssl x509 -noout -subject -in "$authority/$name/cert.pem")" != \
        "$(openssl x509 -noout -subject -in "$authority/$other/cert.pem")" ] || fail "two hosts have the same subject"
}

test_stunnel_is_not_root() {
    local pid
    on collector
    ! checks_certificates || skip "this collector needs no stunnel"
    pid=$(in_machine systemctl show --value --property MainPID stunnel@exectraced.service)
    [ "$(in_machine stat --format %u "/proc/$pid")" -ne 0 ] || fail "it is"
}

test_keys_are_readable_by_root_only() {
    local host file
    for host in "${hosts[@]}"; do
        for file in key cert trusted; do
            equal "$host $file" "$(stat --format %a:%u "$work/$host/etc/exectraced-fleet/$file.pem")" 600:0
        done
    done
}
