"""Reductions: every one over all axes, each axis, several axes, with each of its options."""

import numpy as np

from .records import ALL, BOOL, COMPLEX, FLOATS, INTEGERS, REAL, ROUNDED, Arrays, Record, edges, values

MATRICES = ((4, 5), (150, 3), (3, 4, 5), (30, 300))
EMPTY = ((0,), (0, 3), (3, 0), (2, 0, 3))
SMALL = ((7,), (4, 5), (3, 4, 5))

FOLDS = ["sum", "prod", "max", "min", "any", "all"]
POSITIONS = ["argmax", "argmin"]
MOMENTS = ["mean", "var", "std"]
NAN_FOLDS = ["nansum", "nanprod", "nanmax", "nanmin"]
NAN_MOMENTS = ["nanmean", "nanvar", "nanstd"]

MASKED = "runs of elements are summed pairwise where NumPy sums those between masked ones"


def with_nans(dtypes, shapes):
    def make():
        for dtype in dtypes:
            for shape in shapes:
                array = values(dtype, shape)
                if np.dtype(dtype).kind in "fc":
                    array.reshape(-1)[::3] = np.nan
                yield (array,)

    return make


def with_mask(dtypes, shapes):
    def make():
        for dtype in dtypes:
            for shape in shapes:
                # All of one sign, so that the bound, which is of the result, is one of the terms.
                array = np.sqrt(values(dtype, shape) ** 2) if np.dtype(dtype).kind in "fc" else values(dtype, shape)
                yield array, values(np.bool_, shape, seed=1)
                yield array, values(np.bool_, shape[-1:], seed=1)

    return make


def with_axes(dtypes, shapes):
    """Arrays and each of their axes, negative ones and those that there are not."""

    def make():
        for dtype in dtypes:
            for shape in shapes:
                for axis in range(-len(shape) - 1, len(shape) + 1):
                    yield values(dtype, shape), axis

    return make


def numbers():
    yield (3,)
    yield (2.5,)
    yield (True,)
    yield (1 + 2j,)
    yield ((1, 2, 3),)
    yield (((1.5, 2), (3, 4)),)


def exact_and_rounded(name, expression, shapes):
    """Records of everything that is computed as NumPy does it, and of the rest."""
    if name == "prod":
        yield Record(expression, Arrays(REAL, shapes))
        small = tuple(shape for shape in shapes if np.prod(shape, dtype=int) < 100)
        reason = "NumPy multiplies rows of complex numbers by fused operations"
        yield Record(expression, Arrays(COMPLEX, small, special=False), ulps=ROUNDED, reason=reason)
    elif name in ("var", "std"):
        yield Record(expression, Arrays(FLOATS + COMPLEX, shapes))
        reason = "integers that are not contiguous are converted in C order"
        yield Record(expression, Arrays(BOOL + INTEGERS, shapes), ulps=ROUNDED, reason=reason)
    else:
        yield Record(expression, Arrays(ALL, shapes))


RECORDS = []
for name in FOLDS + MOMENTS + POSITIONS + ["count_nonzero"]:
    RECORDS += exact_and_rounded(name, f"np.{name}(a)", ((), (1,), (7,), (1000,), *MATRICES))
    RECORDS += exact_and_rounded(name, f"np.{name}(a, axis=0)", ((1,), (7,), *MATRICES))
    RECORDS += exact_and_rounded(name, f"np.{name}(a, axis=-1, keepdims=True)", ((7,), *MATRICES))
    RECORDS += [
        Record(f"np.{name}(a, axis=axis)", with_axes([np.int32, np.float64], SMALL), "a, axis"),
        Record(f"np.{name}(a, axis=axis, keepdims=True)", with_axes([np.float32], SMALL), "a, axis"),
        Record(f"np.{name}(a, keepdims=True)", Arrays([np.int64, np.complex128], shapes=((), (7,), (4, 5)))),
        Record(f"np.{name}(a)", numbers),
    ]
    if name not in POSITIONS:
        RECORDS += [
            *exact_and_rounded(name, f"np.{name}(a, axis=(0, -1))", MATRICES),
            Record(f"np.{name}(a, axis=(1,), keepdims=True)", Arrays(FLOATS, shapes=MATRICES)),
            Record(f"np.{name}(a, axis=())", Arrays([np.float64, np.int8], shapes=SMALL)),
        ]
    if name != "count_nonzero":
        RECORDS += [
            Record(f"a.{name}()", Arrays([np.int64, np.float32, np.float64], shapes=SMALL)),
            Record(f"a.{name}(1)", Arrays([np.int64, np.float64], shapes=((4, 5), (3, 4, 5)))),
        ]
    RECORDS += [
        Record(f"np.{name}(a)", Arrays([np.bool_, np.int32, np.float64, np.complex64], EMPTY, special=False)),
        Record(f"np.{name}(a, axis=0)", Arrays([np.bool_, np.int32, np.float64], EMPTY, special=False)),
        Record(f"np.{name}(a, axis=-1)", Arrays([np.bool_, np.int32, np.float64], EMPTY, special=False)),
    ]

