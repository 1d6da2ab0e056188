"""Writing by index arrays and masks, loops over positions, and what is wrong with an index."""

import numpy as np
import pytest
from differential import Cases, check
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from rumba import _core, njit
from rumba.errors import TypingError

cases = Cases()
LINE = np.arange(12.0)
MATRIX = np.arange(12.0).reshape(3, 4)
CUBE = np.arange(24).reshape(2, 3, 4)


@cases(
    (LINE, np.array([1, 1, 2]), 5),
    (LINE, np.array([1, -1, 2], np.int8), np.array([1, 2, 3])),
    (LINE, np.array([1, 1, 2]), np.array([[1.0, 2.0, 3.0]])),
    (LINE, np.array([1, 1, 2]), np.array([1.0, 2.0])),
    (LINE, np.array([1, 2, 20]), np.array([1.0, 2.0, 3.0])),
    (LINE[::-2], np.array([[0, 1], [2, 3]]), np.array([7.0, 8.0])),
    (LINE, LINE > 3, 5.0),
    (LINE, LINE > 9, np.array([1.0, 2.0])),
    (LINE, LINE > 9, np.array([1.0, 2.0, 3.0])),
    (LINE, LINE > 9, np.array([1.0])),
    (LINE, LINE[:3] > 9, 1.0),
    (LINE[::-2], LINE[:6] % 2 == 0, np.arange(3.0)),
    (LINE, False, 3.0),
    (LINE, True, np.arange(12.0)[::-1]),
    (MATRIX, MATRIX > 5, 1),
    (MATRIX.T, MATRIX.T > 5, np.arange(6)),
    (MATRIX, np.array([True, False, True]), np.arange(4)),
    (MATRIX, np.array([2, 0]), np.arange(8).reshape(2, 4)),
    (MATRIX, np.array([2, 0]), np.arange(3)),
    (CUBE, CUBE[:, :, 0] > 9, 7),
    (CUBE.astype(np.complex64), CUBE[0, 0], 7.5),
    (CUBE.astype(np.complex64), CUBE > 3, 1 + 2j),
    (CUBE.astype(np.complex64), CUBE[0, 0] % 2, np.complex64(1 + 2j)),
    (CUBE.astype(np.int8), CUBE[0, 0] % 2, 3.9),
    (CUBE > 3, CUBE[0, 0] % 2, np.arange(4)),
)
def write(a, index, value):
    a[index] = value


@cases((MATRIX, np.array([2, 0]), np.arange(6.0).reshape(3, 2)), (MATRIX, np.array([True, False, True, False]), 3))
def write_columns(a, index, value):
    a[:, index] = value


@cases((CUBE, np.array([0, 1]), 9), (CUBE, np.array([0, 1]), np.arange(8).reshape(2, 4)), (CUBE, np.array([0, 5]), 9))
def write_separated(a, index, value):
    a[index, ..., 1] = 5
    a[index, index] = value


@cases((MATRIX, np.array([0, 2]), np.array([1, 3])))
def write_grid(a, rows, columns):
    a[np.ix_(rows, columns)] = 9
    a[np.diag_indices(3)] = -1


@cases((LINE, np.array([1, 1, 2])), (LINE, LINE > 3), (MATRIX, np.array([1, 1, 2])), (MATRIX, MATRIX > 3))
def change_in_place(a, index):
    a[index] += 1
    a[index] *= 2


@cases((LINE, np.arange(12)[::-1].copy()))
def write_what_overlaps(a, index):
    a[index] = a[::-1]


@cases((np.array([3, 0, 1, 2]),), (np.array([3, 0, 1, 2, 9])[:4],))
def index_by_itself(a):
    a[a] = a[::-1]
    a[a] = 5


@cases((np.array([True, False, True, True]),))
def mask_itself(a):
    a[a] = a[::-1][a]
    a[a] = False


@cases((MATRIX,), (MATRIX.T,), (MATRIX[:, ::-2],), (MATRIX[:0],))
def enumerated(a):
    total = 0.0
    for (i, j), x in np.ndenumerate(a):
        total = total * 1.5 + x * (i * 10 + j)
    return total


