"""Generators: the same as in the interpreter, in compiled code and from Python."""

import copy
import gc
import itertools
import sys

import numpy as np
import pytest
import rumba
from differential import Cases, compiled
from rumba import njit
from rumba.errors import TypingError, UnsupportedError

cases = Cases()


def outcome(call):
    """What a call gives or raises."""
    try:
        return "gives", call()
    except BaseException as error:
        return "raises", type(error), error.args, getattr(error, "value", None)


def same_steps(function, args, steps, limit=50):
    """Makes a generator of the interpreter's and a compiled one, and does the same with both."""
    generators = [f(*copy.deepcopy(args)) for f in (function, compiled(function))]
    for step in itertools.islice(steps, limit):
        expected, actual = (outcome(lambda: step(g)) for g in generators)
        assert actual == expected
        if expected[0] == "gives":
            assert type(actual[1]) is type(expected[1]) or isinstance(expected[1], np.generic)


def same_items(function, *args, limit=50):
    same_steps(function, args, itertools.repeat(next), limit)


# From Python.


def counting(n):
    i = 0
    while i < n:
        yield i
        i += 1


def two_loops(n, a):
    for i in range(n):
        for x in a:
            yield i * x
        yield -1.0


def returns(n):
    yield n
    return n * 2


def returns_at_once(n):
    if n > 0:
        return
    yield n


def never_yields(n):
    return n
    yield


def temporaries(x):
    yield (x + 1) * (x - 1) + x


def values_around_a_yield(x):
    y = (x + 1, (yield x), x * 2)
    yield y[0] + y[2]


def sometimes(n):
    """The way round the loop that does not yield, and the one that does, meet in its middle."""
    total = 0
    for i in range(n):
        total += i
        if i % 3 == 0:
            yield total
        total += 1
        if i % 5 == 4:
            continue
        total += 2
    yield total


def endless():
    a, b = 0, 1
    while True:
        yield a
        a, b = b, a + b


def raises(n):
    for i in range(n):
        yield 10 // (2 - i)


def text(n):
    for i in range(n):
        s = "ab" * i
        yield s
        yield s + "!"


def tuples(n):
    for i in range(n):
        yield i, i / 2


def optional(n):
    for i in range(n):
        if i % 2:
            yield i
        else:
            yield None


def mixed_numbers(n):
    yield 1
    yield n


