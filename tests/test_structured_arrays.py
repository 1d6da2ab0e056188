"""Arrays of records: fields, views, assignment, comparison, and records that pass the boundary."""

import copy
import functools
import gc
import linecache
import pickle

import numpy as np
import pytest
import rumba
from hypothesis import given, settings
from hypothesis import strategies as st
from rumba import _core, njit
from rumba.errors import TypingError

POINT = np.dtype([("x", "f8"), ("y", "f8")])
PACKED = np.dtype([("flag", "?"), ("x", "f8"), ("n", "i2"), ("z", "c16")])
ALIGNED = np.dtype([("flag", "?"), ("x", "f8"), ("n", "i2"), ("z", "c16")], align=True)
WITH_ARRAYS = np.dtype([("id", "u1"), ("corners", "f4", (2, 3)), ("ends", "i8", (2,))])
NESTED = np.dtype([("tag", "u2"), ("from", POINT), ("inner", [("a", "i4"), ("to", POINT, (2,))])])
OVERLAPPING = np.dtype({"names": ["whole", "low"], "formats": ["u4", "u2"], "offsets": [4, 4], "itemsize": 24})
DTYPES = [POINT, PACKED, ALIGNED, WITH_ARRAYS, NESTED, OVERLAPPING]
NAMES = ["point", "packed", "aligned", "with_arrays", "nested", "overlapping"]
every_dtype = pytest.mark.parametrize("dtype", DTYPES, ids=NAMES)


def filled(dtype, n, seed=0):
    """Records of n with small whole numbers in every field."""
    rng = np.random.default_rng(seed)
    array = np.zeros(n, dtype)

    def fill(view):
        if view.dtype.names:
            for name in view.dtype.names:
                fill(view[name])
        elif view.dtype.kind == "c":
            view[...] = rng.integers(-9, 9, view.shape) + 1j * rng.integers(-9, 9, view.shape)
        else:
            view[...] = rng.integers(0 if view.dtype.kind in "bu" else -9, 2, view.shape)

    fill(array)
    return array


def same_fields(actual, expected):
    if expected.dtype.names is None:
        np.testing.assert_array_equal(actual, expected)
    for name in expected.dtype.names or ():
        same_fields(actual[name], expected[name])


def same(actual, expected):
    if isinstance(expected, tuple):
        assert len(actual) == len(expected)
        for a, b in zip(actual, expected):
            same(a, b)
    elif isinstance(expected, (np.ndarray, np.void)):
        assert type(actual) is type(expected)
        assert actual.dtype == expected.dtype and actual.shape == expected.shape
        same_fields(actual, expected)
        if isinstance(expected, np.ndarray):
            assert actual.flags.writeable == expected.flags.writeable
    else:
        assert actual == expected


def check(function, *args):
    """Compares what a function gives, and what it leaves in its arguments."""
    expected_args, actual_args = copy.deepcopy(args), copy.deepcopy(args)
    expected = function(*expected_args)
    actual = njit(function)(*actual_args)
    same(actual, expected)
    same(actual_args, expected_args)
    return actual


@functools.cache
def from_text(parameters, *lines):
    """A function from text, which the compiler finds as it finds any other."""
    source = f"def f({parameters}):\n" + "".join(f"    {line}\n" for line in lines)
    name = f"<structured {parameters} {lines}>"
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    scope = {"np": np}
    exec(compile(source, name, "exec"), scope)
    return scope["f"]


# Elements, fields, views.


def test_fields_of_elements():
    def total(a):
        total = 0.0
        for r in a:
            total += r["x"] * 2 + r[1]
        return total, a[0]["y"], a[-1]["x"], len(a[0])

    check(total, filled(POINT, 5))


def test_fields_are_attributes():
    @njit
    def shift(a, r):
        a[1].x = 5
        r.y += 1.5
        a.y = a.x + 1
        return a[1].x + r.y

    a, r = filled(POINT, 3), filled(POINT, 1)[0]
    before = r["y"]
    assert shift(a, r) == 5 + before + 1.5
    assert r["y"] == before + 1.5
    assert a["y"].tolist() == (a["x"] + 1).tolist()


def test_a_record_is_a_view():
    def change(a):
        r = a[2]
        r["x"] = 7
        s = a[1:][1]
        s["y"] = 8
        return a[2]["x"], r["y"]

    check(change, filled(POINT, 4))


def paths(dtype, prefix=""):
    """The spellings of every field, nested ones included."""
    for name in dtype.names:
        yield f'{prefix}["{name}"]'
        inner = dtype[name]
        if inner.names:
            yield from paths(inner, f'{prefix}["{name}"]')


