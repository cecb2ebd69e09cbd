# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The tests in packaging/debian/tests, run by Debian's autopkgtest against the packages, installed in a booted system
# with everything in it that they depend on.

# tested_root: prints the directory of a root with what the build and the tests need, making it if need be.
tested_root() {
    local base root
    base=$("$top/packaging/build-deb" --root "$suite" | tail -n 1)
    root=$base-tests
    if [ ! -d "$root" ]; then
        rm -rf --one-file-system "$root.new"
        cp -a --reflink=auto "$base" "$root.new"
        systemd-nspawn --quiet --directory="$root.new" --register=no --keep-unit --as-pid2 \
            --setenv=DEBIAN_FRONTEND=noninteractive sh -c 'apt-get update && apt-get install --yes \
            --no-install-recommends -o DPkg::Options::=--force-unsafe-io systemd systemd-sysv dbus libpam-systemd \
            autopkgtest libcmocka-dev python3 jq' >&2 </dev/null
        mv "$root.new" "$root"
    fi
    printf '%s\n' "$root"
}

# autopkgtest_in_machine: on the packages beside it. The machine is the isolation that they ask for: it is thrown away.
autopkgtest_in_machine() {
    machine_seconds=1800 in_machine sh -c 'exec autopkgtest --no-built-binaries \
        --ignore-restrictions=isolation-machine --output-dir /packages/out /packages/*.dsc /packages/*.deb -- null'
}

test_autopkgtest() {
    local root status=0
    root=$(tested_root)
    root_copy "$root" "$work/tested"
    mkdir "$work/tested/packages"
    cp "$packages"/*.dsc "$packages"/*.tar.* "$(deb exectraced)" "$(deb exectl)" "$work/tested/packages/"
    # shellcheck disable=SC2034,SC2154 # lib/machine.sh
    machine_capabilities=("${machine_tracing[@]}")
    machine_boot "$work/tested"
    trap machine_stop EXIT
    autopkgtest_in_machine || status=$?
    cat "$work/tested/packages/out/summary"
    equal "status of autopkgtest" "$status" 0
    contains "its summary" "$(<"$work/tested/packages/out/summary")" "PASS"
}

# Where BPF is refused, as in a container without capabilities, they are skipped, and say why.
test_autopkgtest_says_why_it_skips() {
    local status=0
    [ -d "$work/tested" ] || skip "no root"
    rm -rf "$work/tested/packages/out"
    # shellcheck disable=SC2034 # lib/machine.sh
    machine_capabilities=()
    machine_boot "$work/tested"
    trap machine_stop EXIT
    autopkgtest_in_machine || status=$?
    # All were skipped.
    equal "status of autopkgtest" "$status" 8
    contains "its summary" "$(<"$work/tested/packages/out/summary")" "SKIP"
    contains "its summary" "$(<"$work/tested/packages/out/summary")" "BPF programs are refused here"
}
