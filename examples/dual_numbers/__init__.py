"""Derivatives by dual numbers: a small library in plain Python that knows nothing of a compiler.

    >>> derivative(lambda x: x * x + 1.0, 3.0)
    6.0

`rumba_support.py` is all that it takes to compile functions which use it.
"""

import math


class Dual:
    """A value together with how fast it changes."""

    value: float
    slope: float

    def __init__(self, value, slope):
        self.value = value
        self.slope = slope

    def __repr__(self):
        return f"Dual({self.value}, {self.slope})"

    def __add__(self, other):
        other = as_dual(other)
        return Dual(self.value + other.value, self.slope + other.slope)

    def __sub__(self, other):
        other = as_dual(other)
        return Dual(self.value - other.value, self.slope - other.slope)

    def __mul__(self, other):
        other = as_dual(other)
        return Dual(self.value * other.value, self.slope * other.value + self.value * other.slope)

    def __truediv__(self, other):
        other = as_dual(other)
        quotient = self.value / other.value
        return Dual(quotient, (self.slope - quotient * other.slope) / other.value)

    def __radd__(self, other):
        return self + other

    def __rsub__(self, other):
        return as_dual(other) - self

    def __rmul__(self, other):
        return self * other

    def __rtruediv__(self, other):
        return as_dual(other) / self

    def __neg__(self):
        return Dual(-self.value, -self.slope)

    def __pow__(self, n):
        return Dual(self.value**n, n * self.value ** (n - 1) * self.slope)

    def __lt__(self, other):
        return self.value < as_dual(other).value

    def __gt__(self, other):
        return self.value > as_dual(other).value

    @property
    def is_flat(self):
        return self.slope == 0.0


class Curve:
    """A function at some points: its values there, and how fast it changes."""

    def __init__(self, name, points, values, slopes):
        self.name = name
        self.points = points
        self._duals = [Dual(*parts) for parts in zip(values, slopes, strict=True)]

    def __getitem__(self, i):
        return self._duals[i]

    @property
    def bounds(self):
        return self.points[0], self.points[-1]


def as_dual(x):
    if isinstance(x, Dual):
        return x
    return Dual(x, 0.0)


def sin(x):
    if isinstance(x, Dual):
        return Dual(math.sin(x.value), math.cos(x.value) * x.slope)
    return math.sin(x)


def exp(x):
    if isinstance(x, Dual):
        value = math.exp(x.value)
        return Dual(value, value * x.slope)
    return math.exp(x)


def is_negative(x):
    """Whether a float has a minus sign: so has -0.0."""
    return math.copysign(1.0, x) < 0.0


def absolute(x):
    return -x if is_negative(x.value) else x


def derivative(function, x):
    """How fast `function` changes at `x`."""
    return function(Dual(x, 1.0)).slope


def solve(function, x, n_steps=20):
    """A zero of `function` near `x`, by Newton's method."""
    for _ in range(n_steps):
        y = function(Dual(x, 1.0))
        if y.value == 0.0 or y.is_flat:
            break
        x = x - y.value / y.slope
    return x
