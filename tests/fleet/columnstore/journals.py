# SPDX-License-Identifier: GPL-2.0-or-later
"""The journals of the fleet, as systemd-journal-remote makes them of what the hosts upload."""

import concurrent.futures
import os
import pathlib
import subprocess

import hosts

REMOTE = "/lib/systemd/systemd-journal-remote"


def write(path, entries):
    """Appends entries to a journal."""
    with subprocess.Popen([REMOTE, f"--output={path}", "-"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True) as remote:
        for entry in entries:
            remote.stdin.write(hosts.export_form(entry))
        remote.stdin.close()
        said = remote.stderr.read()
    if remote.returncode != 0:
        raise AssertionError(f"{REMOTE} {path}: {said}")


def file_of(directory, index, before=False):
    """`before`: the file that the host's journal was rotated from."""
    return pathlib.Path(directory) / f"remote-{hosts.name_of(index)}{f'@{index:032x}-{1:016x}-{index:016x}' if before else ''}.journal"


def make_one(directory, index, records):
    entries = list(hosts.Host(index, records).entries()) if index % 10 == 0 else hosts.Host(index, records).entries()
    if index % 10 == 0:
        half = len(entries) // 2
        write(file_of(directory, index, before=True), entries[:half])
        entries = entries[half:]
    write(file_of(directory, index), entries)


def make(directory, n_hosts, records):
    """Those of all hosts. Each tenth was rotated."""
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        for done in [pool.submit(make_one, directory, index, records) for index in range(n_hosts)]:
            done.result()


def exported(exectl, directory, *options):
    """Lines of exectl export, which are bytes."""
    done = subprocess.run([exectl, "export", "-D", directory, *options], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True)
    return done.stdout.split(b"\n")[:-1]
