"""Arrays: indexing, slices, views, layouts, attributes, creation, and going back to Python."""

import gc
import itertools
import sys
import weakref

import numpy as np
import pytest
from differential import Cases, check
from hypothesis import given
from hypothesis import strategies as st
from rumba import njit
from rumba.errors import TypingError

DTYPES = "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float32 float64 complex64 complex128".split()
LINE = np.arange(10.0)
GRID = np.arange(12.0).reshape(3, 4)
CUBE = np.arange(24).reshape(2, 3, 4)

cases = Cases()


def layouts(array):
    """The same numbers in every memory layout that there is."""
    padded = np.zeros(tuple(2 * n for n in array.shape), dtype=array.dtype)
    strided = padded[tuple(slice(None, None, 2) for _ in array.shape)]
    strided[...] = array
    backwards = np.ascontiguousarray(array[::-1])[::-1] if array.ndim else array
    return {"C": np.ascontiguousarray(array), "F": np.asfortranarray(array), "A": strided, "backwards": backwards}


# --- reading and writing elements -----------------------------------------------------------------------------------


@cases(*[(LINE, i) for i in (0, 9, -1, -10, 10, -11, 2**62, -(2**62))])
def get(a, i):
    return a[i]


@cases(*[(GRID, i, j) for i in (0, 2, -1, 3, -4) for j in (0, 3, -4, 4, -5)])
def get_two(a, i, j):
    return a[i, j]


@cases((LINE, 0, 5.5), (LINE, -1, 2), (LINE, 10, 1.0), (LINE, -11, 1.0))
def put(a, i, x):
    a[i] = x


@cases((GRID, 1, -1, 7.5), (GRID, 3, 0, 7.5), (GRID, 0, 4, 7.5))
def put_two(a, i, j, x):
    a[i, j] = x


@cases((CUBE, (1, 2, 3)), (CUBE, (-1, 0, -4)), (CUBE, (0, 3, 0)))
def get_by_tuple(a, index):
    return a[index]


@cases((CUBE, 1, 2, 3), (CUBE, 0, -1, 0))
def get_in_steps(a, i, j, k):
    return a[i][j][k], a[i, j][k], a[i][j, k]


@cases((GRID,))
def sum_in_rows(a):
    total = 0.0
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            total = total * 0.5 + a[i, j]
    return total


@cases((np.zeros(5, dtype=np.uint8),), (np.zeros(5, dtype=np.int16),))
def put_narrow(a):
    for i in range(len(a)):
        a[i] = i * 50


@cases((np.arange(5), np.int8(2)), (np.arange(5), np.uint64(3)))
def index_types(a, i):
    return a[i]


@cases((np.array(5.5),))
def zero_dimensional(a):
    a[()] = a[()] + 1
    return a[()], a.item(), a.ndim, a.size


@cases((np.array([1 + 2j, 3 - 4j]), 0))
def complex_parts_of_elements(a, i):
    return a[i].real, a[i].imag, a[i].conjugate()


# --- slices and views -----------------------------------------------------------------------------------------------

STARTS = [None, 0, 2, -3, 20, -20]


def slice_ends(a, start, stop):
    return a[start:stop]


def slice_steps(a, start, stop, step):
    return a[start:stop:step]


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("stop", STARTS)
def test_slices(start, stop):
    check(slice_ends, LINE, start, stop)
    for step in (1, 2, 3, -1, -2, 20, -20, 2**63 - 1, -(2**63 - 1), -(2**63)):
        check(slice_steps, LINE, start, stop, step)


def test_message_of_an_unsigned_index_beyond_int64():
    with pytest.raises(IndexError, match=f"^index {2**63 + 1} is out of bounds for axis 0 with size 3$"):
        njit(lambda a, i: a[i])(np.zeros(3), np.uint64(2**63 + 1))


@cases(
    (np.zeros((3, 2)), 1, 2.5),
    (np.zeros((3, 2), np.int8), 1, 2.5),
    (np.zeros((3, 2), np.complex64), 1, 2j),
    (np.zeros((3, 2), order="F"), 1, 2),
    (np.zeros((3, 1)), 1, 2),
    (np.zeros((3, 3)), 1, 2),
)
def put_tuples(a, x, y):
    a[0] = (x, y)
    a[-1, :] = (y, x)
    a[1:] = ((x, x), (y, y))
    a[:, 0] = (x, x, y)
    a[:] = ((x,), (y,), (x,))
    a[1] = (a[0, 1], a[0, 0])
    a[..., 1] = (x,)


