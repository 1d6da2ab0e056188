"""Managers of `contextlib` in `with`, against the interpreter; instances are in `test_with_instances.py`."""

import contextlib
import functools
from contextlib import closing, contextmanager, nullcontext, suppress

import numpy as np
import pytest
from differential import Cases
from rumba import njit
from rumba.errors import TypingError, UnsupportedError

cases = Cases()


@cases((0,), (1,), (2,))
def suppressed(n):
    seen = []
    with suppress(KeyError, IndexError):
        seen.append(0)
        if n == 0:
            raise KeyError(n)
        if n == 1:
            seen[5] = 1
        if n == 2:
            raise ValueError("passes", n)
        seen.append(1)
    return seen


@cases((3,), (0,))
def suppressed_in_a_loop(n):
    total = 0
    for i in range(6):
        with suppress(ZeroDivisionError):
            total += 10 // (i - n)
            if i == 4:
                break
    else:
        total += 100
    return total


@cases((1,), (-1,))
def suppresses_nothing(n):
    with suppress():
        if n < 0:
            raise ValueError(n)
    with suppress(Exception) as nothing:
        raise KeyError(n)
    return nothing is None


@cases((1,), (0,))
def left_by_return(n):
    with contextlib.suppress(ArithmeticError):
        return 1 // n
    return -1


@cases((3,))
def closed(n):
    log = []

    def numbers(k):
        try:
            for i in range(k):
                yield i
        finally:
            log.append(-1)

    with closing(numbers(n)) as items:
        for item in items:
            log.append(item)
            if item == 1:
                break
    log.append(7)
    try:
        with closing(numbers(n)) as items:
            next(items)
            raise KeyError(n)
    except KeyError:
        log.append(8)
    return log


@contextmanager
def scope(log, name, scale=1):
    log.append(name)
    try:
        yield scale * name
    except KeyError:
        log.append(100)
    finally:
        log.append(-name)


@contextmanager
def plain_scope(log, name):
    log.append(name)
    yield
    log.append(-name)


@contextmanager
@njit
def jitted_scope(a, k):
    a[k] += 1
    yield
    a[k] += 10


@cases((0,), (1,), (2,), (3,))
def generator_as_manager(n):
    log = [0]
    with scope(log, 5) as value:
        log.append(value)
        if n == 1:
            raise KeyError(n)
        if n == 2:
            raise ValueError("passes", n)
        if n == 3:
            return log
        log.append(9)
    with scope(log, 6, scale=2) as value, plain_scope(log, value):
        log.append(1)
    return log


@cases((0,), (1,), (2,))
def generator_without_handler(n):
    log = [0]
    try:
        with plain_scope(log, 5):
            if n == 1:
                raise KeyError(n)
            if n == 2:
                raise IndexError(n)
    except LookupError as error:
        log.append(error.args[0])
    return log


@cases((np.arange(3),))
def jitted_manager(a):
    seen = 0
    for i in range(3):
        with suppress(ValueError), jitted_scope(a, i):
            seen += a[i]
            if i == 1:
                raise ValueError
    return seen


@cases((2,), (5,))
def inner_manager(n):
    total = 0

    @contextmanager
    def counting(by):
        nonlocal total
        total += by
        yield total
        total -= 1

    for i in range(n):
        with counting(i) as before:
            if i % 2:
                continue
            total += before
            if i == 4:
                break
    return total


@cases((1,))
def several_in_parentheses(n):
    log = [0]
    with (
        scope(log, n) as a,
        nullcontext(a + 1) as b,
        suppress(ValueError),
        scope(log, b) as c,
    ):
        log.append(a + b + c)
        raise ValueError(n)
    return log


@cases((0,), (1,), (2,))
def raises_in_the_manager(n):
    log = [0]

    @contextmanager
    def failing():
        if n == 0:
            raise KeyError("enter")
        try:
            yield 1
        except ValueError as error:
            raise IndexError("left") from error
        if n == 2:
            raise OverflowError("end")

    try:
        with failing() as x:
            log.append(x)
            if n == 1:
                raise ValueError("inside")
    except (KeyError, IndexError, OverflowError) as error:
        log.append(len(error.args[0]))
        if n == 2:
            return log
        raise
    return log


@cases((0,), (1,))
def yields_never_or_twice(n):
    @contextmanager
    def wrong():
        for _ in range(2 * n):
            yield

    with wrong():
        pass
    return n


@cases((1,))
def yields_again_after_an_exception(n):
    @contextmanager
    def wrong():
        try:
            yield
        except ValueError:
            pass
        yield

    with wrong():
        raise ValueError(n)


@cases((np.arange(6.0),))
def arrays_in_managers(a):
    @contextmanager
    def centred(a):
        mean = a.mean()
        a -= mean
        try:
            yield a
        finally:
            a += mean

    with centred(a) as b:
        spread = float((b * b).sum())
    return spread, float(a.sum())


@cases((4,))
def wrapped(n):
    def twice(function):
        @functools.wraps(function)
        def wrapper(x):
            return function(function(x))

        return wrapper

    @twice
    def step(x):
        return 2 * x + n

    return step(1)


test_compiled = cases.test()


def number(n):
    with n:
        return 1


def not_an_exception(n):
    with suppress(int):
        return n


@pytest.mark.parametrize(
    ("function", "message"),
    [(number, "int64 is no context manager"), (not_an_exception, "exception")],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_is_refused(function, message):
    with pytest.raises((TypingError, UnsupportedError), match=message):
        njit(function)(1)
