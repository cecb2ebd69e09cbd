# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Several booted systems at a time, on a network of their own, of which the tests use one after another: "on" chooses to which
# the functions of tests/system/lib refer. Each records its own PID namespace only, as if it had a kernel of its own.

senders=(alpha beta gamma)
hosts=(collector "${senders[@]}")
declare -A host_leader host_boot_pid host_fd
fleet_id=exectraced-fleet-$$
fleet_network=10.83.19

# A certificate's name is the host's; the collector's has to be one that the others find.
declare -A host_address
for host_index in "${!hosts[@]}"; do
    host_address[${hosts[host_index]}]=$fleet_network.$((host_index + 1))
done

# on HOST: what follows is about this one.
on() {
    machine_name=$fleet_id-$1
    machine_root=$work/$1
    # shellcheck disable=SC2034 # tests/system/lib/machine.sh
    machine_console=$work/$1.console
    machine_leader=${host_leader[$1]:-}
    machine_boot_pid=${host_boot_pid[$1]:-}
    machine_fd=${host_fd[$1]:-}
}

# Keeps what has become of the host that was chosen.
host_keep() {
    host_leader[$1]=$machine_leader
    host_boot_pid[$1]=$machine_boot_pid
    host_fd[$1]=${machine_fd:-}
}

# The host's wire is one end of a pair; the other one is a port of a bridge, in a network namespace of which no host knows.
network_make() {
    local host
    ip netns add "$fleet_id-switch"
    ip -n "$fleet_id-switch" link add switch type bridge
    ip -n "$fleet_id-switch" link set switch up
    for host in "${hosts[@]}"; do
        ip netns add "$fleet_id-$host"
        ip -n "$fleet_id-switch" link add "$host" type veth peer name host0 netns "$fleet_id-$host"
        ip -n "$fleet_id-switch" link set "$host" master switch up
        ip -n "$fleet_id-$host" address add "${host_address[$host]}/24" dev host0
        ip -n "$fleet_id-$host" link set host0 up
        ip -n "$fleet_id-$host" link set lo up
    done
}

network_remove() {
    local name
    for name in switch "${hosts[@]}"; do
        ip netns delete "$fleet_id-$name" 2>/dev/null || true
    done
}

# wire HOST up|down: as if somebody pulled the plug.
wire() {
    ip -n "$fleet_id-switch" link set "$1" "$2"
}

# wire_bytes HOST: how many bytes this host has sent.
wire_bytes() {
    ip -n "$fleet_id-$1" -json -statistics link show host0 | jq '.[0].stats64.tx.bytes'
}

# Without a cgroup of its own a container would share that of the others: in both hierarchies, where there are two.
host_cgroups() {
    local mount
    for mount in $(findmnt --noheadings --raw --output TARGET --types cgroup2) $(findmnt --noheadings --raw --output TARGET \
        --types cgroup --options name=systemd); do
        printf '%s/%s\n' "$mount" "$1"
    done
}

host_enter() {
    local group
    for group in $(host_cgroups "$machine_name"); do
        mkdir -p "$group"
        echo "$BASHPID" >"$group/cgroup.procs"
    done
}

host_leave() {
    local group
    for group in $(host_cgroups "$machine_name"); do
        [ ! -d "$group" ] || find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || true
    done
}

# host_boot HOST [OPTION...]: boots it, with these options of systemd-nspawn.
host_boot() {
    local name=$1
    shift
    on "$name"
    # shellcheck disable=SC2034 # tests/system/lib/machine.sh
    machine_options=(--network-namespace-path="/run/netns/$machine_name" --hostname="$name" "$@") machine_enter=host_enter
    machine_boot "$machine_root" || return
    host_keep "$name"
}

# host_stop HOST: powers it off.
host_stop() {
    on "$1"
    machine_stop
    host_keep "$1"
    host_leave
}

# At the end of the run: all at once, as each takes a few seconds.
hosts_stop() {
    local host
    for host in "${hosts[@]}"; do
        on "$host"
        [ -z "$machine_leader" ] || in_machine systemctl --no-block poweroff 2>/dev/null || true
    done
    for host in "${hosts[@]}"; do
        host_stop "$host"
    done
}