NOT_BOOL = INTEGERS + FLOATS + COMPLEX
RECORDS += [
    Record("np.ptp(a)", Arrays(NOT_BOOL)),
    Record("np.ptp(a, axis=0, keepdims=True)", Arrays(NOT_BOOL, MATRICES)),
    Record("np.ptp(a, axis=1)", Arrays(FLOATS, MATRICES, special=False)),
    Record("np.amax(a, 0)", Arrays(REAL, SMALL)),
    Record("np.amin(a, 0)", Arrays(REAL, SMALL)),
]

# dtype, initial, where, ddof
for name in ["sum", "prod"]:
    for dtype in ["int8", "uint16", "int64", "float32", "float64", "complex64", "bool"]:
        dtypes = [np.bool_, np.int8, np.uint32, np.int64]
        dtypes += [np.complex64] if dtype == "complex64" else []
        dtypes += [np.float32, np.float64] if dtype in ("float32", "float64", "complex64") else []
        reason = "the order of sums, and complex products, are as NumPy's only in the array's own dtype"
        reason = reason if dtype in ("float32", "float64", "complex64") else ""
        RECORDS += [
            Record(f"np.{name}(a, dtype=np.{dtype})", Arrays(dtypes, SMALL), ulps=ROUNDED if reason else 0, reason=reason),
            Record(f"np.{name}(a, axis=0, dtype=np.{dtype})", Arrays(dtypes, SMALL), ulps=ROUNDED if reason else 0, reason=reason),
        ]
    RECORDS += [
        Record(f"np.{name}(a, initial=3)", Arrays(ALL, SMALL)),
        Record(f"np.{name}(a, axis=1, initial=2)", Arrays([np.int8, np.float64], ((4, 5), (3, 4, 5)), special=False)),
        Record(f"np.{name}(a, where=m)", with_mask(ALL, SMALL), "a, m", ROUNDED, MASKED),
        Record(f"np.{name}(a, axis=0, where=m)", with_mask(ALL, SMALL), "a, m", ROUNDED, MASKED),
        Record(f"np.{name}(a, initial=2, where=False)", Arrays([np.float64], SMALL)),
    ]
for name in ["max", "min"]:
    RECORDS += [
        Record(f"np.{name}(a, initial=3)", Arrays(INTEGERS + FLOATS + COMPLEX, SMALL)),
        Record(f"np.{name}(a, initial=3)", Arrays([np.float64], EMPTY, special=False)),
        Record(f"np.{name}(a, axis=0, initial=3)", Arrays([np.float64, np.int16], EMPTY + SMALL)),
        Record(f"np.{name}(a, axis=0, initial=5, where=m)", with_mask(INTEGERS + FLOATS, SMALL), "a, m"),
    ]
for name in ["any", "all"]:
    RECORDS += [
        Record(f"np.{name}(a, where=m)", with_mask(ALL, SMALL), "a, m"),
        Record(f"np.{name}(a, axis=0, where=m)", with_mask([np.bool_, np.float64], SMALL), "a, m"),
    ]
