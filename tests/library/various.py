"""Bits, questions about dtypes, indexed objects, chains of matrices, and einsum with an ellipsis."""

import numpy as np

from .records import ALL, BOOL, COMPLEX, INTEGERS, Arrays, Record, values

BYTES = Arrays([np.uint8], ((1,), (7,), (3, 4), (2, 3, 4)), special=False)
BITS = Arrays([*BOOL, *INTEGERS], ((), (1,), (8,), (17,), (3, 10), (2, 3, 9)))

RECORDS = [
    Record("np.packbits(a)", BITS),
    Record("np.packbits(a, axis=-1)", Arrays([np.bool_, np.int16], ((17,), (3, 10)))),
    Record("np.packbits(a, 0, 'little')", Arrays([np.bool_, np.uint8], ((17,), (3, 10)))),
    Record("np.packbits(a, axis)", lambda: [(values(np.bool_, (3, 10)), axis) for axis in [0, 1, -1]], "a, axis"),
    Record("np.unpackbits(a)", BYTES),
    Record("np.unpackbits(a, axis=-1)", BYTES),
    Record("np.unpackbits(a, axis=0, bitorder='little')", BYTES),
    Record("np.unpackbits(a, count=n)", lambda: [(values(np.uint8, (3,)), n) for n in [0, 5, 24, 30, -1, -24, -25]], "a, n"),
    Record("np.unpackbits(a, -1, 3)", Arrays([np.uint8], ((3, 4),), special=False)),
    Record("np.packbits(a)", Arrays([np.bool_], ((0,), (3, 0)), special=False)),
]

for casting in ["no", "equiv", "safe", "same_kind", "unsafe"]:
    RECORDS += [Record(f"np.can_cast(a, np.dtype({to!r}), {casting!r})", Arrays(ALL, ((2,),), special=False, layouts=False)) for to in ["int16", "uint64", "float32", "complex64"]]
for kind in ["bool", "signed integer", "unsigned integer", "integral", "real floating", "complex floating", "numeric"]:
    RECORDS.append(Record(f"np.isdtype(a.dtype, {kind!r})", Arrays(ALL, ((2,),), special=False, layouts=False)))
for name in ["generic", "number", "integer", "signedinteger", "unsignedinteger", "inexact", "floating", "complexfloating", "float64", "bool_"]:
    RECORDS.append(Record(f"np.issubdtype(a.dtype, np.{name})", Arrays(ALL, ((2,),), special=False, layouts=False)))

TWO = [(values(first, (2,)), values(second, (2,))) for first in ALL for second in [np.bool_, np.int8, np.uint64, np.float32, np.complex64]]
RECORDS += [
    Record("np.zeros(1, np.result_type(a, b))", lambda: TWO, "a, b"),
    Record("np.zeros(1, np.promote_types(a.dtype, b.dtype))", lambda: TWO, "a, b"),
    Record("np.zeros(1, np.result_type(a, 3))", Arrays(ALL, ((2,), ()), special=False, layouts=False)),
    Record("np.zeros(1, np.result_type(a, 3.5, np.int8))", Arrays(ALL, ((2,),), special=False, layouts=False)),
    Record("np.zeros(1, np.result_type(3, 2.5))", lambda: [()], ""),
    Record("np.zeros(1, np.common_type(a, b))", lambda: [(a, b) for a, b in TWO if a.dtype != bool and b.dtype != bool], "a, b"),
    Record("np.isdtype(a.dtype, (np.int8, 'real floating'))", Arrays(ALL, ((2,),), special=False, layouts=False)),
    Record("np.can_cast(np.int8, 'i2')", lambda: [()], ""),
    Record("np.isfortran(a)", Arrays([np.int8], ((), (1,), (3, 4), (1, 4), (2, 3, 4)))),
    Record("np.iterable(a)", Arrays([np.int8], ((), (3, 4)), special=False)),
    Record("np.iterable((1, 2)), np.iterable(3), np.iterable('text')", lambda: [()], ""),
    Record("np.asanyarray(a, np.float32)", Arrays([np.int8, np.float32], ((), (3, 4)))),
    Record("np.astype(a, np.float32)", Arrays(ALL[:-2], ((3,), (3, 4)), special=False)),
    Record("np.require(a, np.float64, ('F', 'W'))", Arrays([np.int8, np.float64], ((3,), (3, 4)))),
    Record("np.require(a, None, 'C')", Arrays([np.int8, np.float64], ((3,), (3, 4)))),
    Record("np.linalg.diagonal(a, offset=1)", Arrays([np.int8, np.complex64], ((3, 4), (2, 3, 3)), special=False)),
]

