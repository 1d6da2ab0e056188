"""Computes the polynomial coefficients of `src/hot/elementary` (needs mpmath).

Each line printed is a Rust constant and, as a comment, the largest weighted error as a power of two.
Run `python elementary_coefficients.py [NAME...]` and paste what changed; nothing is read at build time.
The method is Remez's exchange algorithm on the weighted error, in 240-bit arithmetic.
"""

import struct
import sys

import mpmath as mp

mp.mp.prec = 240


def remez(g, w, a, b, n, rounds=8, grid=400):
    """Polynomial of n coefficients minimising max |w(z) (p(z) - g(z))| over [a, b]."""
    a, b = mp.mpf(a), mp.mpf(b)
    nodes = [(a + b) / 2 + (b - a) / 2 * mp.cos(mp.pi * (n - i) / n) for i in range(n + 1)]
    points = [(a + b) / 2 + (b - a) / 2 * mp.cos(mp.pi * (grid - i + mp.mpf("0.5")) / (grid + 1)) for i in range(grid)]
    gv = [g(z) for z in points]
    wv = [w(z) for z in points]
    coefficients = None
    worst = None
    for _ in range(rounds):
        rows = mp.matrix(n + 1, n + 1)
        right = mp.matrix(n + 1, 1)
        for i, z in enumerate(nodes):
            power = mp.mpf(1)
            for j in range(n):
                rows[i, j] = power
                power *= z
            weight = w(z)
            rows[i, n] = (-1) ** i / (weight if abs(weight) > mp.mpf(2) ** -200 else mp.mpf(2) ** -200)
            right[i] = g(z)
        solution = mp.lu_solve(rows, right)
        coefficients = [solution[i] for i in range(n)]
        errors = [wv[i] * (mp.polyval(coefficients[::-1], z) - gv[i]) for i, z in enumerate(points)]
        extrema = []
        for i, e in enumerate(errors):
            if extrema and (e > 0) == (errors[extrema[-1]] > 0):
                if abs(e) > abs(errors[extrema[-1]]):
                    extrema[-1] = i
            else:
                extrema.append(i)
        worst = max(abs(e) for e in errors)
        while len(extrema) > n + 1:
            if len(extrema) == n + 2:
                extrema.pop(0 if abs(errors[extrema[0]]) < abs(errors[extrema[-1]]) else -1)
            else:
                k = min(range(len(extrema) - 1), key=lambda i: min(abs(errors[extrema[i]]), abs(errors[extrema[i + 1]])))
                del extrema[k : k + 2]
        if len(extrema) < n + 1:
            break
        nodes = [points[i] for i in extrema]
    return coefficients, worst


def f32(value):
    return struct.unpack("f", struct.pack("f", float(value)))[0]


def show(name, g, w, a, b, n, kind="f64"):
    coefficients, worst = remez(g, w, a, b, n)
    print(f"// largest weighted error 2^{float(mp.log(worst, 2)):.1f}")
    print(f"const {name}: [{kind}; {n}] = [")
    for c in coefficients:
        print(f"    {f32(c)!r}," if kind == "f32" else f"    {float(c)!r},")
    print("];")


def series(f, removed, power):
    """(f(x) - removed(x)) / x**power, computed with enough guard bits near zero."""

    def g(x):
        with mp.workprec(900):
            x = mp.mpf(x)
            if abs(x) < mp.mpf(2) ** -60:
                x = mp.mpf(2) ** -60
            return (f(x) - removed(x)) / x**power

    return g


def in_square(g):
    return lambda z: g(mp.sqrt(z))


LN2_2 = mp.log(2) / 2 * mp.mpf("1.0005")
S_MAX = (mp.sqrt(2) - 1) / (mp.sqrt(2) + 1) * mp.mpf("1.0005")
PI_4 = mp.pi / 4 * mp.mpf("1.0005")
ATAN = mp.mpf("0.2501")
log_quotient = lambda s: mp.log((1 + s) / (1 - s))
exp_tail = series(mp.exp, lambda r: 1 + r + r * r / 2, 3)

FITS = {
    "EXP": lambda: show("EXP", exp_tail, lambda r: r * r, -LN2_2, LN2_2, 9),
    "EXPM1": lambda: show("EXPM1", exp_tail, lambda r: r * r, -LN2_2, LN2_2, 10),
    "LOG": lambda: show("LOG", in_square(series(log_quotient, lambda s: 2 * s, 3)), lambda z: z, 0, S_MAX**2, 7),
    "LOG2_TAIL": lambda: show("LOG2_TAIL", in_square(series(lambda s: log_quotient(s) / mp.log(2), lambda s: (2 * s + 2 * s**3 / 3) / mp.log(2), 5)), lambda z: z * z, 0, S_MAX**2, 8),
    "SIN": lambda: show("SIN", in_square(series(mp.sin, lambda r: r, 3)), lambda z: z, 0, PI_4**2, 6),
    "COS": lambda: show("COS", in_square(series(mp.cos, lambda r: 1 - r * r / 2, 4)), lambda z: z * z, 0, PI_4**2, 6),
    "ATAN": lambda: show("ATAN", in_square(series(mp.atan, lambda r: r, 3)), lambda z: z, 0, ATAN**2, 9),
    "ASIN": lambda: show("ASIN", in_square(series(mp.asin, lambda r: r, 3)), lambda z: z, 0, mp.mpf("0.2501"), 13),
    "SINH": lambda: show("SINH", in_square(series(mp.sinh, lambda r: r, 3)), lambda z: z, 0, LN2_2**2, 5),
    "COSH": lambda: show("COSH", in_square(series(mp.cosh, lambda r: 1 + r * r / 2, 4)), lambda z: z * z, 0, LN2_2**2, 5),
}

