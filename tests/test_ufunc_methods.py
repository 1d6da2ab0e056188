"""`at` of ufuncs, which writes, and mistakes in arguments of their methods. The rest is in `tests/library/ufunc_methods.py`."""

import gc

import numpy as np
import pytest
from mistakes import Mistakes, check_mistake
from rumba import _core, njit


@njit
def add_at(a, index, b):
    np.add.at(a, index, b)


@njit
def maximum_at(a, index, b):
    np.maximum.at(a, index, b)


@njit
def negative_at(a, index):
    np.negative.at(a, index)


@njit
def add_at_two(a, i, j, b):
    np.add.at(a, (i, j), b)


@njit
def add_at_rows(a, i, b):
    np.add.at(a, (i, slice(None, None, 2)), b)


@njit
def reduce_angles(a):
    return np.arctan2.reduce(a)


@njit
def outer_into(a, b, out):
    return np.multiply.outer(a, b, out=out)


@njit
def reduceat_into(a, i, out):
    return np.add.reduceat(a, i, out=out)


def both(function, array, *args):
    """What a function makes of an array, compiled and interpreted."""
    result, expected = array.copy(), array.copy()
    function(result, *args)
    function.py_func(expected, *args)
    assert np.array_equal(result, expected, equal_nan=True), (result, expected)


@pytest.mark.parametrize("dtype", [np.int8, np.uint64, np.float32, np.float64, np.complex128])
def test_elements_that_an_index_names_several_times(dtype):
    array = np.arange(6).astype(dtype)
    index = np.array([0, 3, 3, -1, 3, 0])
    both(add_at, array, index, 1)
    both(add_at, array, index, np.arange(6).astype(dtype))
    both(add_at, array, index.reshape(2, 3), np.arange(6).astype(dtype).reshape(2, 3))
    both(add_at, array, index.astype(np.int8), 2)
    both(maximum_at, array, index, np.array([5, 1, 7, 2, 9, 3]).astype(dtype))
    both(add_at, array, index[::2], np.arange(6).astype(dtype)[::2])
    if dtype != np.uint64:
        both(negative_at, array, index)


def test_operands_broadcast():
    # NumPy 2.4 reads beyond an operand of one axis here.
    array = np.arange(6)
    add_at(array, np.array([[0, 3, 3], [-1, 3, 0]]), np.arange(3))
    assert np.array_equal(array, [2, 1, 2, 7, 4, 5])


def test_reduce_is_what_accumulate_ends_with():
    # NumPy computes several elements of such ufuncs at a time, and reduces to something else.
    array = np.array([1.5, -2.0, 3.0, 0.5, -7.0, 2.0, 9.0])
    assert abs(reduce_angles(array) - np.arctan2.accumulate(array)[-1]) < 1e-15


def test_any_index():
    array = np.arange(12.0).reshape(3, 4)
    both(add_at, array, 1, 10.0)
    both(add_at, array, slice(1, 3), np.arange(4.0))
    both(add_at, array, array > 5, 1.0)
    both(add_at, array, np.array([0, 0, 2]), np.arange(4.0))
    both(add_at_two, array, np.array([0, 0, 2]), np.array([1, 1, -1]), np.array([1.0, 2.0, 3.0]))
    both(add_at_rows, array, np.array([2, 2, 0]), np.arange(6.0).reshape(3, 2))
    both(add_at, np.asfortranarray(array), np.array([0, 0, 2]), 1.0)
    both(add_at, np.arange(4.0), np.zeros(0, np.int64), 1.0)


def test_operands_that_are_the_array_itself():
    array = np.arange(5)
    both(lambda_of(array), array)


def lambda_of(_):
    @njit
    def itself(a):
        np.add.at(a, a, a)

    return itself


def test_positions_out_of_bounds():
    for function in [add_at, add_at.py_func]:
        with pytest.raises(IndexError, match="out of bounds"):
            function(np.zeros(4), np.array([0, 4]), 1.0)
        with pytest.raises(IndexError):
            function(np.zeros((2, 4)), np.array([0, -3]), 1.0)
        with pytest.raises(ValueError):
            function(np.zeros(4), np.array([0, 1]), np.zeros(3))


def test_results_are_stored_into_out():
    out = np.zeros((2, 3))
    assert outer_into(np.arange(2.0), np.arange(3.0), out) is out
    assert np.array_equal(out, np.multiply.outer(np.arange(2.0), np.arange(3.0)))
    out = np.zeros(2)
    assert reduceat_into(np.arange(5.0), np.array([0, 3]), out) is out
    assert np.array_equal(out, [3.0, 7.0])
    with pytest.raises(ValueError):
        reduceat_into(np.arange(5.0), np.array([0, 3]), np.zeros(3))


def test_an_array_that_is_read_stays_as_it_is():
    array = np.arange(10.0)[::2]
    array.setflags(write=False)
    assert np.array_equal(reduceat_into(array, np.array([0, 3]), np.zeros(2)), [6.0, 14.0])


mistake = Mistakes()


@mistake(np.zeros(4, np.int64), says=r"the result of np.add\(\) is float64, which is not stored into an array of int64")
def floats_into_integers(a):
    np.add.at(a, 0, 1.5)


@mistake(np.zeros((2, 2)), says="not reorderable")
def subtract_along_two_axes(a):
    return np.subtract.reduce(a, axis=(0, 1))


@mistake(np.zeros(4), np.zeros(2), says="the indices are integers in one dimension")
def float_indices(a, i):
    return np.add.reduceat(a, i)


@mistake(np.zeros((2, 2)), 0, says="the axis must be a constant|an axis must be a constant")
def run_time_axis_of_a_loop(a, axis):
    return np.subtract.reduce(a, axis)


@mistake(np.zeros(4), says="has no attribute `reduce`")
def comparisons_do_not_reduce(a):
    return np.less.reduce(a)


@pytest.mark.parametrize("function, args, says", mistake)
def test_mistakes(function, args, says):
    check_mistake(function, args, says)


def test_nothing_leaks():
    def use():
        add_at(np.zeros((3, 4)), np.array([0, 0, 2]), np.arange(4.0))
        add_at(np.zeros(4), np.array([0, 0, 2]), np.arange(3.0))
        with pytest.raises(IndexError):
            add_at(np.zeros(4), np.array([0, 9]), np.arange(2.0))

    use()
    gc.collect()
    before = _core.live_allocations()
    for _ in range(10):
        use()
    gc.collect()
    assert _core.live_allocations() == before
