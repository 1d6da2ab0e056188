"""Functions of each element that are no ufuncs."""

import numpy as np

from .records import ALL, COMPLEX, FLOATS, INTEGERS, REAL, Arrays, Record, edges, layouts, values

SHAPES = ((), (7,), (0, 3))
ANY = Arrays(shapes=SHAPES, layouts=False)
# Without arrays of no axes, which count as numbers: beside them NumPy's own numbers are strong.
NUMBERS = Arrays(dtypes=tuple(INTEGERS + FLOATS + COMPLEX), shapes=SHAPES[1:], layouts=False)
REAL_NUMBERS = Arrays(dtypes=tuple(INTEGERS[2:] + FLOATS), shapes=SHAPES[1:], layouts=False)
WIDE = Arrays(dtypes=tuple(INTEGERS[2:] + FLOATS + COMPLEX), shapes=SHAPES[1:], layouts=False)
FLOATING = Arrays(dtypes=tuple(FLOATS + COMPLEX), shapes=SHAPES, layouts=False)
SUMS = "sums and products may be fused or in another order"
KERNELS = "an elementary function of another library"


def fixed(*inputs):
    return lambda: inputs


def pairs(dtypes, *shapes):
    def make():
        for dtype in dtypes:
            for shape, other in shapes:
                yield values(dtype, shape), values(dtype, other, seed=2)
                yield values(dtype, shape), values(np.float64, other, seed=2)
            yield edges(dtype), edges(dtype)
            yield edges(dtype), edges(dtype)[::-1]

    return make


def nearly_equal():
    for dtype in (np.bool_, np.int8, np.uint64, *FLOATS, np.complex64):
        a = values(dtype, (40,))
        noise = np.linspace(0, 4e-5, 40)
        yield a, a * (1 + noise)
        yield a, (a * (1 + noise)).astype(dtype)
        yield edges(dtype), edges(dtype)
        yield edges(dtype), edges(dtype)[::-1]
        yield a.reshape(4, 10), a[:10]
        yield a.reshape(4, 10)[:, ::-1], a.reshape(4, 10)[:, ::-1].copy()
    yield 1.0, 1.0 + 1e-6
    yield 1, 2
    yield np.arange(3), 1.0
    yield 2.0, np.arange(3)


LINE = np.array([-3.7, 0.2, 2.5, 9.0, np.nan])
BYTES = np.array([0, 5, 200], np.uint8)

