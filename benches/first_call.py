"""What the first call of a new function costs in a process that has compiled before.

Every repetition compiles a function that nobody has seen: the same source under a new file name.
"""

import importlib
import linecache

import numpy as np

from benches.measure import alternate, seconds_of
from benches.report import Table

REPETITIONS = 9

_SOURCES = {
    "scalar add": (
        "def function(a, b):\n    return a + b\n",
        lambda: (1, 2),
        3.0,
    ),
    "array sum loop": (
        "def function(a):\n"
        "    total = 0.0\n"
        "    for i in range(a.shape[0]):\n"
        "        total += a[i]\n"
        "    return total\n",
        lambda: (np.ones(100),),
        8.0,
    ),
    "3-nested matmul": (
        "def function(a, b, c):\n"
        "    n, m = a.shape\n"
        "    p = b.shape[1]\n"
        "    for i in range(n):\n"
        "        for k in range(m):\n"
        "            for j in range(p):\n"
        "                c[i, j] += a[i, k] * b[k, j]\n",
        lambda: (np.ones((4, 4)), np.ones((4, 4)), np.zeros((4, 4))),
        15.0,
    ),
}

_n_functions = 0


def new_function(source):
    global _n_functions
    _n_functions += 1
    filename = f"<bench {_n_functions}>"
    # (size, None, …) keeps linecache from looking for a file of that name.
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    namespace = {"__name__": "__main__"}
    exec(compile(source, filename, "exec"), namespace)
    return namespace["function"]


def first_call_ms(compiler, source, arguments):
    function = compiler.njit(new_function(source))
    return seconds_of(function, *arguments()) * 1e3


def run(sides):
    table = Table("First call in a warm process (ms)", sides)
    compilers = {side: importlib.import_module(side) for side in sides}
    for name, (source, arguments, bar) in _SOURCES.items():
        actions = {
            side: lambda compiler=compiler: first_call_ms(compiler, source, arguments)
            for side, compiler in compilers.items()
        }
        for action in actions.values():
            action()
        table.row(name, alternate(actions, REPETITIONS), unit="ms", bar=("rumba", bar))
    return [table]
