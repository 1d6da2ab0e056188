"""The largest reading so far, at every moment of a long measurement.

A loop-carried dependency that array libraries need a special function for; in a loop it is four lines.
"""

import numpy as np
from rumba import njit

TITLE = "running maximum, 10M readings"


def prepare():
    # A random walk: what a drifting sensor reports.
    steps = np.random.default_rng(1).standard_normal(10_000_000)
    return (np.cumsum(steps),)


def smaller(readings):
    return (readings[:2_000_000],), readings.size / 2_000_000


@njit
def kernel(readings):
    result = np.empty_like(readings)
    largest = readings[0]
    for i in range(readings.size):
        if readings[i] > largest:
            largest = readings[i]
        result[i] = largest
    return result


def check(result, expected):
    np.testing.assert_array_equal(result, expected)


def with_numpy(readings):
    return np.maximum.accumulate(readings)