@cases((np.ones(0),), (np.ones(1),), (np.ones(2),))
def put_empty_tuple(a):
    a[:] = ()


def test_slice_with_step_zero():
    check(slice_steps, LINE, 0, 5, 0)


@given(
    st.integers(0, 12), st.integers(-15, 15), st.integers(-15, 15), st.integers(-4, 4).filter(bool), st.integers(-3, 3)
)  # fmt: skip
def test_slice_of_a_slice(n, start, stop, step, start_again):
    check(slice_twice, np.arange(n), start, stop, step, start_again)


def slice_twice(a, start, stop, step, start_again):
    b = a[start:stop:step]
    return b[start_again:], b.size, b[::-2]


@cases((GRID,))
def slices_of_two_dimensions(a):
    return a[1], a[:, 1], a[1:, ::2], a[::-1, ::-1], a[..., 0], a[1, ...], a[:], a[0:0]


@cases((CUBE,))
def slices_of_three_dimensions(a):
    return a[..., 1], a[0, ..., 1], a[:, 1], a[:, :, ::-1][1], a[1, 1:, 1:], a[...], a[:, 1, :]


@cases((GRID,), (LINE,))
def new_axes(a):
    return a[None].shape, a[np.newaxis, ..., None].shape, a[:, None].shape, a[None, 0].shape


@cases((LINE, slice(2, 8, 3)), (LINE, slice(None, None, -1)), (LINE, slice(5)))
def slice_as_argument(a, s):
    return a[s], s.start, s.stop, s.step


@cases((LINE,))
def slice_object(a):
    s = slice(1, 7, 2)
    return a[s], s.indices(5)


@cases((LINE, 7.5), (GRID, 1), (CUBE, 3))
def put_into_slice(a, x):
    a[1:] = x
    return a[0]


@cases((GRID, np.arange(4.0)), (GRID, np.arange(8.0).reshape(2, 4)), (GRID, np.arange(3.0)))
def put_array_into_slice(a, b):
    a[1:] = b


@cases((GRID, GRID * 10))
def put_array_everywhere(a, b):
    a[...] = b
    a[:, 0] = b[:, 1]
    a[0] = 5


@cases((np.arange(10.0),))
def put_overlapping(a):
    a[1:] = a[:-1]


@cases((np.arange(10.0),))
def put_overlapping_backwards(a):
    a[:] = a[::-1]


@cases((GRID,))
def write_through_view(a):
    row = a[1]
    row[0] = 100.0
    column = a[:, -1]
    column[::2] = -1.0
    a.T[2, 0] = 55.0
    return row[0]


@cases((GRID,))
def loop_over_rows(a):
    total = 0.0
    for row in a:
        row[0] += 1
        for x in row:
            total = total * 0.5 + x
    return total


def return_view(a):
    return a[1:, ::2]


def return_argument(a):
    return a


def return_row(a, i):
    return a[i]


def test_returned_views_share_memory():
    a = GRID.copy()
    view = njit(return_view)(a)
    assert view.base is a or view.base is a.base
    assert np.shares_memory(view, a) and view.strides == a[1:, ::2].strides
    view[0, 0] = 99.0
    assert a[1, 0] == 99.0


def test_returned_argument_is_the_same_memory():
    a = GRID.copy()
    result = njit(return_argument)(a)
    assert np.shares_memory(result, a) and result.strides == a.strides and result.flags.writeable


def test_returned_view_keeps_the_memory_alive():
    row = njit(return_row)(np.arange(1_000_000.0).reshape(1000, 1000), 3)
    gc.collect()
    assert row[999] == 3999.0


def test_returned_view_lets_go_of_the_memory():
    a = np.arange(10.0)
    before = sys.getrefcount(a)
    result = njit(return_row)(a.reshape(2, 5), 1)
    del result
    gc.collect()
    assert sys.getrefcount(a) == before
    held = weakref.ref(a)
    del a
    gc.collect()
    assert held() is None


def new_array(n):
    a = np.empty(n)
    for i in range(n):
        a[i] = i
    return a


def new_view(n):
    return new_array_jitted(n)[::2]


new_array_jitted = njit(new_array)


def test_returned_new_array_owns_itself():
    for _ in range(3):
        result = new_array_jitted(1000)
        assert result.flags.writeable and result.flags.c_contiguous and result[-1] == 999.0
    assert njit(new_view)(10)[-1] == 8.0