RECORDS += [
    Record("np.mgrid[0:5]", lambda: [()], ""),
    Record("np.mgrid[0:n, 1:3]", lambda: [(n,) for n in [0, 1, 4]], "n"),
    Record("np.mgrid[2:n:3, -1:3, 5:0:-2]", lambda: [(n,) for n in [2, 9]], "n"),
    Record("np.mgrid[:3, :2]", lambda: [()], ""),
    Record("np.ogrid[0:n, 1:3]", lambda: [(n,) for n in [0, 1, 4]], "n"),
    Record("np.ogrid[0:n:2]", lambda: [(5,)], "n"),
    Record("np.r_[a, 0:3, 7]", lambda: [(np.arange(3),), (np.zeros(0, np.int64),)]),
    Record("np.r_[a, b]", lambda: [(values(np.float32, (2, 3)), values(np.float64, (1, 3)))], "a, b"),
    Record("np.c_[a, b]", lambda: [(values(np.float32, (3,)), values(np.float64, (3,))), (values(np.int8, (3, 2)), values(np.float64, (3,)))], "a, b"),
    Record("a[np.s_[1:3, ::2]]", Arrays([np.int8], ((3, 4),), special=False)),
    Record("a[np.index_exp[1:3]]", Arrays([np.int8], ((3, 4),), special=False)),
]

ORDER = {"ulps": 256, "reason": "products are added in another order"}


def operands(*shapes):
    return lambda: [tuple(values(dtype, shape, idx) for idx, shape in enumerate(shapes)) for dtype in [np.int64, np.float64, np.complex64]]


RECORDS += [
    Record("np.einsum('...ij,...jk->...ik', a, b)", operands((4, 2, 3), (4, 3, 5)), "a, b", **ORDER),
    Record("np.einsum('...ij,...jk->...ik', a, b)", operands((2, 3), (4, 3, 5)), "a, b", **ORDER),
    Record("np.einsum('...ij,...jk', a, b)", operands((6, 1, 2, 3), (4, 3, 5)), "a, b", **ORDER),
    Record("np.einsum('...i,i->...', a, b)", operands((2, 4, 3), (3,)), "a, b", **ORDER),
    Record("np.einsum('i...->...i', a)", operands((2, 4, 3)), **ORDER),
    Record("np.einsum('...ii->...i', a)", operands((2, 3, 3)), **ORDER),
    Record("np.einsum('...,...', a, b)", operands((2, 3), (3,)), "a, b", **ORDER),
    Record("np.linalg.multi_dot((a, b, c))", operands((2, 30), (30, 3), (3, 40)), "a, b, c", **ORDER),
    Record("np.linalg.multi_dot((a, b, c))", operands((30,), (30, 3), (3, 4)), "a, b, c", **ORDER),
    Record("np.linalg.multi_dot((a, b, c))", operands((2, 30), (30, 3), (3,)), "a, b, c", **ORDER),
    Record("np.linalg.multi_dot((a, b, c, d))", operands((2, 30), (30, 3), (3, 40), (40, 5)), "a, b, c, d", **ORDER),
    Record("np.linalg.multi_dot((a, b, c, d))", operands((30,), (30, 3), (3, 40), (40,)), "a, b, c, d", **ORDER),
    Record("np.linalg.multi_dot((a, b, c))", operands((2, 3), (4, 3), (3, 4)), "a, b, c"),
]

