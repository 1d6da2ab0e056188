"""`datetime64` and `timedelta64`: arithmetic, comparison, units, NaT, and functions of arrays of them."""

import functools
import linecache
import pickle
import warnings

import numpy as np
import pytest
import rumba
from hypothesis import given, settings
from hypothesis import strategies as st
from rumba import njit
from rumba.errors import TypingError

NAT = np.iinfo(np.int64).min
DATES = np.array(["2020-01-31", "NaT", "1969-03-01", "1900-12-31", "2020-02-29"], "M8[D]")
SPANS = np.array([5, -7, NAT, 0, 12], "m8[h]")


def same(actual, expected):
    if isinstance(expected, tuple):
        assert len(actual) == len(expected)
        for a, b in zip(actual, expected):
            same(a, b)
    elif isinstance(expected, np.ndarray) and expected.dtype.names:
        for name in expected.dtype.names:
            same(actual[name], expected[name])
    elif isinstance(expected, (np.ndarray, np.datetime64, np.timedelta64)):
        assert type(actual) is type(expected)
        assert actual.dtype == expected.dtype and actual.shape == expected.shape
        np.testing.assert_array_equal(actual, expected)
    else:
        np.testing.assert_equal(actual, expected)


@functools.cache
def from_text(parameters, *lines):
    """A function from text, which the compiler finds as it finds any other."""
    source = f"def f({parameters}):\n" + "".join(f"    {line}\n" for line in lines)
    name = f"<times {parameters} {lines}>"
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    scope = {"np": np}
    exec(compile(source, name, "exec"), scope)
    return scope["f"]


@functools.cache
def compiled(function):
    return njit(function)


