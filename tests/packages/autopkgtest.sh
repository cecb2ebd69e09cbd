# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The tests in packaging/debian/tests, run by Debian's autopkgtest against the packages, installed in a root that has
# everything that they depend on.

# test_dependencies: what debian/tests/control names, beside the packages themselves and those of their build.
test_dependencies() {
    sed -n 's/^Depends: *//p' "$top/packaging/debian/tests/control" | tr -d ' ' | tr ',' '\n' | grep -v '@'
}

# tested_root: prints the directory of a root with what the build and the tests need, making it if need be.
tested_root() {
    local base root wanted
    base=$("$top/packaging/build-deb" --root "$suite" | tail -n 1)
    wanted=$(test_dependencies | paste -sd' ')
    [ -n "$wanted" ] || fail "debian/tests/control names no packages"
    root=$base-tests-$(sha256sum <<<"$wanted" | cut -c1-12)
    if [ ! -d "$root" ]; then
        rm -rf --one-file-system "$root.new"
        cp -a --reflink=auto "$base" "$root.new"
        # shellcheck disable=SC2086 # they are words
        systemd-nspawn --quiet --directory="$root.new" --register=no --keep-unit --as-pid2 \
            --setenv=DEBIAN_FRONTEND=noninteractive sh -c 'apt-get update && apt-get install --yes \
            --no-install-recommends -o DPkg::Options::=--force-unsafe-io systemd systemd-sysv dbus libpam-systemd \
            autopkgtest "$@"' - $wanted >&2 </dev/null
        mv "$root.new" "$root"
    fi
    printf '%s\n' "$root"
}

# The machine, or the root, is the isolation that the tests ask for: it is thrown away.
run_autopkgtest='exec autopkgtest --no-built-binaries --ignore-restrictions=isolation-machine \
    --output-dir /packages/out /packages/*.dsc /packages/*.deb -- null'

# prepare_tested: $work/tested is a root with the packages and their source in /packages.
prepare_tested() {
    local root
    root=$(tested_root)
    root_copy "$root" "$work/tested"
    mkdir "$work/tested/packages"
    cp "$packages"/*.dsc "$packages"/*.tar.* "$(deb exectraced)" "$(deb exectl)" "$work/tested/packages/"
}

# in_tested COMMAND: by a shell that has $work/tested as its root, in a mount namespace of its own. It is no chroot, in
# which nobody can make a user namespace. /tmp is this machine's: a core dump's helper is executed in its root.
in_tested() {
    unshare --mount --propagation private bash -c 'set -e
        mount --bind "$0" "$0"
        for directory in proc sys dev; do
            mount --rbind "/$directory" "$0/$directory"
        done
        mount --bind /tmp "$0/tmp"
        mount -t tmpfs -o mode=0755 tmpfs "$0/run"
        cd "$0"
        pivot_root . mnt
        umount --lazy mnt
        exec chroot . env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
            sh -c "$1"' "$work/tested" "$1" </dev/null
}

# Not in a container: the tests compare the records with pids as the whole machine sees them.
test_autopkgtest() {
    local status=0
    prepare_tested
    in_tested "$run_autopkgtest" || status=$?
    cat "$work/tested/packages/out/summary"
    equal "status of autopkgtest" "$status" 0
    contains "its summary" "$(<"$work/tested/packages/out/summary")" "PASS"
}

# skipped STATUS REASON SAID: autopkgtest says why it ran none of them.
skipped() {
    printf '%s\n' "$3"
    equal "status of autopkgtest, for all tests skipped" "$1" 8
    contains "its summary" "$(<"$work/tested/packages/out/summary")" SKIP
    contains "what it says" "$3" "skipped: $2"
}

test_autopkgtest_without_bpf() {
    local said status=0
    prepare_tested
    said=$(in_tested "exec setpriv --bounding-set=-sys_admin,-bpf,-perfmon sh -c '$run_autopkgtest'" 2>&1) || status=$?
    skipped "$status" "BPF programs are refused here: exectraced: the capabilities CAP_BPF" "$said"
}

test_autopkgtest_in_a_container() {
    local said status=0
    prepare_tested
    # shellcheck disable=SC2034,SC2154 # lib/machine.sh
    machine_capabilities=("${machine_tracing[@]}")
    machine_boot "$work/tested"
    trap machine_stop EXIT
    said=$(in_machine sh -c "$run_autopkgtest" 2>&1) || status=$?
    skipped "$status" "this is a container with pids of its own" "$said"
}
