"""Order statistics, covariances, histograms and counts."""

import numpy as np

from .records import ALL, COMPLEX, FLOATS, INTEGERS, REAL, ROUNDED, Arrays, Record, values
from .reductions import EMPTY, SMALL, with_nans

METHODS = [
    "inverted_cdf", "averaged_inverted_cdf", "closest_observation", "interpolated_inverted_cdf", "hazen", "weibull",
    "linear", "median_unbiased", "normal_unbiased", "lower", "higher", "midpoint", "nearest",
]  # fmt: skip
MATRICES = ((4, 5), (30, 3), (3, 4, 5))
NUMBERS = INTEGERS + FLOATS
QUANTILES = np.array([0.0, 0.1, 0.25, 0.5, 0.625, 0.9, 1.0])
PERCENTS = np.array([[0, 50, 37], [33, 10, 100]])


def each_quantile(dtypes=NUMBERS, shapes=((1,), (8,), (4, 5), (101,))):
    return lambda: [(values(dtype, shape), float(q)) for dtype in dtypes for shape in shapes for q in QUANTILES]


RECORDS = []
for name in ["median", "nanmedian"]:
    RECORDS += [
        Record(f"np.{name}(a)", Arrays(ALL, ((), (1,), (7,), (1000,), *MATRICES))),
        Record(f"np.{name}(a, axis=0)", Arrays(ALL, MATRICES)),
        Record(f"np.{name}(a, axis=-1, keepdims=True)", Arrays(REAL, MATRICES)),
        Record(f"np.{name}(a, axis=(0, 1))", Arrays(REAL, MATRICES)),
        Record(f"np.{name}(a)", with_nans(FLOATS, SMALL)),
        Record(f"np.{name}(a, 0)", with_nans(FLOATS, SMALL)),
        Record(f"np.{name}(a)", Arrays([np.int64, np.float64], EMPTY, special=False)),
    ]
for name in ["quantile", "nanquantile"]:
    for method in METHODS:
        RECORDS += [Record(f"np.{name}(a, q, method='{method}')", each_quantile(), "a, q")]
    RECORDS += [
        Record(f"np.{name}(a, q)", lambda: [(values(dtype, (4, 5)), QUANTILES) for dtype in NUMBERS], "a, q"),
        Record(f"np.{name}(a, q, axis=0)", lambda: [(values(dtype, (4, 5)), QUANTILES) for dtype in NUMBERS], "a, q"),
        Record(f"np.{name}(a, 0.3, axis=-1, keepdims=True)", Arrays(NUMBERS, MATRICES)),
        Record(f"np.{name}(a, (0.2, 0.3), axis=(0, 1), keepdims=True)", Arrays([np.int32, np.float64], MATRICES)),
        Record(f"np.{name}(a, 0.3)", with_nans(FLOATS, SMALL)),
        Record(f"np.{name}(a, 0.3, axis=0, method='lower')", with_nans(FLOATS, SMALL)),
        Record(f"np.{name}(a, 1.5)", Arrays([np.float64], SMALL)),
        Record(f"np.{name}(a, 0.5)", Arrays([np.float64], ((0,),), special=False)),
    ]
for name in ["percentile", "nanpercentile"]:
    RECORDS += [
        Record(f"np.{name}(a, 30)", Arrays(NUMBERS, ((), (1,), (1000,), *MATRICES))),
        Record(f"np.{name}(a, 33.3, axis=0)", Arrays(NUMBERS, MATRICES)),
        Record(f"np.{name}(a, q, axis=1)", lambda: [(values(dtype, (4, 5)), PERCENTS) for dtype in NUMBERS], "a, q"),
        Record(f"np.{name}(a, (5, 95), axis=0, method='nearest')", Arrays(NUMBERS, MATRICES)),
        Record(f"np.{name}(a, -1)", Arrays([np.float64], SMALL)),
    ]

