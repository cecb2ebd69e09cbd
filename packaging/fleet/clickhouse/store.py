# SPDX-License-Identifier: GPL-2.0-or-later
"""The store of the records: how a record is a row of schema.sql, and ClickHouse by its HTTP interface. For load and ask."""

import collections
import http.client
import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request

UNSET = "4294967295"
TEXT, LIST, BOOL, U32, U64 = "text", "list", "bool", (1 << 32) - 1, (1 << 64) - 1
# The columns behind host, machine_id, boot_id, time and usec, which each record has. The third is the value of a record that has
# none, "=COLUMN" that of another column.
EXEC_COLUMNS = (
    ("seq", U64, "0"), ("pid", U32, "0"), ("ppid", U32, "0"), ("nspid", U32, "0"), ("pidns", U32, "0"), ("pgid", U32, "=pid"),
    ("sid", U32, "=pid"), ("process", TEXT, ""), ("parent", TEXT, ""), ("ancestor", TEXT, ""), ("uid", U32, "0"), ("gid", U32, "0"),
    ("euid", U32, "=uid"), ("egid", U32, "=gid"), ("loginuid", U32, UNSET), ("session", U32, UNSET), ("user", TEXT, ""),
    ("login_user", TEXT, ""), ("tty", TEXT, ""), ("stdin", TEXT, ""), ("cwd", TEXT, ""), ("comm", TEXT, ""), ("parent_comm", TEXT, ""),
    ("filename", TEXT, ""), ("exe", TEXT, ""), ("build_id", TEXT, ""), ("argv", LIST, "[]"), ("argv_raw", TEXT, ""),
    ("truncated", BOOL, "0"), ("argv_bytes", U64, "0"), ("flags", LIST, "[]"), ("tags", LIST, "[]"), ("unit", TEXT, ""),
    ("user_unit", TEXT, ""), ("slice", TEXT, ""), ("logind_session", TEXT, ""), ("container", TEXT, ""), ("cgroup", TEXT, ""),
    ("invocation_id", TEXT, ""), ("errno", U32, "0"), ("error", TEXT, ""), ("tries", U32, "0"))
NOTICE_COLUMNS = (("event", TEXT, ""), ("message", TEXT, ""))
HEAD = ("host", "machine_id", "boot_id", "time", "usec")
COLUMNS = {table: [*HEAD, *(name for name, _, _ in columns), "rest"]
           for table, columns in (("execs", EXEC_COLUMNS), ("notices", NOTICE_COLUMNS))}
KEYS = {"execs": ("seq",), "notices": ("event",)}

# What stands for another character in a text of the format TabSeparated, and in one that is an element of an array.
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": "\\0", "\b": "\\b", "\f": "\\f"})
ELEMENT_ESCAPES = {**ESCAPES, ord("'"): "\\'"}

# Codes of ClickHouse for values that it can't read; those that no retry mends, and the others are for a while.
DATA_CODES = {6, 26, 27, 28, 33, 38, 41, 53, 69, 70, 72, 117, 130, 131, 321, 441, 676}
LASTING_CODES = {16, 20, 36, 44, 46, 47, 60, 62, 81, 115, 164, 192, 193, 194, 195, 497, 516}

# Newer versions can keep an insert for later, which is the default since 26.3, and can split it up. With these settings it is one,
# and has ended when its query has. Older versions refuse settings that they do not know.
INSERT_SETTINGS = {"async_insert": "0", "input_format_parallel_parsing": "0"}


class Unfit(Exception):
    """A line that is no record, and why."""


class Failure(Exception):
    """ClickHouse or the way to it failed. `lasting`: trying again won't help; `data`: it can't read a value."""

    def __init__(self, text, code=0, lasting=False):
        super().__init__(text)
        self.lasting, self.data = lasting or code in LASTING_CODES, code in DATA_CODES


# table: of the store; key: tells it from every other record of its host and second; text: its line in TabSeparated.
Row = collections.namedtuple("Row", "table host second key text line")


def escaped(text):
    return text if text.isprintable() and "\\" not in text else text.translate(ESCAPES)


def in_column(kind, value):
    """The value as a column of this kind has it, or None when it is no value of this kind."""
    if kind is TEXT:
        return escaped(value) if isinstance(value, str) else None
    if kind is LIST:
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            return "[" + ",".join([f"'{one.translate(ELEMENT_ESCAPES)}'" for one in value]) + "]"
        return None
    if kind is BOOL:
        return "01"[value] if isinstance(value, bool) else None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= kind else None


def columns_of(record, columns):
    """Takes from the record what is of its column's type, and gives all columns in their order."""
    values = {}
    for name, kind, default in columns:
        value = record.get(name)
        text = None if value is None else in_column(kind, value)
        if text is None:
            text = values[default[1:]] if default.startswith("=") else default
        else:
            del record[name]
        values[name] = text
    return values


