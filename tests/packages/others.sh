# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# RPM and Arch packages, built with Debian's rpmbuild and makepkg, compared with the Debian packages, and installed into
# a Debian root, as no Fedora and no Arch is here. So their dependencies are not resolved, Fedora's own macros are
# replaced by those of fedora.macros, and SELinux is not there.

upstream=$(sed -n "s/^ *version: '\(.*\)',$/\1/p" "$top/meson.build" | head -n 1)

# source_archive FILE: the tree as a released archive holds it.
source_archive() {
    tar -C "$top" --exclude=./.git --exclude=./build --exclude=__pycache__ \
        --transform="s|^\.|exectraced-$upstream|" -czf "$1" .
}

# comparable: reads lines of mode, owner and path, and prints those that all distributions have, in the same form. Each
# has its own directories for units, completions and programs, its own licence files and its own way to compress
# manuals. Debian's alone has a preset.
comparable() {
    sed -E -e 's| /lib/| /usr/lib/|' -e 's| /usr/lib/exectraced/| /usr/libexec/exectraced/|' \
        -e 's| /usr/sbin/| /usr/bin/|' -e 's|vendor-completions|site-functions|' -e 's|(/man/.*)\.gz$|\1|' |
        grep -v -E ' /usr/share/(licenses/|doc/[^/]*/[^/]*$)|/\.build-id|/90-exectraced\.preset$| /\.' | sort -u
}

# listed_by_tar: reads a tar archive and prints mode, owner and path of its files.
listed_by_tar() {
    tar --list --verbose --file - |
        sed -n -E 's|^([-l][^ ]*) +([^ ]*) .* [0-9:]{5,8} (\./)?([^ ].*)$|\1 \2 /\4|p'
}

# same_files WHAT NAME <LINES: as the Debian package NAME holds.
same_files() {
    local expected=$work/expected.files given=$work/given.files
    dpkg-deb --fsys-tarfile "$(deb "$2")" | listed_by_tar | comparable >"$expected"
    comparable >"$given"
    [ "$(wc -l <"$expected")" -ge 4 ] || fail "the Debian package $2 has hardly any files: $(<"$expected")"
    equal "files of $1 that differ from the Debian package" "$(diff "$expected" "$given" || true)" ""
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
    # The scriptlets need a shell; the fleet's scripts are only needed by those who run them.
    equal "interpreters that are required" "$(for name in exectraced exectl; do
        rpm --query --package --requires "$(rpm_file "$name")"
    done | grep ^/ | sort -u)" /bin/sh
    contains "directories of exectl" $'\n'"$(rpm --query --package --list "$(rpm_file exectl)")"$'\n' \
        $'\n/usr/share/exectraced\n'
    contains "weak dependencies" "$(rpm --query --package --recommends "$(rpm_file exectraced)")" exectl
    contains scriptlets "$(rpm --query --package --scripts "$(rpm_file exectraced)")" \
        "try-restart exectraced.service"
}

# rpm_contents NAME: mode, owner and path of the files in it.
rpm_contents() {
    rpm --query --package --queryformat '[%{FILEMODES:perms} %{FILEUSERNAME}/%{FILEGROUPNAME} %{FILENAMES}\n]' \
        "$(rpm_file "$1")" | grep '^[-l]'
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
    # As updpkgsums does it.
    sed -i "s/^sha256sums=(SKIP)/sha256sums=($(sha256sum "$work/arch/exectraced-$upstream.tar.gz" | cut -d' ' -f1))/" \
        "$work/arch/PKGBUILD"
    (cd "$work/arch" && setpriv --reuid=65534 --regid=65534 --clear-groups \
        env HOME="$work/arch" PKGEXT=.pkg.tar.gz PATH="$PATH:/usr/sbin" \
        makepkg --nodeps --noconfirm)
    for name in exectraced exectl; do
        files=("$work/arch/$name-$upstream"-*.pkg.tar.gz)
        [ -e "${files[0]}" ] || fail "makepkg made no $name"
        listed_by_tar < <(gzip -dc "${files[0]}") | same_files "the Arch package" "$name"
    done
}

