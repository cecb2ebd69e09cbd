# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the systems have that these tests boot. To be sourced behind tests/system/lib/root.sh, whose root_make() asks for it.

shipper=

# root_packages PROGRAM: what a system needs to boot, the packages that hold PROGRAM's libraries, and the shipper.
root_packages() {
    local libraries
    mapfile -t libraries < <(ldd "$1" | sed -n 's/.*=> \(\/[^ ]*\) .*/\1/p' | xargs -r realpath)
    printf '%s\n' systemd systemd-sysv dbus
    case $shipper in
        rsyslog) printf '%s\n' rsyslog rsyslog-relp ;;
        syslog-ng) printf '%s\n' syslog-ng-core ;;
    esac
    dpkg-query --search "${libraries[@]}" 2>/dev/null | cut -d: -f1 | sort -u
}
