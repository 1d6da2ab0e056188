"""Inner functions that outlive the call that made them, with the variables that they share: the same as in the interpreter,
and nothing is leaked."""

import gc

import numpy as np
import pytest
from differential import Cases
from rumba import _core, njit
from rumba.errors import TypingError, UnsupportedError

cases = Cases()
LEAKING = []


def kept_cases(*inputs):
    """As `cases`; what is allocated is freed, too."""

    def register(function):
        LEAKING.extend(pytest.param(njit(function), args, id=function.__name__) for args in inputs)
        return cases(*inputs)(function)

    return register


@kept_cases((3,), (2.5,))
def counters(n):
    def make(start):
        count = start

        def step():
            nonlocal count
            count += n
            return count

        return step

    a, b = make(0), make(10)
    return a(), a(), b(), a()


@kept_cases((3,))
def a_shared_variable_that_becomes_a_float(n):
    def make(start):
        count = start

        def step(by):
            nonlocal count
            count += by
            return count

        return step

    a, b = make(0), make(n)
    return a(1.5), a(1), b(2.0), a(3)


@kept_cases((7,))
def functions_that_share_a_variable(n):
    def account(balance):
        def deposit(amount):
            nonlocal balance
            balance += amount

        return deposit, lambda: balance

    deposit, balance = account(100)
    other, balance_of_other = account(1)
    deposit(n)
    deposit(n)
    other(5)
    return balance(), balance_of_other()


@kept_cases((12,), (0,))
def shared_text(n):
    def logger():
        log = ""

        def add(text):
            nonlocal log
            log += text
            return log

        return add

    add = logger()
    for i in range(n):
        add(str(i))
    return add("!")


@kept_cases((3,))
def shared_arrays(n):
    def keeper():
        last = np.zeros(n)

        def put(x):
            nonlocal last
            old = last
            last = np.full(n, x)
            return old

        return put

    put = keeper()
    return float(put(1.0).sum()), float(put(2.0).sum()), float(put(3.0).sum())


@kept_cases((3,), (0,))
def functions_in_a_list(n):
    def make(start):
        k = start

        def f():
            nonlocal k
            k += 1
            return k

        return f

    functions = [make(i) for i in range(n)]
    return [f() for f in functions] + [f() for f in functions]


@kept_cases((20,))
def a_memo_that_its_function_fills(n):
    def memoised():
        calls = 0
        cache = {}

        def fib(k):
            nonlocal calls
            calls += 1
            if k < 2:
                return k
            if k not in cache:
                cache[k] = fib(k - 1) + fib(k - 2)
            return cache[k]

        return fib, lambda: calls

    fib, calls = memoised()
    return fib(n), calls(), fib(n), calls()


@kept_cases((5,))
def captured_containers_that_are_filled_by_callers(n):
    def collector():
        items = []

        def add(item):
            items.append(item)
            return items

        return add

    a, b = collector(), collector()
    for i in range(n):
        a(str(i))
        b("b")
    return a("x"), b("y")


@kept_cases((4,))
def decorators(n):
    def counted(function):
        calls = 0

        def wrapper(x):
            nonlocal calls
            calls += 1
            return function(x) + calls

        return wrapper

    def scaled(factor):
        def decorate(function):
            return lambda x: factor * function(x)

        return decorate

    @counted
    @scaled(0.5)
    @scaled(10)
    def double(x):
        return 2 * x

    return double(n), double(n), double(n)


@kept_cases((15,))
def a_decorated_function_calls_what_it_was_decorated_to(n):
    def memo(function):
        cache = {}

        def wrapper(k):
            if k not in cache:
                cache[k] = function(k)
            return cache[k]

        return wrapper

    @memo
    def fib(k):
        return k if k < 2 else fib(k - 1) + fib(k - 2)

    return fib(n)


@cases((3,))
def decorators_in_order(n):
    log = [0]

    def noted(k):
        log.append(k)

        def decorate(function):
            log.append(-k)
            return function

        return decorate

    @noted(1)
    @noted(2)
    def f(x=log[-1]):
        return x

    return f(), f(n), log


@kept_cases((4,))
def a_shared_function_with_state(n):
    def counter():
        count = 0

        def f():
            nonlocal count
            count += 1
            return count

        return f

    def summing():
        f = counter()

        def g():
            nonlocal total
            total += f()
            return total

        total = 0
        return g

    g = summing()
    return [g() for _ in range(n)]


@kept_cases((4,))
def bound_to_a_variable_around(n):
    def kept():
        return kept_count

    kept_count = n
    inner = None

    def make(start):
        nonlocal kept_count
        count = start

        def g():
            nonlocal count
            count += 1
            return count

        kept_count = g() + count
        return g

    inner = make(n)
    return kept(), inner(), kept()


