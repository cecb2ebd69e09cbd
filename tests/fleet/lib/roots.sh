# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the hosts of the fleet are booted from: exectraced, and what packaging/fleet has for those that send and for the one
# that collects, installed as exectraced-fleet(7) tells.

fleet=$top/packaging/fleet

# root_overlay PRISTINE: the chosen host's root. All hosts share what none of them changes.
root_overlay() {
    mkdir -p "$machine_root" "$machine_root.changes" "$machine_root.work"
    mount -t overlay -o "lowerdir=$1,upperdir=$machine_root.changes,workdir=$machine_root.work" overlay "$machine_root" || return
    root_own "$machine_root"
}

roots_remove() {
    local host
    for host in "${hosts[@]}"; do
        ! mountpoint --quiet "$work/$host" || umount --lazy "$work/$host"
    done
}

# put FILE PATH: into the chosen host's root.
put() {
    install -D -m 0644 "$1" "$machine_root$2"
}

# put_certificates AUTHORITY NAME
put_certificates() {
    local file
    for file in key cert trusted; do
        install -D -m 0600 "$1/$2/$file.pem" "$machine_root/etc/exectraced-fleet/$file.pem"
    done
}

# put_names HOST: its own, and those of the others.
put_names() {
    local host
    printf '%s\n' "$1" >"$machine_root/etc/hostname"
    for host in "${hosts[@]}"; do
        printf '%s\t%s\n' "${host_address[$host]}" "$host"
    done >>"$machine_root/etc/hosts"
}

# prepare_host HOST PRISTINE: one that records.
prepare_host() {
    on "$1"
    root_overlay "$2" || return
    put_names "$1"
    put_certificates "$work/authority" "$1"
    meson install -C "$build" --destdir "$machine_root" --no-rebuild >"$work/$1.install" || return
    cp "$build"/tests/system/{storm,leaf} "$machine_root/usr/local/bin/"
    configure <<<$'[Trace]\nPidNamespace=self\nArgumentBytes=1M'
    sed 's/collector\.example/collector/' "$fleet/host/journal-upload.conf" >"$work/journal-upload.conf"
    put "$work/journal-upload.conf" /etc/systemd/journal-upload.conf.d/exectraced.conf
    put "$fleet/host/upload-service.conf" \
        /etc/systemd/system/systemd-journal-upload.service.d/exectraced.conf
    systemctl --root="$machine_root" --quiet enable exectraced.service systemd-journal-upload.service
}

# prepare_collector PRISTINE: one that collects, and does not record. Where systemd-journal-remote checks no certificates,
# stunnel does.
prepare_collector() {
    local unit=/etc/systemd/system/systemd-journal-remote
    on collector
    root_overlay "$1" || return
    put_names collector
    put_certificates "$work/authority" collector
    meson install -C "$build" --destdir "$machine_root" --no-rebuild >"$work/collector.install" || return
    systemctl --root="$machine_root" --quiet disable exectraced.service
    # The limits of a collector that is as small as this one; when KeepFree= is more than there is, nothing is taken.
    sed -e 's/^MaxUse=.*/MaxUse=2G/' -e 's/^KeepFree=.*/KeepFree=1M/' "$fleet/collector/journal-remote.conf" >"$work/journal-remote.conf"
    put "$work/journal-remote.conf" /etc/systemd/journal-remote.conf.d/exectraced.conf
    if checks_certificates; then
        put "$fleet/collector/remote-service.conf" "$unit.service.d/exectraced.conf"
    else
        put "$fleet/collector/stunnel-service.conf" "$unit.service.d/exectraced.conf"
        put "$fleet/collector/stunnel-socket.conf" "$unit.socket.d/exectraced.conf"
        put "$fleet/collector/stunnel.conf" /etc/stunnel/exectraced.conf
        put "$fleet/collector/stunnel@exectraced-service.conf" /etc/systemd/system/stunnel@exectraced.service.d/exectraced.conf
        systemctl --root="$machine_root" --quiet enable stunnel@exectraced.service
    fi
    systemctl --root="$machine_root" --quiet enable systemd-journal-remote.socket
}

# Whether systemd-journal-remote of the chosen host was built with GnuTLS.
checks_certificates() {
    [[ $(chroot "$machine_root" /usr/lib/systemd/systemd-journal-remote --trust=/ 2>&1) != *"not available"* ]]
}
