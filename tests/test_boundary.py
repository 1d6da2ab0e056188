"""Values cross the border between Python and compiled code unchanged."""

import enum
import math
from collections import namedtuple

import numpy as np
import pytest
import rumba
from rumba import njit, types

Point = namedtuple("Point", ["x", "y"])


class Colour(enum.IntEnum):
    RED = 1
    BLUE = 2


@njit
def identity(value):
    return value


@njit
def first_row(array):
    return array[0]


NUMBERS = [
    True,
    False,
    0,
    -1,
    1 << 30,
    -(1 << 30),
    (1 << 60) + 1,
    2**63 - 1,
    -(2**63),
    2**63,
    2**64 - 1,
    0.0,
    math.inf,
    1e-320,
    1 + 2j,
    None,
]


@pytest.mark.parametrize("value", NUMBERS, ids=repr)
def test_numbers_come_back_as_they_are(value):
    result = identity(value)
    assert result == value and type(result) is type(value)


def test_signs_and_nans_are_kept():
    assert math.copysign(1.0, identity(-0.0)) == -1.0
    assert math.isnan(identity(math.nan))


@pytest.mark.parametrize(
    "name",
    "bool_ int8 int16 int32 int64 uint8 uint16 uint32 uint64 float32 float64 complex64 complex128".split(),
)
def test_numpy_scalars_keep_their_width_inside_and_return_as_python_numbers(name):
    value = getattr(np, name)(1)
    assert repr(rumba.typeof(value)) == ("bool" if name == "bool_" else name)
    assert identity(value) == 1
    assert type(identity(value)) is type(value.item())


@pytest.mark.parametrize("name", "int8 int16 int32 int64 uint8 uint16 uint32 uint64".split())
def test_integer_limits(name):
    info = np.iinfo(name)
    for value in (info.min, info.max):
        assert identity(getattr(np, name)(value)) == value


@pytest.mark.parametrize("value", [(), (1,), (1, 2.5), (1, (2.0, (True, None))), Point(1, 2.5)], ids=repr)
def test_tuples(value):
    result = identity(value)
    assert result == value and type(result) is type(value)


def test_an_argument_array_comes_back_as_the_same_object():
    for array in (np.arange(6.0), np.zeros((2, 3), order="F"), np.arange(6)[::-2], np.array(3.5), np.empty((0, 4))):
        assert identity(array) is array


def test_a_view_keeps_its_base_alive():
    array = np.arange(12.0).reshape(3, 4)
    row = first_row(array)
    assert row.tolist() == [0.0, 1.0, 2.0, 3.0]
    row[0] = 7.0
    assert array[0, 0] == 7.0
    assert np.shares_memory(row, array)
    del array
    assert row[0] == 7.0


@pytest.mark.parametrize("dtype", [np.bool_, np.int8, np.uint16, np.float32, np.complex64, np.complex128])
def test_views_of_every_layout(dtype):
    base = np.arange(24).reshape(4, 6).astype(dtype)
    for array in (base, np.asfortranarray(base), base[::2, ::3], base[::-1, ::-2], base.T, base[:, :0]):
        row = first_row(array)
        assert row.dtype == array.dtype
        np.testing.assert_array_equal(row, array[0])


def test_read_only_arrays_stay_read_only():
    array = np.arange(6.0).reshape(2, 3)
    array.flags.writeable = False
    assert not first_row(array).flags.writeable


def test_unaligned_arrays():
    raw = np.zeros(8 * 6 + 1, dtype=np.uint8)
    array = raw[1:].view(np.float64).reshape(2, 3)
    array[:] = np.arange(6.0).reshape(2, 3)
    assert repr(rumba.typeof(array)) == "array(float64, 2d, C, unaligned)"
    assert first_row(array).tolist() == [0.0, 1.0, 2.0]


@pytest.mark.parametrize(
    ("array", "says"),
    [
        (np.zeros(2, ">f8"), "byte-swapped"),
        (np.zeros(2, np.float16), "float16"),
        (np.zeros(2, np.longdouble), "long double"),
        (np.zeros(2, object), "object"),
        (np.zeros(2, [("x", "O")]), "records whose field `x` has object"),
        (np.ma.zeros(2), "masked"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_arrays_that_are_refused(array, says):
    with pytest.raises(rumba.TypingError, match=says):
        identity(array)


def test_types_of_values():
    for value, expected in [
        (1, "int64"),
        (2**63, "uint64"),
        (np.zeros((2, 2)), "array(float64, 2d, C)"),
        (np.zeros((2, 2), order="F"), "array(float64, 2d, F)"),
        (np.zeros(()), "array(float64, 0d, C)"),
        (np.matrix([[1]]), "array(int64, 2d, C)"),
        ((1, 2), "UniTuple(int64 x 2)"),
        ("text", "str"),
        ([1], "list(int64)"),
        ({"a": (1, 2.0)}, "dict(str, Tuple(int64, float64))"),
        ({1.5}, "set(float64)"),
        (Point(1, 2.0), "Point(x: int64, y: float64)"),
        (slice(1, None), "slice(int64, none, none)"),
        (range(3), "range"),
        (np.float32, "dtype(float32)"),
        (np.dtype("i4"), "dtype(int32)"),
        (Colour.RED, "Colour.RED"),
        (math.sin, "function math.sin"),
        (np.abs, "function numpy.absolute"),
        (identity, "function identity"),
        (ValueError, "class ValueError"),
    ]:
        assert repr(rumba.typeof(value)) == expected
    with pytest.raises(OverflowError):
        rumba.typeof(2**64)
    for value in ([object()], {object(): 1}, object(), lambda: None):
        with pytest.raises(rumba.TypingError):
            rumba.typeof(value)


def test_signature_strings_and_objects():
    from rumba.signatures import normalise

    for text, args, result in [
        ("float64(float64[:], int64)", [types.float64[:], types.int64], types.float64),
        ("(f8[:, ::1], i4[::1, :])", [types.float64[:, ::1], types.int32[::1, :]], None),
        ("void(types.UniTuple(int64, 3))", [types.UniTuple(types.int64, 3)], types.void),
        ("Tuple((int64, b1))(Array(f8, 2, 'C', readonly=True))",
         [types.Array(types.float64, 2, "C", readonly=True)], types.Tuple((types.int64, types.boolean))),
    ]:
        assert normalise(text) == (args, result)
    for text in ("float64(", "__import__('os')", "float64[1]", "floatt64(int64)", "int64(int64) + 1", "f8[::2]"):
        with pytest.raises(ValueError):
            normalise(text)


def test_types_pickle():
    import pickle

    for ty in (types.int8, types.float64[:, ::1], types.UniTuple(types.int64, 3), types.Optional(types.float32)):
        assert pickle.loads(pickle.dumps(ty)) == ty
    assert pickle.loads(pickle.dumps(types.int64(types.float64))) == types.int64(types.float64)


def test_eager_signatures_convert_and_refuse():
    @njit("int32(int32)")
    def narrow(n):
        return n

    assert narrow(3.7) == 3
    with pytest.raises(OverflowError, match="`n`.*2147483648.*int32"):
        narrow(2**31)
    with pytest.raises(TypeError, match="No matching definition"):
        narrow(np.zeros(2))
