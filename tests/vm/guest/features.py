# SPDX-License-Identifier: GPL-2.0-or-later
"""What a kernel can do, by the tests that have shown it: the rows of the table in the README."""


class Feature:
    """
    `tests`: beginnings of the names of those that show it. `shown`: what they show when they pass. `absent`: the test that
    runs where the kernel does not have it, and passes when that is said.
    """

    def __init__(self, key, title, tests, shown="yes", absent=None):
        self.key = key
        self.title = title
        self.tests = tests
        self.shown = shown
        self.absent = absent

    def value(self, results):
        """From a dictionary of PASS, FAIL and SKIP by name. None: no test of it has run."""
        if results.get(self.absent) == "PASS":
            return "no; it says so"
        mine = [result for name, result in results.items() if name.startswith(self.tests)]
        if not mine:
            return None
        if "FAIL" in mine:
            return "tests fail"
        return "not tested" if "SKIP" in mine else self.shown


FEATURES = (
    Feature("calls", "every way to execute: `execve`, `execveat`, `fexecve`, memfds, scripts, by any thread, by the kernel",
            ("calls.", "flags.", "random.", "whole_run.", "ledger.")),
    Feature("compat", "32-bit system calls", ("calls.compat",)),
    Feature("arguments", "the exact arguments, up to 1 MiB; the environment", ("arguments.", "configuration.environment")),
    Feature("identity", "ids, sessions, terminals, lineage, gains of privilege", ("identity.", "privilege.", "context.")),
    Feature("paths", "paths across mounts, overlays and roots", ("paths.", "roots.")),
    Feature("exact", "what is recorded and what is lost is what was executed, by a count that is not its own",
            ("preemption.",)),
    Feature("snapshot", "programs that ran before recording began", ("snapshot.",)),
    Feature("fair", "no user pushes out, cuts or stalls the records of another", ("attacks.",)),
    Feature("namespaces", "PID namespaces", ("pid_namespace.",)),
    Feature("units", "units and control groups", ("units.", "cgroups.", "containers.")),
    Feature("filters", "filters, reloads", ("configuration.include", "configuration.exclude", "configuration.groups",
                                            "configuration.ids", "configuration.more", "configuration.reload",
                                            "configuration.filtered", "units.filter")),
    Feature("trampoline", "execs that failed, by trampolines: those of 32-bit calls, too",
            ("failures.by_trampoline", "failures.compat", "failures-by-trampoline", "no-trampolines"),
            absent="no-trampolines"),
    Feature("tracepoint", "the same by tracepoints", ("failures.by_tracepoint", "failures-by-tracepoint"),
            "all but those of 32-bit calls"),
    Feature("unit", "all that is above this line with the two capabilities that the unit has, `perf_event_paranoid` at 3",
            ("unit-capabilities", "unit-failures-by-tracepoint"), "all but tracepoints"),
    Feature("build_id", "build-ids, with all capabilities", ("build_id.",)),
    Feature("integrity", "locked down to integrity", ("lockdown-integrity",)),
    Feature("confidentiality", "locked down to confidentiality", ("lockdown-confidentiality",), "no; it says so"),
)
