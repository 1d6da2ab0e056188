"""NumPy's functions: the first call of a function whose body is one of them, and how fast they run beside NumPy itself."""

import importlib

import numpy as np

from benches.first_call import first_call_ms, new_function
from benches.measure import alternate, call_us, geometric_mean
from benches.report import Table
from benches.steady import copies

#: Numba takes seconds for each.
REPETITIONS = 3
BAR_FIRST = 5.0
BAR_LARGEST = 1.2


def _random(*shape):
    return np.random.default_rng(1).random(shape)


FIRST_CALLS = {
    "np.sort": ("a", "np.sort(a)", lambda: (_random(100),)),
    "np.percentile": ("a", "np.percentile(a, 90)", lambda: (_random(100),)),
    "np.linalg.solve": ("a, b", "np.linalg.solve(a, b)", lambda: (_random(8, 8), _random(8))),
    "np.median": ("a", "np.median(a)", lambda: (_random(100),)),
    "np.unique": ("a", "np.unique(a)", lambda: (_random(100),)),
    "np.cov": ("a", "np.cov(a)", lambda: (_random(3, 100),)),
}


def _side(n):
    return max(2, round(n**0.5))


#: By name: the parameters, the expression, and arguments of about `n` numbers.
STEADY = {
    "sort": ("a", "np.sort(a)", lambda n: (_random(n),)),
    "argsort": ("a", "np.argsort(a)", lambda n: (_random(n),)),
    "matmul": ("a, b", "a @ b", lambda n: (_random(_side(n), _side(n)),) * 2),
    "dot": ("a, b", "np.dot(a, b)", lambda n: (_random(n), _random(n))),
    "solve": ("a, b", "np.linalg.solve(a, b)", lambda n: (_random(_side(n), _side(n)), _random(_side(n)))),
    "fft": ("a", "np.fft.fft(a)", lambda n: (_random(n) + 1j,)),
    "rfft": ("a", "np.fft.rfft(a)", lambda n: (_random(n),)),
    "cumsum": ("a", "np.cumsum(a)", lambda n: (_random(n),)),
    "median": ("a", "np.median(a)", lambda n: (_random(n),)),
    "unique": ("a", "np.unique(a)", lambda n: ((_random(n) * 50).astype(np.int64),)),
    "where": ("a", "np.where(a > 0.5, a, 0.0)", lambda n: (_random(n),)),
    "mask": ("a", "a[a > 0.5]", lambda n: (_random(n),)),
    "take": ("a, i", "a[i]", lambda n: (_random(n), np.random.default_rng(2).integers(0, n, n))),
    "transposed copy": ("a", "a.T.copy()", lambda n: (_random(_side(n), _side(n)),)),
    "strided copy": ("a", "a[::2].copy()", lambda n: (_random(2 * n),)),
    "mean of rows": ("a", "a.mean(axis=1)", lambda n: (_random(_side(n), _side(n)),)),
    "random": ("rng, n", "rng.random(n)", lambda n: (np.random.default_rng(3), n)),
    "normal": ("rng, n", "rng.standard_normal(n)", lambda n: (np.random.default_rng(3), n)),
}


def _source(parameters, expression):
    return f"import numpy as np\ndef function({parameters}):\n    return {expression}\n"


def _first_calls(sides):
    table = Table("First call of one library function (ms)", sides)
    compilers = {side: importlib.import_module(side) for side in sides}
    for name, (parameters, expression, arguments) in FIRST_CALLS.items():
        source = _source(parameters, expression)
        actions = {
            side: lambda compiler=compiler: first_call_ms(compiler, source, arguments) for side, compiler in compilers.items()
        }
        table.row(name, alternate(actions, REPETITIONS), unit="ms", bar=("rumba", BAR_FIRST))
    return table


def _steady(size):
    table = Table(f"Library functions, {size:,} elements (us)", ("rumba", "numpy"))
    njit = importlib.import_module("rumba").njit
    ratios = []
    for name, (parameters, expression, make) in STEADY.items():
        function = new_function(_source(parameters, expression))
        sides = {"rumba": njit(function), "numpy": function}
        inputs = {side: copies(make(size)) for side in sides}
        medians = call_us(sides, inputs, budget=0.5)
        ratios.append(medians["rumba"] / medians["numpy"])
        medians["to numpy"] = ratios[-1]
        table.row(name, medians, unit="us", bar=("to numpy", BAR_LARGEST))
    table.row("geometric mean", {"to numpy": geometric_mean(ratios)}, unit="", bar=("to numpy", 1.0), ratio=False)
    return table


def run(sides):
    return [_first_calls(sides), *(_steady(size) for size in (10, 1_000, 1_000_000))]
