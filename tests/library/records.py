"""What a row of the table of library functions is, and the inputs that rows share.

A record is an expression over its arguments, which runs in the interpreter with NumPy and compiled by Rumba, on every
input that its makers give. Results are compared by dtype, shape and value; exceptions by class.
"""

import functools
import linecache
from dataclasses import dataclass, field

import numpy as np
from rumba import njit

BOOL = [np.bool_]
INTEGERS = [np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64]
FLOATS = [np.float32, np.float64]
COMPLEX = [np.complex64, np.complex128]
REAL = BOOL + INTEGERS + FLOATS
ALL = REAL + COMPLEX

# What a function computes in one dtype and NumPy in another, or in another order: ulps of the result's dtype.
ROUNDED = 16


@dataclass(frozen=True)
class Record:
    """`expression` over `parameters`; `inputs()` gives tuples of arguments."""

    expression: str
    inputs: object
    parameters: str = "a"
    # 0: exact. Otherwise this many units in the last place of the largest element; the row says why.
    ulps: int = 0
    # Why `ulps` is not 0.
    reason: str = ""

    def __post_init__(self):
        assert bool(self.ulps) == bool(self.reason), "a tolerance has a reason"

    def __str__(self):
        return self.expression


@functools.cache
def function(parameters, expression):
    """A function from text, which the compiler finds as it finds any other."""
    source = f"def f({parameters}):\n    return {expression}\n"
    name = f"<record {parameters} {expression}>"
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    scope = {"np": np}
    exec(compile(source, name, "exec"), scope)
    return scope["f"]


@functools.cache
def compiled(parameters, expression):
    return njit(function(parameters, expression))


def outcome(call, args):
    try:
        return "value", call(*args)
    except Exception as error:
        return "raised", error


def check(record, args):
    """Runs both and compares."""
    kind, expected = outcome(function(record.parameters, record.expression), [_copy(arg) for arg in args])
    rumba_kind, result = outcome(compiled(record.parameters, record.expression), [_copy(arg) for arg in args])
    if "raised" in (kind, rumba_kind):
        assert (rumba_kind, type(result)) == (kind, type(expected)), (result, expected)
        return
    same(result, expected, record.ulps)


def _copy(arg):
    """Arguments may be written to; views keep their layout."""
    if not isinstance(arg, np.ndarray) or not arg.flags.writeable:
        return arg
    owner = arg if arg.base is None else arg.base
    memory = owner.copy(order="K")
    offset = arg.__array_interface__["data"][0] - owner.__array_interface__["data"][0]
    return np.ndarray(arg.shape, arg.dtype, memory, offset, arg.strides)


def same(result, expected, ulps=0):
    if isinstance(expected, (tuple, list)):
        assert isinstance(result, (tuple, list)) and len(result) == len(expected)
        for one, other in zip(result, expected):
            same(one, other, ulps)
        return
    if not isinstance(expected, np.ndarray):
        # A number of NumPy's is a number of Python's.
        expected = expected.item() if isinstance(expected, np.generic) else expected
        assert type(result) is type(expected), (result, expected)
        dtype = np.asarray(expected).dtype
    else:
        dtype = expected.dtype
        assert isinstance(result, np.ndarray) and result.dtype == dtype, (result, expected)
        assert result.shape == expected.shape, (result.shape, expected.shape)
    result, expected = np.asarray(result), np.asarray(expected)
    if not ulps or dtype.kind not in "fc":
        assert np.array_equal(result, expected, equal_nan=dtype.kind in "fc"), (result, expected)
        return
    is_single = dtype in (np.float32, np.complex64)
    finite = np.abs(expected[np.isfinite(expected)])
    bound = ulps * np.finfo(np.float32 if is_single else np.float64).eps
    np.testing.assert_allclose(result, expected, rtol=bound, atol=bound * (finite.max() if finite.size else 0.0))


@dataclass(frozen=True)
class Arrays:
    """Arrays of each dtype and shape, in each layout; with the values at the edges of the dtype if `special`."""

    dtypes: tuple = field(default_factory=lambda: tuple(ALL))
    shapes: tuple = ((), (1,), (7,), (1000,), (4, 5), (150, 3), (3, 4, 5))
    layouts: bool = True
    special: bool = True

    def __call__(self):
        for dtype in self.dtypes:
            for shape in self.shapes:
                array = values(dtype, shape)
                for view in layouts(array) if self.layouts else [array]:
                    yield (view,)
            if self.special:
                yield (edges(dtype),)


def values(dtype, shape, seed=0):
    """Numbers of both signs, most of them small."""
    random = np.random.default_rng([seed, *shape, np.dtype(dtype).num])
    kind = np.dtype(dtype).kind
    numbers = random.normal(size=shape) * 40
    if kind == "b":
        return np.asarray(numbers > 5)
    if kind == "u":
        return np.asarray(abs(numbers)).astype(dtype)
    if kind == "c":
        numbers = numbers + 1j * random.normal(size=shape)
    return np.asarray(numbers).astype(dtype)


def edges(dtype):
    """The values at the edges of a dtype, in one dimension."""
    kind = np.dtype(dtype).kind
    if kind == "b":
        return np.array([False, True, False])
    if kind in "iu":
        limits = np.iinfo(dtype)
        return np.array([1, limits.max, limits.min, limits.max, 0], dtype)
    numbers = [1.5, -0.0, np.inf, 2.0, np.nan, -1.0]
    if kind == "c":
        return np.array([complex(a, b) for a in numbers for b in (0.0, 1.0)], dtype)
    return np.array(numbers, dtype)


def layouts(array):
    """The array and others of the same dtype, laid out in all ways that there are."""
    yield array
    if array.ndim == 0:
        return
    yield array[::2]
    yield array[..., ::-1]
    if array.ndim > 1:
        yield np.asfortranarray(array)
        yield array.swapaxes(0, -1)[1:]
        yield array[:, 1:]
