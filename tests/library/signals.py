"""Sequences of samples."""

import numpy as np

from .records import ALL, FLOATS, INTEGERS, Arrays, Record, layouts, values

SUMS = "the sums are in another order"


def fixed(*inputs):
    return lambda: inputs


def sequences():
    """Two sequences of every dtype, in every layout and of several lengths."""
    for dtype in ALL:
        for n, m in ((7, 3), (3, 7), (1, 1), (5, 4), (4, 5), (6, 6), (2500, 40), (0, 2), (2, 0)):
            a, v = values(dtype, (n,)), values(dtype, (m,), seed=2)
            yield a, v
        for view in layouts(values(dtype, (9,))):
            yield view, values(dtype, (3,), seed=2)[::-1]
        yield values(dtype, (9,)), values(np.float32, (4,), seed=2)


POINTS = np.array([-2.0, 0.5, 1.0, 4.0])
HEIGHTS = np.array([1.0, -3.0, np.inf, 2.0])
PLACES = np.array([[-9.0, -2.0, 0.0, 0.5], [0.75, 1.0, 4.0, 4.5], [np.nan, np.inf, -np.inf, 2.5]])
MANY = np.sort(values(np.float64, (500,)))


def interpolations():
    for dtype in INTEGERS + FLOATS:
        x = values(dtype, (4, 5))
        for view in layouts(x):
            yield view, POINTS, HEIGHTS
        yield POINTS, np.arange(4).astype(dtype), x[0, :4]
    for dtype in (np.complex64, np.complex128):
        yield PLACES, POINTS, values(dtype, (4,))
    yield PLACES, POINTS, HEIGHTS
    yield values(np.float64, (1000,)), MANY, np.cos(MANY)
    yield PLACES, POINTS[:1], HEIGHTS[:1]
    yield PLACES, POINTS[:0], HEIGHTS[:0]
    yield PLACES, POINTS, HEIGHTS[1:]
    yield PLACES[:0], POINTS, HEIGHTS
    yield 0.25, POINTS, HEIGHTS
    yield 3, POINTS, HEIGHTS


def phases():
    for dtype in [np.int64, *FLOATS]:
        for view in layouts(values(dtype, (4, 30))):
            yield (view,)
        yield (np.zeros((0, 3), dtype),)
    yield (np.cumsum(np.full(20, np.pi)),)


polynomial = Arrays(dtypes=(*INTEGERS, *FLOATS, np.complex128), shapes=((1,), (4,), (7,)), special=False)


def polynomials():
    for dtype in INTEGERS + FLOATS + [np.complex64, np.complex128]:
        for n, m in ((3, 3), (1, 4), (5, 2)):
            yield values(dtype, (n,)), values(dtype, (m,), seed=2)
            yield values(dtype, (n,)), values(np.int32, (m,), seed=2)
    yield np.array([0, 0, 2, 1]), np.array([0.0, 3.0, 0.0])
    yield np.array([0, 0]), np.array([0.0])


RECORDS = [
    *[Record(f"np.convolve(a, v, '{mode}')", sequences, "a, v", 64, SUMS) for mode in ("full", "same", "valid")],
    *[Record(f"np.correlate(a, v, '{mode}')", sequences, "a, v", 64, SUMS) for mode in ("full", "same", "valid")],
    Record("np.convolve(a, 2)", fixed((POINTS,))),
    Record("np.interp(x, xp, fp)", interpolations, "x, xp, fp", 4, "the slope may be computed in another way"),
    Record("np.interp(x, xp, fp, left=-1, right=99)", interpolations, "x, xp, fp", 4, "as above"),
    Record("np.interp(x, xp, fp, period=p)", fixed((PLACES[:2], POINTS, HEIGHTS, 3.5), (PLACES, POINTS, HEIGHTS, -360), (PLACES, POINTS, HEIGHTS, 0)), "x, xp, fp, p", 16, "as above"),
    Record("np.unwrap(a)", phases, ulps=32, reason="corrections are added one by one"),
    Record("np.unwrap(a)", Arrays(INTEGERS, ((7,), (4, 5)), special=False)),
    Record("np.unwrap(a, 50.0, axis=0, period=100.0)", Arrays(INTEGERS, ((30,), (30, 4)), special=False)),
    Record("np.unwrap(a, axis=0)", phases, ulps=32, reason="corrections are added one by one"),
    Record("np.unwrap(a, 4.0, period=5.5)", phases, ulps=32, reason="corrections are added one by one"),
    Record("np.polyval(p, x)", fixed(*[(values(p, (4,)), values(x, shape)) for p in ALL for x in (np.float64, np.float32, np.int8, np.complex64) for shape in ((5,), (2, 3), (0,))]), "p, x", 16, "products and sums may be fused"),
    Record("np.polyadd(a, b), np.polysub(a, b)", polynomials, "a, b"),
    Record("np.polymul(a, b)", polynomials, "a, b", 16, SUMS),
    Record("np.polyder(a), np.polyder(a, 2), np.polyder(a, 0)", polynomial),
    Record("np.polyint(a), np.polyint(a, 2, 7), np.polyint(a, m=0)", Arrays(dtypes=(np.int64, np.float64, np.complex128), shapes=((1,), (4,)), special=False), ulps=4, reason="a complex number is divided by a real one"),
    Record("np.polyder(a, -1)", fixed((POINTS,))),
    Record("np.polyval(p, 2), np.polyval(p, 0.5), np.polyval((1, 2, 3), 2.0)", Arrays(dtypes=(np.int64, np.float64), shapes=((1,), (4,)), special=False), "p"),
]
