"""Arrays made, reshaped, converted and asked about in compiled code, against NumPy."""

import itertools

import numpy as np
import pytest
from differential import check, difference
from rumba import njit
from rumba.errors import TypingError

DTYPES = [
    np.bool_,
    *(np.dtype(f"{kind}{size}").type for size in (1, 2, 4, 8) for kind in "iu"),
    np.float32,
    np.float64,
    np.complex64,
    np.complex128,
]
by_name = {"ids": lambda d: getattr(d, "__name__", None)}


def numbers(shape, dtype=np.float64):
    """Distinct numbers of both signs, as far as the dtype has them."""
    n = int(np.prod(shape))
    values = np.arange(n) * 3 - n
    if np.dtype(dtype).kind == "c":
        values = values + 1j * np.arange(n)
    if np.dtype(dtype).kind == "b":
        values = values % 3 == 0
    return values.astype(dtype).reshape(shape)


def layouts(dtype=np.float64):
    """Arrays of every layout and rank 0 to 3, empty ones included, with non-contiguous and reversed views."""
    yield numbers((), dtype)
    yield numbers((6,), dtype)
    yield numbers((0,), dtype)
    yield numbers((12,), dtype)[::2]
    yield numbers((6,), dtype)[::-1]
    yield numbers((2, 3), dtype)
    yield np.asfortranarray(numbers((2, 3), dtype))
    yield numbers((4, 6), dtype)[::2, 1::2]
    yield numbers((2, 6), dtype)[:, ::-2]
    yield numbers((0, 3), dtype)
    yield np.asfortranarray(numbers((2, 0), dtype))
    yield numbers((2, 3, 2), dtype)
    yield np.asfortranarray(numbers((2, 3, 2), dtype))
    yield numbers((2, 3, 2), dtype).transpose(1, 0, 2)
    yield numbers((2, 1, 3), dtype)[:, :, ::-1]


def layout_id(array):
    order = "C" if array.flags.c_contiguous else "F" if array.flags.f_contiguous else "A"
    return f"{array.shape}-{order}".replace(" ", "")


def agree(function, *args):
    """The compiled function gives the array that NumPy gives: dtype, shape, order, values to the bit."""
    expected = function(*args)
    actual = njit(function)(*args)
    for a, e in zip(*((r if type(r) is tuple else (r,)) for r in (actual, expected)), strict=True):
        if isinstance(e, np.ndarray):
            assert isinstance(a, np.ndarray)
            assert difference(a, e) is None, difference(a, e)
            assert a.flags.c_contiguous == e.flags.c_contiguous or not e.flags.c_contiguous
        else:
            assert a == e and not isinstance(a, np.ndarray)


# Attributes.


def attributes(a):
    return a.shape, a.strides, a.ndim, a.size, a.itemsize, a.nbytes


def transposed(a):
    return a.T


def real(a):
    return a.real


def imag(a):
    return a.imag


def flat_sum(a):
    total = 0 * a.itemsize
    position = 0
    for x in a.flat:
        position += 1
        total += position * int(x)
    return total


@pytest.mark.parametrize("array", list(layouts()), ids=layout_id)
@pytest.mark.parametrize("function", [attributes, transposed, real, imag, flat_sum])
def test_attributes(function, array):
    if function is attributes:
        actual, expected = njit(function)(array), function(array)
        if array.size == 0 or 1 in array.shape:
            # Strides of axes without a second element say nothing.
            actual, expected = actual[:1] + actual[2:], expected[:1] + expected[2:]
        assert actual == expected
    else:
        agree(function, array)


@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
def test_parts_of_complex_arrays_are_views(dtype):
    def negate_parts(a):
        a.real[0] = -1.0
        a.imag[1] = 7.0
        return a.real, a.imag

    check(negate_parts, numbers((4,), dtype))
    for array in layouts(dtype):
        agree(real, array)
        agree(imag, array)