def weighted():
    for dtype in NUMBERS:
        for shape in [(1,), (9,), (4, 5)]:
            for q in [0.0, 0.3, 0.5, 1.0]:
                yield values(dtype, shape), q, abs(values(np.float64, shape, 1))
                yield values(dtype, shape), q, (np.arange(np.prod(shape)) % 3).reshape(shape)
    yield np.array([1.0, np.nan, 2.0]), 0.5, np.ones(3)
    for weights in [np.zeros(3), np.array([1.0, -1.0, 1.0]), np.array([1.0, np.nan, 1.0]), np.ones(2)]:
        yield np.array([3.0, 1.0, 2.0]), 0.5, weights


def weighted_lines(name):
    """NumPy's functions that leave nan out take weights of the shape of the array only."""
    for dtype in [np.int16, np.float32, np.float64]:
        for q in [0.25, QUANTILES, QUANTILES.astype(np.float32)]:
            yield values(dtype, (4, 5))[::-1], q, abs(values(np.float32, (4, 5), 1))
            if not name.startswith("nan"):
                yield values(dtype, (4, 5)), q, np.array([2.0, 0.0, 1.0, 4.0])
    yield values(np.float64, (4, 5)), 0.25, np.ones(5)


for name in ["quantile", "nanquantile"]:
    RECORDS += [
        # An array without axes is a number here.
        Record(f"0 + np.{name}(a, q, method='inverted_cdf', weights=w)", weighted, "a, q, w"),
        Record(f"np.{name}(a, q, 0, method='inverted_cdf', weights=w)", lambda name=name: weighted_lines(name), "a, q, w"),
    ]
for name in ["percentile", "nanpercentile"]:
    RECORDS += [
        Record(f"0 + np.{name}(a, 100 * q, method='inverted_cdf', weights=w)", weighted, "a, q, w"),
        Record(f"np.{name}(a, q, 0, method='inverted_cdf', weights=w, keepdims=True)", lambda name=name: weighted_lines(name), "a, q, w"),
    ]
RECORDS += [Record("0 + np.nanquantile(a, 0.6, method='inverted_cdf', weights=w)", lambda: [(np.array([np.nan, 3.0, np.nan, 1.0]), np.array([5.0, 1.0, 7.0, 2.0])), (np.full(3, np.nan), np.ones(3))], "a, w")]

DOT = "the dot product is summed in another order"
SAMPLES = [(values(dtype, (4, 20)), values(dtype, (4, 20), 1)) for dtype in (np.int32, np.float32, np.float64, np.complex64, np.complex128)]
COUNTS = np.array([1, 2, 0, 4, 1])
RECORDS += [
    Record("np.cov(a)", Arrays(INTEGERS + FLOATS + COMPLEX, ((4, 5), (3, 50)), special=False), ulps=ROUNDED, reason=DOT),
    # An array without axes is a number here.
    Record("1.0 * np.cov(a)", Arrays(INTEGERS + FLOATS + COMPLEX, ((7,),), special=False), ulps=ROUNDED, reason=DOT),
    Record("np.cov(a, b)", lambda: SAMPLES, "a, b", ROUNDED, DOT),
    Record("np.cov(a, rowvar=False)", Arrays(FLOATS, ((7, 3),), special=False), ulps=ROUNDED, reason=DOT),
    Record("np.cov(a, b, rowvar=False, bias=True)", lambda: SAMPLES, "a, b", ROUNDED, DOT),
    Record("np.cov(a, ddof=0)", Arrays(FLOATS, ((4, 5),), special=False), ulps=ROUNDED, reason=DOT),
    Record("np.cov(a, fweights=f)", lambda: [(values(np.float64, (3, 5)), COUNTS)], "a, f", ROUNDED, DOT),
    Record("np.cov(a, aweights=w)", lambda: [(values(np.float64, (3, 5)), abs(values(np.float64, (5,))))], "a, w", ROUNDED, DOT),
    Record("np.cov(a, fweights=f, aweights=w)", lambda: [(values(np.float64, (3, 5)), COUNTS, abs(values(np.float64, (5,))))], "a, f, w", ROUNDED, DOT),
    Record("np.cov(a, b)", lambda: [(values(np.float64, (9,)), values(np.float32, (9,), 1))], "a, b", ROUNDED, DOT),
    Record("np.cov(a)", Arrays(FLOATS + COMPLEX, ((40, 30), (12, 3), (13, 500)), special=False), ulps=8 * ROUNDED, reason=DOT),
    Record("np.cov(a, fweights=f, aweights=w)", lambda: [(values(dtype, (20, 5)), COUNTS, abs(values(np.float64, (5,)))) for dtype in (np.float64, np.complex128)], "a, f, w", 8 * ROUNDED, DOT),
    Record("np.corrcoef(a, rowvar=False)", Arrays(FLOATS + COMPLEX, ((70, 30),), special=False), ulps=8 * ROUNDED, reason=DOT),
    Record("np.corrcoef(a)", Arrays(INTEGERS + FLOATS + COMPLEX, ((7,), (4, 5), (3, 50)), special=False), ulps=ROUNDED, reason=DOT),
    Record("np.corrcoef(a, b)", lambda: SAMPLES, "a, b", ROUNDED, DOT),
    Record("np.corrcoef(a, rowvar=False)", Arrays(FLOATS, ((7, 3),), special=False), ulps=ROUNDED, reason=DOT),
]

