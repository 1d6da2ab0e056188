"""The sum of tanh over an array: an elementary function inside a reduction."""

import math

import numpy as np
from rumba import njit

TITLE = "sum of tanh, 4M values"


def prepare():
    return (np.random.default_rng(2).standard_normal(4_000_000),)


def smaller(values):
    return (values,), 1


@njit
def kernel(values):
    total = 0.0
    for i in range(values.size):
        total += math.tanh(values[i])
    return total


def check(result, expected):
    # One ulp per term, of terms below one.
    np.testing.assert_allclose(result, expected, rtol=0, atol=4_000_000 * 2.0**-53)


def with_numpy(values):
    return np.tanh(values).sum()
