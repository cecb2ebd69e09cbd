# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What packaging/quickstart, tests/run and .ci/run share: messages, commands whose output is shown only when
# they fail, packages, configuring a build. To be sourced, with $top set to the top of the clone.

: "${top:?}"

step_started=$SECONDS
step_name=

# A headline for what comes next, with the seconds since the script began.
step() {
    step_name=$1
    printf '==> [%3d s] %s\n' "$((SECONDS - step_started))" "$1"
}

say() {
    printf '    %s\n' "$*"
}

die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

require_root() {
    [ "$EUID" -eq 0 ] || die "needs root ($1): sudo $0"
}

# quiet COMMAND...: runs it with its output in $log, of which the end is shown when it fails.
quiet() {
    local status=0
    printf '\n$ %s\n' "$*" >>"$log"
    "$@" >>"$log" 2>&1 </dev/null || status=$?
    if [ "$status" -ne 0 ]; then
        printf '%s: failed (%s): %s\n' "${0##*/}" "$step_name" "$*" >&2
        tail -n 40 "$log" | sed 's/^/    | /' >&2
        printf '    all of it: %s\n' "$log" >&2
    fi
    return "$status"
}

# open_log FILE: where quiet() writes.
open_log() {
    log=$1
    mkdir -p "${log%/*}"
    : >"$log"
}

package_installed() {
    [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

package_exists() {
    [ -n "$(apt-cache show --no-all-versions "$1" 2>/dev/null)" ]
}

# install_packages PACKAGE...: those that are missing. Does not touch the network when none is. "?PACKAGE"
# is installed where the distribution has it, "A|B" is the first of the two that it has.
install_packages() {
    local wanted missing=() updated=0 package name
    command -v apt-get >/dev/null || die "knows how to install packages on Debian and Ubuntu only; see README.md for a build by hand"
    for wanted in "$@"; do
        for name in ${wanted//|/ }; do
            package_installed "${name#\?}" && continue 2
        done
        # What a distribution may lack is no reason to go to the network.
        if [ "$updated" -eq 0 ] && [ "${wanted#\?}" = "$wanted" ]; then
            say "updating the package lists"
            # One source that is out of reach is no reason to give up: what counts is the installation.
            quiet apt-get update || say "going on with the package lists that there are"
            updated=1
        fi
        for name in ${wanted//|/ }; do
            package=${name#\?}
            if package_exists "$package"; then
                missing+=("$package")
                continue 2
            fi
        done
        [ "${wanted#\?}" != "$wanted" ] || die "no package $wanted in this distribution's lists (is it Debian or Ubuntu?)"
    done
    if [ "${#missing[@]}" -eq 0 ]; then
        say "all there"
        return 0
    fi
    say "installing ${missing[*]}"
    quiet env DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l \
        apt-get install --yes --no-install-recommends -o DPkg::Lock::Timeout=300 "${missing[@]}"
}

# shellcheck disable=SC2034 # for those that source this
build_packages=(gcc libc6-dev clang 'bpftool|linux-tools-common' meson ninja-build pkg-config
    libbpf-dev libelf-dev libsystemd-dev libinih-dev libpcre2-dev '?systemd-dev')

# shellcheck disable=SC2034 # likewise: what tests/bench measures with, and compares with
bench_packages=(libcmocka-dev python3 python3-systemd systemd libbpf-tools)

# Ubuntu's /usr/sbin/bpftool only looks for the one that was built with the running kernel. Any serves for
# what the build does with it, so put the newest first in $PATH when that script finds none.
find_bpftool() {
    local candidate
    PATH=$PATH:/usr/sbin:/sbin
    if bpftool version >/dev/null 2>&1; then
        return 0
    fi
    package_installed linux-tools-common && ! compgen -G '/usr/lib/linux-tools/*/bpftool' >/dev/null &&
        install_packages linux-tools-generic
    candidate=$(compgen -G '/usr/lib/linux-tools/*/bpftool' | sort --version-sort | tail -n 1) || true
    [ -n "$candidate" ] || die "no bpftool that runs: install the linux-tools package of a kernel"
    PATH=${candidate%/*}:$PATH
}

# configure_build DIRECTORY OPTION...: a build directory with these options, whatever it was before.
configure_build() {
    local build=$1
    shift
    if [ -e "$build/build.ninja" ] && meson setup --reconfigure "$build" "$top" "$@" >>"$log" 2>&1 </dev/null; then
        return 0
    fi
    rm -rf "$build"
    quiet meson setup "$build" "$top" "$@"
}