def test_assignment_through_views():
    def write(a):
        a.T[1, 0] = 100.0
        a.reshape(-1)[3] = 200.0
        a.ravel()[4] = 300.0
        a.flat[5] = 400.0
        a.flatten()[0] = 500.0
        a.copy()[0, 0] = 600.0
        return a

    check(write, numbers((2, 3)))


# Methods.


def copy(a):
    return a.copy()


def copy_f(a):
    return a.copy(order="F")


def ravel(a):
    return a.ravel()


def flatten(a):
    return a.flatten()


def reshape_flat(a):
    return a.reshape(-1)


def reshape_column(a):
    return a.reshape((-1, 1))


def reshape_ones(a):
    return a.reshape(1, a.size, 1)


def transpose(a):
    return a.transpose()


def conjugate(a):
    return a.conj()


def as_contiguous(a):
    return np.ascontiguousarray(a)


def as_fortran(a):
    return np.asfortranarray(a)


def as_array(a):
    return np.asarray(a)


def new_array(a):
    return np.array(a)


def numpy_copy(a):
    return np.copy(a)


def numpy_ravel(a):
    return np.ravel(a)


def numpy_transpose(a):
    return np.transpose(a)


def at_least_1d(a):
    return np.atleast_1d(a)


def expand(a):
    return np.expand_dims(a, 0), np.expand_dims(a, -1)


def like(a):
    return np.zeros_like(a), np.ones_like(a), np.full_like(a, 3), np.empty_like(a).shape, np.zeros_like(a, np.int8)


COPYING = [copy, copy_f, ravel, flatten, reshape_flat, reshape_column, reshape_ones, transpose, conjugate]
FUNCTIONS = [
    as_contiguous,
    as_fortran,
    as_array,
    new_array,
    numpy_copy,
    numpy_ravel,
    numpy_transpose,
    at_least_1d,
    expand,
    like,
]


@pytest.mark.parametrize("function", COPYING + FUNCTIONS, **by_name)
def test_every_layout(function):
    for array in layouts():
        agree(function, array)


@pytest.mark.parametrize("dtype", DTYPES, **by_name)
def test_every_dtype(dtype):
    for array in (numbers((2, 3), dtype), numbers((8,), dtype)[::3]):
        for function in (copy, ravel, conjugate, new_array, like):
            agree(function, array)


@pytest.mark.filterwarnings("ignore::numpy.exceptions.ComplexWarning")
@pytest.mark.parametrize("target", DTYPES, **by_name)
@pytest.mark.parametrize("source", DTYPES, **by_name)
def test_astype(source, target):
    @njit
    def convert(a):
        return a.astype(target)

    for array in (
        numbers((3, 4), source),
        np.asfortranarray(numbers((3, 4), source)),
        numbers((3, 4), source)[::2, ::-1],
        numbers((), source),
        numbers((0,), source),
    ):
        actual, expected = convert(array), array.astype(target)
        assert difference(actual, expected) is None
        assert actual.flags.f_contiguous == expected.flags.f_contiguous or actual.flags.c_contiguous


def test_astype_by_name_and_object():
    def convert(a):
        return (
            a.astype("float32"),
            a.astype(np.dtype("i2")),
            a.astype(int),
            a.astype(a.dtype),
            a.astype(float, copy=False),
        )

    agree(convert, numbers((5,)))


@pytest.mark.parametrize("dtype", DTYPES, **by_name)
def test_fill(dtype):
    def fill(a, b, value):
        a.fill(value)
        b[::2].fill(1)

    check(fill, numbers((2, 3), dtype), numbers((5,), dtype), dtype(1))


def test_fill_of_a_readonly_array_is_refused():
    array = numbers((3,))
    array.flags.writeable = False
    with pytest.raises(TypingError, match="read-only"):
        njit(lambda a: a.fill(0))(array)