def check_every_field(array, other):
    views = ", ".join(f"a{path}" for path in paths(array.dtype))
    elements = ", ".join(f"a[1]{path}" for path in paths(array.dtype))
    result = check(from_text("a", f"return ({views},)"), array)
    check(from_text("a", f"return ({elements},)"), array)
    compiled = njit(from_text("a", f"return ({views},)"))
    for view, expected in zip(compiled(array), from_text("a", f"return ({views},)")(array)):
        assert view.strides == expected.strides
        assert view.__array_interface__["data"][0] == expected.__array_interface__["data"][0]
    assert len(result) == len(list(paths(array.dtype)))
    check(from_text("a, b", *(f"a{path} = b{path}" for path in paths(array.dtype)), "return a"), array, other)
    check(from_text("a, b", *(f"a[0]{path} = b[1]{path}" for path in paths(array.dtype)), "return a"), array, other)


@every_dtype
def test_every_field_is_read_and_written(dtype):
    check_every_field(filled(dtype, 3), filled(dtype, 3, seed=1))
    check_every_field(filled(dtype, 7)[::-2], filled(dtype, 8, seed=1)[1::2])


def test_arrays_in_fields():
    def use(a):
        a[0]["corners"][1, 2] = 5
        a["ends"][:, 0] = 4
        a[1]["ends"] = (8, 9)
        a["corners"][2] += 1
        return a["corners"][0, 1, 2], a[1]["ends"], a["corners"].shape, a["ends"].sum()

    check(use, filled(WITH_ARRAYS, 3))


def test_nested_records():
    def use(a):
        inner = a[1]["inner"]
        inner["a"] = 6
        a["from"]["x"] = 3
        inner["to"][1]["y"] = 2
        a[0]["from"] = a[1]["from"]
        a[2]["from"] = (7, 8)
        return inner["to"]["y"], a[1]["inner"]["a"], inner

    check(use, filled(NESTED, 3))


def test_fields_of_arrays_of_several_axes():
    def use(a):
        a["x"][1] = 4
        return a["x"], a.T["y"], a[:, 1]["x"], a["corners"] if len(a) > 5 else a["x"]

    array = filled(POINT, 6).reshape(2, 3)
    check(from_text("a", 'a["x"][1] = 4', 'return a["x"], a.T["y"], a[:, 1]["x"]'), array)
    with pytest.raises(TypingError, match="has no field `corners`"):
        njit(use)(array)


def test_an_empty_array():
    def use(a):
        a["x"] = 3
        return a["x"], a["y"].sum(), a[a["x"] > 0], a.copy()

    check(use, filled(POINT, 0))


def test_an_array_without_axes():
    def use(a):
        a["x"] = 3
        return a["x"].ndim, a["x"][()] + 1

    check(use, filled(POINT, 1).reshape(()))


FIELD = "y"
BOTH = ("x", "y")


def test_names_are_constants():
    def use(a):
        name = "x"
        return a[name][0], a[FIELD][0], a[0][BOTH[1]], a[1][-1]

    check(use, filled(POINT, 2))


def test_unpacking():
    def use(a):
        x, y = a[1]
        _, _, (p, q) = a[0], a[1], a[2]
        return x, y, p, q

    check(use, filled(POINT, 3))


# Assignment.


@every_dtype
def test_records_are_assigned(dtype):
    def assign(a, b):
        a[0] = b[1]
        a[1:] = b[:-1]
        a[-1] = a[0]
        r = b[0]
        r2 = a[1]
        a[2:4] = r
        return a, r2

    check(assign, filled(dtype, 5), filled(dtype, 5, seed=1))


@every_dtype
def test_overlapping_records_are_read_before_they_are_written(dtype):
    def assign(a):
        a[1:] = a[:-1]
        a[::-1] = a
        return a

    check(assign, filled(dtype, 5))


def test_tuples_and_numbers_are_assigned():
    def assign(a, b, c):
        a[0] = (1, 2.5)
        a[1:] = (3, 4)
        b[0] = (1, ((1, 2, 3), (4, 5, 6)), (7, 8))
        b[1] = (2, 9, 5)
        c[1] = (3, (1, 2), (4, (5, 6)) if len(c) > 100 else (4, 7))
        c[0] = 1
        a[-1] = 5

    def check_one(function, array):
        check(function, array)

    check_one(from_text("a", "a[0] = (1, 2.5)", "a[1:] = (3, 4)", "a[-1] = 5", "a[:1] = 7"), filled(POINT, 4))
    check_one(
        from_text("b", "b[0] = (1, ((1, 2, 3), (4, 5, 6)), (7, 8))", "b[1] = (2, 9, 5)", "b[2:] = 3"),
        filled(WITH_ARRAYS, 4),
    )
    check_one(from_text("c", "c[1] = (3, (1, 2), (4, 5))", "c[0] = 1"), filled(NESTED, 2))