SLIDING = "np.lib.stride_tricks.sliding_window_view"
STRIDED = "np.lib.stride_tricks.as_strided"
RECORDS += [
    Record(f"{SLIDING}(a, 3, writeable=True)", Arrays([np.int8], ((7,),), special=False)),
    Record(f"{STRIDED}(a, (3, 3), (8, 8))", lambda: [(np.arange(5),), (np.arange(10.0),)]),
    Record(f"{STRIDED}(a, shape=(2, 2), strides=(a.strides[0] * 2, 0))", lambda: [(np.arange(8, dtype=np.int16)[::2],)]),
    Record(f"{STRIDED}(a)", Arrays([np.float32], ((3, 4), ()), special=False)),
    Record(f"{STRIDED}(a, (0, 5), (80, 80))", lambda: [(np.arange(5),)]),
]

ENDS = [(values(np.float64, (3,)), 2.5, n) for n in [0, 1, 2, 7]] + [(1, values(np.int16, (2, 3)), 4), (values(np.float32, (3,)), values(np.float32, (2, 1)), 5), (np.array([0.0, 1.0]), np.array([0.0, 5e-324]), 3)]
GEOMETRIC = [(np.array([1.0, 2.5, -10.0]), np.array([1000.0, 0.1, -0.5]), n) for n in (0, 1, 2, 6)] + [(np.array([1, 8], np.int32), np.array([[2.0], [3.0]], np.float32), 4), (np.array([1.0, 2.0], np.float32), 5.0, 4), (np.array([0.0, 1.0]), 2.0, 3), (np.ones(2), np.ones(3), 3)]
RECORDS += [
    Record("np.linspace(a, b, n)", lambda: ENDS, "a, b, n"),
    Record("np.linspace(a, b, n, axis=-1)", lambda: ENDS, "a, b, n"),
    Record("np.linspace(a, b, n, endpoint=False)", lambda: ENDS, "a, b, n"),
    Record("np.linspace(a, b, n, dtype=np.int64)", lambda: ENDS, "a, b, n"),
    Record("np.linspace(a, b, n)", lambda: [(1 + 2j, -3.5, n) for n in (0, 1, 2, 7)] + [(values(dtype, (3,)), values(dtype, (2, 1)), 5) for dtype in COMPLEX], "a, b, n"),
    # Where there is no step, NumPy gives one nan also between arrays.
    Record("np.linspace(a, b, n, retstep=True)", lambda: [args for args in ENDS if args[2] > 1] + [(1, 4.0, n) for n in (0, 1, 2, 5)], "a, b, n"),
    Record("np.linspace(a, b, n, False, True)", lambda: [args for args in ENDS if args[2] > 0] + [(1, 4.0, n) for n in (0, 1, 2, 5)], "a, b, n"),
    Record("np.linspace(a, b, n, axis=1)", lambda: [(values(np.float32, (2, 3)), 0, 4), (values(np.float32, (2, 3)), values(np.int8, (3,)), 4)], "a, b, n"),
    Record("np.geomspace(a, b, n)", lambda: GEOMETRIC, "a, b, n", ulps=16, reason="powers are our own"),
    Record("np.geomspace(a, b, n, endpoint=False, axis=-1)", lambda: GEOMETRIC, "a, b, n", ulps=16, reason="powers are our own"),
    Record("np.logspace(a, b, n)", lambda: [(1, 2j, 4)], "a, b, n", ulps=16, reason="powers are our own"),
    Record("np.logspace(a, b, n)", lambda: [(np.array([0.0, 1.0]), 2.0, 5)], "a, b, n", ulps=4, reason="powers are our own"),
]
RECORDS += [
    Record("np.asarray_chkfinite(a)", Arrays([np.int8, np.float64, np.complex64], ((), (0,), (3, 4)))),
    Record("np.row_stack((a, a))", Arrays([np.int8], ((3,),), special=False)),
]

# `check` copies arguments, each with memory of its own, so that the function makes the views.
RECORDS += [
    Record(
        f"np.{name}(a[i:j:k], a[l:m:n])",
        lambda: [
            (np.arange(12), *first, *second)
            for first in ((0, 12, 2), (1, 12, 2), (3, 3, 1), (11, 2, -3), (0, 5, 1))
            for second in ((0, 12, 2), (1, 12, 2), (0, 12, 3), (2, 9, 5), (5, 12, 1))
        ],
        "a, i, j, k, l, m, n",
    )
    for name in ("shares_memory", "may_share_memory")
]