def test_item():
    def only(a):
        return a.item()

    def at(a, i):
        return a.item(i)

    def at_index(a):
        return a.item(1, 2), a.item((0, 1))

    check(only, numbers((1, 1)))
    check(only, numbers(()))
    with pytest.raises(ValueError, match="can only convert an array of size 1 to a Python scalar"):
        njit(only)(numbers((2,)))
    for array in (numbers((2, 3)), np.asfortranarray(numbers((2, 3))), numbers((6,))[::2]):
        for position in (0, 2, -1):
            check(at, array, position)
    check(at_index, numbers((2, 3)))
    with pytest.raises(IndexError, match="index 6 is out of bounds for size 6"):
        njit(at)(numbers((2, 3)), 6)


@pytest.mark.parametrize(
    ("old", "new"), list(itertools.product([np.int8, np.float32, np.float64, np.complex128], repeat=2))
)
def test_view(old, new):
    @njit
    def view(a):
        return a.view(new)

    for array in (numbers((16,), old), numbers((2, 16), old), numbers((16,), old)[::2], numbers((4, 16), old)[::2]):
        try:
            expected = array.view(new)
        except ValueError as error:
            with pytest.raises(ValueError, match=str(error).split(",")[0][:40]):
                view(array)
        else:
            actual = view(array)
            assert actual.dtype == expected.dtype
            assert actual.shape == expected.shape
            assert actual.tobytes() == expected.tobytes()


def test_transpose_by_axes():
    def permuted(a):
        return a.transpose(1, 2, 0), a.transpose((2, 1, 0)), np.transpose(a, (0, 2, -2)), np.swapaxes(a, 0, -1)

    for array in layouts():
        if array.ndim == 3:
            agree(permuted, array)
    with pytest.raises(TypingError, match="axes don't match array"):
        njit(lambda a: a.transpose(1, 0))(numbers((1, 2, 3)))
    with pytest.raises(TypingError, match="must be a constant"):
        njit(lambda a, i: np.swapaxes(a, i, 0))(numbers((1, 2, 3)), 1)


def test_squeeze():
    def squeezed(a):
        return np.squeeze(a, 1), a.squeeze(axis=-2)

    agree(squeezed, numbers((2, 1, 3)))
    with pytest.raises(ValueError, match="size not equal to one"):
        njit(squeezed)(numbers((2, 2, 3)))


def test_broadcast_to():
    def repeated(a, n):
        return np.broadcast_to(a, (n, 3))

    agree(repeated, numbers((3,)), 4)
    agree(repeated, numbers((1,)), 2)
    agree(repeated, numbers((2, 1)), 2)
    agree(repeated, 7.5, 2)
    with pytest.raises(ValueError, match="operands could not be broadcast together with remapped shapes"):
        njit(repeated)(numbers((2,)), 2)
    with pytest.raises(ValueError, match="non-negative"):
        njit(repeated)(numbers((3,)), -1)


# Reshape.


@pytest.mark.parametrize(
    "shape",
    [(6,), (2, 3), (3, 2), (-1,), (-1, 2), (2, -1), (1, 2, 3), (4,), (-1, 4), (-1, -1), (0, -1), (-2, 3), (7, 0)],
)
def test_reshape(shape):
    def reshape(a, shape):
        return a.reshape(shape)

    for array in (numbers((6,)), np.asfortranarray(numbers((2, 3))), numbers((12,))[::2]):
        try:
            expected = array.reshape(shape)
        except ValueError as error:
            with pytest.raises(
                ValueError, match="cannot reshape array of size 6|can only specify one unknown dimension"
            ):
                njit(reshape)(array, shape)
            assert "reshape" in str(error) or "unknown" in str(error)
        else:
            assert difference(njit(reshape)(array, shape), expected) is None


def test_reshape_of_an_empty_array():
    def reshape(a, shape):
        return a.reshape(shape)

    for shape in [(0,), (0, 5), (5, 0), (-1, 5)]:
        check(reshape, numbers((0, 3)), shape)
    with pytest.raises(ValueError, match="cannot reshape array of size 0"):
        njit(reshape)(numbers((0, 3)), (-1, 0))


