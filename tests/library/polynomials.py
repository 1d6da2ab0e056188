"""Polynomials with the lowest power first, and roots, division and fits of those with the highest power first."""

import numpy as np

from .records import COMPLEX, FLOATS, Arrays, Record, values

DTYPES = [np.int8, np.uint64, *FLOATS, *COMPLEX]
SUMS = {"ulps": 64, "reason": "sums are made in another order"}
SOLVED = "least squares are solved by another decomposition"
P = "np.polynomial.polynomial"


def pairs(dtypes=DTYPES, lengths=((1, 1), (3, 2), (2, 4), (5, 5))):
    return lambda: [(values(dtype, (m,)), values(other, (n,), 1)) for dtype in dtypes for other in (dtype, np.float64) for m, n in lengths]


def with_zeros():
    return [(np.array(a), np.array(b)) for a, b in [([1.0, 2.0, 0.0], [3.0, 0.0]), ([0.0, 0.0], [0.0]), ([1.0, -1.0], [1.0, -1.0])]]


LINES = Arrays(DTYPES, ((1,), (2,), (5,)), special=False)

FITTED = [(np.linspace(0, 4, n), values(dtype, (n,)), degree) for dtype in [np.int32, np.float64, np.complex128] for n in [5, 9] for degree in [0, 1, 3]]

RECORDS = [
    Record("np.polyfit(x, y, n, full=True)", lambda: FITTED, "x, y, n", ulps=10**5, reason=SOLVED),
    Record("np.polyfit(x, y, n, 1e-3, True, w)", lambda: [(x, y, n, np.arange(1.0, len(x) + 1)) for x, y, n in FITTED], "x, y, n, w", ulps=10**5, reason=SOLVED),
    Record("np.polyfit(x, y, n, cov=True)", lambda: [args for args in FITTED if len(args[0]) > 5], "x, y, n", ulps=10**5, reason=SOLVED),
    Record("np.polyfit(x, y, n, cov='unscaled', w=w)", lambda: [(x, y, n, np.arange(1.0, len(x) + 1)) for x, y, n in FITTED], "x, y, n, w", ulps=10**5, reason=SOLVED),
    Record("np.polyfit(x, y, n, cov=True)", lambda: [(np.arange(3.0), np.ones(3), 2), (np.arange(3.0), np.ones(3), 3)], "x, y, n", ulps=10**5, reason=SOLVED),
    Record("np.polyint(a, m, k)", lambda: [(values(dtype, (3,)), m, k) for dtype in [np.int64, np.float64, np.complex128] for m in [1, 2, 5, 200] for k in [0, 2.5]], "a, m, k", ulps=4, reason="NumPy multiplies what is divided here"),
]
for name in ["polyadd", "polysub", "polymul"]:
    exact = SUMS if name == "polymul" else {}
    RECORDS += [Record(f"{P}.{name}(a, b)", pairs(), "a, b", **exact), Record(f"{P}.{name}(a, b)", with_zeros, "a, b"), Record(f"{P}.{name}((1, 2), 3.5)", lambda: [()], "")]
RECORDS += [
    Record(f"{P}.polydiv(a, b)", pairs(FLOATS + COMPLEX), "a, b", **SUMS),
    Record(f"{P}.polydiv(a, b)", lambda: [(np.array([1.0, 2.0]), np.zeros(2)), (np.zeros(0), np.ones(1))], "a, b"),
    Record(f"{P}.polypow(a, n)", lambda: [(values(dtype, (3,)) / 8, n) for dtype in [np.float64, np.complex128] for n in [0, 1, 2, 5, -1]], "a, n", **SUMS),
    Record(f"{P}.polypow(a, 3, 2)", LINES),
    Record(f"{P}.polyval(x, a)", lambda: [(x, c) for x in [values(np.float64, (4,)), values(np.int8, (2, 3)), values(np.complex64, (2,)), np.zeros(0)] for c in [values(np.int16, (3,)), values(np.float32, (1,)), values(np.float64, (5,))]], "x, a", **SUMS),
    Record(f"{P}.polyval(1.5, a)", Arrays([np.int64, np.float64, np.complex128], ((1,), (4,)), special=False), **SUMS),
    Record(f"{P}.polyder(a)", LINES),
    Record(f"{P}.polyder(a, m)", lambda: [(values(dtype, (n,)), m) for dtype in [np.int64, np.float32, np.complex128] for n in [1, 4] for m in [0, 1, 2, 4, 7, -1]], "a, m"),
    Record(f"{P}.polyder(a, 2, 3.0)", Arrays([np.float64], ((1,), (5,)), special=False)),
    Record(f"{P}.polyint(a)", LINES, **SUMS),
    Record(f"{P}.polyint(a, 2, (1, 2), 0.5, 2)", Arrays([np.int32, np.float64], ((1,), (5,)), special=False), **SUMS),
    Record(f"{P}.polyint(a, 1, 3)", Arrays([np.float64], ((1,), (5,)), special=False), **SUMS),
    Record(f"{P}.polyint(a, m)", lambda: [(np.zeros(1), 2), (np.ones(2), 0), (np.ones(2), -1)], "a, m"),
    Record(f"{P}.polyfromroots(a)", Arrays([np.int8, np.float64, np.complex128], ((1,), (2,), (5,)), special=False), **SUMS),
    Record(f"{P}.polyfromroots(a)", Arrays([np.float64], ((0,),), special=False)),
    Record(f"{P}.polyvander(a, 3)", Arrays([np.int8, np.float32, np.complex128], ((1,), (4,), (2, 3)), special=False), **SUMS),
    Record(f"{P}.polyvander(a, n)", lambda: [(np.ones(2), 0), (np.ones(2), -1)], "a, n"),
    Record("np.poly(a)", Arrays([np.int8, *FLOATS], ((1,), (2,), (5,)), special=False), **SUMS),
    Record("np.polydiv(a, b)", pairs(FLOATS), "a, b", **SUMS),
    Record("np.polydiv(a, b)", lambda: [(np.array([1.0, 5.0, 6.0]), np.array([1.0, 2.0])), (np.array([1, 0, 0]), np.array([2, 1]))], "a, b", **SUMS),
]