def check(function, *args):
    expected_args, actual_args = [[np.copy(a) if isinstance(a, np.ndarray) else a for a in args] for _ in range(2)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = function(*expected_args)
    same(compiled(function)(*actual_args), expected)
    same(tuple(actual_args), tuple(expected_args))


EXPRESSIONS = [
    "d + t",
    "t + d",
    "d - t",
    "d - d[::-1]",
    "t + t[::-1]",
    "t - t[::-1]",
    "t + 3",
    "3 - t",
    "d + 3",
    "d - 3",
    "t * 2",
    "2 * t",
    "t * 1.5",
    "t * np.nan",
    "t / 2",
    "t // 2",
    "t // -2",
    "t / 2.5",
    "t // 2.5",
    "t / 0",
    "t / 0.0",
    "t / t[::-1]",
    "t // t[::-1]",
    "t % t[::-1]",
    "np.divmod(t, t[::-1])",
    "-t",
    "+t",
    "abs(t)",
    "np.absolute(t)",
    "np.sign(t)",
    "d == d[::-1]",
    "d != d",
    "d < d[0]",
    "d >= d[2]",
    "t > t[1]",
    "t <= t[::-1]",
    "t < 3",
    "np.isnat(d)",
    "np.isnat(t)",
    "np.isnan(t)",
    "np.isfinite(d)",
    "np.minimum(t, t[::-1])",
    "np.maximum(d, d[::-1])",
    "np.fmin(t, t[::-1])",
    "np.fmax(d, d[::-1])",
    "d[0] - d[2]",
    "d[0] + t[0]",
    "t[0] + 3",
    "t[0] / t[1]",
    "t[0] // t[1]",
    "t[0] % t[1]",
    "divmod(t[0], t[1])",
    "divmod(t[0], t[3])",
    "t[0] * 3",
    "t[0] * 0.5",
    "-t[1]",
    "abs(t[1])",
    "t[0] < t[1]",
    "d[1] == d[1]",
    "d[1] != d[1]",
    "d[1] < d[0]",
    "min(t[0], t[1])",
    "max(d[0], d[3])",
    "bool(t[0]) and not bool(t[3])",
    "d[0] in d",
    "np.sort(d)",
    "np.sort(t)",
    "np.argsort(t)",
    "np.lexsort((t, t // np.timedelta64(6, 'h')))",
    "t.max()",
    "t[:2].max()",
    "d.min()",
    "d[::2].min()",
    "np.max(d[::2])",
    "np.amin(t[:2])",
    "t.argmax()",
    "t[:2].argmax()",
    "t.argmin()",
    "t[:2].argmin()",
    "t.sum()",
    "np.sum(t[:2])",
    "t.mean()",
    "t[:2].mean()",
    "np.mean(t[:0])",
    "t[:4].reshape(2, 2).sum(axis=0)",
    "t[:4].reshape(2, 2).sum(axis=1, keepdims=True)",
    "t[:4].reshape(2, 2).mean(axis=1)",
    "t[:4].reshape(2, 2).max(axis=0)",
    "t[:2].sum(initial=np.timedelta64(3, 'h'))",
    "t[:2].sum(initial=np.timedelta64(90, 'm'))",
    "t[:2].sum(initial=2)",
    "t[:2].sum(initial=np.timedelta64('NaT', 'h'))",
    "t.sum(where=np.array((True, False, False, True, True)))",
    "t.mean(where=np.array((True, False, False, True, True)))",
    "t[:4].reshape(2, 2).mean(axis=0, where=np.array((True, False)))",
    "t[:2].max(initial=np.timedelta64(7, 'h'))",
    "t[:2].max(initial=np.timedelta64(20, 'm'))",
    "d[::2].min(initial=np.datetime64('1950-01-01'))",
    "np.nanmin(t)",
    "np.nanmax(d)",
    "np.nansum(t[:2])",
    "np.add.reduce(t[:2])",
    "np.maximum.reduce(t[:2])",
    "np.minimum.reduce(d)",
    "np.fmax.reduce(t)",
    "np.fmin.reduce(d)",
    "np.cumsum(t)",
    "t[::-1].cumsum()",
    "t[:4].reshape(2, 2).cumsum(axis=0)",
    "np.cumsum(t[:4].reshape(2, 2))",
    "np.nancumsum(t[:2])",
    "np.add.accumulate(t)",
    "np.cumulative_sum(t, include_initial=True)",
    "np.maximum.accumulate(d)",
    "np.minimum.accumulate(t)",
    "np.ptp(t)",
    "np.ptp(t[:2])",
    "np.ptp(d[::2])",
    "np.ptp(d[::2].reshape(3, 1), axis=0, keepdims=True)",
    "np.clip(t, t[3], np.timedelta64(300, 'm'))",
    "np.clip(t, 0, 3)",
    "np.clip(d, d[2], np.datetime64('2000-01-01T12'))",
    "t.clip(t[1])",
    "t.clip(max=t[0])",
    "np.clip(t, min=t[::-1], max=t[0])",
    "np.minimum(t, 3)",
    "np.median(t)",
    "np.median(t[:2])",
    "np.median(t[3:])",
    "np.median(t[:0])",
    "np.median(t[np.array((0, 1, 3, 4))].reshape(2, 2), axis=1)",
    "np.median(t[np.array((1, 0, 3))])",
    "np.nanmedian(t)",
    "np.nanmedian(t[2:3])",
    "np.percentile(t[:2], 30)",
    "np.percentile(t, 30)",
    "np.percentile(t[np.array((0, 1, 3, 4))], (0, 30, 61, 100))",
    "np.percentile(d[::2], 40)",
    "np.quantile(d[::2], 0.4, method='lower')",
    "np.quantile(d[::2], 0.7, method='hazen')",
    "np.nanpercentile(t, 30)",
    "np.nanquantile(d, 0.3, method='inverted_cdf')",
    "np.quantile(t[np.array((0, 1, 3, 4))].reshape(2, 2), 0.25, axis=1)",
    "np.any(t)",
    "np.all(t)",
    "np.count_nonzero(t)",
    "t.nonzero()",
    "np.flatnonzero(t)",
    "np.argwhere(t)",
    "np.array_equal(d, d)",
    "np.array_equal(d[2:], d[2:])",
    "np.array_equiv(t[0], t[:1])",
    "np.datetime_data('M8[25s]')",
    "np.datetime_data(t.dtype)",
    "np.unique(d)",
    "np.unique(t, return_index=True, return_counts=True)",
    "np.union1d(t, t[:2])",
    "np.isin(t, t[:1])",
    "np.searchsorted(np.sort(t), np.timedelta64(300, 'm'))",
    "np.diff(d)",
    "np.diff(t)",
    "np.searchsorted(np.sort(t), t)",
    "np.searchsorted(np.sort(d), d[0])",
    "np.arange(d[2], d[0], np.timedelta64(2000, 'D'))",
    "np.arange(d[2], d[2] + 3)",
    "np.arange(np.timedelta64(3, 's'), np.timedelta64(9, 's'))",
    "np.where(np.isnat(t), t[0], t)",
    "np.concatenate((d, d))",
    "np.roll(t, 1)",
    "np.flip(d)",
    "d[d > d[2]]",
    "d.reshape(5, 1) - d",
    "d.copy()",
    "np.zeros(3, 'M8[s]')",
    "np.zeros(2, d.dtype)",
    "np.zeros(2, 'timedelta64[25ms]')",
    "np.zeros_like(t)",
    "np.full(3, t[0])",
    "np.full((2, 2), d[0])",
    "d.astype('M8[M]')",
    "d.astype('M8[Y]').astype('M8[D]')",
    "d.astype('M8[s]')",
    "d.astype('M8[W]')",
    "d.astype('M8[25s]')",
    "d.astype('M8[3D]')",
    "t.astype('m8[D]')",
    "t.astype('m8[ms]')",
    "d.astype(np.int64)",
    "t.astype(np.int64).astype('m8[h]')",
    "d.view(np.int64)",
    "t.view(np.int64).view('m8[s]')",
    "t[0].astype('m8[s]')",
    "d[0].astype('M8[M]').astype('M8[D]')",
    "t[0].astype(np.int64)",
    "t[0].view(np.int64)",
    "t + np.timedelta64(30, 'm')",
    "t + np.timedelta64(30)",
    "d + np.timedelta64(1, 'W')",
    "d.astype('M8[M]') + np.timedelta64(1, 'M')",
    "d.astype('M8[Y]') < d",
    "d - np.datetime64('2020-01')",
    "np.datetime64('2021-02-03T04:05') + t",
    "np.datetime64('2021-02-03T04:05:06.789')",
    "np.datetime64('NaT')",
    "np.datetime64('2020-01-01', 's')",
    "np.datetime64('2020-05-17', 'M')",
    "np.datetime64(17, 'D')",
    "np.datetime64(d[0], 's')",
    "np.timedelta64(5, 'D')",
    "np.timedelta64(5)",
    "np.timedelta64(t[0], 's')",
    "np.timedelta64('NaT')",
    "(d.dtype.kind, d.dtype.name, d.dtype.str, d.dtype.num, d.dtype.itemsize, t.dtype.char)",
    "(d.dtype == t.dtype, t.dtype == 'm8[h]')",
    "(d.size, d.itemsize, d.strides)",
]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_expressions(expression):
    check(from_text("d, t", f"return {expression}"), DATES, SPANS)


STATEMENTS = [
    "d[0] = d[2]",
    "d[1:] = d[0]",
    "d[:] = d[::-1]",
    "d[0] = np.datetime64('2000-01-01T12')",
    "d[0] = '2000-01-01'",
    "d[1:3] = np.datetime64('NaT')",
    "t[0] = 5",
    "t[:] = np.timedelta64(2, 'D')",
    "t[np.isnat(t)] = t[0]",
    "d += t[0]",
    "d -= 1",
    "t *= 2",
    "t //= 2",
    "d.sort()",
    "t.sort()",
    "t.fill(t[1])",
    "np.add(t, t, t)",
]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_statements(statement):
    if statement == "d += t[0]":
        # The sum is in hours; it is stored in days, as NumPy does by the casting rule 'same_kind'.
        return check(from_text("d, t", statement), DATES, SPANS.astype("m8[D]"))
    check(from_text("d, t", statement), DATES, SPANS)


OUTS = [
    ("np.sum(t[:2], out=out)", np.zeros((), "m8[s]")),
    ("t[:2].mean(out=out)", np.zeros((), "m8[s]")),
    ("np.cumsum(t, out=out)", np.zeros(5, "m8[s]")),
    ("np.max(t[:4].reshape(2, 2), axis=0, out=out)", np.zeros(2, "m8[h]")),
    ("np.ptp(t[:2], out=out)", np.zeros((), "m8[h]")),
    ("np.clip(t, t[3], t[0], out=out)", np.zeros(5, "m8[m]")),
    ("np.median(t[:2], out=out)", np.zeros((), "m8[h]")),
    ("np.percentile(d[::2], 40, out=out)", np.zeros((), "M8[D]")),
    ("np.argmax(t[:4].reshape(2, 2), axis=0, out=out)", np.zeros(2, np.int64)),
]


@pytest.mark.parametrize(("expression", "out"), OUTS, ids=[expression for expression, _ in OUTS])
def test_results_stored_into_out(expression, out):
    check(from_text("d, t, out", f"{expression}", "return out"), DATES, SPANS, out)


def test_out_of_another_shape():
    with pytest.raises(ValueError):
        compiled(from_text("t, out", "np.cumsum(t, out=out)"))(SPANS, np.zeros(3, "m8[h]"))
    with pytest.raises(TypingError, match="read-only"):
        out = np.zeros(5, "m8[h]")
        out.flags.writeable = False
        compiled(from_text("t, out", "np.cumsum(t, out=out)"))(SPANS, out)


def test_loops():
    def latest(dates, limit):
        best = dates[0]
        total = np.timedelta64(0, "D")
        n_missing = 0
        for date in dates:
            if np.isnat(date):
                n_missing += 1
                continue
            if best < date < limit:
                best = date
            total += date - best
        return best, total, n_missing

    check(latest, DATES, np.datetime64("2020-02-01"))


def test_chains_of_operations_on_arrays():
    def hours(start, stop):
        return ((stop - start) / np.timedelta64(1, "h")).sum(), (stop - start)[(stop - start) > np.timedelta64(0, "s")]

    start = np.array(["2020-01-01T00:00", "2020-01-02T12:30"], "M8[s]")
    check(hours, start, start + np.array([90, -30], "m8[m]"))


EPOCH = np.datetime64("1970-01-01", "ms")
STEP = np.timedelta64(25, "s")
HOLIDAYS = np.array(["2020-01-01", "2020-12-25"], "M8[D]")


def test_globals():
    check(lambda n: (EPOCH + n * STEP, HOLIDAYS[0] - EPOCH, HOLIDAYS), 3)


def test_values_pass_the_boundary():
    identity = njit(lambda x: x)
    for value in [
        np.datetime64("2020-01-01"),
        np.datetime64("NaT"),
        np.datetime64("NaT", "s"),
        np.datetime64("2020-01-01T00:00:00.123456789"),
        np.timedelta64(5),
        np.timedelta64("NaT"),
        np.timedelta64(-3, "25s"),
        np.timedelta64(NAT + 1, "as"),
        DATES,
        SPANS[::-2],
        (np.timedelta64(1, "Y"), 2),
    ]:
        same(identity(value), value)
        assert len(identity.signatures) > 0
    assert identity(DATES) is DATES


def test_dtypes_are_compared_by_unit():
    count = njit(lambda a: len(a))
    for _ in range(3):
        count(np.zeros(2, np.dtype("M8[s]")))
    assert len(count.signatures) == 1
    count(np.zeros(2, "M8[2s]"))
    count(np.zeros(2, "m8[s]"))
    assert len(count.signatures) == 3


def test_types():
    assert repr(rumba.typeof(DATES)) == "array(datetime64[D], 1d, C)"
    assert repr(rumba.typeof(SPANS[0])) == "timedelta64[h]"
    assert rumba.types.NPDatetime("ms") == rumba.typeof(np.datetime64(0, "ms"))
    assert rumba.types.NPTimedelta("") == rumba.typeof(np.timedelta64(1))
    assert rumba.types.NPTimedelta("25s").unit == "25s" and rumba.types.NPTimedelta("").unit == ""
    assert isinstance(rumba.types.NPDatetime("s"), rumba.types.NPDatetime)
    assert rumba.from_dtype("M8[D]").as_numpy_dtype() == np.dtype("M8[D]")
    for ty in [rumba.typeof(DATES), rumba.types.NPTimedelta("25s")]:
        assert pickle.loads(pickle.dumps(ty)) == ty


def test_signatures():
    @njit(rumba.types.NPTimedelta("s")(rumba.types.NPDatetime("s")[:]))
    def length(a):
        return a[-1] - a[0]

    assert length(DATES[[2, 0]].astype("M8[s]")) == DATES[0] - DATES[2]
    with pytest.raises(TypeError):
        length(DATES)


def test_fields_of_records():
    dtype = np.dtype([("flag", "u1"), ("at", "M8[s]"), ("for", "m8[ms]", (2,))])
    array = np.zeros(3, dtype)
    array["at"] = DATES[[0, 1, 2]]

    def use(a):
        a["for"][1] = np.timedelta64(3, "s")
        a[0]["at"] += np.timedelta64(1, "D")
        a[2] = (1, np.datetime64("2020-01-01"), np.timedelta64(5, "s"))
        return a["at"], a[1]["for"], a[0]["at"] + a[2]["for"][0], a == a

    check(use, array)


def test_branches_meet_in_a_common_unit():
    @njit
    def choose(flag):
        if flag:
            span = np.timedelta64(2, "m")
        else:
            span = np.timedelta64(30, "s")
        return span

    assert choose(True) == np.timedelta64(120, "s") and choose(True).dtype == np.dtype("m8[s]")
    assert choose(False) == np.timedelta64(30, "s")


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ("d + d", "not defined"),
        ("t - d", "not defined"),
        ("t * t", "not defined"),
        ("d * 2", "not defined"),
        ("-d", "not defined"),
        ("d < 5", "not defined"),
        ("d < t", "not defined"),
        ("d + 1.5", "not defined"),
        ("np.sqrt(t)", "not defined"),
        ("np.isnat(x)", "not defined"),
        ("np.std(t)", "not defined"),
        ("t.prod()", "not defined"),
        ("d.sum()", "not defined"),
        ("np.linalg.norm(t)", "not defined"),
        ("np.timedelta64(1, 'M') + t", "no common one"),
        ("d + np.timedelta64(1, 'M')", "no common one"),
        ("np.timedelta64(1, 'M').astype('m8[D]')", "does not convert"),
        ("np.datetime64('2020-13-01')", "no date"),
        ("np.datetime64('yesterday')", "no date"),
        ("np.datetime64(5)", "by a unit"),
        ("np.timedelta64(5, 'fortnight')", "unit is a constant string"),
        ("np.timedelta64(1.5, 's')", "does not convert"),
        ("np.datetime64(t[0])", "does not convert"),
        ("d.astype('m8[s]')", "does not convert"),
        ("t.astype('f8')", "does not convert"),
        ("t.sum(dtype=np.int64)", "not supported"),
        ("t.cumsum(dtype='m8[s]')", "not supported"),
        ("t.max(initial=1.5)", "not compared"),
        ("d.max(initial=t[0])", "not compared"),
        ("np.median(d)", "not defined"),
        ("np.cumsum(d)", "not defined"),
        ("np.cumprod(t)", "not defined"),
        ("np.clip(t, None, None)", "needs a bound"),
        ("np.quantile(t, 0.5, method='inverted_cdf', weights=np.ones(5))", "are for numbers"),
        ("np.datetime_data(np.float64)", "dtype of times"),
        ("np.sort(t, t[0])", "no time"),
        ("np.isin(t, np.zeros(2))", "not compared"),
        ("np.where(t)", "neither true nor false"),
        ("np.arange(d[0], d[2], 1.5)", "time or an int"),
    ],
)
def test_mistakes(expression, says):
    with pytest.raises(TypingError, match=says) as caught:
        njit(from_text("d, t, x", f"return {expression}"))(DATES, SPANS, 1.5)
    assert "^" in str(caught.value)