def test_records_of_other_fields_are_assigned_by_position():
    def assign(a, b):
        a[0] = b[1]
        a[1:] = b[1:]

    other = np.dtype([("u", "i4"), ("v", "f4")])
    check(assign, filled(POINT, 3), filled(other, 3, seed=1))


def test_tuples_are_assigned_by_index_arrays():
    def assign(a, i, m):
        a[i] = (1, 2)
        a[m] = (3, 4)

    check(assign, filled(POINT, 3), np.array([2, 0]), np.array([False, True, False]))


def test_fields_that_share_memory():
    def use(a):
        a["whole"] = a["low"][::-1] + 7
        a["low"] = a["whole"] % 1000
        a["low"][1:] = a["whole"][:-1] // 7

    check(use, filled(OVERLAPPING, 100))

    def shift(a):
        a["x"][1:] = a["y"][:-1] + 1
        a["y"] = a["x"][::-1]
        a["x"] += a["y"]

    check(shift, filled(POINT, 1500))
    check(shift, filled(PACKED_POINT, 1500))


PACKED_POINT = np.dtype([("flag", "u1"), ("y", "f8"), ("x", "f4")])


def test_fill():
    def fill(a, r):
        a.fill(r)

    check(fill, filled(POINT, 3), filled(POINT, 1, seed=1)[0])


# Comparison.


@every_dtype
def test_comparison(dtype):
    def compare(a, b):
        return a == b, a != b, a[1] == b[1], a[0] != b[0], a == b[1]

    a = filled(dtype, 4)
    b = a.copy()
    name = dtype.names[0]
    b[name][2] = 0 if dtype[name].names is None else 99
    a[name][2] = 1 if dtype[name].names is None else 98
    actual = njit(compare)(a, b)
    # NumPy has no result of its own for an array and a record of it.
    expected = (a == b, a != b, bool(a[1] == b[1]), bool(a[0] != b[0]), a == np.array(b[1]))
    same(actual, expected)


def test_padding_does_not_count():
    a, b = np.zeros(2, ALIGNED), np.zeros(2, ALIGNED)
    b.view(np.uint8)[1] = 7
    assert njit(lambda a, b: (a == b).all())(a, b)


def test_nan_is_not_equal():
    a = np.array([(np.nan, 1), (-0.0, 1)], POINT)
    b = np.array([(np.nan, 1), (0.0, 1)], POINT)
    assert njit(lambda a, b: a == b)(a, b).tolist() == [False, True]
    assert njit(lambda a, b: (a[0] == b[0], a[1] == b[1], b[1] in a))(a, b) == (False, True, True)


UNSORTED = np.array([(3.0, 1), (np.nan, 2), (1.0, 1), (3.0, -1), (-0.0, 2), (1.0, 1)], [("x", "f8"), ("y", "i4")])
SORTS = [
    "np.sort(a)",
    "np.sort(a, order='y')",
    "np.sort(a, order=('y', 'x'))",
    "np.sort(a[::-1], kind='stable', order='x')",
    "np.sort(a.reshape(2, 3))",
    "np.sort(a.reshape(2, 3), axis=0, order='y')",
    "np.sort(a.reshape(3, 2), axis=None)",
    "np.argsort(a[:5])",
    "a[:5].argsort(order='y')",
]


@pytest.mark.parametrize("expression", SORTS)
def test_sorting(expression):
    check(from_text("a", f"return {expression}"), UNSORTED)


def test_sorting_in_place_and_by_fields_within_fields():
    def use(a, b):
        a.sort(order="y")
        b[::2].sort()
        return np.sort(b, order="at")

    dtype = np.dtype([("p", [("n", "i2"), ("m", "?")]), ("at", "M8[D]")])
    b = np.zeros(6, dtype)
    b["p"]["n"], b["p"]["m"], b["at"] = [3, 1, 3, 1, 0, 3], [1, 0, 0, 0, 1, 0], [5, 4, -1, 3, 2, np.datetime64("NaT").astype(int)]
    check(use, UNSORTED, b)


