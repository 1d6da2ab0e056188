"""`enumerate`, `zip` and `reversed` over tuples whose elements have several types, and `args` of an exception that was made."""

from differential import Cases
from rumba import errors, njit
import pytest

cases = Cases()


@cases((3,), (2.5,))
def counted(x):
    total = 0.0
    for i, value in enumerate((1, "ab", x, (4, 5.5))):
        if isinstance(value, str):
            total += len(value) * i
        elif isinstance(value, tuple):
            total += value[1] * i
        else:
            total += value * i
    return total


@cases((3,), (-1,))
def counted_from(n):
    total = n
    for i, value in enumerate((1, "ab"), start=n):
        if i == 0:
            continue
        total = total * 10 + i
        if isinstance(value, str):
            break
    else:
        total = -total
    return total


@cases((3,), (2.5,))
def index_by_the_count(x):
    others = ("one", 2, x)
    text = ""
    for i, value in enumerate((1, "two", 3.5)):
        text += f"{value} {others[i]} "
    return text


@cases((3,), ("text",))
def side_by_side(x):
    text = ""
    for a, b, c in zip((1, "ab", 2.5, None), (x, 7, 8), (0, 1, 2)):
        text += f"{a} {b} {c};"
    return text


@cases((3,),)
def side_by_side_strict(x):
    text = ""
    for a, b in zip((1, "ab"), (x, 7), strict=True):
        text += f"{a} {b};"
    return text


@cases((3,), ("text",))
def backwards(x):
    text = ""
    for value in reversed((1, "ab", x)):
        text += f"{value} "
    return text


@cases((0,), (2,))
def alike_as_before(n):
    total = n
    for i, value in enumerate((3, 4, 5)):
        for a, b in zip((1, 2), reversed((6, 7))):
            total += i * value + a * b
    return total


@cases((3,),)
def args_of_a_made_exception(x):
    error = ValueError("bad", x, 2.5)
    return error.args, error.args[1] + 1, len(KeyError().args)


test_mixed_tuples = cases.test()


def test_strict_lengths_differ():
    @njit
    def f():
        n = 0
        for a, b in zip((1, "ab"), (3,), strict=True):
            n += 1
        return n

    with pytest.raises(errors.TypingError, match="its elements have several types"):
        f()
