"""Scans along each axis, and differences."""

import numpy as np

from .records import ALL, COMPLEX, FLOATS, INTEGERS, REAL, ROUNDED, Arrays, Record, values
from .reductions import EMPTY, MATRICES, SMALL, with_axes, with_nans

RECORDS = []
for name in ["cumsum", "cumprod"]:
    # NumPy's products of complex numbers are fused where they are rows.
    dtypes = ALL if name == "cumsum" else REAL
    RECORDS += [
        Record(f"np.{name}(a)", Arrays(dtypes, ((), (1,), (7,), *MATRICES))),
        Record(f"np.{name}(a, axis=0)", Arrays(dtypes, ((7,), *MATRICES))),
        Record(f"np.{name}(a, -1)", Arrays(dtypes, MATRICES)),
        Record(f"np.{name}(a, axis)", with_axes([np.int16, np.float32], SMALL), "a, axis"),
        Record(f"a.{name}(0)", Arrays([np.int8, np.float64], SMALL)),
        Record(f"np.{name}(a, axis=0)", Arrays([np.int8, np.float64], EMPTY, special=False)),
        Record(f"np.{name}(a)", Arrays([np.bool_, np.float64], EMPTY, special=False)),
        Record(f"np.{name}(a, dtype=np.int8)", Arrays(INTEGERS, SMALL)),
        Record(f"np.{name}(a, 0, np.float64)", Arrays([np.int8, np.float32], SMALL)),
        Record(f"np.nan{name}(a)", with_nans(REAL, SMALL)),
        Record(f"np.nan{name}(a, axis=0)", with_nans(REAL, SMALL)),
        Record(f"np.{name}((1, 2, 3))", lambda: [()], ""),
    ]
for name in ["cumulative_sum", "cumulative_prod"]:
    RECORDS += [
        Record(f"np.{name}(a)", Arrays(REAL, ((7,), (1,)))),
        Record(f"np.{name}(a, axis=0)", Arrays(REAL, SMALL)),
        Record(f"np.{name}(a, axis=-1, include_initial=True)", Arrays(REAL, SMALL)),
        Record(f"np.{name}(a, axis=0, dtype=np.int16, include_initial=True)", Arrays([np.int8, np.int64], SMALL)),
    ]

for name in ["add", "multiply", "maximum", "minimum", "fmax", "fmin", "logical_or", "logical_and"]:
    dtypes = REAL if name == "multiply" else ALL
    RECORDS += [
        Record(f"np.{name}.reduce(a)", Arrays(dtypes, SMALL)),
        Record(f"np.{name}.reduce(a, axis=None, keepdims=True)", Arrays([np.bool_, np.int16, np.float64], SMALL)),
        Record(f"np.{name}.reduce(a, initial=2)", Arrays([np.int64, np.float64], ((0,), *SMALL))),
        Record(f"np.{name}.reduce(a, initial=0.5)", Arrays([np.float64], ((0,), *SMALL))),
        Record(f"np.{name}.accumulate(a)", Arrays(dtypes, SMALL)),
        Record(f"np.{name}.accumulate(a, axis=-1)", Arrays(dtypes, SMALL)),
    ]

