"""Array memory: nothing leaks, whichever way a function is left, and nothing is freed that can still be reached."""

import gc
import sys
from collections import namedtuple

import numpy as np
import pytest
from differential import Cases
from rumba import _core, njit
from subprocesses import output_of

CASES = []


def case(*inputs):
    """Registers a function with its inputs: none may change the number of allocations that are alive."""

    def register(function):
        CASES.extend(pytest.param(njit(function), args, id=f"{function.__name__}-{n}") for n, args in enumerate(inputs))
        return function

    return register


shared_cases = Cases()


def shared_case(*inputs):
    """As `case`, for variables that inner functions share: what they hold is compared with the interpreter, too."""
    return lambda function: shared_cases(*inputs)(case(*inputs)(function))


def call(function, args):
    try:
        return function(*args)
    except (ArithmeticError, LookupError, ValueError, AssertionError, NameError, RecursionError) as error:
        return type(error)


ARRAY = np.arange(5.0)
Pair = namedtuple("Pair", "a b")


@njit
def strided(n):
    a = np.ones(n)
    b = a[::2]
    return b


@njit
def raising(n):
    a = np.zeros(n)
    b = a[1:]
    for i in range(100):
        c = np.ones(i + 1)
        if i == n - 2:
            raise ValueError(i)
        b[i] = c[0]
    return a


@case((10,))
def in_a_loop(n):
    total = 0.0
    for i in range(n):
        a = np.zeros(i + 1)
        total += a[i]
    return total


@case((10,))
def in_a_callee(n):
    total = 0.0
    for i in range(n):
        total += strided(i + 1)[0]
    return total


@case((10,))
def view_of_a_temporary(n):
    return np.ones(n)[1:][::-1]


@case((10,), (0,))
def swapped(n):
    a, b = np.zeros(3), np.ones(3)
    for i in range(n):
        a, b = b, a
        if i == 5:
            a = np.zeros(4)
    return a


@case((1,), (3,), (10,))
def conditional(n):
    if n > 3:
        a = np.zeros(n)
    elif n > 2:
        return 1.0
    else:
        a = np.ones(n)[::-1]
    return a[0]


@case((2,), (10,))
def raised_in_a_callee(n):
    a = np.zeros(n)
    return raising(n)[0] + a[0]


@case((3,))
def raised_with_an_array(n):
    a = np.zeros(n)
    raise ValueError(a, a[0])


@case((3,))
def message_of_an_assert(n):
    a = np.zeros(n)
    assert a[0] == 1, a


@case((3,))
def tuples_of_arrays(n):
    t = (np.zeros(n), np.ones(n))
    for _ in range(5):
        t = (t[1], t[0])
    a, (b, c) = t[0], t
    return a, t, b


@case((3, 1), (3, -1), (3, 7))
def tuple_by_run_time_index(n, i):
    t = (np.zeros(n), np.ones(n))
    return t[i]


@case((3,))
def named_tuples(n):
    p = Pair(np.zeros(n), n)
    q = Pair(p.a[1:], p.b)
    return q


@case((3,), (10,))
def early_return(n):
    a = np.zeros(n)
    for i in range(n):
        b = np.zeros(n)
        for j in range(n):
            c = np.zeros(2)
            if i * j > 20:
                return b
            if j == 7:
                break
            if j == 2:
                continue
            c[0] = 1
    return a


def recursive(n):
    a = np.zeros(n + 1)
    if n == 0:
        return a
    a[0] = recursive(n - 1)[0] + 1
    return a


def endless(n):
    a = np.zeros(2)
    if n < 0:
        return 0.0
    return endless(n + 1) + a[0]


recursive = njit(recursive)
endless = njit(endless)
CASES += [pytest.param(recursive, (30,), id="recursive"), pytest.param(endless, (1,), id="endless")]


@case((10,), (2,))
def rows(n):
    total = 0.0
    for row in np.ones((n, n)):
        for x in row:
            total += x
        if total > 30:
            break
    for i, (r, q) in enumerate(zip(np.ones((n, 2)), np.zeros((n, 3)))):
        if i == 4:
            return q
        total += r[0]
    return q


@case((10,), (9,))
def chain_of_methods(n):
    a = np.arange(n).reshape(2, -1).T.ravel().copy().astype(np.float32)
    return a.reshape((n, 1))


@case((4,))
def unused(n):
    np.zeros(n)
    np.ones(n)[2:]
    return n


@case((4,), (1,))
def optional(n):
    a = None
    if n > 2:
        a = np.zeros(n)
    if a is None:
        return -1.0
    return a[0]


@case((4,), (1,))
def optional_result(n):
    if n > 2:
        return np.zeros(n)
    return None


@case((4,))
def deleted(n):
    a = np.zeros(n)
    del a
    a = np.ones(n)
    b = a
    del a
    return b[0]


@case((4,), (1,))
def unbound(n):
    if n > 2:
        a = np.zeros(n)
    b = np.ones(n)
    return a, b


@case((4,))
def captured(n):
    a = np.zeros(n)

    def g(i):
        return a[i]

    total = 0.0
    for i in range(n + 1):
        total += g(i)
    return total


@shared_case((4,), (0,))
def shared(n):
    a = np.zeros(n)
    read = lambda: a
    b = read()
    a = np.ones(n + 1)
    c = read()
    a = a[1:]
    return b.size, c[0], read(), a


@shared_case((4,), (1,), (-1,))
def shared_and_raised(n):
    a = np.zeros(3)

    def replace(size):
        nonlocal a
        old = a
        a = np.ones(size)
        old[0] = a[1]
        return old

    b = replace(n)
    c = replace(n + 3)
    return b, c, a[n]


