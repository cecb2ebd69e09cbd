# SPDX-License-Identifier: GPL-2.0-or-later
"""Which script a relative path is, for exectl list and new; and what else is new, and in which boot."""

from lib import check
from lib.epoch import epoch
from lib.viewer import Viewer
from lib.written import Written, execution

import test_exectl_hosts


def at(milliseconds):
    return f"--since=@{(epoch() + milliseconds * 1000) / 1e6:.6f}"


def written(live, records):
    journal = Written(live)
    journal.write(records)
    journal.stop()
    return Viewer(live, journal.directory())


def script(seq, pid, filename, cwd):
    return execution(seq, pid, ["/bin/sh"], filename=filename, cwd=cwd, flag=["script"])


def pids(result):
    return [o["pid"] for o in result.objects()]


def test_relative_names(live):
    """A path finds what was started by a relative name there, and nothing that was elsewhere."""
    viewer = written(live, [
        script(1, 101, "./s.sh", "/tmp/evil"), script(2, 102, "./s.sh", "/opt"), script(3, 103, "evil/s.sh", "/tmp"),
        script(4, 104, "../evil/s.sh", "/tmp/other"), script(5, 105, "/tmp/evil/s.sh", "/"), script(6, 106, "./a[1].sh", "/tmp"),
        execution(7, 107, ["gone"], exe=None, filename="./gone", cwd="/tmp", errno=2, error="ENOENT"),
        script(8, 108, "/tmp/b[1].sh", "/"), script(9, 109, "x/s.sh", "/tmp/evil")])
    for words, wanted in {("/tmp/evil/s.sh",): [101, 103, 104, 105], ("/opt/s.sh",): [102], ("/s.sh",): [],
                          ("./s.sh",): [101, 102], ("s.sh",): [101, 102, 103, 104, 105, 109], ("/tmp/gone",): [107],
                          ("/opt/s.sh", "/tmp/gone"): [102, 107], ("/tmp/b[1].sh",): [108], ("a[1].sh",): [106]}.items():
        check.equal(f"list {words}", pids(viewer.run("list", *words, "-o", "json", status=0 if wanted else 1)), wanted)


def test_relative_scripts(live):
    """A relative path is another script in another directory, and the same as the absolute one there."""
    viewer = written(live, [
        script(1, 1, "./install.sh", "/opt/good"), script(2, 2, "/opt/known.sh", "/"), script(3, 3, "./later.sh", "/opt"),
        script(1001, 11, "./install.sh", "/tmp/evil"), script(1002, 12, "./known.sh", "/opt"),
        script(1003, 13, "../opt/good/install.sh", "/tmp"), script(1004, 14, "/tmp/evil/install.sh", "/"),
        script(1005, 15, "/opt/later.sh", "/"), script(1006, 16, "/opt/new.sh", "/"), script(1007, 17, "./new.sh", "/opt"),
        script(1008, 18, "evil/install.sh", "/tmp")])
    check.equal("new ones", pids(viewer.run("new", at(500), "-o", "json")), [11, 16])
    check.equal("of one name", pids(viewer.run("new", at(500), "install.sh", "-o", "json")), [11])


def test_boots(live):
    """-b limits what is shown, not what was there before."""
    of = test_exectl_hosts.of
    viewer = test_exectl_hosts.make(
        live, of("alpha1", 1, 10, ["/bin/old"]), of("alpha1", 2, 11, ["/bin/second"]), of("alpha2", 5, 12, ["/bin/old"]),
        of("alpha2", 6, 13, ["/bin/new"]), of("alpha2", 7, 14, ["/bin/new"]))
    boots = test_exectl_hosts.BOOTS
    check.equal("in the second boot", pids(viewer.run("new", "-b", boots["alpha2"], "-o", "json")), [13])
    first = viewer.run("new", "-b", boots["alpha1"], "-o", "json")
    check.equal("in the first boot", pids(first), [10, 11])
    check.true(f"a warning: {first.err}", "everything is new" in first.err)
    several = test_exectl_hosts.make(
        live, of("alpha1", 1, 10, ["/bin/old"]), of("beta1", 3, 11, ["/bin/other"]), of("alpha2", 5, 12, ["/bin/old"]),
        of("alpha2", 6, 13, ["/bin/new"]), of("beta1", 8, 14, ["/bin/beta"]), of("alpha2", 9, 15, ["/bin/late"]))
    until = f"--until=@{(epoch() + 8000) / 1e6:.6f}"
    check.equal("of several hosts", pids(several.run("new", "-b", boots["alpha2"], until, "-o", "json")), [13])
    check.equal("since then", pids(viewer.run("new", "-b", boots["alpha1"], at(2), "-o", "json")), [11])


def test_failed(live):
    """What failed did not run: there is nothing to show, which it says."""
    viewer = written(live, [execution(1, 1, ["x"]), execution(2, 2, ["y"], errno=2, error="ENOENT")])
    result = viewer.run("new", "--failed", status=1)
    check.true(f"a word: {result.err}", "takes no --failed" in result.err)