@pytest.mark.parametrize("statement", ["d[0] = 1.5", "d[0] = t[0]", "t[:] = d", "x[0] = d[0]", "d[0] = 'soon'"])
def test_mistakes_of_assignment(statement):
    with pytest.raises(TypingError):
        njit(from_text("d, t, x", statement))(DATES.copy(), SPANS.copy(), np.zeros(2))


def test_arrays_without_axes():
    def use(d, t):
        return d + t, d - d, t * 2, t < t, np.isnat(d), t[()], -t, d[...]

    d, t = DATES[0:1].reshape(()), SPANS[0:1].reshape(())
    same(njit(use)(d, t), tuple(part[()] if isinstance(part, np.ndarray) and n < 7 else part for n, part in enumerate(use(d, t))))


def test_empty_arrays():
    for expression in ["t.max()", "t.min()", "t.argmax()"]:
        with pytest.raises(ValueError):
            compiled(from_text("t", f"return {expression}"))(SPANS[:0])


# Any units.

LINEAR = ["W", "D", "h", "m", "s", "ms", "us"]
units = st.tuples(st.integers(1, 30), st.sampled_from(LINEAR)).map(lambda unit: f"{unit[0]}{unit[1]}")
date_units = st.one_of(units, st.tuples(st.integers(1, 5), st.sampled_from("YM")).map(lambda unit: f"{unit[0]}{unit[1]}"))
counts = st.lists(st.one_of(st.integers(-(10**6), 10**6), st.just(NAT)), min_size=4, max_size=4)