FITS |= {
    "RECIPROCAL_CBRT": lambda: show("RECIPROCAL_CBRT", lambda m: m ** (-mp.mpf(1) / 3), lambda m: m ** (mp.mpf(1) / 3), mp.sqrt(0.5), mp.sqrt(2), 6),
    "ERF": lambda: show("ERF", in_square(lambda x: mp.erf(x) / x - 1 if x > 1e-30 else 2 / mp.sqrt(mp.pi) - 1), lambda z: 1, 0, mp.mpf("1.0001"), 13),
    "ERFC": lambda: show("ERFC", lambda t: erfcx_of(t), lambda t: 1 / erfcx_of(t), (mp.mpf("0.74") - ERFC_A) / (mp.mpf("0.74") + ERFC_A), (28 - ERFC_A) / (28 + ERFC_A), 21),
    "LGAMMA_1": lambda: show("LGAMMA_1", lambda d: mp.loggamma(1 + d) / d if abs(d) > 1e-20 else -mp.euler, lambda d: 1, -0.3, 0.3, 22),
    "LGAMMA_2": lambda: show("LGAMMA_2", lambda d: mp.loggamma(2 + d) / d if abs(d) > 1e-20 else 1 - mp.euler, lambda d: 1, -0.3, 0.3, 16),
}

ERFC_A = mp.mpf(3)


def erfcx_of(t):
    """(1 + 2x) e^(x^2) erfc(x) with t = (x - A)/(x + A)."""
    x = ERFC_A * (1 + t) / (1 - t)
    return (1 + 2 * x) * mp.exp(x * x) * mp.erfc(x)

# For single precision: errors of about 2^-30.
FITS |= {
    "SHORT_EXP": lambda: show("EXP", series(mp.exp, lambda r: 1 + r, 2), lambda r: abs(r), -LN2_2, LN2_2, 6),
    "SHORT_LOG": lambda: show("LOG", series(mp.log1p, lambda f: f, 2), lambda f: f, -0.2931, 0.4144, 11),
    "SHORT_LOG_QUOTIENT": lambda: show("LOG_QUOTIENT", in_square(series(log_quotient, lambda s: 2 * s, 3)), lambda z: z, 0, S_MAX**2, 4),
    "SHORT_SIN": lambda: show("SIN", in_square(series(mp.sin, lambda r: r, 3)), lambda z: z, 0, PI_4**2, 4),
    "SHORT_COS": lambda: show("COS", in_square(series(mp.cos, lambda r: 1 - r * r / 2, 4)), lambda z: z * z, 0, PI_4**2, 3),
    "SHORT_TAN": lambda: show("TAN", in_square(series(mp.tan, lambda r: r, 3)), lambda z: z, 0, PI_4**2, 8),
    "SHORT_ATAN": lambda: show("ATAN", in_square(series(mp.atan, lambda r: r, 3)), lambda z: z, 0, 1, 10),
    "SHORT_ASIN": lambda: show("ASIN", in_square(series(mp.asin, lambda r: r, 3)), lambda z: z, 0, mp.mpf("0.2501"), 6),
    "SHORT_SINH": lambda: show("SINH", in_square(series(mp.sinh, lambda r: r, 3)), lambda z: z, 0, LN2_2**2, 3),
    "SHORT_COSH": lambda: show("COSH", in_square(series(mp.cosh, lambda r: 1 + r * r / 2, 4)), lambda z: z * z, 0, LN2_2**2, 2),
    "SHORT_ERF": lambda: show("ERF", in_square(lambda x: mp.erf(x) / x if x > 1e-30 else 2 / mp.sqrt(mp.pi)), lambda z: 1, 0, mp.mpf("0.5625"), 7),
    "SHORT_ERFC": lambda: show("ERFC", erfcx_of, lambda t: 1 / erfcx_of(t), (mp.mpf("0.74") - ERFC_A) / (mp.mpf("0.74") + ERFC_A), (11 - ERFC_A) / (11 + ERFC_A), 10),
}


if __name__ == "__main__":
    for name in sys.argv[1:] or FITS:
        FITS[name]()
