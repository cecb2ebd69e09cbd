# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The file systems that the tests boot: minimal installations of this machine's own distribution, or of a newer
# release of it, made once and kept.

# root_packages PROGRAM [PACKAGE...]: what a system needs to boot and to let users in, the packages that hold PROGRAM's libraries,
# Python, which tests/vm runs on the same root, and each PACKAGE.
root_packages() {
    local libraries
    mapfile -t libraries < <(ldd "$1" | sed -n 's/.*=> \(\/[^ ]*\) .*/\1/p' | xargs -r realpath)
    printf '%s\n' systemd systemd-sysv dbus dbus-user-session libpam-systemd rsyslog python3 "${@:2}"
    dpkg-query --search "${libraries[@]}" 2>/dev/null | cut -d: -f1 | sort -u
}

# root_sources SUITE: apt sources of this distribution, those of this machine with SUITE in the place of its own
# release.
root_sources() {
    apt-get indextargets --format '$(ORIGIN)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)' 'Created-By: Packages' |
        sort -u |
        while IFS='|' read -r origin uri release component; do
            [[ ${origin,,} = "$os_id" && $release = "$os_codename"* ]] || continue
            # Updates of any kind go into sid itself.
            [[ $1 != sid || $release = "$os_codename" ]] || continue
            printf 'deb %s %s %s\n' "$uri" "$1${release#"$os_codename"}" "$component"
        done
}

# root_make SUITE PROGRAM [PACKAGE...]: prints the directory of a pristine root of SUITE, making it if need be. Suites of
# tests that run side by side make it once.
root_make() {
    local suite=$1 packages root
    packages=$(root_packages "${@:2}" | paste -sd,)
    root=$cache/$suite-$(sha256sum <<<"$packages" | cut -c1-12)
    mkdir -p "$cache"
    (
        flock 9
        [ -d "$root" ] || root_make_new "$suite" "$packages" "$root"
    ) 9>"$root.lock" || return 1
    printf '%s\n' "$root"
}

# root_make_new SUITE PACKAGES DIRECTORY
root_make_new() {
    local suite=$1 packages=$2 root=$3
    rm -rf "$root.new"
    root_sources "$suite" >"$root.list"
    # How this machine reaches its sources: proxies and the like.
    apt-config dump Acquire | grep -E '^Acquire::(http|https|ftp|Check|Retries|By-Hash)' >"$root.apt" || true
    mmdebstrap --variant=minbase --include="$packages" --aptopt="$root.apt" \
        --aptopt='APT::Install-Recommends "false"' --dpkgopt='path-exclude=/usr/share/locale/*' \
        "$suite" "$root.new" "$root.list" >&2 || return 1
    # Forwarding each record to a syslog daemon is for the tests that want one.
    [ ! -e "$root.new/usr/sbin/rsyslogd" ] || systemctl --root="$root.new" --quiet disable rsyslog.service
    mv "$root.new" "$root"
}

# root_copy PRISTINE DIRECTORY: a root to install into and boot.
root_copy() {
    rm -rf "$2"
    cp -a --reflink=auto "$1" "$2"
    root_own "$2"
}

# root_own DIRECTORY: makes a root of its own of what is the same as others.
root_own() {
    # With an id of its own this is not a first boot, at which systemd would enable everything by preset.
    tr -d - </proc/sys/kernel/random/uuid >"$1/etc/machine-id"
    # Loading modules is not for a container; in some versions it fails there, in others it is skipped.
    ln -s /dev/null "$1/etc/systemd/system/systemd-modules-load.service"
    # Room for the records of the long tests. The rate limit stays what it is by default.
    mkdir -p "$1/etc/systemd/journald.conf.d" "$1/var/log/journal"
    printf '[Journal]\nStorage=persistent\nSystemMaxUse=3G\n' >"$1/etc/systemd/journald.conf.d/tests.conf"
}