def test_returning_many_arrays_does_not_leak():
    resource = pytest.importorskip("resource")
    f = njit(new_array)
    for _ in range(20):
        f(100_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(500):
        f(100_000)
    # 500 leaked arrays would be 400 MB.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


@cases((GRID, LINE))
def return_tuple_of_arrays(a, b):
    return a[0], b[::3], 5, (a.T, b.copy())


# --- layouts, dtypes, flags -----------------------------------------------------------------------------------------


def digest(a):
    total = 0.0
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            total = total * 0.5 + a[i, j]
    a[-1, -1] = total
    return total, a[1, 2], a[-1, 0]


@pytest.mark.parametrize("layout", ["C", "F", "A", "backwards"])
def test_layouts(layout):
    check(digest, layouts(GRID)[layout])


@pytest.mark.parametrize("layout", ["C", "F", "A", "backwards"])
def test_layouts_of_a_cube(layout):
    check(slices_of_three_dimensions, layouts(CUBE)[layout])


def read_write(a):
    first = a[0]
    a[0] = a[2]
    a[1] = first
    return first, a[-1]


@pytest.mark.parametrize("dtype", DTYPES)
def test_dtypes(dtype):
    values = np.array([1, 0, 1, 1], dtype=dtype)
    check(read_write, values)
    check(return_argument, values)
    check(read_write, values[::-1])


@pytest.mark.parametrize("dtype", DTYPES)
def test_limits_of_dtypes(dtype):
    kind = np.dtype(dtype).kind
    if kind in "iu":
        values = np.array([np.iinfo(dtype).min, np.iinfo(dtype).max, 0], dtype=dtype)
    elif kind == "b":
        values = np.array([True, False, True])
    else:
        values = np.array([np.finfo(dtype).max, np.nan, -0.0, np.inf][:3], dtype=dtype)
    check(read_write, values)


def test_read_only_arrays_can_be_read():
    a = LINE.copy()
    a.flags.writeable = False
    assert njit(get)(a, 3) == 3.0
    result = njit(return_argument)(a)
    assert not result.flags.writeable


def test_read_only_arrays_cannot_be_written():
    a = LINE.copy()
    a.flags.writeable = False
    with pytest.raises(TypingError):
        njit(put)(a, 0, 1.0)
    assert a[0] == 0.0


def test_unaligned_arrays_are_right():
    memory = np.zeros(8 * 4 + 1, dtype=np.uint8)
    a = memory[1:].view(np.float64)
    a[:] = [1.0, 2.0, 3.0, 4.0]
    assert not a.flags.aligned
    assert njit(read_write)(a) == (1.0, 4.0) and list(a) == [3.0, 1.0, 3.0, 4.0]


def test_byte_swapped_arrays_are_right_or_refused():
    a = np.array([1.0, 2.0, 3.0]).astype(">f8")
    try:
        result = njit(get)(a, 1)
    except TypingError as error:
        assert "byte" in str(error)
    else:
        assert result == 2.0


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0), (2, 0, 4)])
def test_empty_arrays(shape):
    check(look_at, np.zeros(shape))


def look_at(a):
    n = 0
    for _ in a:
        n += 1
    return n, len(a), a.shape, a.size, a.ndim, a[:0].shape


def test_many_dimensions():
    a = np.arange(2**6).reshape((2,) * 6)
    check(get_six, a, 1)
    check(get_six, a.T, 0)


def get_six(a, i):
    return a[i, 0, 1, 1, 0, i], a[i, 0].shape, a[..., 1].ndim, a[i, 1, 1, 1, 1]


# --- attributes -----------------------------------------------------------------------------------------------------


@cases((LINE,), (GRID,), (CUBE,), (CUBE.T,), (GRID[:, ::2],), (np.zeros((0, 3)),), (np.array(1.5),))
def attributes(a):
    return a.shape, a.strides, a.ndim, a.size, a.itemsize, a.nbytes


@cases((GRID,), (GRID.T,), (GRID[:, ::2],), (LINE[::-1],))
def flags(a):
    return a.flags.c_contiguous, a.flags.f_contiguous, a.flags.contiguous


@cases((GRID,), (CUBE,), (LINE,))
def transposed(a):
    return a.T, a.T.T.shape, a.transpose()


@cases((CUBE,))
def transposed_axes(a):
    return a.transpose(1, 0, 2), a.transpose((2, 0, 1)), np.transpose(a, (0, 2, 1))