def row_of(line):
    """The row of a line of "exectl export". What has no column stays in `rest`, so that nothing is lost."""
    try:
        record = json.loads(line)
        timestamp, boot, machine = record.pop("timestamp"), record.pop("boot_id"), record.pop("machine_id")
    except (ValueError, RecursionError):
        raise Unfit("it is not JSON") from None
    except (AttributeError, TypeError):
        raise Unfit("it is no JSON object") from None
    except KeyError as missing:
        raise Unfit(f"it has no {missing.args[0]}") from None
    host = record.pop("host", "")
    if not isinstance(timestamp, int) or not 0 <= timestamp < 1_000_000 << 32 or isinstance(timestamp, bool):
        raise Unfit("timestamp is no time between 1970 and 2106")
    if not all(isinstance(text, str) for text in (host, boot, machine)):
        raise Unfit("host, boot_id or machine_id is no text")
    # It is made of boot_id and process.
    record.pop("entity_id", None)
    table, columns = ("notices", NOTICE_COLUMNS) if "event" in record else ("execs", EXEC_COLUMNS)
    values = columns_of(record, columns)
    second, usec = divmod(timestamp, 1_000_000)
    rest = json.dumps(record, separators=(",", ":"), sort_keys=True) if record else ""
    host, machine, boot = escaped(host), escaped(machine), escaped(boot)
    text = "\t".join([host, machine, boot, str(second), str(usec), *values.values(), escaped(rest)])
    try:
        text = text.encode()
    except UnicodeEncodeError:
        raise Unfit("it has half of a surrogate pair") from None
    return Row(table, host, second, (machine, boot, str(second), str(usec), *(values[name] for name in KEYS[table])), text, line)


class Store:
    def __init__(self, url, user=None, password=None, timeout=300):
        self._url, self._timeout, self._headers, self._insert_settings = url.rstrip("/") + "/", timeout, {}, None
        if user:
            self._headers["X-ClickHouse-User"] = user
        if password:
            self._headers["X-ClickHouse-Key"] = password

    def query(self, sql, data=b"", **parameters):
        """The answer of the statement, to which `data` may belong."""
        # Without wait_end_of_query an answer can begin with 200 and end in an error.
        parameters["wait_end_of_query"] = "1"
        url = self._url + "?" + urllib.parse.urlencode({"query": sql, **parameters} if data else parameters)
        request = urllib.request.Request(url, data or sql.encode(), self._headers)
        try:
            with urllib.request.urlopen(request, timeout=self._timeout) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as error:
            text = error.read().decode(errors="replace").strip()
            code = re.search(r"Code: ([0-9]+)", text)
            raise Failure(text.split("\n")[0][:500] or str(error), int(code[1]) if code else 0, error.code in (401, 403)) from None
        except (OSError, http.client.HTTPException) as error:
            raise Failure(f"{self._url}: {getattr(error, 'reason', None) or error}") from None

    def create(self, schema):
        for statement in re.sub(r"--.*", "", schema).split(";"):
            if statement.strip():
                self.query(statement)

    def insert_settings(self):
        """Those of INSERT_SETTINGS that the server knows."""
        if self._insert_settings is None:
            names = ", ".join(quoted(name) for name in INSERT_SETTINGS)
            known = self.query(f"SELECT name FROM system.settings WHERE name IN ({names})").split()
            self._insert_settings = {name: INSERT_SETTINGS[name] for name in known}
        return self._insert_settings

    def insert(self, rows, query_id):
        """
        Inserts rows of one table. As long as they are fewer than max_insert_block_size (1,048,576) and of one week, all of
        them are there afterwards or none is.
        """
        table = rows[0].table
        self.query(f"INSERT INTO exectraced.{table} ({', '.join(COLUMNS[table])}) FORMAT TabSeparated",
                   b"".join([row.text + b"\n" for row in rows]), query_id=query_id, **self.insert_settings())

    def wait_for(self, query_id):
        """Returns when an insert whose client has gone is not at work any more."""
        while self.query(f"SELECT count() FROM system.processes WHERE query_id = {quoted(query_id)}").strip() != "0":
            time.sleep(0.2)

    def lacking(self, rows):
        """Those rows that the store does not have. Of one that is there n times, n are left out."""
        there, spans = collections.Counter(), {}
        for row in rows:
            first, last = spans.get((row.table, row.host), (row.second, row.second))
            spans[row.table, row.host] = min(first, row.second), max(last, row.second)
        for (table, host), (first, last) in spans.items():
            keys = ", ".join(("machine_id", "boot_id", "toUInt32(time)", "usec", *KEYS[table]))
            # The host is escaped as in a literal already, but for the quotes.
            answer = self.query(
                f"SELECT {keys}, count() FROM exectraced.{table} WHERE host = '{host.translate({39: chr(92) + chr(39)})}' "
                f"AND time BETWEEN toDateTime({first}) AND toDateTime({last}) GROUP BY {keys} FORMAT TabSeparated")
            for line in answer.split("\n")[:-1]:
                *key, count = line.split("\t")
                there[table, host, tuple(key)] += int(count)
        out = []
        for row in rows:
            if there[row.table, row.host, row.key] > 0:
                there[row.table, row.host, row.key] -= 1
            else:
                out.append(row)
        return out


def quoted(text):
    """A text as a literal of SQL."""
    return "'" + text.translate(ELEMENT_ESCAPES) + "'"
