# SPDX-License-Identifier: GPL-2.0-or-later
"""
The storm as a chart: how much longer it takes under each tracer, and where the CPU goes. An SVG with a card of its own
colours, light or dark as the reader's system is, and light where a renderer knows of neither.
"""

from xml.sax.saxutils import escape

from bench import machine

SHOWN = {"storm-json", "storm-journal", "storm-execsnoop", "kernel-exec", "kernel-failures", "kernel-execsnoop",
         "daemon-cpu", "journald-cpu", "execsnoop-cpu"}
WIDTH = 860
MARGIN = 24
LABEL_WIDTH = 250
VALUE_WIDTH = 90
BAR_HEIGHT = 22
ROW_HEIGHT = 34
FONT_SIZE = 14
STYLE = """
.card { fill: #ffffff; stroke: #d0d7de }
text { fill: #1f2328; font: 14px system-ui, "DejaVu Sans", sans-serif }
.title { font-size: 16px; font-weight: 600 }
.small { fill: #59636e; font-size: 12px }
.axis { stroke: #59636e; stroke-dasharray: 3 3 }
.none { fill: #8c959f } .other { fill: #bc6c1c } .ours { fill: #1a7f6b }
.kernel { fill: #0f5c4d } .process { fill: #2f9e86 } .journald { fill: #8fd0c1 }
@media (prefers-color-scheme: dark) {
  .card { fill: #0d1117; stroke: #3d444d }
  text { fill: #f0f6fc } .small { fill: #9198a1 } .axis { stroke: #9198a1 }
  .none { fill: #7d8590 } .other { fill: #e09b4f } .ours { fill: #3fb8a0 }
  .kernel { fill: #2a8f7b } .process { fill: #4fc3ac } .journald { fill: #a9e2d6 }
}
"""


class Canvas:
    """Elements from the top down; `y` is where the next one goes."""

    def __init__(self):
        self._elements = []
        self.y = MARGIN

    def text(self, x, y, text, kind="", anchor="start"):
        self._elements.append(
            f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{escape(text)}</text>')

    def rectangle(self, x, y, width, height, kind):
        self._elements.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" class="{kind}"/>')

    def line(self, x, top, bottom):
        self._elements.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top:.1f}" y2="{bottom:.1f}" class="axis"/>')

    def heading(self, title, subtitle):
        self.text(MARGIN, self.y + 16, title, "title")
        self.text(MARGIN, self.y + 36, subtitle, "small")
        self.y += 48

    def render(self, description):
        height = self.y + MARGIN
        return "\n".join([
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" '
            f'height="{height:.0f}" role="img">',
            f"<title>{escape(description)}</title>", f"<style>{STYLE}</style>",
            f'<rect x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1:.0f}" rx="8" class="card"/>',
            *self._elements, "</svg>", ""])


def bars(canvas, rows, unit, digits, mark=None):
    """rows: (label, [(class, value)...]): one bar each, of pieces. `mark`: a value with a line through all bars."""
    left = MARGIN + LABEL_WIDTH
    scale = (WIDTH - MARGIN - VALUE_WIDTH - left) / max(sum(v for _, v in pieces) for _, pieces in rows)
    top = canvas.y
    for label, pieces in rows:
        middle = canvas.y + BAR_HEIGHT / 2 + FONT_SIZE / 3
        canvas.text(left - 12, middle, label, anchor="end")
        x = left
        for kind, value in pieces:
            canvas.rectangle(x, canvas.y, value * scale, BAR_HEIGHT, kind)
            x += value * scale
        canvas.text(WIDTH - MARGIN, middle, f"{sum(v for _, v in pieces):.{digits}f}{unit}", anchor="end")
        canvas.y += ROW_HEIGHT
    if mark:
        canvas.line(left + mark * scale, top - 4, canvas.y - ROW_HEIGHT + BAR_HEIGHT + 4)


def legend(canvas, entries):
    x = MARGIN + LABEL_WIDTH
    for kind, text in entries:
        canvas.rectangle(x, canvas.y, 12, 12, kind)
        canvas.text(x + 18, canvas.y + 11, text, "small")
        x += 40 + 7 * len(text)
    canvas.y += 24


def draw(document):
    """The SVG, or "" where not all is known that it shows."""
    values = {row["key"]: row["value"] or 0 for row in document["figures"]}
    if not SHOWN.issubset(values):
        return ""
    execs = document["storms"]["execs"]
    canvas = Canvas()
    canvas.heading("Time that a storm of execs takes, against no tracer",
                   f"{execs:,} execs of a static program that only exits, two at a time. "
                   "Into the journal: until the last record is stored. Less is better.")
    bars(canvas, [("no tracer", [("none", 1.0)]), ("exectraced -f json > file", [("ours", values["storm-json"])]),
                  ("exectraced, into the journal", [("ours", values["storm-journal"])]),
                  ("execsnoop > file", [("other", values["storm-execsnoop"])])], " ×", 2, mark=1.0)
    canvas.y += 20
    canvas.heading("CPU that the tracer takes for an exec",
                   "Kernel side by the kernel's own statistics of BPF programs. Less is better.")
    ours = [("kernel", values["kernel-exec"] + values["kernel-failures"]), ("process", values["daemon-cpu"]),
            ("journald", values["journald-cpu"])]
    other = [("kernel", values["kernel-execsnoop"]), ("process", values["execsnoop-cpu"])]
    bars(canvas, [("exectraced, into the journal", ours), ("execsnoop > file", other)], " µs", 1)
    legend(canvas, [("kernel", "in the kernel"), ("process", "the tracer's process"), ("journald", "systemd-journald")])
    canvas.y += 8
    canvas.text(MARGIN, canvas.y + 8, machine.text(document["machine"]), "small")
    canvas.y += 8
    return canvas.render("What exectraced costs beside no tracer and execsnoop")
