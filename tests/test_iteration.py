"""Loops over tuples whose elements have several types: the body is compiled once per element."""

from collections import namedtuple

import numpy as np
import pytest
import rumba
from differential import Cases, check
from rumba import _core, literal_unroll, njit
from rumba.errors import TypingError

cases = Cases()
Point = namedtuple("Point", "x name")


@cases(
    ((1, 2.5, "a"),),
    ((1, 2.5, "a", None, 3),),
    ((1, 2),),
    ((),),
    ((True, 0.5),),
    (Point(3, "here"),),
    (("a", (1, "b"), None),),
)
def leaves_early_or_goes_on(items):
    out = []
    n = 0
    for x in items:
        if isinstance(x, str):
            out.append(x)
            continue
        if isinstance(x, tuple):
            out.append(str(len(x)))
            continue
        if x is None:
            break
        out.append(str(x + 1))
        n += 1
    else:
        out.append("end")
    return out, n


@cases((5, "a", 2.5), (True, 1, "b"))
def over_a_tuple_that_is_written_there(a, b, c):
    text = ""
    for x in (a, b, c, (a, b), None):
        text += str(x)
    return text


@cases(
    (((1, "a"), ("b", 2.5)),),
    (((1, "a"), ("b", 2.5, 3)),),
    (((1, "a"), ("b", 2.5, 3), [4, 5], (6, 7, 8), ((9, "c"), "d")),),
    (((1, 2), ("a", "b")),),
)
def nested(rows):
    out = []
    for row in rows:
        for x in row:
            out.append(str(x))
    return out


@cases(((np.ones(3), np.ones((2, 2)), 1),), ((0.5, np.arange(4)),))
def arrays_of_several_ranks(items):
    total = 0.0
    for x in literal_unroll(items):
        total += np.sum(x)
    return total


@cases((((1, "a"), (2.5, "b")),), (((1, 2), ("a", 3.5)),))
def unpacks(pairs):
    out = []
    for first, second in pairs:
        out.append(f"{first}: {second}")
    return out


@cases(((1, 2.5, "a"), 3), ((1, "a"), 0))
def inside_of_a_loop(items, n):
    text = []
    for i in range(n):
        for x in items:
            if isinstance(x, str) and i == 1:
                break
            text.append(str(x) + str(i))
    return text


@cases(((1, 2.5, "a"),))
def in_an_inner_function(items):
    def joined(parts):
        text = ""
        for part in parts:
            shout = lambda: text + "!"
            text = shout() + str(part)
        return text

    out = []
    for x in items:
        out.append(joined((x, "q", x)))
        out.append(joined((x, x)))
    return out


@cases(((1, 2.5, "a"), 2))
def with_a_variable_that_inner_functions_share(items, n):
    count = 0
    seen = [""]

    def note(text):
        nonlocal count
        count += n
        seen.append(text)

    for x in items:
        note(str(x))
        for y in (x, None):
            note(str(y))
            again = lambda z: note(str(z) + str(count))
            again(y)
    return count, seen


@cases(((1, 2.5, "a"), "b"), ((1, "a"), 7))
def in_a_try(items, more):
    out = []
    try:
        for x in items:
            if isinstance(x, str):
                raise ValueError(x)
            out.append(1 / (x - 1.0))
    except ZeroDivisionError:
        out.append(-1.0)
    finally:
        for x in (more, 0.5):
            out.append(float(len(str(x))))
    return out


@cases(((1, "a", 2.5),))
def called_with_each(items):
    total = 0.0
    for x in items:
        total += leaves_early_or_goes_on_length(x)
    return total


@rumba.extending.register_jitable
def leaves_early_or_goes_on_length(x):
    return len(str(x)) + 0.5


test_iteration = cases.test()


def test_the_variable_after_the_loop_has_the_type_of_the_last():
    def last(items):
        for x in items:
            pass
        return x

    check(last, (1, "a"))
    check(last, ("a", 2))


def test_a_generator():
    @njit
    def texts(items):
        for x in items:
            yield str(x)

    assert list(texts((1, "a", 2.5))) == ["1", "a", "2.5"]


def test_literal_unroll_outside():
    assert literal_unroll((1, "a")) == (1, "a")
    assert rumba.literal_unroll is literal_unroll


def test_nothing_leaks():
    @njit
    def made(items, word):
        out = []
        for x in items:
            out.append(word + str(x))
            if isinstance(x, str) and len(out) > 2:
                raise ValueError("no")
        return out

    def live(*args):
        for _ in range(3):
            try:
                made(*args)
            except ValueError:
                pass
        return _core.live_allocations()

    for args in ((([1, 2], "b" * 30, 2.5), "c"), ((1, 2.5, "b"), "c")):
        before = live(*args)
        assert live(*args) == before


def test_mistakes_in_one_of_the_bodies():
    @njit
    def wrong(items):
        total = 0
        for x in items:
            total += x
        return total

    with pytest.raises(TypingError, match=r"`\+` is not defined for int64 and str"):
        wrong((1, "a"))

    @njit
    def one_type(items, stops):
        for x in items:
            if stops:
                break
        return x

    with pytest.raises(TypingError, match="on one path and (str|int64) on the other"):
        one_type(("a", 1, "b"), True)

    @njit
    def vast(items):
        n = 0
        for a in items:
            for b in items:
                for c in items:
                    n += 1
        return n

    assert vast((1, "a", None)) == 27
    with pytest.raises(TypingError, match="its elements have several types"):
        vast((1, "a") * 32)


def test_an_iterator_that_is_an_argument_is_gone_over_once():
    def first_and_rest(pairs):
        for a, _ in pairs:
            return a, [b for _, b in pairs]
        return -1, []

    compiled = njit(first_and_rest)

    @njit
    def run(items):
        return compiled(zip(items, items))

    assert run([1, 2, 3]) == first_and_rest(zip([1, 2, 3], [1, 2, 3])) == (1, [2, 3])