def test_records_as_tuples():
    def use(a):
        r = a[0]
        parts = r.item()
        r["x"] = 5
        return parts, r.tolist(), a.item(1), a[:1].item(), a.reshape(2, 1).item(1, 0), len(parts)

    points = np.array([(1.0, 2), (3.0, 4)], POINT)
    assert njit(use)(points.copy()) == use(points.copy())
    nested = filled(NESTED, 1)
    parts = njit(lambda a: a.item())(nested)
    assert parts[:2] == nested.item()[:2] and type(parts[2]) is tuple and parts[2][0] == nested[0]["inner"]["a"]
    arrays = filled(WITH_ARRAYS, 1)
    parts = njit(lambda a: a[0].item())(arrays)
    for part, expected in zip(parts, arrays[0].item()):
        np.testing.assert_array_equal(part, expected)


# Functions that move elements.

MOVERS = [
    "a[i]",
    "a[m]",
    "a[i[::-1]]",
    "a[::-2]",
    "a.copy()",
    "np.array(a)",
    "np.copy(a)",
    "np.asarray(a)",
    "np.ascontiguousarray(a[::2])",
    "a.reshape(2, 3)",
    "a.reshape(3, 2).T",
    "a.reshape(3, 2).ravel()",
    "a.reshape(3, 2).T.flatten()",
    "np.concatenate((a, a[:2]))",
    "np.stack((a, a))",
    "np.vstack((a, a))",
    "np.hstack((a, a))",
    "np.append(a, a)",
    "np.roll(a, 2)",
    "np.repeat(a, 2)",
    "np.tile(a, 2)",
    "np.flip(a)",
    "np.rot90(a.reshape(2, 3))",
    "np.delete(a, 1)",
    "np.insert(a, 1, a[0])",
    "np.take(a, i)",
    "a.take(i)",
    "np.resize(a, 9)",
    "np.split(a, 2)[1]",
    "np.squeeze(a.reshape(1, 6), 0)",
    "np.expand_dims(a, 0)",
    "np.atleast_2d(a)",
    "np.broadcast_to(a, (2, 6)).copy()",
    "np.moveaxis(a.reshape(2, 3), 0, 1).copy()",
    "np.diagonal(a[:4].reshape(2, 2)).copy()",
    "np.compress(m, a)",
    "np.extract(m, a)",
    "np.take_along_axis(a, i, 0)",
    "np.zeros_like(a)",
    "np.empty_like(a).shape",
    "np.zeros(3, a.dtype)",
    "np.zeros((2, 2), dtype=a.dtype)",
    "np.lib.stride_tricks.sliding_window_view(a, 3).copy()",
    "(a.size, a.nbytes, a.itemsize, a.shape, a.strides, a.ndim)",
    "(a.dtype.kind, a.dtype.str, a.dtype.itemsize, a.dtype.names, a.dtype.name, a.dtype.num, a.dtype.char)",
    "a.dtype == a.copy().dtype",
]


@pytest.mark.parametrize("expression", MOVERS)
@every_dtype
def test_elements_are_moved(dtype, expression):
    array = filled(dtype, 6)
    index, mask = np.array([4, 0, 4]), np.array([True, False, True, True, False, False])
    joins = ("concatenate", "stack", "append", "tile", "insert", "resize")
    if dtype is OVERLAPPING and any(join in expression for join in joins):
        # NumPy joins records of another layout here, without gaps; compiled code keeps the layout.
        function = from_text("a, i, m", f"return {expression}")
        actual, expected = njit(function)(array, index, mask), function(array, index, mask)
        assert actual.dtype == dtype
        return same_fields(actual, expected)
    check(from_text("a, i, m", f"return {expression}"), array, index, mask)


SETTERS = [
    ("a[i] = b[:3]", "a[i] = b[1]", "a[m] = b[:3]", "a[m] = b[0]"),
    ("a.reshape(2, 3)[:, i - 3] = b[0]",),
    ("np.put(a, i, b[:3])", "np.place(a, m, b[:2])", "np.putmask(a, m, b)"),
    ("np.copyto(a, b)",),
    ("a[i] = a[:3]", "a[m] = a[3:]"),
    ("a[i] = 3",),
]


@pytest.mark.parametrize("lines", SETTERS, ids=lambda lines: lines[0])
@every_dtype
def test_elements_are_set(dtype, lines):
    index, mask = np.array([5, 3, 4]), np.array([True, False, True, True, False, False])
    check(from_text("a, b, i, m", *lines), filled(dtype, 6), filled(dtype, 6, seed=1), index, mask)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 12, 16, 17, 63, 64, 65, 1000])
