# SPDX-License-Identifier: GPL-2.0-or-later
"""The machine that figures were taken on: enough to judge them, and nothing that tells one machine from its like."""

import os
import platform
import re
import subprocess


def _first(path, expression):
    with open(path, encoding="utf-8") as file:
        found = re.search(expression, file.read(), re.MULTILINE)
    return found.group(1) if found else "unknown"


def _output(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    except FileNotFoundError:
        return ""


def describe():
    virtual = _output("systemd-detect-virt")
    return {
        "cpu": _first("/proc/cpuinfo", r"^model name\s*:\s*(.+)$"),
        "cores": os.cpu_count(),
        "virtual": virtual if virtual not in ("", "none") else "",
        "architecture": platform.machine(),
        "kernel": re.match(r"[0-9.]+", platform.release()).group(0).rstrip("."),
        "distribution": _first("/etc/os-release", r'^PRETTY_NAME="?([^"\n]+)"?$'),
        "systemd": _output("systemctl", "--version").split("\n")[0].split(" ")[1:2][0],
    }


def text(machine):
    virtual = ", virtual" if machine["virtual"] else ""
    return (f"{machine['cpu']}, {machine['cores']} cores{virtual}, {machine['architecture']}, "
            f"Linux {machine['kernel']}, {machine['distribution']}, systemd {machine['systemd']}")