for name in MOMENTS:
    RECORDS += [
        Record(f"np.{name}(a, where=m)", with_mask(ALL, SMALL), "a, m", ROUNDED, MASKED),
        Record(f"np.{name}(a, axis=0, where=m)", with_mask(ALL, SMALL), "a, m", ROUNDED, MASKED),
        Record(f"np.{name}(a, dtype=np.float64)", Arrays(REAL, SMALL), ulps=ROUNDED, reason="the mean is not rounded to the dtype of the array in between"),
        Record(f"np.{name}(a, axis=0, dtype=np.float32)", Arrays([np.int8, np.float32], SMALL, special=False)),
    ]
for name in ["var", "std"]:
    RECORDS += [
        *exact_and_rounded(name, f"np.{name}(a, ddof=1)", ((1,), *SMALL)),
        Record(f"np.{name}(a, axis=-1, ddof=d)", lambda: [(values(np.float64, (4, 5)), 1.5), (values(np.float64, (4, 5)), 7.0)], "a, d"),
        Record(f"np.{name}(a, correction=1)", Arrays([np.float64], SMALL)),
        Record(f"np.{name}(a, axis=0, mean=np.mean(a, axis=0, keepdims=True))", Arrays([np.float64, np.complex128, np.int32], ((4, 5), (3, 4, 5)), special=False)),
        Record(f"a.{name}(1, None, None, 1)", Arrays([np.float32], ((4, 5),))),
    ]

# average
WEIGHTED = [
    (values(np.float64, (4, 5)), abs(values(np.float64, (4, 5), 1))),
    (values(np.int32, (4, 5)), abs(values(np.float32, (4, 5), 1))),
    (values(np.complex64, (4, 5)), abs(values(np.float32, (4, 5), 1))),
    (values(np.float64, (4, 5)), np.zeros((4, 5))),
]
BY_AXIS = [(values(dtype, (4, 5)), abs(values(np.float64, (4,), 1)) + 1) for dtype in (np.float64, np.int8, np.float32)]
RECORDS += [
    Record("np.average(a)", Arrays(ALL, SMALL)),
    Record("np.average(a, axis=0, returned=True)", Arrays([np.int32, np.float32], SMALL)),
    Record("np.average(a, returned=True)", Arrays([np.int32, np.float32], SMALL)),
    Record("np.average(a, weights=w)", lambda: WEIGHTED, "a, w"),
    Record("np.average(a, 1, w, returned=True, keepdims=True)", lambda: WEIGHTED, "a, w"),
    Record("np.average(a, axis=0, weights=w)", lambda: BY_AXIS, "a, w"),
    Record("np.average(a, axis=1, weights=w)", lambda: BY_AXIS, "a, w"),
    Record("np.average((1, 2, 3), weights=(0.5, 0.25, 0.25))", lambda: [()], ""),
]

# nan
for name in NAN_FOLDS + NAN_MOMENTS + ["nanargmax", "nanargmin"]:
    reason = "NumPy sums and multiplies 0 and 1 for what is nan, in other groups" if name in ("nanprod", "nanvar", "nanstd") else ""
    ulps = ROUNDED if reason else 0
    dtypes = INTEGERS + FLOATS + ([] if "arg" in name else COMPLEX)
    RECORDS += [
        Record(f"np.{name}(a)", with_nans(dtypes, SMALL + ((), (1000,))), ulps=ulps, reason=reason),
        Record(f"np.{name}(a, axis=0)", with_nans(dtypes, SMALL), ulps=ulps, reason=reason),
        Record(f"np.{name}(a, axis=-1, keepdims=True)", with_nans(dtypes, SMALL), ulps=ulps, reason=reason),
        Record(f"np.{name}(a)", Arrays([np.int64, np.float64], EMPTY, special=False)),
        Record(f"np.{name}(a, axis=0)", lambda: [(np.full((3, 2), np.nan),)]),
    ]
    if "arg" not in name:
        RECORDS += [Record(f"np.{name}(a)", lambda: [(edges(np.float64),), (edges(np.float32),)])]
for name in ["nanvar", "nanstd"]:
    RECORDS += [Record(f"np.{name}(a, axis=1, ddof=3)", with_nans(FLOATS, ((4, 5), (3, 4, 5))), ulps=ROUNDED, reason="as above")]