def test_records_of_every_size(size):
    dtype = np.dtype([("bytes", "u1", (size,))])
    array = np.arange(5 * size, dtype=np.uint8).view(dtype)

    def use(a, i):
        b = np.zeros(7, a.dtype)
        b[0] = a[1]
        b[1:4] = a[i]
        b[i] = a[4]
        return b, np.roll(a, 1), a[i]

    check(use, array, np.array([3, 0, 2]))


def test_mistakes_of_indices():
    take, put = njit(lambda a, i: a[i]), from_text("a, i", "a[i] = a[0]")
    array = filled(POINT, 3)
    before = array.copy()
    for function, index in [(take, 3), (take, np.array([1, 7])), (njit(put), np.array([1, 7])), (njit(put), -4)]:
        with pytest.raises(IndexError):
            function(array, index)
    same(array, before)


# Creation.


def test_arrays_are_created():
    def create(n):
        a = np.zeros(n, dtype=POINT)
        a["x"] = np.arange(n)
        b = np.empty((2, n), POINT)
        b[:] = a
        c = np.zeros(n, np.dtype(POINT))
        return a, b, c

    a, b, c = check(create, 3)
    assert a.dtype is POINT


def test_a_type_of_ours_is_a_dtype():
    record = rumba.from_dtype(PACKED)
    result = njit(lambda: np.zeros(2, dtype=record))()
    same(result, np.zeros(2, PACKED))


def test_record_arrays():
    plain = filled(POINT, 3)

    def create(n):
        a = np.recarray(n, dtype=POINT)
        a.x = 1
        a.y = np.arange(n)
        return a, a[1], a.y, a[1:]

    def create_in_numpy(n):
        a = np.recarray(n, dtype=POINT)
        a.x = 1
        a.y = np.arange(n)
        return a, a[1], np.asarray(a.y), a[1:]

    same(njit(create)(3), create_in_numpy(3))

    def view(a):
        r = a.view(np.recarray)
        r[0].x = 9
        return r, r[0]

    check(view, plain)


def test_record_arrays_as_arguments():
    array = np.rec.array([(1, 2.0), (3, 4.0)], dtype=[("u", "i8"), ("v", "f8")])

    def use(a):
        a.u += 1
        a[1].v = 8
        return a.v.sum(), a[0], a[::-1], a

    check(use, array)
    assert njit(lambda a: a)(array) is array


# The boundary.


def test_types():
    assert repr(rumba.typeof(filled(POINT, 2))) == "array(Record(x: float64, y: float64), 1d, C)"
    assert repr(rumba.typeof(filled(POINT, 2)[0])) == "Record(x: float64, y: float64)"
    record = rumba.from_dtype(WITH_ARRAYS)
    assert repr(record) == "Record(id: uint8, corners: float32[2, 3], ends: int64[2])"
    assert repr(rumba.from_dtype(ALIGNED)) == (
        "Record(flag: bool, x: float64 at 8, n: int16, z: complex128 at 24)"
    )
    assert repr(rumba.from_dtype(OVERLAPPING)) == "Record(whole: uint32 at 4, low: uint16 at 4; 24 bytes)"
    assert record.as_numpy_dtype() == WITH_ARRAYS
    assert isinstance(record, rumba.types.Record) and not isinstance(rumba.int64, rumba.types.Record)
    assert record.size == WITH_ARRAYS.itemsize
    assert record.offset("ends") == 25 and record.typeof("ends") == rumba.int64
    assert rumba.from_dtype(POINT).members == [("x", rumba.float64), ("y", rumba.float64)]
    assert rumba.from_dtype("f4") == rumba.float32


def test_equal_dtypes_are_one_type():
    again = np.dtype([("x", "f8"), ("y", "f8")])
    assert again is not POINT
    assert rumba.from_dtype(again) == rumba.from_dtype(POINT)
    assert rumba.from_dtype([("y", "f8"), ("x", "f8")]) != rumba.from_dtype(POINT)
    assert rumba.from_dtype([("x", "f8"), ("y", "i8")]) != rumba.from_dtype(POINT)
    function = njit(lambda a: a["x"].sum())
    function(np.zeros(2, POINT))
    function(np.zeros(2, again))
    function(np.zeros(2, np.dtype([("x", "f8"), ("y", "f8")], align=True)))
    assert len(function.signatures) == 1


