# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# RPM and Arch packages, built with Debian's rpmbuild and makepkg. No Fedora and no Arch is here. Their files are
# compared with those of the Debian packages.

upstream=$(sed -n "s/^ *version: '\(.*\)',$/\1/p" "$top/meson.build" | head -n 1)

# source_archive FILE: the tree as a released archive holds it.
source_archive() {
    tar -C "$top" --exclude=./.git --exclude=./build --exclude=__pycache__ \
        --transform="s|^\.|exectraced-$upstream|" -czf "$1" .
}

# comparable: reads paths and prints those that all distributions have, in the same form. Each has its own
# directories for units, completions and programs, its own licence files and its own way to compress manuals.
comparable() {
    sed -E -e 's|^/lib/|/usr/lib/|' -e 's|^/usr/sbin/|/usr/bin/|' -e 's|vendor-completions|site-functions|' \
        -e 's|(/man/.*)\.gz$|\1|' |
        grep -v -E '^/usr/share/(licenses/|doc/[^/]*/[^/]*$)|/\.build-id|^/\.' | sort -u
}

# same_files WHAT NAME <PATHS: as the Debian package NAME holds.
same_files() {
    local differences
    differences=$(diff <(contents "$(deb "$2")" | comparable) <(comparable) || true)
    equal "files of $1 that differ from the Debian package" "$differences" ""
}

# rpm_file NAME
rpm_file() {
    local files=("$work/rpm/RPMS"/*/"$1"-[0-9]*.rpm)
    [ -e "${files[0]}" ] || fail "no $1 among the RPM packages"
    printf '%s\n' "${files[0]}"
}

test_rpm() {
    local name
    command -v rpmbuild >/dev/null || skip "no rpmbuild here"
    mkdir -p "$work/rpm/SOURCES"
    source_archive "$work/rpm/SOURCES/exectraced-$upstream.tar.gz"
    # What the build requires is here, under Debian's names.
    rpmbuild -ba --nodeps --load "$top/tests/packages/fedora.macros" --define "_topdir $work/rpm" \
        "$top/packaging/rpm/exectraced.spec"
    for name in exectraced exectl; do
        rpm_contents "$name" | same_files "the RPM" "$name"
    done
    equal "configuration files" "$(rpm --query --package --configfiles "$(rpm_file exectraced)")" \
        /etc/exectraced.conf
    contains "weak dependencies" "$(rpm --query --package --recommends "$(rpm_file exectraced)")" exectl
    contains scriptlets "$(rpm --query --package --scripts "$(rpm_file exectraced)")" \
        "try-restart exectraced.service"
}

# rpm_contents NAME: the files in it, without directories.
rpm_contents() {
    rpm --query --package --queryformat '[%{FILEMODES:perms} %{FILENAMES}\n]' "$(rpm_file "$1")" |
        sed -n 's/^[-l][^ ]* //p'
}

test_rpmlint() {
    local said
    command -v rpmlint >/dev/null || skip "no rpmlint here"
    [ -d "$work/rpm/RPMS" ] || skip "no RPM was built"
    said=$(rpmlint --config "$top/packaging/rpm/rpmlint.toml" "$work"/rpm/RPMS/*/exec*.rpm "$work"/rpm/SRPMS/*.rpm \
        "$top/packaging/rpm/exectraced.spec" 2>&1 || true)
    printf '%s\n' "$said"
    contains rpmlint "$said" " 0 errors"
}

test_pkgbuild() {
    local name files
    local needed
    for needed in makepkg pacman bsdtar; do
        command -v "$needed" || skip "no $needed here"
    done
    mkdir "$work/arch"
    cp "$top/packaging/arch/PKGBUILD" "$work/arch/"
    source_archive "$work/arch/exectraced-$upstream.tar.gz"
    # makepkg does not run as root.
    chown -R nobody "$work/arch"
    chmod 0711 "$work"
    (cd "$work/arch" && setpriv --reuid=65534 --regid=65534 --clear-groups \
        env HOME="$work/arch" PKGEXT=.pkg.tar.gz PATH="$PATH:/usr/sbin" \
        makepkg --nodeps --noconfirm --nocheck --skipinteg)
    for name in exectraced exectl; do
        files=("$work/arch/$name-$upstream"-*.pkg.tar.gz)
        [ -e "${files[0]}" ] || fail "makepkg made no $name"
        tar -tf "${files[0]}" | grep -v '/$' | sed 's|^|/|' | same_files "the Arch package" "$name"
    done
}