def test_reshape_to_extents_whose_product_wraps_is_refused():
    @njit
    def reshape(a, n):
        return a.reshape((n, n)).shape

    with pytest.raises(ValueError, match="cannot reshape array of size 0"):
        reshape(np.zeros(0), 2**32)


def test_reshape_shares_memory_where_it_can():
    @njit
    def reshape(a):
        return a.reshape(3, 2)

    contiguous = numbers((2, 3))
    assert np.shares_memory(reshape(contiguous), contiguous)
    scattered = numbers((4, 3))[::2]
    assert not np.shares_memory(reshape(scattered), scattered)


# Creation.


@pytest.mark.parametrize("shape", [0, 3, (), (2,), (2, 3), (0, 4), (2, 1, 3)], ids=str)
@pytest.mark.parametrize("dtype", [None, *DTYPES], **by_name)
def test_zeros_ones_full(shape, dtype):
    def create(shape):
        return np.zeros(shape, dtype), np.ones(shape, dtype), np.full(shape, 2, dtype), np.empty(shape, dtype).shape

    agree(create, shape)


def test_dtypes_by_class_name_and_object():
    def create(n):
        return (
            np.zeros(n, int),
            np.zeros(n, float),
            np.zeros(n, bool),
            np.zeros(n, complex),
            np.zeros(n, "f4"),
            np.zeros(n, dtype="uint8"),
            np.zeros(n, dtype=np.dtype("int16")),
            np.zeros(n, dtype=np.zeros(1, np.int8).dtype),
        )

    agree(create, 2)


def test_order_of_new_arrays():
    def create(n):
        return np.zeros((n, 3), order="F"), np.ones((n, 3), order="F"), np.full((n, 3), 1.5, order="F")

    for array in njit(create)(2):
        assert array.flags.f_contiguous
    agree(create, 2)


def test_full_takes_the_type_of_its_value():
    def create(i, f, b, c):
        return np.full(2, i), np.full(2, f), np.full((1, 2), b), np.full(2, c), np.full(2, 3), np.full(2, 3.5)

    agree(create, 1, 2.5, True, 1j)


def test_errors_of_new_arrays():
    with pytest.raises(ValueError, match="negative dimensions are not allowed"):
        njit(lambda n: np.zeros(n))(-1)
    with pytest.raises((ValueError, MemoryError)):
        njit(lambda n: np.zeros((n, n)))(2**40)
    with pytest.raises(TypingError, match="a shape is an int or a tuple of ints"):
        njit(lambda n: np.zeros(n))(1.5)
    with pytest.raises(TypingError, match="'foo' is not a supported dtype"):
        njit(lambda n: np.zeros(n, "foo"))(1)
    with pytest.raises(TypingError, match="is not a dtype"):
        njit(lambda n: np.zeros(n, 3))(1)


ARANGES = [
    (5,),
    (0,),
    (-3,),
    (2, 9),
    (9, 2),
    (2, 9, 3),
    (9, 2, -3),
    (10, 0, -1),
    (2.5,),
    (0.0, 1.0, 0.1),
    (1, 2, 0.3),
    (5.0, 1.0, -0.7),
    (0, 3, 0.1),
    (1e20, 1e20),
    (np.float32(0), np.float32(1), np.float32(0.1)),
    (np.int8(3), np.int8(100), np.int8(7)),
    (np.uint8(3), np.uint8(200), np.uint8(7)),
    (-(2**62), 2**62, 2**60),
    (True,),
]


@pytest.mark.parametrize("args", ARANGES, ids=str)
def test_arange(args):
    def arange(args):
        return np.arange(*args)

    agree(arange, args)


def test_arange_by_keywords():
    def arange(a, b, c):
        return np.arange(start=a, stop=b), np.arange(stop=b), np.arange(a, step=c, stop=b), np.arange(b, step=c)

    agree(arange, 2, 9, 3)
    agree(arange, 0.5, 3.0, 0.25)


@pytest.mark.parametrize("dtype", DTYPES[1:], **by_name)
def test_arange_with_dtype(dtype):
    def arange(stop, step):
        return np.arange(0, stop, step, dtype=dtype), np.arange(stop, dtype=dtype)

    agree(arange, 10, 3)
    agree(arange, 4.5, 0.5)