def test_types_are_made_from_parts():
    made = rumba.types.Record.make_c_struct([("a", rumba.int8), ("b", rumba.float64)])
    assert made.as_numpy_dtype() == np.dtype([("a", "i1"), ("b", "f8")], align=True)
    fields = [("a", {"type": rumba.int8, "offset": 0}), ("b", {"type": rumba.float64, "offset": 4})]
    assert rumba.types.Record(fields, 16).offset("b") == 4


def test_types_are_pickled():
    for ty in [rumba.from_dtype(NESTED), rumba.typeof(filled(PACKED, 1)), rumba.from_dtype(PACKED)[:, ::1]]:
        assert pickle.loads(pickle.dumps(ty)) == ty


def test_signatures():
    record = rumba.from_dtype(POINT)

    @njit(rumba.float64(record[:], record))
    def total(a, r):
        return a.x.sum() + r.y

    a = filled(POINT, 4)
    assert total(a, a[0]) == a["x"].sum() + a[0]["y"]
    with pytest.raises(TypeError):
        total(filled(PACKED, 1), a[0])


def test_records_come_back():
    identity = njit(lambda r: r)
    a = filled(NESTED, 3)
    r = a[1]
    assert identity(r) is r
    owned = a[1].copy()
    assert identity(owned) is owned
    inner = njit(lambda r: r["inner"])(r)
    inner["a"] = 77
    assert a[1]["inner"]["a"] == 77
    element = njit(lambda a: a[2])(a)
    element["tag"] = 5
    assert a[2]["tag"] == 5


def test_a_record_outlives_its_array():
    @njit
    def make(n):
        a = np.zeros(n, dtype=POINT)
        a["x"] = np.arange(n)
        return a[n - 1]

    before = _core.live_allocations()
    record = make(4)
    assert _core.live_allocations() == before + 1
    gc.collect()
    assert record["x"] == 3.0 and type(record) is np.void
    record["x"] = 8
    assert record["x"] == 8.0
    del record
    gc.collect()
    assert _core.live_allocations() == before


def test_copies_of_records():
    def copied(a):
        r = a[0].copy()
        r["x"] = 99
        return r, a[0]["x"]

    check(copied, filled(POINT, 2))


def test_records_in_variables_of_one_type():
    def last(a, b, n):
        r = a[0]
        for i in range(n):
            r = b[i] if i % 2 else a[i]
        return r["x"], r

    a, b = filled(POINT, 5), filled(POINT, 5, seed=1)
    check(last, a, b, 4)
    check(last, a, b, 0)


def test_optional_records():
    @njit
    def find(a, x):
        found = None
        for r in a:
            if r["x"] == x:
                found = r
        return found

    a = filled(POINT, 3)
    assert find(a, 1234.0) is None
    assert find(a, a["x"][1])["x"] == a["x"][1]


def test_read_only_arrays():
    a = filled(NESTED, 2)
    a.flags.writeable = False
    assert njit(lambda a: a[1]["from"]["x"])(a) == a[1]["from"]["x"]
    record = njit(lambda a: a[1])(a)
    assert not record.flags.writeable
    for line in ['a[0]["tag"] = 1', 'a["tag"] = 1', "a[0] = a[1]", 'a[0]["from"]["x"] = 1', 'a["from"]["x"][0] = 1']:
        with pytest.raises(TypingError, match="read-only"):
            njit(from_text("a", line))(a)
    same(record, a[1])


TABLE = filled(WITH_ARRAYS, 3)
ROW = filled(POINT, 2)[1]


def test_globals():
    assert njit(lambda i: TABLE[i]["ends"][1])(1) == TABLE[1]["ends"][1]
    assert njit(lambda: ROW["y"] + ROW.x)() == ROW["y"] + ROW["x"]
    same(njit(lambda i: TABLE[i])(1), TABLE[1].copy())
    same(njit(lambda: ROW)(), ROW.copy())

    def write():
        ROW["x"] = 1

    with pytest.raises(TypingError, match="read-only"):
        njit(write)()


def test_unaligned_memory():
    dtype = np.dtype([("x", "f8"), ("n", "i4")])
    buffer = bytearray(1 + 3 * dtype.itemsize)
    array = np.frombuffer(buffer, dtype, offset=1)

    def use(a):
        a["x"] = np.arange(3) + 0.5
        a["n"] += 2
        a[1]["x"] *= 2
        return a["x"].sum(), np.sqrt(a["x"]), a["n"] * 2

    array_too = np.frombuffer(bytearray(1 + 3 * dtype.itemsize), dtype, offset=1)
    same(njit(use)(array), use(array_too))
    same(array, array_too)


