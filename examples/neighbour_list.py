"""Which atoms of a protein touch: all pairs closer than a cutoff.

The structure is 2GTL, the haemoglobin of an earthworm: 19,103 atoms, 182 million pairs.
"""

import numpy as np
from rumba import njit

from examples import data

TITLE = "neighbour list, 19,103 atoms"
CUTOFF = 4.0


def prepare():
    return data.atom_positions("2gtl"), CUTOFF


def smaller(positions, cutoff):
    # A slab of consecutive atoms; the work grows with the square of their number.
    n_atoms = 1000
    return (positions[:n_atoms], cutoff), (positions.shape[0] / n_atoms) ** 2


@njit
def count_neighbours(positions, cutoff):
    n_pairs = 0
    n_atoms = positions.shape[0]
    for i in range(n_atoms):
        for j in range(i + 1, n_atoms):
            squared = 0.0
            for axis in range(positions.shape[1]):
                difference = positions[i, axis] - positions[j, axis]
                squared += difference * difference
            if squared < cutoff * cutoff:
                n_pairs += 1
    return n_pairs


@njit
def kernel(positions, cutoff):
    pairs = np.empty((count_neighbours(positions, cutoff), 2), dtype=np.int64)
    position = 0
    n_atoms = positions.shape[0]
    for i in range(n_atoms):
        for j in range(i + 1, n_atoms):
            squared = 0.0
            for axis in range(positions.shape[1]):
                difference = positions[i, axis] - positions[j, axis]
                squared += difference * difference
            if squared < cutoff * cutoff:
                pairs[position, 0] = i
                pairs[position, 1] = j
                position += 1
    return pairs


def check(result, expected):
    np.testing.assert_array_equal(result, expected)
