# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Debian's kernels: found in the suites of the sources that this machine has, by way of linux-image-ARCHITECTURE, and
# unpacked without being installed. apt gets directories of its own for it, so nothing of this machine's changes.

# What the guest needs before its root file system is there, and what tests mount.
kernel_modules=(virtio_pci virtio_blk ext4 overlay fuse)

# suite_apt DIRECTORY COMMAND...: apt-get or apt-cache that knows one suite of one architecture only.
suite_apt() {
    local state=$1 command=$2
    shift 2
    "$command" -o APT::Architecture="$(<"$state/architecture")" -o APT::Architectures="$(<"$state/architecture")" \
        -o Dir::Etc::SourceList="$state/sources.list" -o Dir::Etc::SourceParts=/dev/null \
        -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null \
        -o Dir::State="$state" -o Dir::State::Status="$state/status" -o Dir::Cache="$state/cache" \
        -o Acquire::Languages=none -o APT::Default-Release= -o APT::Sandbox::User=root "$@"
}

# suite_update ARCHITECTURE SUITE DIRECTORY: its package lists. An old suite may have lost its updates and security: what
# counts is whether a kernel is found.
suite_update() {
    local architecture=$1 suite=$2 state=$3
    mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
    : >"$state/status"
    echo "$architecture" >"$state/architecture"
    root_sources "$suite" >"$state/sources.list"
    suite_apt "$state" apt-get update
}

# suite_kernel DIRECTORY: the packages, name=version, that hold the suite's kernel, its modules and the lists of them.
suite_kernel() {
    suite_apt "$1" apt-get --simulate --no-install-recommends install "linux-image-$(<"$1/architecture")" |
        sed -n 's/^Inst \(linux-\(image\|binary\|modules\|base\)-[0-9][^ ]*\) (\([^ ]*\) .*/\1=\3/p' | sort
}

# kernel_unpack DIRECTORY PACKAGES NEW: fills NEW with "vmlinuz", "release" and the modules, numbered in the order
# in which they are to be loaded.
kernel_unpack() {
    local state=$1 packages=$2 new=$3 tree=$3/tree package image module name number=10
    mkdir -p "$tree" "$new/modules"
    # shellcheck disable=SC2086 # they are words
    (cd "$new" && suite_apt "$state" apt-get --quiet download $packages) || return
    for package in "$new"/*.deb; do
        dpkg-deb --extract "$package" "$tree" || return
    done
    image=$(find "$tree" -name 'vmlinuz*' | head -n 1)
    # With /usr merged, as everywhere by now, the modules of both kinds of package are found.
    [ ! -d "$tree/lib/modules" ] || { mkdir -p "$tree/usr/lib" && mv "$tree/lib/modules" "$tree/usr/lib/" && rmdir "$tree/lib"; }
    ln -s usr/lib "$tree/lib"
    basename "$tree"/usr/lib/modules/* >"$new/release"
    depmod --basedir "$tree" "$(<"$new/release")" || return
    for module in "${kernel_modules[@]}"; do
        modprobe --dirname "$tree" --set-version "$(<"$new/release")" --show-depends "$module" || return
    done | sed -n 's/^insmod //p' | awk '!seen[$1]++ { print $1 }' |
        while read -r module; do
            name=$(basename "$module")
            number=$((number + 1))
            case $name in
                *.xz) xz --decompress --stdout "$module" >"$new/modules/$number-${name%.xz}" ;;
                *.zst) zstd --quiet --decompress --stdout "$module" >"$new/modules/$number-${name%.zst}" ;;
                *) cp "$module" "$new/modules/$number-$name" ;;
            esac || return
        done || return
    mv "$image" "$new/vmlinuz"
    rm -rf "$tree" "$new"/*.deb
}

# kernel_make ARCHITECTURE SUITE: prints the directory of the suite's newest kernel, getting it if need be.
kernel_make() {
    local architecture=$1 suite=$2 state=$cache/apt-$1-$2 packages directory
    suite_update "$architecture" "$suite" "$state" >&2 || echo "going on with the package lists of $suite that there are" >&2
    packages=$(suite_kernel "$state")
    if [ -z "$packages" ]; then
        echo "no linux-image-$architecture in the sources of $suite that this machine has" >&2
        return 1
    fi
    directory=$cache/kernel-$architecture-$suite-$(sha256sum <<<"$packages ${kernel_modules[*]}" | cut -c1-12)
    if [ ! -d "$directory" ]; then
        rm -rf "$directory.new"
        kernel_unpack "$state" "$packages" "$directory.new" >&2 || return
        mv "$directory.new" "$directory"
    fi
    printf '%s\n' "$directory"
}
