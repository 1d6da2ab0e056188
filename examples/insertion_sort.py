"""Insertion sort: nested loops with data-dependent exits, and a function that works in place on a copy."""

import numpy as np
from rumba import njit

TITLE = "insertion sort, 20,000 values"


def prepare():
    return (np.random.default_rng(3).standard_normal(20_000),)


def smaller(values):
    return (values[:1500],), (values.size / 1500) ** 2


@njit
def sort_in_place(values):
    for i in range(1, len(values)):
        value = values[i]
        j = i - 1
        while j >= 0 and values[j] > value:
            values[j + 1] = values[j]
            j -= 1
        values[j + 1] = value


@njit
def kernel(values):
    result = values.copy()
    sort_in_place(result)
    return result


def check(result, expected):
    np.testing.assert_array_equal(result, expected)
    assert np.all(result[:-1] <= result[1:])
