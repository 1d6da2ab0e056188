"""What a call costs: (int, int) and one array, against a plain Python function of the same arity."""

import importlib
import time

import numpy as np

from benches.measure import alternate
from benches.report import Table

BAR_NS = 30.0
BAR_OVER_PYTHON_NS = 10.0
CALLS = 200_000
REPETITIONS = 21


def add(a, b):
    return a + b


def first(a):
    return a[0]


def size(a):
    return a.size


def _loop_two(function, a, b):
    start = time.perf_counter()
    for _ in range(CALLS):
        function(a, b)
    return (time.perf_counter() - start) / CALLS * 1e9


def _loop_one(function, a):
    start = time.perf_counter()
    for _ in range(CALLS):
        function(a)
    return (time.perf_counter() - start) / CALLS * 1e9


def _loop_nothing():
    start = time.perf_counter()
    for _ in range(CALLS):
        pass
    return (time.perf_counter() - start) / CALLS * 1e9


def run(sides):
    compilers = {side: importlib.import_module(side) for side in sides}
    table = Table("One call from Python (ns, without the loop around it)", (*sides, "python"))
    array = np.arange(10.0)
    for name, function, arguments, is_bar in (
        ("(int, int)", add, (3, 4), True),
        ("(float, float)", add, (3.5, 4.5), False),
        ("(large int, large int)", add, (1 << 40, 1 << 41), False),
        ("(array) -> a.size", size, (array,), True),
        ("(array) -> a[0]", first, (array,), False),
    ):
        candidates = {side: compiler.njit(function) for side, compiler in compilers.items()}
        candidates["python"] = function
        loop = _loop_two if len(arguments) == 2 else _loop_one
        actions = {side: lambda f=f: loop(f, *arguments) for side, f in candidates.items()}
        for action in actions.values():
            action()
        actions["loop"] = _loop_nothing
        medians = alternate(actions, REPETITIONS)
        empty = medians.pop("loop")
        figures = {side: value - empty for side, value in medians.items()}
        table.row(name, figures, unit="ns", bar=("rumba", BAR_NS) if is_bar else None)
        if is_bar and "rumba" in figures:
            over = {"rumba": figures["rumba"] - figures["python"]}
            table.row(f"{name}, over a Python call", over, unit="ns", bar=("rumba", BAR_OVER_PYTHON_NS))
    return [table]