@cases((np.array([[1 + 2j, 3 - 4j], [0j, -1j]]),), (np.array([1 + 2j], dtype=np.complex64),))
def parts(a):
    a.real[0] = 10
    return a.real, a.imag


@cases((GRID,))
def flat_iteration(a):
    total = 0.0
    for x in a.flat:
        total = total * 0.5 + x
    return total, a.flat[5]


@cases((GRID,), (np.zeros(3, dtype=np.int16),))
def make_alike_by_dtype(a):
    return np.ones(3, dtype=a.dtype), a.dtype == np.float64


@cases((np.array([[1.0, 2.0], [3.0, 4.0]]),))
def iterate_two_deep(a):
    total = 0.0
    for row in a:
        x, y = row
        total += x * y
    return total


# --- creation -------------------------------------------------------------------------------------------------------


@cases((3, 4), (0, 4))
def create(n, m):
    return np.zeros(n), np.ones((n, m)), np.full((m, n), 2.5), np.zeros((n, m), dtype=np.int32), np.full(n, 7)


@cases((3,))
def create_with_dtypes(n):
    return np.zeros(n, np.bool_), np.ones(n, dtype="complex64"), np.full(n, 1, dtype=np.uint8), np.zeros((), np.int16)


@cases((2, 3))
def create_empty(n, m):
    a = np.empty((n, m), dtype=np.float32)
    a[:] = 1.5
    b = np.empty(n, dtype=np.int64)
    b.fill(-4)
    return a, b, np.empty((n, 0)).shape


@cases((GRID,), (GRID.T,), (np.arange(3, dtype=np.int8),), (CUBE[:, ::2],))
def create_alike(a):
    b = np.empty_like(a)
    b[...] = 3
    return np.zeros_like(a), np.ones_like(a), np.full_like(a, 7), b, np.zeros_like(a, dtype=np.complex128)


@cases((5,), (0,), (-3,))
def arange_stop(n):
    return np.arange(n), np.arange(float(n)), np.arange(n, dtype=np.float32)


@cases((2, 11, 3), (5, 0, -2), (0.0, 1.0, 0.1), (1, 2.5, 0.5), (5, 5, 1))
def arange_all(start, stop, step):
    return np.arange(start, stop), np.arange(start, stop, step), np.arange(start, stop, step, dtype=np.float64)


@cases((0.0, 1.0, 11), (1, 10, 4), (5.0, -5.0, 1), (0.0, 1.0, 0), (-2.5, 7.0, 50))
def linear_space(start, stop, n):
    return np.linspace(start, stop, n)


@cases((0.0, 1.0))
def linear_space_default(start, stop):
    return np.linspace(start, stop)


@cases((3,), (0,))
def identity_matrices(n):
    return np.eye(n), np.identity(n), np.eye(n, n + 1), np.eye(n, k=1), np.eye(n, dtype=np.int32)


@cases((1.5, 2.5))
def from_tuples(a, b):
    return np.array((a, b)), np.array(((a, b), (b, a))), np.array((1, 2, 3)), np.array((1, 2), dtype=np.float32)


@cases((GRID,), (GRID.T,), (CUBE[:, ::2, ::-1],))
def copies(a):
    b = a.copy()
    b[0] = 100
    return b, np.copy(a), np.array(a), np.asarray(a)


@cases((np.arange(24.0),), (np.arange(24),))
def reshapes(a):
    b = a.reshape(4, 6)
    b[0, 0] = 77
    return b, a.reshape((2, 3, 4)), a.reshape(-1, 8), np.reshape(a, (6, -1)), a.reshape(24)


@cases((np.arange(6), 4, 2), (np.arange(6), 2, -1), (np.arange(6), 4, -1), (np.arange(6), -1, -1))
def reshape_at_run_time(a, n, m):
    return a.reshape(n, m)


@cases((GRID,), (GRID.T,), (GRID[:, ::2],))
def flattening(a):
    return a.ravel(), a.flatten(), np.ravel(a)


@cases((GRID,), (np.array([1.9, -1.9, 200.0]),), (np.array([0, 1, 255], dtype=np.uint8),))
def conversions(a):
    return a.astype(np.int64), a.astype(np.float32), a.astype("complex128"), a.astype(np.bool_)


@cases((np.zeros(3), 2), (np.zeros((2, 2), dtype=np.int16), -7))
def filling(a, x):
    a.fill(x)
    return a[0]


