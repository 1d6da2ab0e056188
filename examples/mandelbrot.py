"""The Mandelbrot set: a complex iteration per pixel with an early way out."""

import numpy as np
from rumba import njit

TITLE = "Mandelbrot, 1200 x 800"


def prepare():
    return 1200, 800, 200


def smaller(width, height, max_iterations):
    return (width // 8, height // 8, max_iterations), 64


@njit
def escape_time(c, max_iterations):
    z = 0j
    for i in range(max_iterations):
        if z.real * z.real + z.imag * z.imag > 4.0:
            return i
        z = z * z + c
    return max_iterations


@njit
def kernel(width, height, max_iterations):
    counts = np.empty((height, width), dtype=np.int32)
    for row in range(height):
        for column in range(width):
            c = complex(-2.2 + 3.2 * column / width, -1.1 + 2.2 * row / height)
            counts[row, column] = escape_time(c, max_iterations)
    return counts


def check(result, expected):
    np.testing.assert_array_equal(result, expected)


def picture(result):
    share = np.log1p(result) / np.log1p(result.max())
    inside = result == result.max()
    channels = [np.where(inside, 0, 255 * share**power) for power in (3.0, 1.2, 0.5)]
    return np.stack(channels, axis=-1).astype(np.uint8)
