"""Tables for people and for programs: figures per side, their ratio, and the bars that they are held to."""

import json
from pathlib import Path

OUT = Path(__file__).resolve().parent / "out"


class Table:
    def __init__(self, title, sides):
        self.title = title
        self.sides = tuple(sides)
        self.rows = []

    def row(self, name, figures, unit, bar=None, ratio=True):
        """`figures` by side; `bar` is (which figure, the most it may be)."""
        figures = dict(figures)
        if ratio and {"rumba", "numba"} <= figures.keys():
            figures["ratio"] = figures["rumba"] / figures["numba"]
        entry = {"name": name, "unit": unit, "figures": figures}
        if bar:
            which, limit = bar
            measured = figures.get(which)
            entry["bar"] = {
                "figure": which,
                "limit": limit,
                "passed": None if measured is None else measured <= limit,
            }
        self.rows.append(entry)

    def print(self):
        columns = list(self.sides)
        for entry in self.rows:
            columns += [name for name in entry["figures"] if name not in columns]
        columns = [name for name in columns if name != "ratio"] + ["ratio"]
        lines = [("", *columns, "bar")]
        for entry in self.rows:
            figures = entry["figures"]
            cells = [f"{figures[name]:,.3g}" if name in figures else "" for name in columns]
            lines.append((entry["name"], *cells, _bar_text(entry.get("bar"), entry["unit"])))
        widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
        print(f"\n{self.title}")
        for line in lines:
            cells = [c.ljust(w) if i in (0, len(line) - 1) else c.rjust(w) for i, (c, w) in enumerate(zip(line, widths))]
            print("  " + "  ".join(cells).rstrip())

    def failures(self):
        return [f"{self.title}: {e['name']}" for e in self.rows if e.get("bar") and e["bar"]["passed"] is False]


def _bar_text(bar, unit):
    if bar is None:
        return ""
    verdict = {True: "pass", False: "FAIL", None: "not measured"}[bar["passed"]]
    what = bar["figure"]
    return f"{what} <= {bar['limit']:g}{' ' + unit if unit and what not in ('ratio', 'to numpy') else ''}: {verdict}"


def write_json(tables, machine):
    OUT.mkdir(exist_ok=True)
    path = OUT / "results.json"
    document = {"machine": machine, "tables": [{"title": t.title, "rows": t.rows} for t in tables]}
    path.write_text(json.dumps(document, indent=1))
    return path
