"""Comprehensions, `enumerate`, `zip` and `reversed` over tuples whose elements have several types, and `args` of an exception that was made."""

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


@cases((3,), (2.5,))
def comprehensions(x):
    mixed = (1, x, "abc", None)
    texts = [str(value) for value in mixed]
    doubled = [value * 2.0 for value in (1, x, True) if value > 1]
    return texts, {str(value) for value in mixed}, {str(value): len(str(value)) for value in mixed}, doubled


@cases((3,), (2.5,))
def generator_expressions(x):
    mixed = (1, x, "abc")
    lengths = (len(str(value)) for value in mixed)
    total = 0
    for length in lengths:
        total += length
    return (
        total,
        sum(len(str(value)) for value in mixed),
        max(len(str(value)) for value in mixed),
        any(str(value) == "abc" for value in mixed),
        all(str(value) == "abc" for value in mixed),
        ",".join(str(value) for value in mixed),
        sorted(str(value) for value in mixed),
    )


@cases((3,), (2.5,))
def comprehensions_of_pairs(x):
    a, b = (1, "one", x), (x, 2, "two")
    return (
        [str(p) + str(q) for p, q in zip(a, b)],
        [str(i) + str(value) for i, value in enumerate(a)],
        [str(value) for value in reversed(a)],
        [str(p) + str(q) for p in a for q in b if str(p) != str(q)],
        [[str(q) for q in (p, 1.5)] for p in a],
    )


@cases((3,))
def comprehension_in_a_loop(n):
    words = []
    for i in range(n):
        words += [str(value) * i for value in (i, "a", 0.5)]
    return words


@cases((3,))
def displays_of_ranges(n):
    return (*range(3), n), (*range(5, 0, -2),), [*range(n)], (*(1, n), *range(0)), max(*range(4), n)


@cases()
def loops_over_nothing():
    n = 0
    for a, b in ():
        n += a + b
    return n, [x + 1 for x in ()], sum(())


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