@shared_case((5,), (0,))
def shared_in_a_loop(n):
    total = 0.0
    for i in range(n):
        a = np.ones(i + 1)
        last = lambda: a[i]
        total += last()
    return total + last()


@shared_case((5,), (0,), (12,))
def shared_and_unbound(n):
    if n > 3:
        a = np.ones(n)
    get = lambda: a
    if n > 10:
        del a
    return get()


@shared_case((ARRAY, 2), (ARRAY, 9))
def shared_parameter(a, n):
    first = a

    def shift():
        nonlocal a
        a = a[1:]
        return a

    shift()
    b = shift()
    a = a[:1] if n == 1 else b
    return first, a, b[n]


@shared_case((4,), (7,))
def shared_functions(n):
    a = np.arange(n + 1)

    def even(k):
        return a[0] == 0 if k == 0 else odd(k - 1)

    def odd(k):
        return a[5] == 0 if k == 0 else even(k - 1)

    return even(n), even(n + 1)


@shared_case((4,), (0,))
def shared_through_calls(n):
    best = (np.zeros(1), 0)

    def keep(k):
        nonlocal best
        if k % 3 != 1:
            best = (np.full(k, 1.0 * k), k)
        return best[0]

    def again(k):
        return keep(k)[0] + (again(k - 1) if k > 1 else best[0][-1])

    return again(n), best


@shared_case((3,))
def shared_by_each_call(n):
    def depth(k):
        a = np.full(k + 1, k)

        def grow():
            nonlocal a
            a = np.full(a.size + 1, k)

        grow()
        below = depth(k - 1) if k > 0 else a
        grow()
        return below if k % 2 else a

    return depth(n)


@shared_case((3,))
def shared_until_it_never_returns(n):
    a = np.ones(n)

    def fail():
        nonlocal a
        a = np.zeros(n)
        raise ValueError(a.size)

    a = np.ones(n + 1)
    fail()


@case((ARRAY, 0), (ARRAY, 5))
def arguments(a, n):
    a = a[1:]
    for i in range(n):
        a = a.copy() if i % 2 else a[::-1]
    return a, a


@case((5,), (3,))
def conditional_expressions(n):
    return (np.zeros(n) if n > 3 else np.ones(n))[0] + (np.zeros(n)[0] or np.ones(n)[0])


@case((9,))
def grown(n):
    a = np.zeros(1)
    while len(a) < n:
        b = np.zeros(len(a) + 1)
        b[: len(a)] = a
        a = b
    else:
        c = a
    return c


@case((ARRAY, ARRAY, 2))
def star(*args):
    return args[0], args


@case((4,))
def assigned_badly(n):
    a = np.zeros((n, n))
    a[1] = np.ones(n)
    a[:, 0] = np.arange(n + 1)
    return a


def references(args):
    return [sys.getrefcount(arg) for arg in args if isinstance(arg, np.ndarray)]


@pytest.mark.parametrize(("function", "args"), CASES)
def test_nothing_leaks(function, args):
    call(function, args)
    gc.collect()
    before = _core.live_allocations()
    counts = references(args)
    for _ in range(5):
        call(function, args)
    gc.collect()
    assert _core.live_allocations() == before
    assert references(args) == counts


test_shared_arrays = shared_cases.test()


def test_results_keep_their_memory():
    views = [strided(100) for _ in range(50)]
    first = [recursive(n) for n in range(20)]
    gc.collect()
    noise = [strided(100) for _ in range(50)]
    assert all((view == 1).all() and len(view) == 50 for view in views + noise)
    assert [a[0] for a in first] == list(range(20))
    assert not views[0].flags.owndata


def raise_arrays(n):
    a = np.full(n, 7.0)
    raise ValueError(a, a[1:], (n, a))


def assert_arrays(n):
    a = np.full(n, 7.0)
    assert n < 0, a


def raise_in_the_middle(n):
    for i in range(n):
        a = np.full(3, 7.0)
        if i == n - 1:
            raise ValueError(a[::2])


@pytest.mark.parametrize("function", [raise_arrays, assert_arrays, raise_in_the_middle])
def test_exceptions_keep_their_arrays(function):
    function = njit(function)
    before = _core.live_allocations()
    errors = []
    for _ in range(50):
        with pytest.raises((ValueError, AssertionError)) as caught:
            function(3)
        errors.append(caught.value.args)
    noise = [strided(3) for _ in range(50)]
    assert all((args[0] == 7).all() for args in errors)
    del errors, caught, noise
    gc.collect()
    assert _core.live_allocations() == before


def test_views_of_arguments_keep_the_argument():
    before = sys.getrefcount(ARRAY)

    @njit
    def parts(a):
        return a, a[1:], a[::2][1:]

    result = parts(ARRAY)
    assert result[0] is ARRAY
    assert result[1].base is ARRAY and result[2].base is ARRAY
    assert sys.getrefcount(ARRAY) > before
    del result
    assert sys.getrefcount(ARRAY) == before


def test_interrupts_free_arrays():
    program = """
    import signal
    import numpy as np
    from rumba import _core, njit

    @njit
    def inner(a):
        b = a
        while b[0] == 1:
            b = np.zeros(3)
            b[0] += a[0]
        return b[0]

    @njit
    def outer(n):
        a = np.ones(n)
        get = lambda: a
        a = np.ones(n + 1)
        while True:
            a = get()[1:]
            a = np.full(n, inner(get()))

    signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        outer(10)
    except KeyboardInterrupt:
        print("interrupted", _core.live_allocations())
    """
    assert output_of(program) == "interrupted 0\n"