@cases((LINE,), (np.array(3.0),), (CUBE[::-1] * 1.0,))
def enumerated_with_lengths(a):
    total = 0.0
    for position, x in np.ndenumerate(a):
        total = total * 1.5 + x + len(position)
    return total


@cases((2, 3), (0, 3), (3, 0), (1, 1))
def all_positions(n, m):
    total = 0
    for i, j, k in np.ndindex(n, m, 2):
        total = total * 3 + i * 7 + j * 5 + k
    for position in np.ndindex((n, m)):
        total = total * 3 + position[1]
    return total


@cases((LINE, np.array([0, 1, -1]), 5), (MATRIX.T, np.array([0, 7]), np.array([1, 2, 3])), (LINE, 3, 2), (LINE, np.array([0, 1]), np.array([])))
def put(a, index, values):
    np.put(a, index, values)


@cases((LINE, np.array([-1, 12, 99]), 5))
def put_with_modes(a, index, values):
    a.put(index, values, mode="wrap")
    a.put(index - 30, values + 1, "clip")


@cases((CUBE, np.array([[[1]], [[2]]]), 9, 1), (MATRIX, np.argsort(-MATRIX, axis=1), MATRIX[:1], -1), (MATRIX, np.array([[9]]), 1, 0))
def put_along_axis(a, index, values, axis):
    np.put_along_axis(a, index, values, axis)


@cases((LINE, LINE > 3, 5), (MATRIX.T, MATRIX.T > 3, np.array([7.0, 8.0, 9.0])), (LINE, LINE > 3, np.array([])), (LINE, np.array([True]), 1))
def put_mask(a, mask, values):
    np.putmask(a, mask, values)


@cases((LINE, LINE > 3, 5), (MATRIX.T, MATRIX.T > 3, np.array([7.0, 8.0, 9.0])), (LINE, LINE > 3, np.array([])), (LINE, LINE > 99, np.array([])))
def place(a, mask, values):
    np.place(a, mask, values)


@cases((CUBE, np.arange(4)), (MATRIX, CUBE[0]), (CUBE, 7), (MATRIX, np.arange(3)))
def copy_to(a, b):
    np.copyto(a, b)


@cases((CUBE, np.arange(4), CUBE > 3), (MATRIX, 0, np.array([True, False, True, False])))
def copy_where(a, b, mask):
    np.copyto(a, b, where=mask)


@cases(*((a.copy(), v) for a in (MATRIX, MATRIX.T, np.zeros((3, 3, 3)), CUBE, np.zeros((0, 0))) for v in (5, np.array([1, 2]))))
def fill_diagonal(a, value):
    np.fill_diagonal(a, value)


@cases((np.zeros((10, 3)), 5), (np.zeros((3, 10))[:, ::2], np.array([1, 2])))
def fill_wrapped_diagonal(a, value):
    np.fill_diagonal(a, value, wrap=True)


@cases((np.array([3.0, 1.0, 2.0, 0.0]),))
def partition(a):
    a.partition(1)
    return a[1], a.argpartition(2)[2]


test_same_as_numpy = cases.test()


def test_a_mask_and_what_overlaps():
    """NumPy reads there what it has just written."""

    def write_reversed(a, mask):
        a[mask] = a[::-1]

    a = LINE.copy()
    njit(write_reversed)(a, a >= 0)
    assert a.tolist() == LINE[::-1].tolist()


# Any index.


def get_1(a, i):
    return a[i]


def get_2(a, i):
    return a[:, i]


def get_3(a, i):
    return a[i, ..., i]


def set_1(a, i):
    a[i] = a[i] * 2 + 1