test_arrays = cases.test()


def test_astype_copies():
    a = LINE.copy()
    b = njit(to_float64)(a)
    assert not np.shares_memory(a, b)


def to_float64(a):
    return a.astype(np.float64)


def huge(n):
    return np.zeros((n, n))


def test_sizes_that_cannot_be():
    f = njit(huge)
    with pytest.raises(ValueError):
        f(-1)
    with pytest.raises((MemoryError, ValueError)):
        f(2**40)


# --- scalar calls of ufuncs -----------------------------------------------------------------------------------------

UFUNCS_OF_ONE = (
    "negative positive absolute fabs rint sign conj exp exp2 log log2 log10 expm1 log1p sqrt square cbrt reciprocal sin "
    "cos tan arcsin arccos arctan sinh cosh tanh arcsinh arccosh arctanh degrees radians deg2rad rad2deg isfinite isinf "
    "isnan signbit floor ceil trunc spacing logical_not"
).split()
UFUNCS_OF_TWO = (
    "add subtract multiply divide true_divide floor_divide power remainder mod fmod hypot arctan2 maximum minimum fmax "
    "fmin copysign nextafter logaddexp logaddexp2 greater greater_equal less less_equal equal not_equal logical_and "
    "logical_or logical_xor heaviside float_power"
).split()
UFUNCS_OF_INTS = "bitwise_and bitwise_or bitwise_xor left_shift right_shift gcd lcm".split()
EXACT = set(
    "negative positive absolute fabs rint sign conj sqrt square isfinite isinf isnan signbit floor ceil trunc spacing "
    "logical_not add subtract multiply divide true_divide maximum minimum fmax fmin copysign nextafter greater less equal "
    "greater_equal less_equal not_equal logical_and logical_or logical_xor heaviside floor_divide remainder mod fmod "
    "reciprocal"
    .split()
)  # fmt: skip


def ufunc_caller(name, arity):
    import linecache

    filename, parameters = f"<ufunc {name}>", ", ".join("ab"[:arity])
    text = f"def call_{name}({parameters}):\n    return np.{name}({parameters})\n"
    linecache.cache[filename] = (len(text), None, text.splitlines(True), filename)
    namespace = {"np": np}
    exec(compile(text, filename, "exec"), namespace)
    return namespace[f"call_{name}"]


@pytest.mark.parametrize("name", UFUNCS_OF_ONE)
def test_ufunc_of_one_number(name):
    function = ufunc_caller(name, 1)
    for x in (0.0, -0.0, 0.5, -0.5, 1.0, 2.5, -7.25, 1e10, np.inf, -np.inf, np.nan):
        # One ulp for NumPy, one for us.
        check(function, x, ulp=0 if name in EXACT else 2)


@pytest.mark.parametrize("name", UFUNCS_OF_TWO)
def test_ufunc_of_two_numbers(name):
    function = ufunc_caller(name, 2)
    for a, b in itertools.product((0.0, -0.0, 0.5, 2.0, -7.25, np.inf, np.nan), repeat=2):
        if a == b == 0.0 and name in ("maximum", "minimum", "fmax", "fmin"):
            continue  # NumPy's answer depends on the processor
        if name == "power" and b == 0.5:
            continue  # NumPy takes the square root when all exponents are one number: -0.0 of -0.0, nan of -inf
        check(function, a, b, ulp=0 if name in EXACT else 2)


@pytest.mark.parametrize("name", UFUNCS_OF_INTS)
def test_ufunc_of_two_ints(name):
    function = ufunc_caller(name, 2)
    for a, b in [(12, 18), (0, 5), (7, 7), (-12, 18), (255, 3)]:
        check(function, a, b)


def test_every_index_is_checked_in_compiled_loops():
    def walk(a, n):
        total = 0.0
        for i in range(n):
            total += a[i]
        return total

    check(walk, LINE, 10)
    check(walk, LINE, 11)

    def walk_columns(a, n):
        total = 0.0
        for i in range(a.shape[0]):
            for j in range(n):
                total += a[i, j]
        return total

    check(walk_columns, GRID, 5)


def test_writes_before_a_failing_index_have_happened():
    def write(a, n):
        for i in range(n):
            a[i] = i + 100

    check(write, LINE, 12)


def test_bounds_check_can_be_left_out():
    f = njit(boundscheck=False)(get)
    assert f(LINE, 3) == 3.0 and f(LINE, -1) == 9.0
