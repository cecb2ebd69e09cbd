# SPDX-License-Identifier: GPL-2.0-or-later
"""What the sources name is explained where users look: keys, fields, flags, events and causes."""

import pathlib
import re

from lib import check

TOP = pathlib.Path(__file__).resolve().parents[2]


def read(path):
    """The text of a file, a man page without the backslashes before hyphens and without the markup of fonts."""
    if not (TOP / "README.md").exists():
        raise check.Skip("the sources are not here")
    text = (TOP / path).read_text(encoding="utf-8")
    if not path.startswith("packaging/man/"):
        return text
    return re.sub(r"\\f[BIPR]", "", text.replace("\\-", "-"))


def names(path, pattern, least):
    """What the pattern finds in a source, each once; fewer than `least` is a pattern that has become wrong."""
    found = list(dict.fromkeys(re.findall(pattern, read(path), re.M)))
    check.true(f"names in {path}: {found}", len(found) >= least)
    return found


def explained(wanted, *paths):
    for path in paths:
        text = read(path)
        # Behind "Key=" its value may follow.
        missing = [name for name in wanted
                   if not re.search(rf"(?<!\w){re.escape(name)}" + (r"(?!\w)" if name[-1] != "=" else ""), text)]
        check.equal(f"missing in {path}", missing, [])


def test_keys(live):
    del live
    keys = names("daemon/config/keys.c", r'^ +\{ "(?:Trace|Filter|Output)", "(\w+)"', 30)
    tag_keys = names("daemon/config/tags.c", r'^ +\[TAG_\w+\] = "([A-Z][a-z]+)"', 11) + ["Priority"]
    explained([f"{key}=" for key in keys + tag_keys], "README.md", "config/exectraced.conf", "packaging/man/exectraced.conf.5")


def test_fields(live):
    del live
    journal = names("daemon/event/fields.c", r'FIELD\("(EXEC_[A-Z_]+)"', 40)
    json = [key for key in names("daemon/event/fields.c", r'FIELD\("EXEC_[A-Z_]+", "(\w*)"', 40) if key]
    # Of the two that are families, the rest of the name stands for what it is.
    families = {"EXEC_LABEL_": "EXEC_LABEL_KEY", "EXEC_ENV_": "EXEC_ENV_NAME"}
    explained([families.get(name, name) for name in journal] + json, "README.md")
    explained([name for name in journal if name not in families] + json, "packaging/man/exectraced.fields.7")


def test_flags(live):
    del live
    source = read("daemon/event/flags.c")
    flags = re.findall(r'"(\w+)"', re.search(r"flag_names\[\] = \{(.*?)\}", source, re.S)[1])
    check.true(f"flags: {flags}", len(flags) >= 18)
    explained([f"| `{flag}`" if flag not in ("setuid", "setgid") else f"`{flag}`" for flag in flags], "README.md")
    page = read("packaging/man/exectraced.fields.7")
    check.equal("flags without an entry", [flag for flag in flags if f"\n.TP\n.B {flag}\n" not in page], [])


def test_notices(live):
    del live
    fields = names("daemon/notice/ledger.c", r'"((?:EXECTRACED|EXEC)_[A-Z_]+)"', 20)
    # One of those of the rules stands for all.
    fields = [name for name in fields if not name.startswith("EXEC_DROPPED_") or name == "EXEC_DROPPED_EXCLUDE_USER"]
    explained(fields, "README.md", "packaging/man/exectraced.fields.7")
    causes = names("daemon/notice/ledger.c", r'^ +\[LOST_[A-Z_]+\] = "([a-z-]+)"', 5)
    explained(causes, "README.md", "packaging/man/exectraced.fields.7", "config/exectraced.catalog")
    ids = names("daemon/notice/message-ids.h", r'^#define MESSAGE_ID_[A-Z_]+ "([0-9a-f]{32})"', 12)
    explained([f"-- {number}" for number in ids], "config/exectraced.catalog")


def test_who_may_change_it(live):
    """exectraced.conf(5) says of each key of a filter or a tag who can choose what it looks at."""
    del live
    text = read("packaging/man/exectraced.conf.5")
    sections = text[text.index('.SH "[FILTER] SECTION"'):text.index('.SH "[OUTPUT] SECTION"')]
    entries = [entry.split("\n", 1) for entry in sections.split("\n.TP\n")[1:]]
    keys = [(head, body) for head, body in entries if "=" in head and "Priority=" not in head]
    check.true(f"keys: {[head for head, _ in keys]}", len(keys) >= 15)
    silent = [head for head, body in keys if "Who may change it:" not in body and not re.search(r"as\n\.B Include\w+=", body)]
    check.equal("keys of which it is not said", silent, [])
