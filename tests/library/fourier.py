"""Fourier transforms. How exact they are is in `tests/test_fourier.py`."""

import numpy as np

from .records import ALL, REAL, Arrays, Record

# Both transforms are off by a few units times the logarithm of the length.
ORDER = {"ulps": 64, "reason": "the order of additions is another"}
SHAPES = ((1,), (2,), (7,), (16,), (30,), (97,), (3, 8), (4, 5), (2, 3, 6))
MATRICES = ((3, 8), (4, 5), (1, 1), (2, 3, 6))
FEW = [np.int8, np.float32, np.complex64, np.complex128]
FEW_REAL = [np.bool_, np.uint16, np.float32, np.float64]


def signals(dtypes, shapes=SHAPES):
    return Arrays(dtypes, shapes, special=False)


def with_lengths(dtypes, shapes, lengths):
    return lambda: [(array, n) for (array,) in signals(dtypes, shapes)() for n in lengths]


RECORDS = []
for name in ["fft", "ifft", "rfft", "irfft", "hfft", "ihfft"]:
    dtypes, few = (REAL, FEW_REAL) if name in ["rfft", "ihfft"] else (ALL, FEW)
    # Of one number they make none.
    shapes = tuple(shape for shape in SHAPES if shape[-1] > 1) if name in ["irfft", "hfft"] else SHAPES
    RECORDS += [
        Record(f"np.fft.{name}(a)", signals(dtypes, shapes), **ORDER),
        Record(f"np.fft.{name}(a)", signals(few, ((0,), (3, 0), (0, 3), (1,))), **ORDER),
        Record(f"np.fft.{name}(a, n)", with_lengths(few, ((1,), (7,), (3, 8)), [1, 2, 5, 12, 0, -1]), "a, n", **ORDER),
        Record(f"np.fft.{name}(a, 6, 0)", signals(few, ((7,), (8, 3), (5, 2, 3))), **ORDER),
        Record(f"np.fft.{name}(a, axis=axis)", with_lengths(few, ((4, 5), (3, 2, 6)), [0, 1, -1, -2]), "a, axis", **ORDER),
    ]
    RECORDS += [Record(f"np.fft.{name}(a, norm={norm!r})", signals(few, ((7,), (3, 8))), **ORDER) for norm in ["backward", "ortho", "forward"]]

for name in ["fft2", "ifft2", "rfft2", "irfft2", "fftn", "ifftn", "rfftn", "irfftn"]:
    dtypes, few = (REAL, FEW_REAL) if name.startswith("r") else (ALL, FEW)
    shapes = MATRICES if "ir" not in name else ((3, 8), (4, 5), (2, 3, 6))
    RECORDS += [
        Record(f"np.fft.{name}(a)", signals(dtypes, shapes), **ORDER),
        Record(f"np.fft.{name}(a, (6, 7), axes=(0, 1))", signals(few, ((3, 8), (8, 3))), **ORDER),
        Record(f"np.fft.{name}(a, (-1, 4), axes=(1, 0))", signals(few, shapes), **ORDER),
        Record(f"np.fft.{name}(a, axes=(0, -1), norm='ortho')", signals(few, shapes), **ORDER),
        Record(f"np.fft.{name}(a, axes=(0,))", signals(few, ((5,), (3, 8))), **ORDER),
        Record(f"np.fft.{name}(a, axes=(1, 1), norm='forward')", signals(few, ((3, 8),)), **ORDER),
        Record(f"np.fft.{name}(a, s=(n, n), axes=(-2, -1))", with_lengths(few, ((3, 8),), [2, 5, 0]), "a, n", **ORDER),
    ]

COUNTS = [(n, d) for n in [1, 2, 7, 8, 1000, 0, -1] for d in [1.0, 0.1, -3.0]]
RECORDS += [
    Record("np.fft.fftfreq(n, d)", lambda: COUNTS, "n, d"),
    Record("np.fft.rfftfreq(n, d)", lambda: [(n, d) for n, d in COUNTS if n > 0], "n, d"),
    Record("np.fft.fftfreq(n, 2)", lambda: [(5,), (6,)], "n"),
    Record("np.fft.rfftfreq(n)", lambda: [(5,), (6,)], "n"),
]
for name in ["fftshift", "ifftshift"]:
    RECORDS += [
        Record(f"np.fft.{name}(a)", signals(ALL, ((0,), (1,), (7,), (8,), (4, 5)))),
        Record(f"np.fft.{name}(a, 0)", signals([np.float32], ((7,), (4, 5)))),
        Record(f"np.fft.{name}(a, (0, -1))", signals([np.int16], ((4, 5), (2, 3, 6)))),
    ]
