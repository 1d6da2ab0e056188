"""How many edits lie between two proteins: the Levenshtein distance of their sequences.

Dynamic programming over two arrays of code points with one row of memory.
"""

import numpy as np
from rumba import njit

from examples import data

TITLE = "Levenshtein, two proteins"


def prepare():
    return data.protein_sequence("2gtl"), data.protein_sequence("7ok9")


def smaller(first, second):
    return (first[:600], second[:600]), first.size * second.size / (600 * 600)


@njit
def kernel(first, second):
    row = np.empty(len(second) + 1, dtype=np.int64)
    for j in range(len(row)):
        row[j] = j
    for i in range(len(first)):
        diagonal = row[0]
        row[0] = i + 1
        for j in range(len(second)):
            substituted = diagonal + (first[i] != second[j])
            diagonal = row[j + 1]
            row[j + 1] = min(substituted, diagonal + 1, row[j] + 1)
    return row[len(second)]


def check(result, expected):
    assert result == expected, (result, expected)
