"""Writes the reference values of `elementary_accuracy.rs` (needs mpmath).

    python elementary_reference.py [--points N] [--out DIRECTORY] [NAME...]

One file per function, one point per line: the arguments and the correctly rounded result as the bits of a
float64 in hexadecimal, and how far the exact value lies above the rounded one, in 1/256 ulp. The committed
files hold a few hundred points each; for a deep run write more elsewhere and set
`RUMBA_ELEMENTARY_REFERENCE` to that directory.
"""

import argparse
import math
import pathlib
import random
import struct

import mpmath as mp

mp.mp.prec = 200


def bits(x):
    return struct.unpack("<Q", struct.pack("<d", x))[0]


def from_bits(b):
    return struct.unpack("<d", struct.pack("<Q", b))[0]


def rounded(value):
    """The nearest float64, ties ignored, and the residual in 1/256 ulp."""
    if value == 0:
        return 0.0, 0
    exponent = mp.frexp(value)[1]
    unit = max(exponent - 53, -1074)
    scaled = mp.ldexp(value, -unit)
    nearest = mp.nint(scaled)
    if nearest and mp.frexp(nearest)[1] + unit > 1024:
        return (math.inf if value > 0 else -math.inf), 0
    return math.ldexp(int(nearest), unit), int(mp.nint((scaled - nearest) * 256))


def uniform(a, b):
    return lambda rng: rng.uniform(a, b)


def scales(low, high, signed=False):
    """Log-uniform magnitudes from 2^low to 2^high."""

    def draw(rng):
        x = math.ldexp(rng.uniform(1, 2), rng.randrange(low, high)) if low >= -1022 else (
            math.ldexp(rng.uniform(1, 2), rng.randrange(low, high)))
        return -x if signed and rng.random() < 0.5 else x

    return draw


def near(centres, low=-52, high=-2):
    """Points at distances 2^low to 2^high from one of the centres."""

    def draw(rng):
        centre = rng.choice(centres)
        return centre + math.ldexp(rng.uniform(-1, 1), rng.randrange(low, high)) * max(abs(centre), 1e-300)

    return draw


def near_multiples(step, top):
    """Numbers next to multiples of a quarter turn: where reduction is hardest."""

    def draw(rng):
        k = rng.randrange(1, 1 << rng.randrange(1, top))
        x = float(k * step)
        return from_bits(bits(x) + rng.randrange(-2, 3)) * rng.choice([1, -1])

    return draw


# 6381956970095103 * 2^797 is the double closest to a multiple of pi/2.
WORST_TURN = lambda rng: rng.choice([1, -1]) * math.ldexp(6381956970095103, 797 - rng.randrange(0, 2))
TRIG = [uniform(-4, 4), uniform(-1e3, 1e3), scales(-40, 30, True), scales(25, 1024, True), near_multiples(mp.pi / 2, 29),
        near_multiples(mp.pi / 2, 1000), near_multiples(mp.pi / 4, 20), WORST_TURN]
SMALL = scales(-1074, -20, True)
POSITIVE = [scales(-1074, 1024), scales(-4, 4), near([1.0]), uniform(0.5, 2), near([math.sqrt(0.5), math.sqrt(2), 2.0, 4.0])]
ANY = [scales(-1074, 1024, True), scales(-30, 30, True)]

