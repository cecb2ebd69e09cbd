# SPDX-License-Identifier: GPL-2.0-or-later
"""
The container that a program ran in, from its control group, named as each container manager names it with each of its
cgroup drivers. What such managers really do is tried in tests/system.
"""

from lib import check
from lib.cgroup import Group

ID = "0123456789abcdef" * 4
OTHER = "fedcba9876543210" * 4
POD = "podd2c1a3b4-0f5e-4a57-9d3c-2f4d3c1b0a99"
POD_SLICE = "/live-kubepods.slice/live-kubepods-burstable.slice/live-kubepods-burstable-" + POD.replace("-", "_") + ".slice"

# Below a slice or a group of the test's own, where the managers have theirs at the root.
CGROUPS = {
    "Docker, systemd": (f"/live-system.slice/docker-{ID}.scope", ID),
    "Docker, cgroupfs": (f"/live-docker/{ID}", ID),
    "containerd, systemd": (f"{POD_SLICE}/cri-containerd-{ID}.scope", ID),
    "containerd, cgroupfs": (f"/live-kubepods/burstable/{POD}/{ID}", ID),
    "containerd by ctr": (f"/live-default/{ID}", ID),
    "CRI-O, systemd": (f"{POD_SLICE}/crio-{ID}.scope", ID),
    "CRI-O, systemd, below": (f"{POD_SLICE}/crio-{OTHER}.scope/container", OTHER),
    "CRI-O, cgroupfs": (f"/live-kubepods/besteffort/{POD}/crio-{ID}", ID),
    "CRI-O's conmon": (f"{POD_SLICE}/crio-conmon-{ID}.scope", None),
    "Podman, systemd": (f"/live-machine.slice/libpod-{ID}.scope", ID),
    "Podman, systemd, below": (f"/live-machine.slice/libpod-{ID}.scope/container", ID),
    "Podman, systemd, pod": (f"/live-machine.slice/live-machine-libpod_pod_{OTHER}.slice/libpod-{ID}.scope/container", ID),
    "Podman, cgroupfs": (f"/libpod_parent/libpod-{ID}", ID),
    "Podman, cgroupfs, pod": (f"/libpod_parent/{OTHER}/libpod-{ID}", ID),
    "Podman, cgroupfs, the pod itself": (f"/libpod_parent/{OTHER}", None),
    "Podman's conmon": (f"/live-machine.slice/libpod-conmon-{ID}.scope", None),
    "systemd-nspawn": ("/live-machine.slice/machine-live\\x2dweb.scope/payload", "live-web"),
    "systemd-nspawn itself": ("/live-machine.slice/machine-live\\x2dweb.scope/supervisor", None),
    "systemd-nspawn, service": ("/live-machine.slice/systemd-nspawn@live\\x2dweb.service/payload/init.scope", "live-web"),
    "systemd-nspawn, the service itself": ("/live-machine.slice/systemd-nspawn@live\\x2dweb.service/supervisor", None),
    "LXC": ("/lxc.payload.live-web/system.slice/ssh.service", "live-web"),
    "LXC itself": ("/lxc.monitor.live-web", None),
    "LXC before 4.0": ("/live-lxc.slice/lxc/live-web", "live-web"),
    "the outermost": (f"/live-docker/{ID}/docker/{OTHER}", ID),
}


def test_names(live):
    for who, (path, container) in CGROUPS.items():
        record = live.one(live.target, [who.encode()], setup=Group(live, path).enter)
        check.fields(record, cgroup=path, container=container)


def test_names_there_before(live):
    groups = {who: Group(live, path) for who, (path, _) in CGROUPS.items()}
    daemon = live.daemon()
    for who, group in groups.items():
        check.fields(live.one(live.target, [who.encode()], daemon, setup=group.enter),
                     cgroup=group.path, container=CGROUPS[who][1])
