"""π from random points in a square, with a generator written out: integer arithmetic in a tight loop.

Marsaglia's xorshift on 32 bits. The masks keep every value below 2**45, so that Python's integers, which never
overflow, and 64-bit machine integers give the same points.
"""

import math

from rumba import njit

TITLE = "Monte Carlo π, 20M points"


def prepare():
    return 20_000_000, 2463534242


def smaller(n_points, seed):
    return (1_000_000, seed), n_points / 1_000_000


@njit
def next_random(state):
    state ^= (state << 13) & 0xFFFFFFFF
    state ^= state >> 17
    state ^= (state << 5) & 0xFFFFFFFF
    return state


@njit
def kernel(n_points, seed):
    state = seed
    inside = 0
    for _ in range(n_points):
        state = next_random(state)
        x = state / 4294967296.0
        state = next_random(state)
        y = state / 4294967296.0
        if x * x + y * y < 1.0:
            inside += 1
    return 4.0 * inside / n_points


def check(result, expected):
    assert result == expected, (result, expected)
    assert abs(result - math.pi) < 0.01, result
