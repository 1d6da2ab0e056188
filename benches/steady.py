"""How fast compiled code runs, once it is compiled: the ten example programs and the kernels beside this file.

Rumba checks every index; Numba, by default, none.
"""

from pathlib import Path

import numpy as np

from benches.measure import alternate, geometric_mean, repetitions_for, seconds_of
from benches.report import Table
from examples import PROGRAMS
from examples.backends import load

BAR_MEAN = 1.0
BAR_EACH = 1.1


def copies(arguments):
    return tuple(a.copy(order="K") if isinstance(a, np.ndarray) and a.flags.owndata else a for a in arguments)


def _compare(table, name, functions, arguments, bar):
    # Each side works on arrays of its own: a kernel that writes into an argument must not feed the other.
    inputs = {side: copies(arguments) for side in functions}
    actions = {side: lambda side=side, f=f: seconds_of(f, *inputs[side]) * 1e3 for side, f in functions.items()}
    for action in actions.values():
        action()
    slowest = max(action() for action in actions.values()) / 1e3
    medians = alternate(actions, repetitions_for(slowest))
    table.row(name, medians, unit="ms", bar=("ratio", bar) if bar else None)


def _mean_row(table, bar):
    ratios = [row["figures"]["ratio"] for row in table.rows if "ratio" in row["figures"]]
    if ratios:
        figures = {"ratio": geometric_mean(ratios)}
        table.row("geometric mean", figures, unit="", bar=("ratio", bar) if bar else None, ratio=False)


def run(sides):
    programs = Table("Steady state: the example programs (ms)", sides)
    for program in PROGRAMS:
        modules = {side: load(program, side) for side in sides}
        arguments = next(iter(modules.values())).prepare()
        _compare(programs, program, {side: m.kernel for side, m in modules.items()}, arguments, BAR_EACH)
    _mean_row(programs, BAR_MEAN)

    kernels = Table("Steady state: more kernels (ms)", sides)
    modules = {side: load("kernels", side, folder=Path(__file__).parent, package="benches") for side in sides}
    for name, arguments in next(iter(modules.values())).CASES.items():
        _compare(kernels, name, {side: getattr(m, name) for side, m in modules.items()}, arguments, None)
    _mean_row(kernels, None)
    return [programs, kernels]
