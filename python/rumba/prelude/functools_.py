"""`functools`: `reduce`, and `wraps`, which does nothing: a compiled function has no attributes."""

import functools

from rumba.prelude import implements
from rumba.types import Array, BaseTuple, List, RangeType, UnicodeType

#: Each item of a shorter tuple has a type of its own, and so has what the function gives.
_MAX_UNROLLED = 16


@implements(functools.reduce)
def choose_reduce(function, sequence, *initial):
    if isinstance(sequence, BaseTuple) and len(sequence) <= _MAX_UNROLLED:
        return _reduce_tuple(len(sequence), len(initial))
    if initial:

        def reduce(function, sequence, initial, /):
            value = initial
            for item in sequence:
                value = function(value, item)
            return value

    elif isinstance(sequence, (Array, BaseTuple, List, RangeType, UnicodeType)):

        def reduce(function, sequence, /):
            if len(sequence) == 0:
                raise TypeError("reduce() of empty iterable with no initial value")
            value = sequence[0]
            for position in range(1, len(sequence)):
                value = function(value, sequence[position])
            return value

    else:

        def reduce(function, sequence, /):
            return functools.reduce(function, list(sequence))

    return reduce


def _reduce_tuple(n_items, n_initial):
    if n_items + n_initial == 0:

        def reduce(function, sequence, /):
            raise TypeError("reduce() of empty iterable with no initial value")

    elif n_items == 0:

        def reduce(function, sequence, initial, /):
            return initial

    elif n_initial == 0:

        def reduce(function, sequence, /):
            return functools.reduce(function, sequence[1:], sequence[0])

    else:

        def reduce(function, sequence, initial, /):
            return functools.reduce(function, sequence[1:], function(initial, sequence[0]))

    return reduce


@implements(functools.wraps)
def choose_wraps(*args, **keywords):
    def wraps(*args, **keywords):
        return lambda function: function

    return wraps