@given(
    arrays.arrays(np.float64, arrays.array_shapes(min_dims=2, max_dims=3, min_side=0, max_side=4), elements=st.floats(-9, 9)),
    arrays.arrays(np.int64, arrays.array_shapes(min_dims=1, max_dims=2, min_side=0, max_side=3), elements=st.integers(-4, 3)),
    st.sampled_from([get_1, get_2, get_3, set_1]),
    st.booleans(),
)
def test_any_positions(a, index, function, reverse):
    check(function, a.T[::-1] if reverse else a, index)


@given(
    arrays.arrays(np.float64, arrays.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=9), elements=st.floats(-9, 9)),
    st.data(),
)
def test_any_mask(a, data):
    n_axes = data.draw(st.integers(1, a.ndim))
    mask = data.draw(arrays.arrays(np.bool_, a.shape[:n_axes]))
    check(get_1, a, mask)
    check(set_1, a, mask)


# Mistakes.


MISTAKES = [
    (lambda a: a[a], "indices are of integers or bools"),
    (lambda a: a[np.arange(2), np.arange(2), 0], "too many indices"),
    (lambda a: a[a > 1, 0], "too many indices"),
    (lambda a: np.take(a, 1.5), "positions are integers"),
    (lambda a: np.take(a, 1, mode="up"), "`mode` is one of"),
    (lambda a: np.take(a, 1, axis=2), "axis 2 is out of bounds"),
    (lambda a: np.where(a, a), "either both or neither"),
    (lambda a: np.searchsorted(a, 1), "one axis"),
    (lambda a: np.searchsorted(a[0], 1, side="middle"), "`side` is one of"),
    (lambda a: np.sort(a, kind="quick"), "`kind` is one of"),
    (lambda a: np.select((a > 1,), (a, a)), "same length"),
    (lambda a: np.choose(a, (1, 2)), "numbered by integers"),
    (lambda a: np.putmask(a > 1, a > 1, 2.5), "casting 'safe'"),
    (lambda a: np.diagonal(a, 0, 1, 1), "cannot be the same"),
    (lambda a: np.nonzero(1), "np.atleast_1d"),
    (lambda a: np.ix_(a), "integers"),
    (lambda a: np.unique(a, return_index=a[0, 0] > 0), "constant"),
    (lambda a: np.lexsort(()), "at least one key"),
]


@pytest.mark.parametrize(("function", "message"), MISTAKES)
def test_mistakes_are_found_before_running(function, message):
    with pytest.raises(TypingError, match=message):
        njit(function)(np.ones((2, 2)))


def test_what_is_read_only_is_not_written():
    a = np.arange(3.0)
    a.flags.writeable = False

    def write_first(a):
        a[np.arange(1)] = 1

    for function in (
        write_first,
        lambda a: np.put(a, 0, 1),
        lambda a: np.place(a, a > 1, 1),
        lambda a: np.copyto(a, 1),
        lambda a: a.partition(0),
    ):
        with pytest.raises(TypingError, match="read-only"):
            njit(function)(a)
    assert not njit(lambda a: a.diagonal())(np.ones((2, 2))).flags.writeable


def test_nothing_is_written_where_an_index_is_out_of_bounds():
    a = np.zeros(3)
    with pytest.raises(IndexError):
        njit(lambda a, i: np.put(a, i, 1.0))(a, np.array([0, 9]))
    assert not a.any()


def test_nothing_leaks():
    @njit
    def work(a, i):
        b = a[i]
        b[b > 1] = a[:3]
        order = np.argsort(b)
        values, positions, counts = np.unique(b[order], return_index=True, return_counts=True)
        rows, columns = np.nonzero(np.tril(np.where(a[:2, None] > 0, a[:2], 1.0)))
        return values.sum() + rows.sum() + np.take(b, columns).sum() + np.intersect1d(a, b).sum()

    def fails(a, i):
        try:
            work(a, i)
        except (IndexError, ValueError):
            pass

    a, i = np.array([2.0, 0.5, 3.0, 0.0]), np.array([0, 2, 0, 3])
    fails(a, i)
    fails(a, i + 9)
    before = _core.live_allocations()
    for _ in range(10):
        fails(a, i)
        fails(a, i + 9)
    assert _core.live_allocations() == before