def test_titles():
    dtype = np.dtype([(("the x coordinate", "x"), "f8"), ("y", "f8")])

    def use(a):
        return a["the x coordinate"], a[0]["x"], a

    check(use, filled(dtype, 2))


@pytest.mark.parametrize(
    ("dtype", "says"),
    [
        ([("a", "i4"), ("b", ">f8")], "field `b` has byte-swapped"),
        ([("a", "O")], "field `a` has object"),
        ([("a", [("inner", "f2")])], "field `a` has records whose field `inner` has float16"),
        ("V8", "raw bytes"),
        ([("a", "f8", (0,))], "no bytes"),
        ({"names": [], "formats": [], "itemsize": 8}, "no fields"),
    ],
)
def test_dtypes_that_are_refused(dtype, says):
    array = np.zeros(2, dtype)
    with pytest.raises(TypingError, match=says):
        njit(lambda a: a)(array)


MISTAKES = {
    'a["z"]': "has no field `z`",
    "a.z": "has no attribute `z`",
    "a[0].z": "has no attribute `z`",
    'a[0]["z"]': "has no field `z`",
    "a[0][2]": "out of range",
    "a[0][n]": "named by a constant",
    "a + 1": "not defined",
    "a[0] + 1": "not defined",
    "a[0] < a[1]": "not defined",
    "a < a": "not defined",
    "a @ a": "not defined",
    "-a": "not defined",
    "np.sum(a)": "not defined",
    "a.sum()": "not defined",
    "np.sort(a, order='z')": "has no field `z`",
    "np.sort(a, order=('x', 'x'))": "duplicate field name",
    "np.sort(a, order=n)": "`order` is the constant name",
    "np.partition(a, 1)": "not defined",
    "np.where(a, 1, 2)": "not defined",
    "np.sqrt(a)": "not defined",
    "np.median(a)": "not defined",
    "np.compress(a, a)": "neither true nor false",
    "np.linalg.norm(a)": "not defined",
    "np.ones(3, a.dtype)": "not defined",
    "a.astype(np.float64)": "do not convert",
    "np.concatenate((a, b))": "do not convert",
    "bool(a[0])": "no truth value",
    "float(a[0])": "real number",
    "a == b": "not defined",
    "a[0] == 1": "not defined",
    "max(a)": "not defined",
    "1.0 in a": "not defined",
}


@pytest.mark.parametrize("expression", MISTAKES)
def test_mistakes(expression):
    function = njit(from_text("a, b, n", f"return {expression}"))
    with pytest.raises(TypingError, match=MISTAKES[expression]) as caught:
        function(filled(POINT, 2), filled(PACKED, 2), 1)
    assert "^" in str(caught.value)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("a[0] = (1, 2, 3)", "3 values cannot be stored in the 2 fields"),
        ("a[0] = None", "None cannot be stored"),
        ('a["x"] = 1j', "cannot be stored"),
        ('a[0]["x"] = 1j', "cannot be stored as field `x`, float64"),
        ("a[0] = b[0]", "4 values cannot be stored in the 2 fields"),
        ("a[0].z = 1", "has no field `z`"),
        ("a.z = 1", "has no field `z`"),
        ('a["x"] = a["x"][:, None]', ""),
    ],
)
def test_mistakes_of_assignment(line, says):
    if not says:
        with pytest.raises(ValueError, match="could not broadcast"):
            njit(from_text("a, b", line))(filled(POINT, 2), filled(PACKED, 2))
        return
    with pytest.raises(TypingError, match=says) as caught:
        njit(from_text("a, b", line))(filled(POINT, 2), filled(PACKED, 2))
    assert "^" in str(caught.value)


SEVERAL_FIELDS = [
    'return a[["x", "n"]], a[["n", "x"]], a[["x"]]',
    'v = a[["n", "z"]]; v["n"] = 5; v[0]["z"] = 1j; return a, v',
    'return a[["x", "n"]][1:], a[::-1][["n", "flag"]], a[["x", "n"]].copy()["x"], a[["n", "x"]][0]',
    'a[["x", "n"]] = b[["x", "n"]]; return a',
    'a[["x", "n"]] = a[["n", "x"]]; return a',
    'a[1:][["x", "n"]] = a[:-1][["x", "n"]]; return a',
    'a[["n", "x"]] = (3, 4.5); return a',
    'a[["n", "x"]] = 7; return a',
    'v = a[["x", "n"]]; v[0] = b[["x", "n"]][1]; return a',
    'v = a[["x", "n"]]; v[0] = (1.5, 2); return a',
    'r = a[0]; s = r[["n", "x"]]; s["x"] = 8; return a, s, s["n"], s.item()',
    'a[["x", "n"]] = b[1][["x", "n"]]; return a',
    'return a[["flag", "n"]] == b[["flag", "n"]], np.sort(a[["x", "n"]])["n"], a[["x", "n"]].dtype.itemsize, a[["x", "n"]].dtype.names',
    'return np.unique(a[["x", "n"]])["n"], a[["x", "n"]][a["n"] > -3], np.take(a[["n", "x"]], np.array((0, 2)))',
]