RECORDS += [
    Record("np.diff(a)", Arrays(ALL, ((1,), (7,), *MATRICES))),
    Record("np.diff(a, axis=0)", Arrays(ALL, SMALL)),
    Record("np.diff(a, 2)", Arrays(ALL, SMALL)),
    Record("np.diff(a, n=3, axis=0)", Arrays(REAL, SMALL)),
    Record("np.diff(a, n=0)", Arrays(REAL, SMALL)),
    Record("np.diff(a, n=4)", Arrays(ALL, SMALL)),
    Record("np.diff(a, n)", lambda: [(values(dtype, shape), n) for dtype in ALL for shape in ((6,), (4, 5)) for n in (0, 1, 3, 9)] + [(values(np.float64, (5,))[::2], 1), (np.arange(5), -1)], "a, n"),
    Record("np.diff(a, axis=n)", lambda: [(values(dtype, (3, 4, 5))[:, ::-2], n) for dtype in (np.int8, np.float32) for n in (0, 1, 2, -1, 3)], "a, n"),
    Record("np.diff(a, n, append=1)", lambda: [(values(np.int16, (6,)), n) for n in (1, 3)], "a, n"),
    Record("np.diff(a)", Arrays([np.float64], ((0,), (3, 0)), special=False)),
    Record("np.diff(a, 5)", Arrays([np.float64], ((3,), (3, 2)), special=False)),
    Record("np.diff(a, prepend=0, append=1)", Arrays([np.int64, np.float32, np.float64], SMALL)),
    Record("np.diff(a, axis=0, append=a)", Arrays([np.int64, np.float64], SMALL)),
    Record("np.diff(a, axis=0, prepend=b)", lambda: [(values(np.float64, (4, 5)), values(np.float64, (3, 5))), (values(np.float64, (4, 5)), values(np.float64, (3, 4)))], "a, b"),
    Record("np.ediff1d(a)", Arrays([d for d in ALL if d is not np.bool_], ((), (1,), *SMALL))),
    Record("np.ediff1d(a, to_end=(7, 8), to_begin=-1)", Arrays([np.int64, np.float64], SMALL)),
]

UNEVEN = np.array([0.0, 0.5, 2.0, 2.25, 4.0])
FUSED = "NumPy may fuse multiplications and additions of a row"
RECORDS += [
    Record("np.gradient(a)", Arrays(INTEGERS + FLOATS + COMPLEX, SMALL), ulps=ROUNDED, reason=FUSED),
    Record("np.gradient(a, 0.5, axis=0)", Arrays(INTEGERS + FLOATS, SMALL), ulps=ROUNDED, reason=FUSED),
    Record("np.gradient(a, axis=(1, 0), edge_order=2)", Arrays(FLOATS, ((4, 5), (3, 4, 5)), special=False), ulps=ROUNDED, reason=FUSED),
    Record("np.gradient(a, x, axis=-1)", lambda: [(values(np.float64, (4, 5)), UNEVEN), (values(np.float64, (5,)), np.arange(5)), (values(np.float64, (4, 4)), UNEVEN)], "a, x", ROUNDED, FUSED),
    Record("np.gradient(a, x, axis=-1, edge_order=2)", lambda: [(values(np.float64, (4, 5)), UNEVEN)], "a, x", ROUNDED, FUSED),
    Record("np.gradient(a, 2.0, x)", lambda: [(values(np.float64, (4, 5)), UNEVEN)], "a, x", ROUNDED, FUSED),
    Record("np.gradient(a)", Arrays([np.float64], ((1,), (0,)), special=False)),
    Record("np.trapezoid(a)", Arrays(INTEGERS + FLOATS + COMPLEX, ((1,), (7,), (1000,), *MATRICES)), ulps=ROUNDED, reason="complex numbers are divided by 2.0 as complex numbers"),
    Record("np.trapezoid(a, dx=0.5, axis=0)", Arrays(INTEGERS + FLOATS, SMALL)),
    Record("np.trapezoid(a, x)", lambda: [(values(np.float64, (4, 5)), UNEVEN), (values(np.int32, (5,)), UNEVEN)], "a, x"),
    Record("np.trapezoid(a, x)", lambda: [(values(np.float32, (4, 5)), UNEVEN.astype(np.float32)), (values(np.float64, (2,)), UNEVEN), (values(np.float64, (10,)).reshape(2, 5, order="F"), UNEVEN[::-1])], "a, x"),
    Record("np.trapezoid(a, x, axis=0)", lambda: [(values(np.float64, (5, 4)), UNEVEN), (values(np.float64, (5, 4)), values(np.float64, (5, 4), 1))], "a, x"),
]
