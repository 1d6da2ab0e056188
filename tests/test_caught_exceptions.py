"""What a handler learns of the exception that it has caught: its arguments and its class."""

import pytest
from differential import Cases
from mistakes import check_mistake
from rumba import njit

cases = Cases()


class Refused(Exception):
    pass


@njit
def refuse(n):
    if n > 3:
        raise Refused(n, "too large")
    return n


@cases((0,), (1,))
def arguments(n):
    try:
        raise ValueError("bad", n)
    except ValueError as e:
        return e.args


@cases((2,), (5,))
def arguments_of_a_function(n):
    try:
        return refuse(n), "fine"
    except Refused as e:
        return e.args[0] + 1, e.args[1]


@cases((0,), (1,), (2,), (3,))
def by_class(n):
    try:
        if n == 0:
            raise ValueError("bad", n)
        if n == 1:
            raise KeyError(n)
        if n == 2:
            raise RuntimeError
        return 1 // (n - 3), "none"
    except ValueError as e:
        return e.args[1], e.args[0]
    except KeyError as e:
        return e.args[0], "key"
    except RuntimeError as e:
        return len(e.args), "nothing"
    except ZeroDivisionError as e:
        return 0, e.args[0]


@cases((0,), (1,))
def arguments_meet(n):
    try:
        if n:
            raise ValueError(1)
        raise ValueError(2.5)
    except ValueError as e:
        return e.args[0] * 2.0


@cases(("x",), ("ab",))
def texts_outlive_the_exception(text):
    try:
        raise ValueError(text + "!", text)
    except ValueError as e:
        kept = e.args
    return kept[0] + kept[1]


@cases((0,), (1,), (5,))
def classes(n):
    try:
        [1, 2][n]
        1 // n
        raise KeyError("x")
    except Exception as e:
        return (
            type(e) is ZeroDivisionError,
            e.__class__ == KeyError,
            type(e) != IndexError,
            type(e) is not Exception,
            type(e).__name__,
            e.__class__.__name__,
            KeyError is type(e),
        )


@cases((0,), (1,))
def raised_from(n):
    try:
        try:
            return str(1 // n), n
        except ZeroDivisionError as e:
            raise ValueError("no inverse", n) from e
    except ValueError as e:
        return e.args


@cases((0,), (1,), (2,), (3,))
def causes(n):
    try:
        try:
            if n == 0:
                raise KeyError(n)
            if n == 1:
                raise ValueError("plain")
            1 // (n - 2)
        except KeyError as e:
            raise ValueError("chained") from e
        except ZeroDivisionError:
            raise IndexError("unchained") from None
    except Exception as e:
        cause = e.__cause__
        if cause is None:
            return str(e), "none", "none"
        return str(e), str(cause), type(cause).__name__
    return "", "", ""


@cases((0,), (1,), (2,))
def kinds_of_causes(n):
    try:
        if n == 0:
            raise ValueError(n) from KeyError("made")
        if n == 1:
            raise ValueError(n) from OverflowError
        raise ValueError(n)
    except ValueError as e:
        if isinstance(e.__cause__, LookupError):
            return 1
        if isinstance(e.__cause__, BaseException):
            return 2
        assert not e.__cause__
    return 3


@cases((1,))
def raises_the_cause(n):
    try:
        raise ValueError(n) from KeyError("made", n)
    except ValueError as e:
        cause = e.__cause__
        assert cause is not None
    raise cause


test_caught = cases.test()


def test_arguments_of_several_types():
    def f(n):
        try:
            if n:
                raise ValueError(1, 2)
            raise ValueError("one")
        except ValueError as e:
            return e.args

    check_mistake(f, (1,), "arguments of several types")


def test_arguments_of_what_was_compiled_before():
    @njit
    def inner(n):
        raise ValueError(n, n + 1)

    @njit
    def outer(n):
        inner(n)

    for function in inner, outer:
        with pytest.raises(ValueError):
            function(1)

    @njit
    def f(n):
        try:
            outer(n)
        except ValueError as e:
            return e.args
        return 0, 0

    assert f(1) == (1, 2)