WEIGHTED = [(values(dtype, (50,)), abs(values(weights, (50,), 1))) for dtype in (np.int32, np.float32, np.float64) for weights in (np.int64, np.float32, np.float64)]
COMPLEX_WEIGHTS = [(values(np.float64, (50,)), values(dtype, (50,), 1)) for dtype in COMPLEX]
EDGES = [(values(dtype, (50,)), edges) for dtype in NUMBERS for edges in (np.array([-50.0, -10, 0, 0, 30.5, 80]), np.array([0, 5, 10]), np.array([3.0, 1.0]))]
RECORDS += [
    Record("np.histogram(a)", Arrays(NUMBERS, ((), (0,), (1,), (1000,), (4, 5)), special=False)),
    Record("np.histogram(a, bins=n)", lambda: [(values(dtype, (500,)), n) for dtype in NUMBERS for n in (1, 7, 50, 0, -1)], "a, n"),
    Record("np.histogram(a, 5, (-20, 30.5))", Arrays(NUMBERS, ((1000,), (4, 5)))),
    Record("np.histogram(a, 4, range=(3, 3))", Arrays(NUMBERS, ((100,),))),
    Record("np.histogram(a, range=(3, 1))", Arrays([np.float64], ((100,),))),
    Record("np.histogram(a)", lambda: [(np.array([1.0, np.nan]),), (np.array([np.inf, 1.0]),)]),
    Record("np.histogram(a, density=True)", Arrays(NUMBERS, ((1000,), (4, 5)), special=False)),
    Record("np.histogram(a, bins=b)", lambda: EDGES, "a, b"),
    Record("np.histogram(a, bins=b, density=True)", lambda: EDGES, "a, b"),
    Record("np.histogram(a, weights=w)", lambda: WEIGHTED, "a, w"),
    Record("np.histogram(a, 6, weights=w, density=True)", lambda: WEIGHTED, "a, w"),
    Record("np.histogram(a, weights=w)", lambda: COMPLEX_WEIGHTS, "a, w"),
    Record("np.histogram(a, b, weights=w, density=True)", lambda: [(*COMPLEX_WEIGHTS[1], np.array([-50.0, -10, 0, 30.5, 80]))], "a, w, b", 64, "NumPy takes differences of cumulative sums"),
    Record("np.histogram_bin_edges(a, 7)", Arrays(NUMBERS, ((0,), (1000,), (4, 5)), special=False)),
    Record("np.histogram_bin_edges(a, 7, (0, 3.5))", Arrays(NUMBERS, ((1000,), (4, 5)))),
    Record("np.bincount(a)", lambda: [(abs(values(dtype, (50,))),) for dtype in INTEGERS] + [(np.zeros(0, np.int64),)]),
    Record("np.bincount(a)", lambda: [(np.array([1, -1]),), (np.array([1.5]),), (np.array([[1]]),)]),
    Record("np.bincount(a, minlength=n)", lambda: [(COUNTS, n) for n in (0, 3, 20, -1)], "a, n"),
    Record("np.bincount(a, w)", lambda: [(COUNTS, w) for w in (np.arange(5), np.linspace(0, 1, 5), np.arange(4.0))], "a, w"),
    Record("np.digitize(a, b)", lambda: [(values(dtype, (4, 5)), b) for dtype in NUMBERS for b in (np.array([-30.0, 0, 0, 20]), np.array([50, 3, -5]), np.array([0, 2, 1]), np.zeros(0))], "a, b"),
    Record("np.digitize(a, b, right=True)", lambda: [(np.array([1.0, 2, 3, np.nan]), np.array([1.0, 2, 3])), (np.array([1, 2, 3]), np.array([3, 2, 1]))], "a, b"),
    Record("np.digitize(a, (1, 2, 3))", lambda: [(2,), (2.5,), (7,)]),
]

