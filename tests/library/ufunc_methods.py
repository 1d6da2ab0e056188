"""Methods of ufuncs: of those that the runtime has, and of those that are loops over what they do to elements."""

import numpy as np

from .records import ALL, COMPLEX, FLOATS, INTEGERS, REAL, Arrays, Record, values

SMALL = ((1,), (7,), (3, 4), (2, 3, 4))
IN_RUNTIME = ["add", "multiply", "maximum", "minimum", "fmax", "fmin", "logical_or", "logical_and"]
BITS = ["bitwise_and", "bitwise_or", "bitwise_xor"]


def at_indices(dtypes, shape, *indices):
    return lambda: [(values(dtype, shape), index) for dtype in dtypes for index in indices]


def with_other(dtypes, shape, *others):
    return lambda: [(values(dtype, shape), b) for dtype in dtypes for b in others]


FIRST = [np.array(index) for index in ([0], [0, 3, 1, 6], [6, 5, 5, 0, 0], [2, 2], [0, 7], [-1, 2])] + [np.zeros(0, np.int64)]

RECORDS = []
for name in IN_RUNTIME:
    RECORDS += [
        Record(f"np.{name}.reduceat(a, i)", at_indices(REAL if name == "multiply" else ALL, (7,), *FIRST), "a, i"),
        Record(f"np.{name}.reduceat(a, (0, 2, 1))", Arrays([np.bool_, np.int16, np.float64, np.complex64] if name != "multiply" else REAL, ((3, 4), (5, 2, 3)), special=False)),
        Record(f"np.{name}.reduceat(a, (0, 1), axis=axis)", lambda: [(values(np.float32, (3, 4, 5)), axis) for axis in [0, 1, -1]], "a, axis"),
    ]
RECORDS += [Record(f"np.{name}.reduceat(a, (0, 1), -1, np.float64)", Arrays([np.int8, np.float32], ((3, 4),))) for name in IN_RUNTIME[:6]]
RECORDS.append(Record("np.add.reduceat(a, (0, 300, 301, 900))", Arrays(FLOATS + COMPLEX, ((1000,),), special=False)))

for name in BITS:
    RECORDS += [
        Record(f"np.{name}.reduce(a)", Arrays([np.bool_, *INTEGERS], (*SMALL, (0,), (0, 3), (3, 0)))),
        Record(f"np.{name}.reduce(a, axis=-1, keepdims=True)", Arrays([np.bool_, np.int8], SMALL)),
        Record(f"np.{name}.reduce(a, axis=None)", Arrays([np.uint16], SMALL)),
        Record(f"np.{name}.reduce(a, 0, initial=5)", Arrays([np.int16], SMALL)),
        Record(f"np.{name}.accumulate(a)", Arrays([np.bool_, np.int32], SMALL)),
        Record(f"np.{name}.reduceat(a, i)", at_indices([np.bool_, np.int8, np.uint64], (7,), *FIRST), "a, i"),
    ]
for name in ["subtract", "logical_xor", "copysign", "nextafter"]:
    dtypes = {"subtract": [np.int8, np.uint64, np.float32, np.complex128], "logical_xor": ALL}.get(name, FLOATS)
    RECORDS += [
        Record(f"np.{name}.reduce(a)", Arrays(dtypes, SMALL)),
        Record(f"np.{name}.reduce(a, 1)", Arrays(dtypes, SMALL[2:], special=False)),
        Record(f"np.{name}.accumulate(a, axis=-1)", Arrays(dtypes, SMALL, special=False)),
        Record(f"np.{name}.reduceat(a, (0, 2, 1), axis=1)", Arrays(dtypes, SMALL[2:], special=False)),
    ]
RECORDS += [
    Record("np.gcd.reduce(a)", Arrays(INTEGERS, SMALL, special=False)),
    Record("np.gcd.reduce(a, axis=(0, 1))", Arrays([np.int32], SMALL[2:], special=False)),
    Record("np.subtract.reduce(a)", Arrays([np.float64], ((0,), (0, 3)), special=False)),
    Record("np.subtract.reduce(a, axis=None)", Arrays([np.float64], ((3, 4),), special=False)),
    Record("np.bitwise_or.reduce(a, 0, np.int64)", Arrays([np.int8], SMALL)),
]

PAIRS = [(values(dtype, shape), values(np.float32, other)) for dtype in [np.int8, np.float64, np.complex64] for shape in [(), (3,), (2, 3)] for other in [(), (4,), (2, 1)]]
RECORDS += [Record(f"np.{name}.outer(a, b)", lambda: PAIRS, "a, b") for name in ["add", "subtract", "multiply", "equal", "logical_and"]]
RECORDS += [
    Record("np.divmod.outer(a, b)", lambda: [(values(np.int16, (3,)), np.array([3, -4], np.int16))], "a, b"),
    Record("np.add.outer(a, 2)", Arrays([np.int8, np.float32], SMALL)),
    Record("np.left_shift.outer(a, b, dtype=np.int64)", lambda: [(np.array([1, 2], np.int8), np.array([3, 9], np.int8))], "a, b"),
]