@pytest.mark.parametrize("body", SEVERAL_FIELDS)
@pytest.mark.parametrize("dtype", [PACKED, ALIGNED], ids=["packed", "aligned"])
def test_several_fields_at_once(dtype, body):
    jitted = njit(from_text("a, b", body))
    a, b = filled(dtype, 4), filled(dtype, 4, seed=1)
    expected = jitted.py_func(a.copy(), b)
    same(jitted(a.copy(), b), expected)


def test_several_fields_of_a_record_array():
    a = filled(PACKED, 3).view(np.recarray)
    jitted = njit(from_text("a", 'return a[["x", "n"]]'))
    same(jitted(a), jitted.py_func(a))


def test_a_selection_is_an_argument_again():
    jitted = njit(from_text("a", 'return a["n"].sum(), a[["n"]]'))
    a = filled(PACKED, 3)
    selected = njit(from_text("a", 'return a[["x", "n"]]'))(a)
    same(jitted(selected), jitted.py_func(a[["x", "n"]]))


def test_mistakes_of_several_fields():
    for body, says in (
        ('return a[["x", "q"]]', "has no field `q`"),
        ('return a[["x", "x"]]', "duplicate field of name `x`"),
        ('a[["x", "y"]] = 1', "read-only"),
        ('return np.ones(3)[["x", "y"]]', "index"),
        ('a.copy()[0][["x", "y"]] = 1', "named by a constant"),
    ):
        a = filled(POINT, 2)
        a.flags.writeable = False
        with pytest.raises(TypingError, match=says) as caught:
            njit(from_text("a", body))(a)
        assert "^" in str(caught.value)


def test_nothing_leaks():
    @njit
    def work(a, n):
        b = np.zeros(n, dtype=POINT)
        r = b[0]
        for i in range(n):
            r = b[i]
            r.x = i
            b = np.roll(b, 1)
        b[:2] = a[:2]
        c = b[b["x"] > 1]
        if n == 3:
            raise ValueError(n)
        return r, c["x"].copy()

    a = filled(POINT, 5)
    work(a, 4)
    gc.collect()
    before = _core.live_allocations()
    for _ in range(5):
        work(a, 4)
        with pytest.raises(ValueError):
            work(a, 3)
    gc.collect()
    assert _core.live_allocations() == before


def test_dtype_objects_are_not_kept():
    function = njit(lambda a: a["x"].sum())
    function(np.zeros(1, POINT))
    first = np.dtype([("x", "f8"), ("y", "f8")])
    import sys

    count = sys.getrefcount(first)
    for _ in range(10):
        function(np.zeros(1, first))
    assert sys.getrefcount(first) == count


# Any dtype.

scalars = st.sampled_from(["?", "i1", "u1", "i2", "u4", "i8", "f4", "f8", "c8", "c16"])
shapes = st.lists(st.integers(1, 3), min_size=1, max_size=2).map(tuple)


def structs(inner):
    field = st.one_of(st.tuples(inner), st.tuples(inner, shapes))
    fields = st.lists(field, min_size=1, max_size=4)
    return st.tuples(fields, st.booleans()).map(
        lambda made: np.dtype([(f"f{idx}", *field) for idx, field in enumerate(made[0])], align=made[1])
    )


dtypes = structs(st.one_of(scalars, structs(st.one_of(scalars, structs(scalars)))))


@settings(max_examples=25, deadline=None)
@given(dtypes, st.integers(0, 2**32), st.booleans())
def test_any_dtype(dtype, seed, is_strided):
    array, other = filled(dtype, 6, seed), filled(dtype, 6, seed + 1)
    if is_strided:
        array, other = array[::-2], other[1::2]
    check_every_field(array, other)
    check(
        from_text("a, b, i", "a[i] = b[i[::-1]]", "a[1] = b[0]", "return a == b, a.copy(), a[i]"),
        array,
        other,
        np.array([0, 2]),
    )
