"""Whole-array code, as NumPy's users write it, that Numba compiles, too.

Loaded once per compiler by `examples.backends.load`; the interpreter's functions are NumPy's side. `CASES` has, per
function, what makes its arguments for a number of elements.
"""

import numpy as np
from rumba import njit

RNG = np.random.default_rng(2026)


@njit
def add(a, b):
    return a + b


@njit
def polynomial(a):
    return 1.0 + a * (2.0 + a * (3.0 + a * 4.0))


@njit
def in_place(a, b):
    a += b
    a *= 0.5


@njit
def scaled_float32(a, b):
    return a * 2.0 + b


@njit
def ints(a, b):
    return (a * 3 + b) // 2


@njit
def bits(a, b):
    return (a ^ b) & 255


@njit
def compare(a, b):
    return (a > b) & (a < 0.75)


@njit
def larger(a, b):
    return np.maximum(a, b) - np.minimum(a, b)


@njit
def root(a, b):
    return np.sqrt(a * a + b * b)


@njit
def gaussian(a):
    return np.exp(-0.5 * a * a)


@njit
def waves(a, b):
    return np.sin(a) * np.cos(b)


@njit
def logistic(a):
    return 1.0 / (1.0 + np.exp(-a))


@njit
def logarithms(a, b):
    return np.log(a + 1.0) - np.log1p(b)


@njit
def hyperbolic(a):
    return np.tanh(a)


@njit
def complex_product(a, b):
    return a * b + a


@njit
def sum_of_all(a):
    return a.sum()


@njit
def sum_of_products(a, b):
    return (a * b).sum()


@njit
def squared_distance(a, b):
    return ((a - b) ** 2).sum()


@njit
def sum_of_exponentials(a):
    return np.exp(a).sum()


@njit
def stencil(a, b):
    b[1:-1] = 0.25 * a[:-2] + 0.5 * a[1:-1] + 0.25 * a[2:]


@njit
def stencil_in_place(a):
    a[1:-1] = 0.5 * (a[:-2] + a[2:])


@njit
def every_other(a, b):
    return a[::2] * b[::2] + 1.0


@njit
def reversed_order(a):
    return a[::-1] + a


@njit
def minus_row(a, row):
    return a - row


@njit
def minus_column(a, column):
    return (a - column) * 2.0


@njit
def transposed(a):
    return a + a.T


@njit
def short_rows(a, row):
    return a * row


def floats(n):
    return RNG.random(n)


def _square(n):
    side = max(1, round(n**0.5))
    return floats((side, side))


def _with_row(n):
    a = _square(n)
    return a, floats(a.shape[1])


def _with_column(n):
    a = _square(n)
    return a, floats((a.shape[0], 1))


def _two(n):
    return floats(n), floats(n)


def _one(n):
    return (floats(n),)


def _two_ints(n):
    return RNG.integers(0, 1000, n), RNG.integers(0, 1000, n)


CASES = {
    "add": _two,
    "polynomial": _one,
    "in_place": _two,
    "scaled_float32": lambda n: tuple(a.astype(np.float32) for a in _two(n)),
    "ints": _two_ints,
    "bits": _two_ints,
    "compare": _two,
    "larger": _two,
    "root": _two,
    "gaussian": _one,
    "waves": _two,
    "logistic": _one,
    "logarithms": _two,
    "hyperbolic": _one,
    "complex_product": lambda n: tuple(a + 1j for a in _two(n)),
    "sum_of_all": _one,
    "sum_of_products": _two,
    "squared_distance": _two,
    "sum_of_exponentials": _one,
    "stencil": _two,
    "stencil_in_place": _one,
    "every_other": _two,
    "reversed_order": _one,
    "minus_row": _with_row,
    "minus_column": _with_column,
    "transposed": lambda n: (_square(n),),
    "short_rows": lambda n: (floats((max(1, n // 3), 3)), floats(3)),
}
