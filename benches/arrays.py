"""How fast whole-array code runs, beside Numba and beside NumPy itself, at three sizes."""

from pathlib import Path

from benches.measure import call_us, geometric_mean
from benches.report import Table
from benches.steady import copies
from examples.backends import load

SIZES = (10, 1_000, 1_000_000)
BAR_MEAN = 0.7
BAR_EACH = 1.05
BAR_NUMPY = 1.0

def _compare(table, name, functions, arguments):
    inputs = {side: copies(arguments) for side in functions}
    medians = call_us(functions, inputs, budget=0.3)
    table.row(name, medians, unit="us", bar=("ratio", BAR_EACH) if "numba" in functions else None)
    row = table.rows[-1]
    row["figures"]["to numpy"] = medians["rumba"] / medians["interpreter"]
    row["figures"]["numpy"] = row["figures"].pop("interpreter")


def run(sides):
    sides = (*sides, "interpreter")
    modules = {side: load("array_kernels", side, folder=Path(__file__).parent, package="benches") for side in sides}
    cases = next(iter(modules.values())).CASES
    tables = []
    for size in SIZES:
        table = Table(f"Array expressions, {size:,} elements (us)", sides[:-1])
        for name, make in cases.items():
            _compare(table, name, {side: getattr(m, name) for side, m in modules.items()}, make(size))
        for figure, bar in (("ratio", BAR_MEAN), ("to numpy", BAR_NUMPY)):
            values = [row["figures"][figure] for row in table.rows if figure in row["figures"]]
            if values:
                table.row(f"geometric mean, {figure}", {figure: geometric_mean(values)}, unit="", bar=(figure, bar), ratio=False)
        tables.append(table)
    return tables
