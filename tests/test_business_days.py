"""Business days: `np.busday_count`, `np.busday_offset`, `np.is_busday`, by every mask, roll and holiday against NumPy."""

import functools
import linecache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mistakes import Mistakes, check_mistake
from rumba import njit

ROLLS = ["raise", "nat", "forward", "following", "backward", "preceding", "modifiedfollowing", "modifiedpreceding"]
MASKS = ["'1111100'", "'Mon Tue Sat'", "'0000010'", "'MonTue  Wed'", "'SunMon'", "(1, 0, 0, 1, 0, 0, 1)", "(True, False, False, False, False, False, False)"]
DATES = np.arange("2019-12-20", "2020-01-20", dtype="M8[D]")
HOLIDAYS = np.array(["2020-01-01", "2019-12-25", "2019-12-28", "NaT", "2020-01-06", "2019-12-25"], "M8[D]")


@functools.cache
def functions(parameters, expression):
    """The same function from text for the interpreter, and compiled."""
    source = f"def f({parameters}):\n    return {expression}\n"
    name = f"<business days {parameters} {expression}>"
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    scope = {"np": np}
    exec(compile(source, name, "exec"), scope)
    return scope["f"], njit(scope["f"])


def check(expression, *args, parameters="a, b, holidays"):
    interpreted, compiled = functions(parameters, expression)
    try:
        expected = interpreted(*args)
    except ValueError as error:
        with pytest.raises(ValueError, match=str(error).split(" (")[0]):
            compiled(*args)
        return
    actual = compiled(*args)
    if not isinstance(expected, np.ndarray):
        expected = expected.item() if expected.dtype.kind in "ib" else expected
        assert type(actual) is type(expected)
    else:
        assert actual.dtype == expected.dtype
    np.testing.assert_array_equal(actual, expected)


@pytest.mark.parametrize("mask", MASKS)
def test_masks(mask):
    for holidays in [HOLIDAYS, HOLIDAYS[:0]]:
        check(f"np.is_busday(a, {mask}, holidays)", DATES, 0, holidays)
        check(f"np.busday_count(a, b, weekmask={mask}, holidays=holidays)", DATES, DATES[10], holidays)
        check(f"np.busday_count(a[:, None], b, weekmask={mask}, holidays=holidays)", DATES, DATES[::-1].copy(), holidays)
        check(f"np.busday_offset(a[:, None], b, 'forward', {mask}, holidays)", DATES, np.arange(-20, 20), holidays)


@pytest.mark.parametrize("roll", ROLLS)
def test_rolls(roll):
    for mask in MASKS:
        check(f"np.busday_offset(a, b, roll='{roll}', weekmask={mask}, holidays=holidays)", DATES, 3, HOLIDAYS)
    for date in DATES:
        check(f"np.busday_offset(a, b, '{roll}', holidays=holidays)", date, -2, HOLIDAYS)


def test_no_time():
    nat = np.array(["NaT", "2020-01-03"], "M8[D]")
    for roll in ROLLS:
        check(f"np.busday_offset(a, b, '{roll}')", nat, 1, HOLIDAYS)
    check("np.is_busday(a)", nat, 1, HOLIDAYS)
    check("np.busday_count(a, b)", nat, DATES[0], HOLIDAYS)


def test_numbers_text_and_units():
    for expression in [
        "np.is_busday(a)",
        "np.busday_count(a, b)",
        "np.busday_count('2020-01-01', a)",
        "np.is_busday('2020-01-04')",
        "np.busday_offset('2020-01', 3, 'forward')",
        "np.busday_offset(a, True, 'forward')",
        "np.is_busday(a.astype('M8[M]'))",
    ]:
        check(expression, DATES[3], DATES[17], HOLIDAYS)


def test_results_stored_into_out():
    def use(dates, holidays):
        counts, days, flags = np.zeros(31, np.int64), np.zeros(31, "M8[D]"), np.zeros(31, np.bool_)
        np.busday_count(dates, dates[4], holidays=holidays, out=counts)
        np.busday_offset(dates, 1, "forward", holidays=holidays, out=days)
        np.is_busday(dates, out=flags)
        return counts, days, flags

    for actual, expected in zip(njit(use)(DATES, HOLIDAYS), use(DATES, HOLIDAYS)):
        np.testing.assert_array_equal(actual, expected)


@given(st.integers(-(10**6), 10**6), st.integers(-(10**6), 10**6), st.lists(st.integers(-50, 50)))
def test_far_dates(first, other, holidays):
    holidays = np.array(holidays, "M8[D]")
    check("np.busday_count(a, b, '1101100', holidays)", np.datetime64(first, "D"), np.datetime64(other, "D"), holidays)
    check("np.busday_offset(a, b, 'modifiedfollowing', '1101100', holidays)", np.datetime64(first, "D"), other, holidays)


mistake = Mistakes()


@mistake(DATES, says="at least one valid")
def empty_mask(dates):
    return np.is_busday(dates, "0000000")


@mistake(DATES, says="seven ones and zeros")
def digits_apart(dates):
    return np.is_busday(dates, "11 11 001")


@mistake(DATES, says="seven ones and zeros")
def unknown_day(dates):
    return np.is_busday(dates, "Mon Tux")


@mistake(DATES, says="is a constant string")
def unknown_roll(dates):
    return np.busday_offset(dates, 1, "sideways")


@mistake(DATES, says="offsets are integers")
def float_offset(dates):
    return np.busday_offset(dates, 1.5, "nat")


@mistake(DATES.astype("M8[s]"), says="in days or longer units")
def seconds(dates):
    return np.is_busday(dates)


@mistake(DATES, says="is no date")
def no_date(dates):
    return np.busday_count(dates, "soon")


@pytest.mark.parametrize("function, args, says", mistake)
def test_mistakes(function, args, says):
    check_mistake(function, args, says)
