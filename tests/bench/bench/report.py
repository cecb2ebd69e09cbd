# SPDX-License-Identifier: GPL-2.0-or-later
"""The figures as text: for a terminal, and as a table for the README."""

VERDICTS = {"aim": "aim reached", "must": "in bounds", "missed": "MISSED", "": ""}


def number(value, digits, unit=""):
    if value is None:
        return "–"
    text = f"{value:,.{digits}f}"
    if unit == "×":
        return text
    return f"{text} {unit}".rstrip()


def measured(row):
    return number(row["value"], row["digits"], row["unit"])


def bound(row, name):
    if row[name] is None:
        return ""
    limit = number(row[name], row["digits"])
    return f"{row['sense']} {limit.rstrip('0').rstrip('.') if '.' in limit else limit}"


def table(rows):
    """Lines for a terminal."""
    header = ("figure", "measured", "must", "aim", "", "lowest to highest (rounds)")
    cells = [header]
    for row in rows:
        spread = ""
        if row.get("rounds", 0) > 1:
            low, high = (number(row[k], row["digits"]) for k in ("lowest", "highest"))
            spread = f"{low} to {high} ({row['rounds']})"
        cells.append((row["title"], measured(row), bound(row, "must"), bound(row, "aim"),
                      VERDICTS[row["verdict"]], spread))
    widths = [max(len(line[i]) for line in cells) for i in range(len(header))]
    lines = []
    for row, line in zip([{}] + rows, cells):
        lines.append("  ".join(text.ljust(width) for text, width in zip(line, widths)).rstrip())
        if row.get("note"):
            lines.append(f"    {row['note']}")
    return lines


def markdown(rows):
    lines = ["| figure | measured | must | aim |", "| --- | --- | --- | --- |"]
    for row in rows:
        if row["value"] is None:
            continue
        title = row["title"].replace("-f json", "`-f json`")
        lines.append(f"| {title} | {measured(row)} | {bound(row, 'must')} | {bound(row, 'aim')} |")
    return lines
