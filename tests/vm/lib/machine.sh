# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The machine that a kernel is booted in: a disk with a Debian on it, which forgets what is written to it, and an
# initramfs that brings modules and the programs under test. Emulated, for a kernel that is itself a guest may not have
# anything better, and so 10 to 20 times slower than this machine, and for arm64 30 times.

machine_memory=1024 # MiB
machine_disk_room=1024 # MiB, beside what the root holds

# disk_make ROOT: prints the image of a disk with this root on it, making it if need be.
disk_make() {
    local root=$1 image=$1.disk used
    if [ ! -e "$image" ]; then
        used=$(du --summarize --block-size=1M "$root" | cut -f1)
        # ext2, which the ext4 module mounts: nothing is to survive, so there is nothing for a journal to do.
        mke2fs -q -t ext2 -I 256 -d "$root" "$image.new" "$((used + used / 4 + machine_disk_room))M" >&2 || return
        mv "$image.new" "$image"
    fi
    printf '%s\n' "$image"
}

# payload_make BUILD BUSYBOX DIRECTORY: the programs under test and the tests, as the guest finds them in /opt/exectraced.
# Where BUILD is the sources, the guest builds the programs.
payload_make() {
    local build=$1 busybox=$2 payload=$3
    mkdir -p "$payload"
    cp "$busybox" "$payload/" || return
    if [ "$build" = "$top" ]; then
        tar -C "$top" --exclude=./.git --exclude=./build -cf - . | tar -C "$payload" -xf -
        return
    fi
    mkdir -p "$payload/build/tests/live" "$payload/tests"
    cp "$build/exectraced" "$build/exectraced-file-reader" "$payload/build/" || return
    find "$build/tests/live" -maxdepth 1 -type f -perm /111 -exec cp -t "$payload/build/tests/live" {} + || return
    cp -r "$top/tests/live" "$payload/tests/" || return
    mkdir -p "$payload/tests/vm" && cp -r "$here/guest" "$payload/tests/vm/"
}

# initramfs_make KERNEL PAYLOAD FILE
initramfs_make() {
    local kernel=$1 payload=$2 file=$3 tree=$3.tree
    mkdir -p "$tree"/{bin,dev,proc,sys,root} || return
    cp "$payload/busybox" "$tree/bin/" && cp "$here/guest/initramfs" "$tree/init" || return
    cp -r "$kernel/modules" "$tree/modules" && cp -r "$payload" "$tree/payload" || return
    (cd "$tree" && find . | cpio --quiet --create --format=newc --owner=0:0) >"$file" || return
    rm -rf "$tree"
}

# What a kernel may take to its first program. It takes 6 seconds where nothing else runs, on amd64.
declare -A boot_seconds=([amd64]=240 [arm64]=480 [arm64-native]=480)

# machine_command ARCHITECTURE CONSOLE RESULTS UP: sets `command` to the emulator with that CPU and with a serial line to each
# of these three files, and `parameters` to what the kernel and the guest need to know of it.
machine_command() {
    local console=$2 results=$3 up=$4
    case $1 in
        amd64)
            # That the kernel's timer works it is to take for granted: where much else runs, an emulated one seems not to.
            command=(qemu-system-x86_64 -cpu max -serial "file:$console" -serial "file:$results" -serial "file:$up")
            parameters="console=ttyS0 no_timer_check exectraced.results=ttyS1 exectraced.up=ttyS2"
            ;;
        arm64*)
            # Pointers are authenticated by a function of QEMU's own: the architecture's is five times slower in all.
            # shellcheck disable=SC2054 # the commas are QEMU's
            command=(qemu-system-aarch64 -machine virt -cpu "max,pauth-impdef=on" -serial "file:$console"
                -chardev "file,id=results,path=$results" -device pci-serial,chardev=results
                -chardev "file,id=up,path=$up" -device pci-serial,chardev=up)
            parameters="console=ttyAMA0 exectraced.results=ttyS0 exectraced.up=ttyS1"
            ;;
    esac
}

# machine_run ARCHITECTURE SECONDS KERNEL DISK INITRAMFS LOGS PARAMETER...: boots and waits for the end; to be run in the
# background. LOGS.console gets what the kernel and the system print, LOGS.results what the tests say, by another serial line,
# LOGS.qemu the rest, LOGS.up what the guest's first program says by a third line: a machine that has not said anything
# there in time is ended. Fails with 124 when the time is up.
machine_run() {
    local architecture=$1 seconds=$2 kernel=$3 disk=$4 initramfs=$5 logs=$6 up=$5.up machine watch status=0
    local command parameters
    shift 6
    mkfifo "$up"
    machine_command "$architecture" "$logs.console" "$logs.results" "$up"
    # Always emulated: nested virtualization, where there seems to be any, need not work. The tests start many daemons, and
    # to attach or to detach a BPF program the kernel waits for all CPUs: unless it is told to hurry, for half of the time.
    TMPDIR=$work timeout --kill-after=10 "$seconds" "${command[@]}" -accel tcg -smp 2 -m "$machine_memory" \
        -nodefaults -no-user-config -display none -no-reboot \
        -drive "file=$disk,format=raw,if=virtio,snapshot=on" \
        -kernel "$kernel/vmlinuz" -initrd "$initramfs" \
        -append "$parameters loglevel=4 panic=-1 oops=panic rcupdate.rcu_expedited=1 $*" </dev/null >"$logs.qemu" 2>&1 &
    machine=$!
    machine_watch "$up" "$machine" "$logs.up" "${boot_seconds[$architecture]}" &
    watch=$!
    trap 'kill "$machine" "$watch"' TERM
    wait "$machine" || status=$?
    kill "$watch" 2>/dev/null
    rm -f "$up"
    return "$status"
}

# machine_watch FIFO PID FILE SECONDS: FILE gets the first line; where none comes in time, ends the process.
machine_watch() {
    local reader status=0
    trap 'kill "$reader"' TERM
    timeout "$4" head -n 1 "$1" >"$3" &
    reader=$!
    wait "$reader" || status=$?
    [ "$status" -ne 124 ] || kill "$2"
}
