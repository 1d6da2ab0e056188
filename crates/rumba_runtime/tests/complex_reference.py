"""Writes the reference of the complex functions: CPython's cmath on a grid of special and ordinary values.

    python complex_reference.py > complex_reference.txt

One line per case: function, real, imaginary part, and the parts of the result, as hexadecimal bits. Cases where
CPython raises are left out.
"""

import cmath
import itertools
import struct

INF, NAN = float("inf"), float("nan")
PARTS = [0.0, -0.0, 0.5, -1.0, -3.7, 5e-324, 720.0, -1.7e308, INF, -INF, NAN]
NAMES = "acos acosh asin asinh atan atanh cos cosh exp log log10 rect sin sinh sqrt tan tanh".split()


def bits(x):
    return struct.pack(">d", x).hex()


for name in NAMES:
    for real, imag in itertools.product(PARTS, repeat=2):
        try:
            if name == "rect":
                result = cmath.rect(real, imag)
            else:
                result = getattr(cmath, name)(complex(real, imag))
        except (ValueError, OverflowError):
            continue
        print(name, bits(real), bits(imag), bits(result.real), bits(result.imag))
