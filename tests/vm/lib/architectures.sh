# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What machines of an architecture are made of: a build of the programs, a root file system and a static busybox. For
# amd64 that is the build under test, a root of this machine's distribution and this machine's own busybox; for arm64 a
# cross build, a root that nothing on this machine runs, and the busybox in it. For arm64-native it is the sources, and a
# root in which they are built.

# arm64_root_finish ROOT: what else the maintainer scripts of a minimal system make.
arm64_root_finish() {
    local root=$1
    mkdir -p "$root"/{media,mnt,opt,srv} && : >"$root/etc/machine-id" &&
        cp "$root/usr/share/base-passwd/passwd.master" "$root/etc/passwd" &&
        cp "$root/usr/share/base-passwd/group.master" "$root/etc/group" &&
        cp "$root/usr/share/libc-bin/nsswitch.conf" "$root/etc/nsswitch.conf"
}

# arm64_root_make PACKAGES: prints the directory of a root with the essential packages and these, making it if need be.
# They are unpacked and not installed: this machine need not be able to run them.
arm64_root_make() {
    local packages=$1 root
    root=$cache/$os_codename-arm64-$(sha256sum <<<"$packages" | cut -c1-12)
    if [ ! -d "$root" ]; then
        rm -rf "$root.new"
        root_sources "$os_codename" >"$root.list"
        apt-config dump Acquire | grep -E '^Acquire::(http|https|ftp|Check|Retries|By-Hash)' >"$root.apt" || true
        # shellcheck disable=SC2016 # mmdebstrap's
        mmdebstrap --variant=extract --architectures=arm64 --include='?essential' --include="$packages" \
            --aptopt="$root.apt" --aptopt='APT::Install-Recommends "false"' --dpkgopt='path-exclude=/usr/share/locale/*' \
            --setup-hook='for d in bin sbin lib; do mkdir -p "$1/usr/$d" && ln -s "usr/$d" "$1/$d" || exit; done' \
            "$os_codename" "$root.new" "$root.list" >&2 || return
        arm64_root_finish "$root.new" || return
        mv "$root.new" "$root"
    fi
    printf '%s\n' "$root"
}

# The same packages as the root of amd64 has.
arm64_packages() {
    printf '%s,busybox-static' "$(root_packages "$build/exectraced" | paste -sd,)"
}

# What README says that the build needs on Debian, and what the tests need.
arm64_build_packages() {
    echo gcc,libc6-dev,clang,bpftool,meson,ninja-build,pkg-config,libbpf-dev,libelf-dev,libsystemd-dev,libinih-dev \
        libpcre2-dev,libcmocka-dev,gcc-arm-linux-gnueabihf,libc6-dev-armhf-cross | tr ' ' ,
}

# arm64_build_make DIRECTORY: prints the directory of a cross build of these sources, making it or bringing it up to date.
# It has the options of the development build, and the unit tests are compiled.
arm64_build_make() {
    local directory=$1 root
    root=$(sysroot_make) || return
    if [ ! -e "$directory/build.ninja" ] || ! grep -qxF "sysroot = '$root'" "$directory.ini"; then
        rm -rf "$directory"
        sysroot_configure "$root" "$top" "$directory" --cross-file "$top/build-dev.ini" >&2 || return
    fi
    meson compile -C "$directory" >&2 || return
    printf '%s\n' "$directory"
}

# architecture_root_make ARCHITECTURE: prints the directory of the root.
architecture_root_make() {
    case $1 in
        amd64) root_make "$os_codename" "$build/exectraced" ;;
        arm64) arm64_root_make "$(arm64_packages)" ;;
        arm64-native) arm64_root_make "$(arm64_packages),$(arm64_build_packages)" ;;
    esac
}

# architecture_build_make ARCHITECTURE: prints the directory of the build.
architecture_build_make() {
    case $1 in
        amd64) printf '%s\n' "$build" ;;
        arm64) arm64_build_make "$build-arm64" ;;
        arm64-native) printf '%s\n' "$top" ;;
    esac
}

# architecture_busybox ARCHITECTURE ROOT: prints the path of a static busybox.
architecture_busybox() {
    case $1 in
        amd64) command -v busybox ;;
        arm64*) printf '%s\n' "$2/bin/busybox" ;;
    esac
}
