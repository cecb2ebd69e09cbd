# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Builds for arm64 on a machine that is none: the headers and libraries of Debian's arm64 packages, and a build
# directory that uses them. To be sourced, with $cache set to where they are kept.

# sysroot_make: prints a directory with the arm64 packages that the build needs, making it if need be.
sysroot_make() {
    local root=$cache/sysroot-arm64 codename
    codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
    if [ ! -d "$root" ]; then
        mkdir -p "$cache"
        rm -rf "$root.new"
        # shellcheck disable=SC2016 # for apt-get, not for the shell
        apt-get indextargets --format 'deb [arch=arm64] $(REPO_URI) $(RELEASE) $(COMPONENT)' \
            'Created-By: Packages' | grep " $codename" | sort -u >"$root.list"
        apt-config dump Acquire | grep -E '^Acquire::(http|https|ftp|Check|Retries|By-Hash)' \
            >"$root.apt" || true
        # shellcheck disable=SC2016 # mmdebstrap's
        mmdebstrap --variant=extract --architectures=arm64 --aptopt="$root.apt" \
            --include=libc6-dev,libbpf-dev,libelf-dev,libsystemd-dev,libinih-dev,libpcre2-dev,libcmocka-dev,systemd \
            --aptopt='APT::Install-Recommends "false"' \
            --setup-hook='mkdir -p "$1/usr/lib" && ln -s usr/lib "$1/lib"' \
            "$codename" "$root.new" "$root.list" >&2 || return 1
        mv "$root.new" "$root"
    fi
    printf '%s\n' "$root"
}

# sysroot_configure ROOT SOURCES DIRECTORY OPTION...: makes DIRECTORY a build of SOURCES for arm64.
sysroot_configure() {
    local root=$1 sources=$2 directory=$3
    shift 3
    mkdir -p "${directory%/*}"
    printf "[constants]\nsysroot = '%s'\n" "$root" >"$directory.ini"
    meson setup "$directory" "$sources" --prefix=/usr --sbindir=sbin -Dtests=enabled \
        --cross-file "$sources/packaging/cross/aarch64.ini" --cross-file "$directory.ini" "$@"
}
