"""Random programs do the same compiled as interpreted: value, types, exception and what is left in the arrays."""

import random
import re

import numpy as np
import pytest
from differential import difference
from random_programs import I, P, T, W, Writer, define, text_for_compiler
from rumba import njit
from rumba.errors import RumbaError

INPUTS = [
    (3, 1.5, np.array([1, -2, 3, 0]), np.array([0.5, -0.0, 2.0, -7.5])),
    (-(2**63), -0.0, np.array([], np.int64), np.array([float("inf"), float("nan")])),
    (0, 1e300, np.arange(10)[::-3], np.arange(6.0)[1::2]),
]


def outcome(function, args):
    args = tuple(a.copy() if isinstance(a, np.ndarray) else a for a in args)
    try:
        return None, function(*args), args[2:]
    except RumbaError:
        raise
    except Exception as error:
        return (type(error), str(error) if type(error) in (AssertionError, KeyError, ValueError) else None), None, args[2:]


def compare(choices, number):
    text = Writer(choices).program()
    interpreted = define(text, f"<reference {number}>", W=W, P=P, I=I, T=T)
    written = text_for_compiler(text)
    compiled = define(re.sub("^def ", "@njit\ndef ", written, flags=re.MULTILINE), f"<random program {number}>", njit=njit)
    for args in INPUTS:
        expected = outcome(interpreted["second"], args)
        actual = outcome(compiled["second"], args)
        assert actual[0] == expected[0], f"{actual[0]}, expected {expected[0]}\n{args}\n{written}"
        for a, e in ((actual[1], expected[1]), (actual[2], expected[2])):
            found = difference(a, e)
            assert found is None, f"{found}\n{args}\n{written}"


@pytest.mark.parametrize("seed", range(40))
def test_random_program(seed):
    compare(random.Random(seed), seed)