BIN_METHODS = ["auto", "doane", "fd", "rice", "scott", "sqrt", "stone", "sturges"]
BINNED = [values(np.float64, (n,)) for n in [1, 2, 3, 50, 1000]] + [values(np.int16, (200,)), np.zeros(5), np.zeros(0), np.array([1, 1, 1, 1, 9])]
FIRST, SECOND = values(np.float64, (500,)), values(np.float64, (500,), 1)
BIN_EDGES = np.array([-50.0, -20.0, 0.0, 30.0])
for method in BIN_METHODS:
    RECORDS += [
        Record(f"np.histogram(a, {method!r})", lambda: [(a,) for a in BINNED]),
        Record(f"np.histogram_bin_edges(a, bins={method!r}, range=(-20, 30))", lambda: [(a,) for a in BINNED]),
    ]
RECORDS += [
    Record("np.histogram2d(a, b)", lambda: [(FIRST, SECOND), (FIRST[:1], SECOND[:1]), (FIRST[::2], SECOND[:250]), (FIRST[:0], SECOND[:0]), (FIRST[:3], SECOND[:2])], "a, b"),
    Record("np.histogram2d(a, b)", lambda: [(values(np.int16, (50,)), values(np.uint8, (50,)))], "a, b"),
    Record("np.histogram2d(a, b, (3, 7))", lambda: [(FIRST, SECOND)], "a, b"),
    Record("np.histogram2d(a, b, n)", lambda: [(FIRST, SECOND, n) for n in [1, 4, 0, -1]], "a, b, n"),
    Record("np.histogram2d(a, b, 5, ((-20, 20), (0, 30.5)))", lambda: [(FIRST, SECOND)], "a, b"),
    Record("np.histogram2d(a, b, (edges, 4))", lambda: [(FIRST, SECOND, BIN_EDGES), (FIRST, SECOND, BIN_EDGES[::-1].copy()), (FIRST, SECOND, np.array([-20, 0, 7]))], "a, b, edges"),
    Record("np.histogram2d(a, b, edges)", lambda: [(FIRST, SECOND, BIN_EDGES), (np.array([30.0, -50.0, np.nan]), np.array([0.0, 30.0, 1.0]), BIN_EDGES)], "a, b, edges"),
    Record("np.histogram2d(a, b, 4, None, True)", lambda: [(FIRST, SECOND)], "a, b", ulps=8, reason="divisions are made in another order"),
    Record("np.histogram2d(a, b, 4, weights=w)", lambda: [(FIRST, SECOND, abs(FIRST)), (FIRST, SECOND, np.arange(500)), (FIRST, SECOND, FIRST[1:])], "a, b, w"),
    Record("np.histogramdd((a, b, a + b), (2, 3, 4))[0]", lambda: [(FIRST, SECOND)], "a, b"),
    Record("np.histogramdd((a,), 4)[1][0]", lambda: [(FIRST,)]),
    Record("np.histogramdd((a, b), density=True)[0]", lambda: [(FIRST, SECOND)], "a, b", ulps=8, reason="divisions are made in another order"),
]