# foreign_root: sets $foreign to a root of this machine's suite for packages of others.
foreign_root() {
    local pristine
    foreign=$work/foreign
    pristine=$(root_make "$suite" "$build/exectraced")
    root_copy "$pristine" "$foreign"
}

# in_foreign COMMAND...
in_foreign() {
    chroot "$foreign" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 "$@"
}

# check_foreign: the unit is one that systemd takes, the configuration is read, and nothing of it is anybody else's.
check_foreign() {
    equal "systemd-analyze verify" "$(in_foreign systemd-analyze verify --man=no exectraced.service 2>&1)" ""
    in_foreign exectraced --check-config
    in_foreign exectl --version
    [ -d "$foreign/etc/exectraced.conf.d" ]
    equal "files of others than root" "$(find "$foreign" -xdev -name '*exectraced*' ! \( -user 0 -group 0 \))" ""
    equal "files that others can write" "$(find "$foreign" -xdev -name '*exectraced*' ! -type l -perm /022)" ""
}

rpm_in() {
    rpm --root "$foreign" --nodeps --nosignature "$@"
}

# The scriptlets run, too: nothing is enabled but what the distribution's presets name, as on a Fedora.
test_rpm_installed() {
    local edited='# edited'
    [ -d "$work/rpm/RPMS" ] || skip "no RPM was built"
    foreign_root
    echo 'disable *' >"$foreign/usr/lib/systemd/system-preset/99-default-disable.preset"
    rpm_in --install "$(rpm_file exectraced)" "$(rpm_file exectl)"
    equal "what rpm finds changed" "$(rpm_in --verify exectraced exectl)" ""
    equal enabled "$(in_foreign systemctl is-enabled exectraced || true)" disabled
    check_foreign
    echo "$edited" >>"$foreign/etc/exectraced.conf"
    rpm_in --upgrade --replacepkgs "$(rpm_file exectraced)"
    equal "the edited configuration" "$(tail -n 1 "$foreign/etc/exectraced.conf")" "$edited"
    # As the administrator does it.
    in_foreign systemctl enable exectraced
    rpm_in --upgrade --replacepkgs "$(rpm_file exectraced)"
    equal "enabled after an upgrade" "$(in_foreign systemctl is-enabled exectraced)" enabled
}

# It records in a booted system, and is stopped and gone when it is removed.
test_rpm_booted() {
    local path
    [ -e "$work/foreign/usr/sbin/exectraced" ] || skip "no RPM was installed"
    foreign=$work/foreign
    cp "$build/tests/system/leaf" "$foreign/usr/local/bin/leaf"
    # shellcheck disable=SC2034,SC2154 # lib/machine.sh
    machine_capabilities=("${machine_tracing[@]}")
    machine_boot "$foreign"
    trap machine_stop EXIT
    equal ActiveState "$(show ActiveState)" active
    path=$(program "$(unique rpm)")
    in_machine "$path"
    wait_record "EXEC_FILENAME=$path" >/dev/null
    contains "exectl" "$(in_machine exectl --no-pager list "$path")" "${path##*/}"
    in_machine systemctl stop exectraced
    machine_stop
    rpm_in --erase exectraced exectl
    equal "what is left" "$(find "$foreign" -xdev -path "$foreign/var" -prune -o -path "$foreign/usr/local" -prune -o \
        -name '*exectraced*' ! -name '*.rpmsave' -print)" ""
}

test_pkgbuild_installed() {
    local files=("$work/arch/"*.pkg.tar.gz)
    [ -e "${files[0]}" ] || skip "no Arch package was built"
    foreign_root
    mkdir -p "$foreign/var/lib/pacman"
    pacman --root "$foreign" --noconfirm --upgrade --nodeps --nodeps "${files[@]}"
    contains "pacman --query" "$(pacman --root "$foreign" --query --check --check 2>&1)" "exectraced: "
    ! pacman --root "$foreign" --query --check --check 2>&1 | grep -v ' 0 altered files$'
    # Arch leaves it to the administrator.
    equal enabled "$(in_foreign systemctl is-enabled exectraced || true)" disabled
    check_foreign
}
