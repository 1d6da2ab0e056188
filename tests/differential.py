"""Runs a function in the interpreter and compiled by Rumba, and compares all that can be seen of the two.

    cases = Cases()

    @cases((1, 2), (3, -4))
    def floor(a, b):
        return a // b

    test_floor = cases.test()

`check(function, *args)` is the same for one call. Results are compared by type and value, floating point bit by bit
unless a bound in units in the last place is given; arguments that the function changes are compared, too; so are
exceptions, by class and message.

Two differences from Python are meant, and are Numba's as well: a result is a Python number, never a NumPy scalar, and
an integer wraps around at 64 bits.
"""

import copy
import functools
import math
import struct

import numpy as np
import pytest
from rumba import njit


@functools.cache
def compiled(function):
    """The jitted function; one per Python function, so that a second input meets what the first has compiled."""
    return njit(function)


def as_python(value):
    """What Rumba hands back for a value of the interpreter's: Python numbers instead of NumPy's."""
    if isinstance(value, np.generic):
        return value.item()
    if type(value) is tuple:
        return tuple(as_python(v) for v in value)
    if isinstance(value, tuple):
        return type(value)(*(as_python(v) for v in value))
    return value


def wrap(value):
    """An integer of any size as 64 bits hold it."""
    if type(value) is int:
        return (value + 2**63) % 2**64 - 2**63
    if type(value) is tuple:
        return tuple(wrap(v) for v in value)
    return value


def _copy(argument):
    if isinstance(argument, np.ndarray):
        # Keeps the memory layout, which a plain copy would tidy up: the same bytes in a copy of what owns them.
        owner = argument
        while isinstance(owner.base, np.ndarray):
            owner = owner.base
        if owner is argument or not owner.flags.owndata:
            result = argument.copy(order="K")
        else:
            memory = owner.copy(order="K")
            offset = argument.__array_interface__["data"][0] - owner.__array_interface__["data"][0]
            if memory.strides != owner.strides:
                result = argument.copy(order="K")
            else:
                result = np.ndarray(argument.shape, argument.dtype, memory, offset, argument.strides)
        result.flags.writeable = argument.flags.writeable
        return result
    if isinstance(argument, tuple) and any(isinstance(a, (np.ndarray, tuple)) for a in argument):
        parts = [_copy(a) for a in argument]
        return type(argument)(*parts) if hasattr(argument, "_fields") else tuple(parts)
    if isinstance(argument, (list, dict)):
        return copy.deepcopy(argument)
    return copy.copy(argument)


def _run(function, args):
    """("value", result, arguments afterwards) or ("raised", class, message, arguments afterwards)."""
    args = tuple(_copy(a) for a in args)
    try:
        return "value", function(*args), args
    except Exception as error:
        return "raised", type(error), _REWORDED.get(str(error), str(error)), args


def _ulps_between(a, b):
    def ordered(x):
        (bits,) = struct.unpack("<q", struct.pack("<d", x))
        return bits if bits >= 0 else -(bits & 0x7FFF_FFFF_FFFF_FFFF)

    return abs(ordered(a) - ordered(b))


def _same_float(actual, expected, ulp):
    if math.isnan(expected):
        return math.isnan(actual)
    if math.isnan(actual):
        return False
    if actual == expected:
        return math.copysign(1.0, actual) == math.copysign(1.0, expected)
    if math.isinf(expected) or math.isinf(actual):
        return ulp > 0 and _ulps_between(actual, expected) <= ulp
    return _ulps_between(actual, expected) <= ulp


def difference(actual, expected, ulp=0):
    """What differs between two values, or None."""
    if type(actual) is not type(expected):
        return f"{actual!r} is a {type(actual).__name__}, expected {expected!r}, a {type(expected).__name__}"
    if isinstance(expected, float):
        if not _same_float(actual, expected, ulp):
            return f"{actual!r}, expected {expected!r} ({ulp} ulp allowed)"
    elif isinstance(expected, complex):
        if not (_same_float(actual.real, expected.real, ulp) and _same_float(actual.imag, expected.imag, ulp)):
            return f"{actual!r}, expected {expected!r} ({ulp} ulp allowed)"
    elif isinstance(expected, tuple):
        if len(actual) != len(expected):
            return f"{len(actual)} elements, expected {len(expected)}"
        for position, (a, e) in enumerate(zip(actual, expected)):
            found = difference(a, e, ulp)
            if found:
                return f"element {position}: {found}"
    elif isinstance(expected, np.ndarray):
        return _array_difference(actual, expected)
    elif actual != expected:
        return f"{actual!r}, expected {expected!r}"
    return None


def _array_difference(actual, expected):
    for name in ("dtype", "shape"):
        a, e = getattr(actual, name), getattr(expected, name)
        if a != e:
            return f"{name} {a}, expected {e}"
    # As bytes: tells -0.0 from 0.0. NaN is compared as such, since its payload is nobody's promise.
    if actual.tobytes() != expected.tobytes() and not np.array_equal(
        actual, expected, equal_nan=expected.dtype.kind in "fc"
    ):
        return f"{actual!r}, expected {expected!r}"
    is_number = ~np.isnan(expected) if expected.dtype.kind == "f" else False
    if expected.dtype.kind == "f" and np.any((np.signbit(actual) != np.signbit(expected)) & is_number):
        return f"{actual!r} and {expected!r} differ in signs"
    return None


#: What newer versions of Python say, in the words of 3.11, which are Rumba's on all.
_REWORDED = {
    "float modulo by zero": "float modulo",
    "min() iterable argument is empty": "min() arg is an empty sequence",
    "max() iterable argument is empty": "max() arg is an empty sequence",
}


def _assert_same_outcome(actual, expected, ulp, call):
    if expected[0] == "raised" or actual[0] == "raised":
        assert actual[:-1] == expected[:-1], f"{call}: {actual[:-1]}, expected {expected[:-1]}"
    else:
        found = difference(actual[1], as_python(expected[1]), ulp)
        assert found is None, f"{call}: {found}"
    for position, (a, e) in enumerate(zip(actual[-1], expected[-1])):
        if isinstance(e, np.ndarray):
            found = _array_difference(a, e)
            assert found is None, f"{call}: argument {position} afterwards: {found}"


def check(function, *args, ulp=0, wraps=False, expected=None):
    """Asserts that `function(*args)` does the same interpreted and compiled.

    `ulp` is how far a float may be off, `wraps` says that the interpreter's integers are to be reduced to 64 bits,
    and `expected` replaces what the interpreter says, where Rumba means to differ.
    """
    call = f"{function.__name__}{args!r}"
    reference = _run(function, args)
    if expected is not None:
        reference = ("value", expected, reference[-1])
    elif wraps and reference[0] == "value":
        reference = ("value", wrap(as_python(reference[1])), reference[-1])
    jitted = compiled(function)
    _assert_same_outcome(_run(jitted, args), reference, ulp, call)
    # The second call takes another way through the dispatcher.
    _assert_same_outcome(_run(jitted, args), reference, ulp, f"second call of {call}")


class Cases:
    """Collects functions with their inputs; see the module's comment."""

    def __init__(self):
        self.params = []

    def __call__(self, *inputs, **options):
        def register(function):
            for position, args in enumerate(inputs or [()]):
                self.params.append(pytest.param(function, args, options, id=f"{function.__name__}-{position}"))
            return function

        return register

    def test(self):
        @pytest.mark.parametrize(("function", "args", "options"), self.params)
        def test_same_as_the_interpreter(function, args, options):
            check(function, *args, **options)

        return test_same_as_the_interpreter