def test_arange_errors():
    def arange(start, stop, step):
        return np.arange(start, stop, step)

    with pytest.raises(ZeroDivisionError):
        njit(arange)(0, 5, 0)
    with pytest.raises(ZeroDivisionError):
        njit(arange)(0.0, 5.0, 0.0)
    with pytest.raises(ValueError, match="Maximum allowed size exceeded"):
        njit(arange)(0.0, np.inf, 1.0)
    with pytest.raises(ValueError, match="arange: cannot compute length"):
        njit(arange)(0.0, np.nan, 1.0)
    with pytest.raises((ValueError, MemoryError)):
        njit(arange)(-(2**63), 2**63 - 1, 1)


@pytest.mark.parametrize(
    "args",
    [
        (0, 1),
        (0, 1, 5),
        (0.1, 2.7, 13),
        (5, -5, 7),
        (3, 3, 4),
        (0, 1, 1),
        (0, 1, 0),
        (0.0, 5e-324, 4),
        (-1e308, 1e308, 5),
    ],
    ids=str,
)
def test_linspace(args):
    def linspace(args):
        return np.linspace(*args), np.linspace(*args, endpoint=False), np.linspace(*args, dtype=np.int16)

    def linspace_float32(start, stop):
        return np.linspace(start, stop, 7), np.linspace(start, stop, 7, dtype=np.float64)

    if max(map(abs, args)) < 1e300:
        agree(linspace, args)
        agree(linspace_float32, np.float32(args[0]), np.float32(args[1]))
    else:
        agree(lambda args: np.linspace(*args), args)


def test_linspace_errors():
    with pytest.raises(ValueError, match="Number of samples, -1, must be non-negative."):
        njit(lambda n: np.linspace(0, 1, n))(-1)


@pytest.mark.parametrize("k", [0, 1, -1, 2, -3, 5, -5, 2**62, -(2**63)])
def test_eye(k):
    def eye(n, m, k):
        return np.eye(n), np.eye(n, m), np.eye(n, m, k), np.eye(n, m, k, np.int8), np.eye(n, k=k, order="F")

    agree(eye, 3, 4, max(k, -(2**62)))
    agree(eye, 0, 2, max(k, -(2**62)))
    assert njit(eye)(3, 4, k)[2].sum() == np.eye(3, 4, max(k, -9)).sum()


def test_identity():
    agree(lambda n: (np.identity(n), np.identity(n, np.complex64)), 3)


def test_array_of_numbers_and_tuples():
    def create(i, f, c):
        return (
            np.array(i),
            np.array((i, i)),
            np.array((i, f)),
            np.array(((i, 2), (3, f))),
            np.array((i, c)),
            np.array((1, 2, 3), np.uint8),
            np.array(((1.5, 2.5), (3.5, 4.5)), dtype=np.float32, order="F"),
            np.asarray((True, False)),
            np.ascontiguousarray(f),
        )

    agree(create, 1, 2.5, 3j)


def test_ragged_tuples_are_refused():
    with pytest.raises(TypingError, match="cannot make an array of"):
        njit(lambda x: np.array(((x, x), (x,))))(1)


def test_asarray_shares_memory_where_it_can():
    @njit
    def convert(a):
        return np.asarray(a), np.asarray(a, np.float64), np.array(a), np.ascontiguousarray(a), np.array(a, copy=False)

    array = numbers((4,))
    assert [np.shares_memory(result, array) for result in convert(array)] == [True, True, False, True, True]


def test_flags():
    def flags(a):
        f = a.flags
        return f.c_contiguous, f.f_contiguous, f.contiguous, f.forc, f.writeable, f.aligned

    for array in layouts():
        check(flags, array)


def test_missing_methods_say_so():
    with pytest.raises(Exception, match="`tofile` of an array is not supported yet"):
        njit(lambda a: a.tofile("x"))(np.zeros(3))
