"""Kernels beyond the demo's: the loops that numeric Python is made of.

Loaded once per compiler by `examples.backends.load`, like the example programs. `CASES` has, per kernel, its inputs.
"""

import math

import numpy as np
from rumba import njit


@njit
def sum_of_floats(a):
    total = 0.0
    for i in range(a.shape[0]):
        total += a[i]
    return total


@njit
def sum_of_ints(a):
    total = 0
    for x in a:
        total += x
    return total


@njit
def dot_product(a, b):
    total = 0.0
    for i in range(len(a)):
        total += a[i] * b[i]
    return total


@njit
def axpy(factor, x, y):
    for i in range(x.size):
        y[i] = factor * x[i] + y[i]


@njit
def matmul(a, b):
    c = np.zeros((a.shape[0], b.shape[1]))
    for i in range(a.shape[0]):
        for k in range(a.shape[1]):
            for j in range(b.shape[1]):
                c[i, j] += a[i, k] * b[k, j]
    return c


@njit
def matmul_dot_order(a, b):
    c = np.empty((a.shape[0], b.shape[1]))
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            total = 0.0
            for k in range(a.shape[1]):
                total += a[i, k] * b[k, j]
            c[i, j] = total
    return c


@njit
def stencil_in_place(grid):
    for y in range(1, grid.shape[0] - 1):
        for x in range(1, grid.shape[1] - 1):
            grid[y, x] = 0.25 * (grid[y - 1, x] + grid[y + 1, x] + grid[y, x - 1] + grid[y, x + 1])


@njit
def three_point_stencil(a, out):
    for i in range(1, a.size - 1):
        out[i] = 0.25 * a[i - 1] + 0.5 * a[i] + 0.25 * a[i + 1]


@njit
def histogram(values, counts):
    for v in values:
        counts[v] += 1


@njit
def minimum_and_position(a):
    best = a[0]
    position = 0
    for i in range(1, len(a)):
        if a[i] < best:
            best = a[i]
            position = i
    return best, position


@njit
def column_sums(a):
    sums = np.zeros(a.shape[1])
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            sums[j] += a[i, j]
    return sums


@njit
def transpose_copy(a):
    out = np.empty((a.shape[1], a.shape[0]))
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            out[j, i] = a[i, j]
    return out


@njit
def strided_sum(a):
    total = 0.0
    for i in range(a.shape[0]):
        total += a[i]
    return total


@njit
def sieve(n):
    is_prime = np.ones(n, dtype=np.bool_)
    is_prime[:2] = False
    i = 2
    while i * i < n:
        if is_prime[i]:
            for j in range(i * i, n, i):
                is_prime[j] = False
        i += 1
    count = 0
    for flag in is_prime:
        if flag:
            count += 1
    return count


@njit
def binary_search_all(sorted_values, wanted):
    found = 0
    for w in wanted:
        low = 0
        high = len(sorted_values)
        while low < high:
            middle = (low + high) // 2
            if sorted_values[middle] < w:
                low = middle + 1
            else:
                high = middle
        found += low
    return found


@njit
def black_scholes(prices, strikes, years, out):
    for i in range(prices.size):
        sigma_root = 0.3 * math.sqrt(years[i])
        d1 = (math.log(prices[i] / strikes[i]) + (0.02 + 0.045) * years[i]) / sigma_root
        d2 = d1 - sigma_root
        up = 0.5 * (1.0 + math.erf(d1 * 0.7071067811865476))
        down = 0.5 * (1.0 + math.erf(d2 * 0.7071067811865476))
        out[i] = prices[i] * up - strikes[i] * math.exp(-0.02 * years[i]) * down


@njit
def sines(a, out):
    for i in range(a.size):
        out[i] = math.sin(a[i])


@njit
def exponentials(a, out):
    for i in range(a.size):
        out[i] = math.exp(a[i])


@njit
def logistic_map(n):
    x = 0.5
    for _ in range(n):
        x = 3.9 * x * (1.0 - x)
    return x


@njit
def collatz_longest(limit):
    longest = 0
    for start in range(1, limit):
        n = start
        steps = 0
        while n != 1:
            n = n // 2 if n % 2 == 0 else 3 * n + 1
            steps += 1
        longest = max(longest, steps)
    return longest


@njit
def greatest_common_divisors(n):
    total = 0
    for a in range(1, n):
        for b in range(1, n):
            x, y = a, b
            while y:
                x, y = y, x % y
            total += x
    return total


@njit
def nbody_energy(positions, masses):
    energy = 0.0
    for i in range(len(masses)):
        for j in range(i):
            dx = positions[i, 0] - positions[j, 0]
            dy = positions[i, 1] - positions[j, 1]
            dz = positions[i, 2] - positions[j, 2]
            energy -= masses[i] * masses[j] / math.sqrt(dx * dx + dy * dy + dz * dz)
    return energy


@njit
def floyd_warshall(distance):
    n = distance.shape[0]
    for k in range(n):
        for i in range(n):
            for j in range(n):
                through = distance[i, k] + distance[k, j]
                if through < distance[i, j]:
                    distance[i, j] = through


@njit
def queens(n, row, columns, left, right):
    if row == n:
        return 1
    count = 0
    for column in range(n):
        bit = 1 << column
        if not (columns & bit or left & bit or right & bit):
            count += queens(n, row + 1, columns | bit, (left | bit) << 1, (right | bit) >> 1)
    return count


def _cases():
    rng = np.random.default_rng(4)
    floats = rng.standard_normal(1_000_000)
    positive = rng.uniform(0.5, 2.0, 100_000)
    square = rng.standard_normal((256, 256))
    return {
        "sum_of_floats": (floats,),
        "sum_of_ints": (rng.integers(0, 100, 1_000_000),),
        "dot_product": (floats, floats[::-1].copy()),
        "axpy": (1e-9, floats, np.zeros_like(floats)),
        "matmul": (square, square),
        "matmul_dot_order": (square, square),
        "stencil_in_place": (rng.standard_normal((512, 512)),),
        "three_point_stencil": (floats, np.zeros_like(floats)),
        "histogram": (rng.integers(0, 256, 1_000_000), np.zeros(256, dtype=np.int64)),
        "minimum_and_position": (floats,),
        "column_sums": (rng.standard_normal((1000, 1000)),),
        "transpose_copy": (rng.standard_normal((1000, 1000)),),
        "strided_sum": (rng.standard_normal((100_000, 8))[:, 3],),
        "sieve": (1_000_000,),
        "binary_search_all": (np.sort(floats), floats[:100_000].copy()),
        "black_scholes": (positive * 100, positive[::-1] * 100, positive, np.zeros_like(positive)),
        "sines": (floats, np.zeros_like(floats)),
        "exponentials": (floats, np.zeros_like(floats)),
        "logistic_map": (2_000_000,),
        "collatz_longest": (50_000,),
        "greatest_common_divisors": (600,),
        "nbody_energy": (rng.standard_normal((1000, 3)), positive[:1000].copy()),
        "floyd_warshall": (rng.uniform(1.0, 100.0, (200, 200)),),
        "queens": (9, 0, 0, 0, 0),
    }


CASES = _cases()