def lists(n):
    rows = []
    for i in range(n):
        rows.append(i)
        yield len(rows)
        yield rows[i // 2]


def arrays(n):
    for i in range(n):
        a = np.full(3, float(i))
        yield a[0]
        a += 1
        yield a.sum()


def dicts(n):
    counts = {}
    for i in range(n):
        counts[i % 3] = counts.get(i % 3, 0) + 1
        yield counts[i % 3]


def iterates_over_a_local_list(n):
    xs = [i * i for i in range(n)]
    for i, x in enumerate(xs):
        yield x + i


def iterates_over_text(s):
    for c in s:
        yield c.upper()


def maybe_unbound(n):
    for i in range(n):
        yield i
    yield i


def nested_loops_with_breaks(n):
    for i in range(n):
        for j in range(n):
            if j > i:
                break
            yield i * 10 + j
        else:
            yield -i


def handles_around_text(n, s, xs, d):
    """Addresses of text are needed behind a yield, on ways on which it was read from different places."""
    t = 0
    try:
        try:
            yield t
        except ValueError:
            for key, value in d.items():
                t += value * len(key)
        finally:
            t += 100
        t += xs[len(xs)] + d[""]
    except (IndexError, KeyError):
        s = s.replace("b", "q")
    s = s.replace(s[1:], "q")
    try:
        yield t
    except ValueError:
        try:
            t += xs[7] + d[s[1:]]
        except (IndexError, KeyError):
            s = s.replace(s, "q")
    finally:
        t += len(s)
    yield -t


def recursive(n):
    if n > 0:
        yield n
        yield from recursive_jit(n - 1)
        yield -n


recursive_jit = njit(recursive)


@pytest.mark.parametrize(
    "function, args",
    [
        (counting, (5,)),
        (counting, (0,)),
        (two_loops, (3, np.arange(2.0))),
        (returns, (4,)),
        (returns_at_once, (1,)),
        (returns_at_once, (0,)),
        (never_yields, (1,)),
        (temporaries, (3,)),
        (temporaries, (3.5,)),
        (values_around_a_yield, (3,)),
        (sometimes, (20,)),
        (endless, ()),
        (raises, (4,)),
        (text, (4,)),
        (tuples, (3,)),
        (optional, (4,)),
        (lists, (5,)),
        (arrays, (3,)),
        (dicts, (8,)),
        (iterates_over_a_local_list, (4,)),
        (iterates_over_text, ("äbc",)),
        (maybe_unbound, (2,)),
        (maybe_unbound, (0,)),
        (nested_loops_with_breaks, (4,)),
    ],
)
def test_items(function, args):
    same_items(function, *args)


@pytest.mark.parametrize("where", range(4))
def test_thrown_around_text(where):
    steps = [next] * 5
    steps[where] = throw(ValueError("x"))
    same_steps(handles_around_text, (2, "abab", [1, 2], {"a": 1}), steps)


def test_items_of_a_recursive_generator():
    assert list(recursive_jit(4)) == [4, 3, 2, 1, -1, -2, -3, -4]


def test_items_of_several_types_are_converted():
    # As what a function returns.
    assert list(compiled(mixed_numbers)(2.5)) == [1.0, 2.5]


# The protocol.


def averaging():
    total = 0.0
    n = 0
    average = 0.0
    while True:
        x = yield average
        if x is not None:
            total += x
            n += 1
            average = total / n


def guarded(n):
    for i in range(n):
        try:
            yield i
        except ValueError:
            yield -1
        except KeyError:
            return 100
        else:
            yield i + 100
        finally:
            n = n


def stubborn():
    while True:
        try:
            yield 1
        except GeneratorExit:
            yield 2


def cleans_up(log):
    try:
        yield 1
        yield 2
    finally:
        log[0] += 1


def swallows_exit():
    try:
        yield 1
    except GeneratorExit:
        pass


def raises_in_cleanup():
    try:
        yield 1
    finally:
        raise KeyError("cleanup")


def stops_by_itself(n):
    yield n
    raise StopIteration(n)


def send(value):
    return lambda g: g.send(value)


def throw(*args):
    return lambda g: g.throw(*args)


def close(g):
    return g.close()


@pytest.mark.parametrize(
    "steps",
    [
        [next, send(10.0), send(20.0), next, close, next],
        [send(10.0)],
        [send(None), send(1), close, close],
        [close, next],
        [throw(ValueError("a")), next],
        [next, throw(ValueError), next],
    ],
)
def test_send(steps):
    same_steps(averaging, (), steps)


@pytest.mark.parametrize(
    "steps",
    [
        [next, next, next, next, next],
        [next, throw(ValueError("a")), next, next],
        [next, throw(ValueError), throw(ValueError("b"))],
        [next, throw(KeyError("a")), next],
        [next, throw(TypeError("a")), next],
        [next, close, next, close],
        [close, throw(ValueError("late"))],
    ],
)
def test_throw(steps):
    same_steps(guarded, (3,), steps)


def test_close_of_one_that_goes_on():
    same_steps(stubborn, (), [next, close, next, close])


@pytest.mark.parametrize("function", [swallows_exit, raises_in_cleanup])
def test_close(function):
    same_steps(function, (), [next, close, next])


def test_what_is_thrown_must_be_an_exception():
    g = compiled(guarded)(3)
    with pytest.raises(TypeError, match="exceptions must be classes or instances"):
        g.throw(3)


def test_stop_iteration_from_inside():
    same_steps(stops_by_itself, (1,), [next, next, next])


def test_what_is_sent_must_convert():
    g = compiled(averaging)()
    next(g)
    with pytest.raises(TypeError):
        g.send("text")
    assert g.send(3.0) == 3.0


def test_finally_runs_when_a_generator_is_dropped():
    for n_steps in range(4):
        log = np.zeros(1)
        g = compiled(cleans_up)(log)
        for _ in range(n_steps):
            next(g, None)
        del g
        gc.collect()
        assert log[0] == (1 if n_steps else 0)


def test_a_dropped_generator_that_goes_on_is_given_up():
    before = rumba._core.live_allocations()
    g = compiled(stubborn)()
    next(g)
    del g
    assert rumba._core.live_allocations() == before


def test_a_pending_exception_survives_what_a_dropped_generator_does():
    @njit
    def f(log):
        for x in cleans_up_jit(log):
            raise ValueError("from the loop")

    log = np.zeros(1)
    with pytest.raises(ValueError, match="from the loop"):
        f(log)
    assert log[0] == 1


cleans_up_jit = njit(cleans_up)


def test_the_object():
    g = compiled(counting)(3)
    assert iter(g) is g
    assert g.__name__ == "counting"
    assert repr(g).startswith("<generator object counting at 0x")
    assert list(zip(g, "ab")) == [(0, "a"), (1, "b")]


def test_arguments_are_kept():
    @njit
    def doubled(a):
        for x in a:
            yield 2 * x

    a = np.arange(1000.0)
    count = sys.getrefcount(a)
    g = doubled(a)
    next(g)
    assert sys.getrefcount(a) == count + 1
    expected = (2 * a[1:]).tolist()
    del a
    np.zeros(1000)
    assert list(g) == expected


# In compiled code.

counting_jit = njit(counting)
returns_jit = njit(returns)
endless_jit = njit(endless)
averaging_jit = njit(averaging)
text_jit = njit(text)
raises_jit = njit(raises)
guarded_jit = njit(guarded)


@cases((5,), (0,))
def consumed_by_a_loop(n):
    total = 0
    for x in counting_jit(n):
        total = total * 3 + x
    return total


@cases((5,), (0,))
def consumed_by_builtins(n):
    return (
        sum(counting_jit(n)),
        list(counting_jit(n)),
        max(counting_jit(n + 1)),
        min(counting_jit(n + 1)),
        any(counting_jit(n)),
        all(counting_jit(n)),
        sorted(counting_jit(n), reverse=True),
    )


@cases((5,))
def consumed_by_a_comprehension(n):
    return [x * x for x in counting_jit(n)], {x: str(x) for x in counting_jit(n)}


@cases((10,))
def left_early(n):
    for x in endless_jit():
        if x > n:
            return x
    return -1


@cases((3,))
def zipped_and_enumerated(n):
    total = 0
    for i, (x, y) in enumerate(zip(counting_jit(n), counting_jit(n + 1))):
        total += i * 100 + x * 10 + y
    return total


@cases((3,))
def zip_asks_in_order(n):
    first, second = counting_jit(n), counting_jit(10)
    total = 0
    for x, y in zip(first, second):
        total += x * y
    for y in second:
        total = total * 10 + y
    return total


@cases((3,))
def zip_that_ends_with_the_second(n):
    first, second = counting_jit(10), counting_jit(n)
    total = 0
    for x, y in zip(first, second):
        total += x * y
    return total, next(first)


@cases((3,))
def stepped_by_hand(n):
    g = counting_jit(n)
    a = next(g)
    b = next(g)
    rest = 0
    for x in g:
        rest += x
    return a, b, rest, next(g, -5)


@cases((0,))
def stepped_past_the_end(n):
    return next(counting_jit(n))


@cases((3,))
def sent_to(n):
    g = averaging_jit()
    next(g)
    total = 0.0
    for i in range(n):
        total += g.send(i)
    g.close()
    return total, next(g, -1.0)


@cases((4,))
def raising_inside(n):
    total = 0
    for x in raises_jit(n):
        total += x
    return total


@cases((4,))
def raising_inside_is_caught(n):
    total = 0
    try:
        for x in raises_jit(n):
            total += x
    except ZeroDivisionError:
        total += 1000
    return total


@cases((4,))
def text_joined(n):
    return ",".join(text_jit(n))


@njit
def delegating(n):
    result = yield from returns_jit(n)
    yield result
    yield from range(2)


@cases((4,))
def delegated(n):
    return list(delegating(n))


@cases((4,))
def inner_generator(n):
    def inner(k):
        for i in range(k):
            yield i * n

    return sum(inner(3)), list(inner(2))


@cases((np.arange(5),), (np.arange(0),))
def generator_expressions(a):
    squares = (x * x for x in a if x % 2 == 0)
    total = 0
    for x in squares:
        total += x
    pairs = ((i, x) for i, x in enumerate(a))
    for i, x in pairs:
        total += i * x
    return total


@cases((3,))
def chained_generator_expressions(n):
    a = (i + 1 for i in range(n))
    b = (x * 10 for x in a)
    c = (x - 1 for x in b if x != 20)
    return list(c)


@cases((3,))
def nested_generator_expression(n):
    return list((i, j) for i in range(n) for j in range(i)), [x for x in (i * k for i in range(n) for k in (1, 2))]


@cases((4,))
def generators_as_values(n):
    g = counting_jit(n)
    pair = (g, 3)
    h = pair[0]
    return next(g), next(h), pair[1]


@cases((0,), (1,))
def one_of_two_generators_of_a_function(n):
    g = counting_jit(3) if n else counting_jit(5)
    return list(g)


@cases((0,), (1,))
def thrown_into_a_generator(n):
    def numbers():
        caught = 0
        while True:
            try:
                yield caught
            except ValueError as e:
                caught += 10 + len(str(e))

    g = numbers()
    first = next(g)
    second = g.throw(ValueError("bad")) if n else g.throw(ValueError)
    return first, second, next(g)


@cases((0,), (1,), (2,))
def thrown_out_of_a_generator(n):
    def numbers():
        try:
            yield 1
            yield 2
        finally:
            ended.append(n)

    ended = [-1]
    g = numbers()
    result = 0
    try:
        if n:
            next(g)
        g.throw(KeyError(n))
    except KeyError:
        result = n + 100
    for x in g:
        result += x
    return result, ended


@cases((1,))
def thrown_again(n):
    def numbers():
        try:
            yield 1
        except ValueError:
            pass

    g = numbers()
    next(g)
    try:
        raise ValueError("kept")
    except ValueError as e:
        g.throw(e)
    return n


def test_what_is_thrown_is_an_exception():
    @njit
    def f():
        g = (i for i in range(3))
        return g.throw(3)

    with pytest.raises(TypingError, match="an exception is thrown, not"):
        f()


@cases((0,), (3,))
def consumes_its_own_before_it_yields(n):
    def walk(k):
        if k == 0:
            return
        yield from walk(k - 1)
        yield k
        yield from walk(k - 1)

    return list(walk(n))


@cases((4,))
def hands_on_what_its_own_yields(n):
    def subsets(k):
        if k == 0:
            yield [0]
            return
        for subset in subsets(k - 1):
            yield subset
            yield subset + [k]

    return list(subsets(n))


@cases((3,))
def generators_that_consume_each_other(n):
    def even(k):
        if k > 0:
            for x in odd(k - 1):
                yield x + 0.5
        yield k

    def odd(k):
        if k > 0:
            yield from even(k - 1)
        yield -k

    return list(even(n))


test_compiled = cases.test()


def test_generators_as_arguments():
    @njit
    def first_two(g):
        return next(g) + next(g)

    g = counting_jit(5)
    assert (first_two(g), first_two(g), list(g)) == (1, 5, [4])


def test_returned_generators():
    @njit
    def make(n):
        scale = 10
        return (i * scale for i in range(n))

    assert list(make(3)) == [0, 10, 20]


def test_deep_recursion_of_generators():
    @njit
    def chain(n):
        if n > 0:
            yield from chain(n - 1)
        yield n

    assert sum(chain(500)) == 500 * 501 // 2
    before = rumba._core.live_allocations()
    with pytest.raises(RecursionError):
        next(chain(10_000_000))
    # Of what refers to each other in a long chain, the ends do not end within each other.
    g = chain(20_000)
    assert next(g) == 0
    del g
    assert rumba._core.live_allocations() == before


def test_memory():
    functions = [(text, (3,)), (lists, (4,)), (arrays, (3,)), (dicts, (4,)), (iterates_over_a_local_list, (4,)), (guarded, (3,))]
    functions = [(compiled(function), args) for function, args in functions]
    for n_items in range(6):
        for function, args in functions:
            function(*args)
        before = rumba._core.live_allocations()
        for function, args in functions:
            g = function(*args)
            for _ in itertools.islice(g, n_items):
                pass
            del g
        assert rumba._core.live_allocations() == before


def test_memory_in_compiled_code():
    @njit
    def f(n):
        total = 0
        for i in range(n):
            for s in text_jit(5):
                total += len(s)
                if total % 7 == 3:
                    break
            total += sum(len(s) for s in (t + "x" for t in text_jit(i % 4)))
        return total

    f(3)
    before = rumba._core.live_allocations()
    assert f(300) == f.py_func(300)
    assert rumba._core.live_allocations() == before


def test_it_can_be_interrupted():
    import signal

    @njit
    def spins(n):
        i = 0
        while True:
            i += 1
            if i == n:
                yield i

    def stop(*_):
        raise TimeoutError

    g = spins(-1)
    old = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        with pytest.raises(TimeoutError):
            next(g)
    finally:
        signal.signal(signal.SIGALRM, old)


def test_items_of_types_that_do_not_meet():
    @njit
    def f(n):
        yield n
        yield "text"

    with pytest.raises(TypingError, match="is yielded here"):
        f(1)


def test_next_of_something_else():
    @njit
    def f(n):
        return next(n)

    with pytest.raises(TypingError, match="is no generator"):
        f(1)


# Generators that one loop consumes have no block of memory: `rumba_opt::unfold_generators`.


@njit
def in_two_places(n):
    i = 0
    while i < n:
        if i % 3 == 0:
            yield i
        else:
            kept = float(i)
            yield i * 2
            i += int(kept > 0)
        i += 1


@njit
def of_words(n):
    word = "a"
    for i in range(n):
        word = word + "b"
        if i % 2:
            yield len(word)
        yield i


@njit
def of_array(a):
    for x in a:
        yield x * 2
    yield -1.0


@njit
def of_pairs(n):
    for i in range(n):
        for j in range(i):
            yield i, j * 0.5


@njit
def of_others(n):
    for x in in_two_places(n):
        yield x + 1
    for x in of_words(n):
        yield x


@njit
def that_raises(n):
    for i in range(n):
        if i == 4:
            raise ValueError("four")
        yield 10 // (3 - i) if n > 10 else i


@cases((0,), (1,), (20,))
def unfolded(n):
    total = 0
    for x in in_two_places(n):
        total = total * 3 % 1000003 + x
    for x in of_words(n):
        total = total * 3 % 1000003 + x
    for x in of_others(n):
        total = total * 3 % 1000003 + x
    return total


@cases((0,), (1,), (20,))
def unfolded_in_a_loop(n):
    total = 0
    for k in range(3):
        for x in of_others(n + k):
            if x > 50:
                break
            total = total * 3 % 1000003 + x
            if x == 7:
                continue
            total += k
    return total


@cases((0,), (1,), (20,))
def gone_on_with_after_a_break(n):
    generator = in_two_places(n)
    total = 0
    for _ in range(3):
        for x in generator:
            total = total * 7 % 10007 + x
            if x % 2:
                break
    return total


@cases((np.arange(6.0),), (np.zeros(0),))
def unfolded_over_arrays(a):
    total = 0.0
    for x in of_array(a + 1.0):
        if x > 8:
            break
        total += x
    for x in of_array(a[::2]):
        total -= x
    return total


@cases((0,), (5,))
def unfolded_pairs(n):
    total, before = 0.0, -1
    for i, x in of_pairs(n):
        total += i * x
        if before >= 0:
            total -= before
        before = i
    return total, before


@cases((3,), (7,), (12,))
def unfolded_that_raises(n):
    total = 0
    try:
        for x in that_raises(n):
            total += x
            if total == 1:
                raise KeyError(3)
    except ValueError:
        total += 1000
    except KeyError:
        total += 5000
    except ZeroDivisionError:
        total += 77
    return total