FUNCTIONS = {
    "exp": (mp.exp, [uniform(-745.2, 709.8), uniform(-2, 2), uniform(-745.2, -707), uniform(708, 709.78), scales(-60, 6, True)]),
    "exp2": (lambda x: mp.mpf(2) ** x, [uniform(-1075, 1024), uniform(-2, 2), uniform(-1075, -1020), uniform(1022, 1024), scales(-60, 6, True)]),
    "expm1": (mp.expm1, [uniform(-45, 709.78), uniform(-2, 2), uniform(-0.7, 0.7), uniform(-45, 60), uniform(708, 709.78), scales(-70, 3, True), SMALL]),
    "log": (mp.log, POSITIVE),
    "log2": (lambda x: mp.log(x, 2), POSITIVE),
    "log10": (lambda x: mp.log(x, 10), POSITIVE),
    "log1p": (mp.log1p, [scales(-60, 1024), scales(-60, -1, True), uniform(-1, 1), uniform(-0.999, 4), near([-1.0], -52, -10), near([-0.2929, 0.4142]), SMALL]),
    "sin": (mp.sin, TRIG + [SMALL]),
    "cos": (mp.cos, TRIG),
    "tan": (mp.tan, TRIG + [SMALL]),
    "asin": (mp.asin, [uniform(-1, 1), uniform(0.4, 0.6), near([1.0 - 2.0**-30]), scales(-30, 0, True), lambda r: 1 - math.ldexp(r.random(), -r.randrange(1, 50)), SMALL]),
    "acos": (mp.acos, [uniform(-1, 1), uniform(0.4, 0.6), uniform(-0.6, -0.4), scales(-30, 0, True), lambda r: 1 - math.ldexp(r.random(), -r.randrange(1, 50)), lambda r: math.ldexp(r.random(), -r.randrange(1, 50)) - 1]),
    "atan": (mp.atan, [uniform(-1, 1), uniform(-5, 5), scales(-30, 70, True), near([0.25, 0.7208, 1.3874, 4.0], -50, -3), scales(-1074, 1024, True)]),
    "atan2": (lambda y, x: mp.atan2(y, x), [(uniform(-1, 1), uniform(-1, 1)), (scales(-20, 20, True), scales(-20, 20, True)), (scales(-1074, 1024, True), scales(-1074, 1024, True)), (scales(-1074, -1000, True), scales(-1074, -1000, True)), (scales(1000, 1024, True), scales(1000, 1024, True))]),
    "sinh": (mp.sinh, [uniform(-710.47, 710.47), uniform(-2, 2), uniform(-40, 40), scales(-40, 9, True), SMALL]),
    "cosh": (mp.cosh, [uniform(-710.47, 710.47), uniform(-2, 2), uniform(-40, 40), scales(-40, 9, True)]),
    "tanh": (mp.tanh, [uniform(-22, 22), uniform(-2, 2), uniform(-0.5, 0.5), scales(-40, 5, True), SMALL]),
    "asinh": (mp.asinh, [uniform(-2, 2), scales(-40, 40, True), uniform(-0.6, 0.6), scales(-1074, 1024, True), near([536870912.0])]),
    "acosh": (mp.acosh, [uniform(1, 2), scales(0, 40), lambda r: 1 + math.ldexp(r.random(), -r.randrange(0, 50)), scales(0, 1024), near([536870912.0])]),
    "atanh": (mp.atanh, [uniform(-1, 1), scales(-40, 0, True), uniform(-0.4, 0.4), lambda r: 1 - math.ldexp(r.random() + 2.0**-20, -r.randrange(0, 30)), SMALL]),
    "pow": (lambda x, y: x**y, [(uniform(0, 10), uniform(-10, 10)), (scales(-20, 20), uniform(-50, 50)), (near([1.0]), scales(0, 40, True)), (scales(-1074, 1024), uniform(-1.1, 1.1)), (uniform(0.5, 2), uniform(-1075, 1024)), (uniform(0.9, 1.1), uniform(-7000, 7000)), (lambda r: -r.uniform(0, 10), lambda r: float(r.randrange(-100, 100)))]),
    "hypot": (lambda x, y: mp.sqrt(x * x + y * y), [(uniform(-1, 1), uniform(-1, 1)), (scales(-20, 20, True), scales(-20, 20, True)), (scales(-1074, 1023, True), scales(-1074, 1023, True)), (scales(-1074, -1000, True), scales(-1074, -1000, True)), (scales(1010, 1023, True), scales(1010, 1023, True))]),
    "cbrt": (lambda x: mp.sign(x) * mp.cbrt(abs(x)), ANY + [uniform(-8, 8)]),
    "erf": (mp.erf, [uniform(-7, 7), uniform(-1, 1), near([0.75]), scales(-40, 3, True), SMALL]),
    "erfc": (mp.erfc, [uniform(-7, 27.3), uniform(-1, 1), uniform(0.3, 3), near([0.75]), uniform(26, 27.3), scales(-40, 3, True)]),
    "tgamma": (mp.gamma, [uniform(0, 171.7), uniform(-185, 0), uniform(0, 14), uniform(-5, 5), near([1.0, 2.0, 3.0, 10.0, -1.0, -2.0, -20.0], -40), scales(-1022, 5)]),
    "lgamma": (mp.loggamma, [uniform(0, 20), uniform(0.5, 2.6), near([1.0, 2.0, 0.7, 1.3, 1.7, 2.3]), scales(-1022, 1010), uniform(100, 1e4)]),
}


def write(name, points, directory):
    function, regions = FUNCTIONS[name]
    rng = random.Random(name)
    lines = []
    while len(lines) < points:
        region = regions[len(lines) % len(regions)]
        arguments = [draw(rng) for draw in (region if isinstance(region, tuple) else (region,))]
        with mp.workprec(1300 if name in ("sin", "cos", "tan") else 250 if name != "pow" else 300):
            value = function(*[mp.mpf(a) for a in arguments])
            if isinstance(value, mp.mpc):
                if value.imag != 0 and name != "lgamma":
                    continue  # outside the domain
                value = value.real
            if not mp.isfinite(value):
                continue
            result, residual = rounded(value)
        lines.append(" ".join([*(f"{bits(a):016x}" for a in arguments), f"{bits(result):016x}", str(residual)]))
    (directory / f"{name}.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--points", type=int, default=600)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).parent / "elementary_reference")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for name in options.names or FUNCTIONS:
        write(name, options.points, options.out)