RECORDS = [
    Record("np.clip(a, 2, 10)", NUMBERS),
    Record("np.clip(a, -2.5, 3.5)", ANY),
    Record("np.clip(a, 2, 10)", fixed(*[(a,) for a in layouts(values(np.float64, (4, 5)))])),
    Record("np.clip(a, None, 3)", NUMBERS),
    Record("np.clip(a, -1, None)", Arrays(dtypes=(np.int8, np.int64, *FLOATS))),
    Record("np.clip(a, None, None)", NUMBERS),
    Record("np.clip(a, min=1)", NUMBERS),
    Record("np.clip(a, max=5, min=3)", NUMBERS),
    Record("a.clip(1, 5)", NUMBERS),
    Record("a.clip(max=5)", NUMBERS),
    Record("np.clip(a, a[::-1], 5)", Arrays(dtypes=tuple(INTEGERS + FLOATS), shapes=((7,), (4, 5)))),
    Record("np.clip(a, b, b + 1)", pairs(INTEGERS + FLOATS, ((4, 5), (5,)), ((5,), (4, 1))), "a, b"),
    Record("np.clip(a, lo, hi)", fixed(*[(BYTES, lo, hi) for lo in (-5, 0, 3, 255) for hi in (255, 999, 7)]), "a, lo, hi"),
    Record("np.clip(a, -3, 300)", fixed((BYTES,))),
    Record("np.clip(a, 0, 1, np.zeros(5))", fixed((LINE,))),
    Record("np.clip(a, 0, 1, out=a)", fixed((LINE,))),
    Record("np.clip(a, 2, 3)", fixed((1,), (2.5,), (9.0,), (np.nan,))),
    Record("np.round(a)", NUMBERS),
    Record("np.around(a, 2)", NUMBERS),
    Record("np.round(a, -1)", Arrays(dtypes=tuple(INTEGERS + FLOATS + COMPLEX), special=False)),
    Record("a.round(decimals=1)", NUMBERS),
    Record("np.round(a, n)", fixed(*[(a, n) for n in range(-4, 10) for a in (LINE, LINE * 1e7, LINE.astype(np.float32), values(np.int32, (9,)), values(np.complex64, (5,)))]), "a, n"),
    Record("np.round(a, 300)", fixed((LINE,))),
    Record("np.round(a, 1, np.zeros(5))", fixed((LINE,))),
    Record("np.round(a, 2)", fixed((2.675,), (0.125,), (-0.5,))),
    Record("np.fix(a)", Arrays(dtypes=tuple(REAL), shapes=SHAPES, layouts=False)),
    Record("np.fix(a, np.zeros(5))", fixed((LINE,))),
    Record("np.isclose(a, b)", nearly_equal, "a, b"),
    Record("np.isclose(a, b, equal_nan=True)", nearly_equal, "a, b"),
    Record("np.isclose(a, b, 1e-3, 0.5)", nearly_equal, "a, b"),
    Record("np.isclose(a, b, atol=t)", fixed((LINE, LINE + 0.1, 0.2), (LINE, LINE + 0.1, np.array([0, 1, 0, 1, 0]))), "a, b, t"),
    Record("np.allclose(a, b)", nearly_equal, "a, b"),
    Record("np.allclose(a, b, equal_nan=True)", nearly_equal, "a, b"),
    Record("np.allclose(a, b)", fixed((np.zeros((0, 2)), np.zeros(2)), (np.zeros(3), np.zeros(2))), "a, b"),
    Record("np.array_equal(a, b)", nearly_equal, "a, b"),
    Record("np.array_equal(a, b, equal_nan=True)", nearly_equal, "a, b"),
    Record("np.array_equal(a, b)", fixed((LINE, LINE[1:]), (LINE, LINE[None]), (np.zeros((0, 2)), np.zeros((0, 2))), (np.zeros((0, 2)), np.zeros((0, 3)))), "a, b"),
    Record("np.array_equiv(a, b)", nearly_equal, "a, b"),
    Record("np.array_equiv(a, b)", fixed((np.ones((2, 3)), np.ones(3)), (np.ones((2, 3)), np.ones(2)), (np.ones((2, 1)), np.ones((1, 3)))), "a, b"),
    Record("np.nan_to_num(a)", ANY),
    Record("np.nan_to_num(a, nan=2, posinf=1e3, neginf=-7.5)", ANY),
    Record("np.nan_to_num(a, copy=False)", ANY),
    Record("np.sinc(a)", REAL_NUMBERS, ulps=16, reason=KERNELS),
    Record("np.sinc(a)", fixed((0,), (0.5,), (np.array([0.0, 1.0, 1e-3]),)), ulps=16, reason=KERNELS),
    Record("np.angle(a)", WIDE, ulps=16, reason=KERNELS),
    Record("np.angle(a, deg=True)", WIDE, ulps=16, reason=KERNELS),
    Record("np.iscomplex(a)", ANY),
    Record("np.isreal(a)", ANY),
    Record("np.isreal(a), np.iscomplex(a)", fixed((1,), (2.5,), (1 + 0j,), (1j,))),
    Record("np.iscomplexobj(a), np.isrealobj(a), np.isscalar(a)", ANY),
    Record("np.isscalar(1), np.isscalar('x'), np.isscalar(None), np.isscalar((1, 2)), np.isscalar(a)", fixed((1.5,), (2j,))),
    Record("np.isposinf(a)", Arrays(dtypes=tuple(REAL), shapes=SHAPES, layouts=False)),
    Record("np.isneginf(a)", Arrays(dtypes=tuple(REAL), shapes=SHAPES, layouts=False)),
    Record("np.isposinf(a, np.zeros(6, np.bool_))", fixed((edges(np.float64),))),
]
