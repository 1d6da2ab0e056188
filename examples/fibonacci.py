"""Fibonacci numbers the slow way: nothing but recursive calls."""

from rumba import njit

TITLE = "Fibonacci(35), recursive"


def prepare():
    return (35,)


def smaller(n):
    # The number of calls grows by the golden ratio with every step.
    return (28,), ((1 + 5**0.5) / 2) ** (n - 28)


@njit
def kernel(n):
    if n < 2:
        return n
    return kernel(n - 1) + kernel(n - 2)


def check(result, expected):
    assert result == expected, (result, expected)