@settings(max_examples=40, deadline=None)
@given(units, units, counts, counts)
def test_spans_of_any_units(unit, other, a, b):
    a, b = np.array(a, f"m8[{unit}]"), np.array(b, f"m8[{other}]")
    check(from_text("a, b", "return a + b, a - b, a / b, a // b, a % b, a < b, a == b, np.maximum(a, b)"), a, b)
    check(from_text("a, b", "return a[0] + b[0], a[1] // b[1], a[2] <= b[2], np.sort(a), np.unique(b)"), a, b)


@settings(max_examples=40, deadline=None)
@given(date_units, date_units, counts, counts, units)
def test_dates_of_any_units(unit, other, a, b, of_span):
    # Within a few thousand years, where no unit overflows.
    limit = {"Y": 40, "M": 400, "W": 1000}.get(unit[-1], 10**6), {"Y": 40, "M": 400, "W": 1000}.get(other[-1], 10**6)
    a, b = [
        np.array([x if x == NAT else x % limit - limit // 2 for x in counts], f"M8[{unit}]")
        for counts, unit, limit in zip((a, b), (unit, other), limit)
    ]
    check(from_text("a, b", "return a - b, a < b, a == b, a >= b[::-1], np.fmin(a, b)"), a, b)
    for wanted in ["Y", "M", "D", "7D", "5h", "s", "us"]:
        check(from_text("a", f"return a.astype('M8[{wanted}]')"), a)
    check(from_text("a, t", "return a + t, a - t"), a, np.array([3, -5, NAT, 0], f"m8[{of_span}]"))
