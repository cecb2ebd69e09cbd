# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The packages as files: built, linted, built again, looked at.

largest_installed=3072 # KiB, of exectraced

# deb NAME: the file of the package of this name.
deb() {
    local files=("$packages/${1}"_*.deb)
    [ -e "${files[0]}" ] || fail "no package $1 in $packages"
    printf '%s\n' "${files[0]}"
}

test_build() {
    [ "$os_id" = debian ] || skip "no Debian"
    if [ -n "$quick" ]; then
        "$top/packaging/build-deb" --output "$packages" --here
    else
        "$top/packaging/build-deb" --output "$packages" "$suite" "$architecture"
    fi
    deb exectraced
    deb exectl
}

# changelog_version: of the source, without what build-deb adds for a release.
changelog_version() {
    sed -n '1s/.*(\(.*\)).*/\1/p' "$top/packaging/debian/changelog"
}

# The packages of the suites can lie in one repository, and an upgrade to the next suite replaces them.
test_version() {
    local upstream version name
    upstream=$(changelog_version)
    for name in exectraced exectl; do
        version=$(dpkg-deb --field "$(deb "$name")" Version)
        case $suite in
            bookworm) equal "version of $name" "$version" "$upstream~deb12u1" ;;
            trixie) equal "version of $name" "$version" "$upstream~deb13u1" ;;
            sid) equal "version of $name" "$version" "$upstream" ;;
        esac
        equal "name of the file" "$(basename "$(deb "$name")")" "${name}_${version}_$architecture.deb"
    done
    dpkg --compare-versions "$upstream~deb12u1" lt "$upstream~deb13u1"
    dpkg --compare-versions "$upstream~deb13u1" lt "$upstream"
}

test_lintian() {
    local said
    command -v lintian >/dev/null || skip "no lintian here"
    said=$(lintian --allow-root --fail-on none --show-overrides --tag-display-limit 0 "$packages"/*.changes)
    printf '%s\n' "$said"
    ! grep -E '^[EW]:' <<<"$said" || fail "lintian has errors or warnings"
}

# The compiler's own clock or the order of files would show.
test_same_bytes() {
    local package
    "$top/packaging/build-deb" --output "$work/again" --directory /somewhere-else/with/a-longer-name "$suite"
    for package in "$packages"/*.deb; do
        cmp "$package" "$work/again/${package##*/}"
    done
}

# contents PACKAGE: the files in it, without directories.
contents() {
    dpkg-deb --fsys-tarfile "$1" | tar -tf - | sed 's/^\.//' | grep -v '/$' | sort
}

# Everything that "meson install" installs is in one of the two, and nothing is in both.
test_contents() {
    local all=$work/staged wanted
    [ -d "$all" ] || DESTDIR=$all meson install -C "$build" --no-rebuild >/dev/null
    wanted=$(cd "$all" && find . -type f -o -type l |
        sed -E 's|^\./|/|; s|^/lib/|/usr/lib/|; s|site-functions|vendor-completions|' | sort)
    contents "$(deb exectraced)" >"$work/exectraced.list"
    contents "$(deb exectl)" >"$work/exectl.list"
    equal "files in both" "$(comm -12 "$work/exectraced.list" "$work/exectl.list")" ""
    equal "files in neither" "$(sed -E 's|^/lib/|/usr/lib/|; s|(/man/.*)\.gz$|\1|' "$work"/exect*.list | sort |
        comm -13 - <(printf '%s\n' "$wanted"))" ""
    equal conffiles "$(dpkg-deb --info "$(deb exectraced)" conffiles)" /etc/exectraced.conf
    equal architecture "$(dpkg-deb --field "$(deb exectraced)" Architecture)" "$architecture"
    ! dpkg-deb --field "$(deb exectraced)" Depends | grep -E 'exectl|debconf'
}

test_installed_size() {
    local size
    size=$(dpkg-deb --field "$(deb exectraced)" Installed-Size)
    echo "exectraced: $size KiB installed"
    [ "$size" -le "$largest_installed" ]
}

# Each is for its architecture, is hardened, and has the note that systemd-coredump reads.
test_programs() {
    local program header dynamic machine
    case $architecture in
        amd64) machine='X86-64' ;;
        arm64) machine='AArch64' ;;
    esac
    rm -rf "$work/x"
    dpkg-deb --extract "$(deb exectraced)" "$work/x"
    dpkg-deb --extract "$(deb exectl)" "$work/x"
    for program in sbin/exectraced libexec/exectraced/exectraced-file-reader bin/exectl; do
        header=$(readelf --file-header --wide "$work/x/usr/$program")
        contains "the header of $program" "$header" "$machine"
        contains "the header of $program" "$header" "DYN"
        dynamic=$(readelf --dynamic --program-headers --wide "$work/x/usr/$program")
        contains "the segments of $program" "$dynamic" GNU_RELRO
        contains "the dynamic section of $program" "$dynamic" NOW
        contains "the note of $program" "$(readelf --string-dump=.note.package "$work/x/usr/$program")" \
            '"name":"exectraced"'
    done
}
