"""A pixel-wise merge of two photographs: a smooth transition from the left eye's view to the right eye's.

Bytes in, floating point in between, rounded bytes out, with a weight per column.
"""

import numpy as np
from rumba import njit

from examples import data

TITLE = "merge of two photographs"


def prepare():
    return data.photograph("motorcycle_left.png"), data.photograph("motorcycle_right.png")


def smaller(left, right):
    return (left, right), 1


@njit
def kernel(left, right):
    height, width, n_channels = left.shape
    merged = np.empty_like(left)
    for y in range(height):
        for x in range(width):
            # A cubic step over the middle half of the picture.
            t = min(max((x / width - 0.25) * 2.0, 0.0), 1.0)
            weight = t * t * (3.0 - 2.0 * t)
            for channel in range(n_channels):
                mixed = left[y, x, channel] * (1.0 - weight) + right[y, x, channel] * weight
                merged[y, x, channel] = int(mixed + 0.5)
    return merged


def check(result, expected):
    np.testing.assert_array_equal(result, expected)


def with_numpy(left, right):
    t = np.clip((np.arange(left.shape[1]) / left.shape[1] - 0.25) * 2.0, 0.0, 1.0)
    weight = (t * t * (3.0 - 2.0 * t))[None, :, None]
    return (left * (1.0 - weight) + right * weight + 0.5).astype(np.uint8)


def picture(result):
    return result
