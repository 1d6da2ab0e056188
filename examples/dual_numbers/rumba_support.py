"""Teaches Rumba dual numbers.

A library that is installed declares `init` in its `pyproject.toml`, and nobody has to call it:

    [project.entry-points.rumba_extensions]
    init = "dual_numbers.rumba_support:init"
"""

import functools
import math

import numpy as np
from rumba import types
from rumba.extending import as_numba_type, overload, overload_method, register_jitable, struct

from . import Dual, as_dual, derivative, exp, sin, solve


@functools.cache
def init():
    # The type: its fields are the annotations, and its methods and operators are compiled when they are used.
    struct(Dual)

    # Functions that compiled code may call as they are.
    for function in (as_dual, derivative, exp, sin, solve):
        register_jitable(function)

    # Functions of others that take a dual number: in compiled code, `math.sin` does, too.
    for theirs, ours in ((math.sin, sin), (math.exp, exp)):
        take_dual_numbers(theirs, ours)

    @overload_method(types.Array, "derivatives")
    def choose_derivatives(values, function):
        """`values.derivatives(function)`: how fast a function changes at each of the values."""
        if values.ndim != 1 or not isinstance(values.dtype, types.Float):
            return None

        def derivatives(values, function):
            slopes = np.empty(len(values))
            for i in range(len(values)):
                slopes[i] = derivative(function, values[i])
            return slopes

        return derivatives


def take_dual_numbers(theirs, ours):
    dual_type = as_numba_type(Dual)

    @overload(theirs)
    def choose(x):
        # What is asked for here is only what the library itself rejects.
        return (lambda x: ours(x)) if x == dual_type else None