@kept_cases((4,))
def functions_that_a_generator_yields(n):
    def functions(n):
        for i in range(n):
            count = i

            def f():
                nonlocal count
                count += 1
                return count

            yield f

    return [f() for f in functions(n)], [f() for f in list(functions(n))]


@kept_cases((4,))
def generators_that_share_a_variable(n):
    def make(n):
        total = 0

        def sums():
            nonlocal total
            for i in range(n):
                total += i
                yield total

        return sums(), sums()

    a, b = make(n)
    return list(zip(a, b))


@cases((4,))
def a_function_that_turns_into_another(n):
    def make():
        def f(k):
            return k

        def g(k):
            nonlocal f
            before = f(k)
            f = later
            return before, f(k)

        def later(k):
            return k + 1

        return g

    g = make()
    return g(n), g(n)


@cases((3,))
def raises_where_a_variable_has_no_value(n):
    def make():
        def f():
            return value

        if n == 0:
            value = 1
        return f

    return make()()


# In generator functions.


@kept_cases((0,), (4,))
def shared_in_a_generator_function(n):
    def running(k):
        def average():
            return total / count

        total, count = 0.0, 0
        for i in range(k):
            total += i
            count += 1
            yield average()

    return list(running(n))


@kept_cases((3,))
def changed_by_an_inner_function(n):
    def numbers(k):
        last = 0

        def advance(by):
            nonlocal last
            last += by
            return last

        for i in range(k):
            yield advance(i)
            yield last

    return list(numbers(n))


@kept_cases((3,))
def shared_with_a_generator_expression(n):
    def scaled(k):
        items = (factor * i for i in range(k))
        factor = 2
        for item in items:
            yield item
            factor += 1.5

    return list(scaled(n)), list(scaled(n + 1))


@kept_cases(("ab",))
def shared_text_in_a_generator_function(text):
    def prefixes(text):
        def longest():
            return kept + "!"

        kept = ""
        for c in text:
            kept += c
            yield longest()

    return list(prefixes(text)), next(prefixes(text))


@cases((1,))
def shared_before_it_has_a_value(n):
    def f(n):
        def read():
            return value

        if n == 0:
            value = 1
        yield read()
        value = 2

    return next(f(n))


@cases((0,), (2,))
def shared_parameter(n):
    def f(n):
        def g():
            return n

        n += 1
        yield g()
        n += 1
        yield g()

    return list(f(n))


test_compiled = cases.test()


@pytest.mark.parametrize(("function", "args"), LEAKING)
def test_nothing_leaks(function, args):
    function(*args)
    gc.collect()
    before = _core.live_allocations()
    for _ in range(5):
        function(*args)
    gc.collect()
    assert _core.live_allocations() == before


def test_generators_that_use_shared_variables_are_returned():
    def f(n):
        k = 1
        g = (i * k for i in range(n))
        k = 2.5
        return g

    assert list(njit(f)(3)) == list(f(3))


def test_functions_of_other_calls_are_compiled_for_wider_variables():
    @njit
    def make():
        count = 0
        seen = []

        def step(by):
            nonlocal count
            count += by
            seen.append(by)
            return count, len(seen)

        return step

    @njit
    def with_ints(n):
        step = make()
        step(n)
        return step(n)

    assert with_ints(3) == (6, 2)
    assert with_ints(2.5) == (5.0, 2)
    assert with_ints(3) == (6, 2)


def functions_that_refer_to_each_other(n):
    def make():
        def is_even(k):
            return k == 0 or is_odd(k - 1)

        def is_odd(k):
            return k != 0 and is_even(k - 1)

        return is_even

    return make()(n)


def functions_of_a_generator_that_refer_to_each_other(n):
    def generator():
        def first():
            return second()

        def second():
            return first() if n < 0 else n

        yield first()

    return list(generator())


def a_list_that_would_hold_itself(n):
    def make():
        functions = []

        def f():
            return len(functions)

        functions.append(f)
        return f

    return make()()


def put_into_a_list_of_the_caller(n):
    def fill(out):
        count = n

        def f():
            nonlocal count
            count += 1
            return count

        out.append(f)

    out = []
    fill(out)
    return out[0]()


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (functions_that_refer_to_each_other, "U0004.*`is_odd` refers to itself, and lives longer than the call that has it"),
        (functions_of_a_generator_that_refer_to_each_other, "U0004.*`second` refers to itself"),
        (a_list_that_would_hold_itself, "T0202"),
        (put_into_a_list_of_the_caller, "T0202"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_is_refused(function, message):
    with pytest.raises((TypingError, UnsupportedError), match=message):
        njit(function)(3)


def test_functions_are_not_returned_to_python():
    @njit
    def f(n):
        count = n
        g = lambda: count
        count += 1
        return g

    with pytest.raises(TypeError, match="a value of type function <lambda>, which cannot be handed to Python"):
        f(1)
