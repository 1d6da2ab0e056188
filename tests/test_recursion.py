"""Recursion compiles once per argument types, at the outside call, whatever its shape; and it cannot kill the process."""

import numpy as np
import pytest
from rumba import njit
from rumba.errors import TypingError
from subprocesses import output_of


@njit
def fibonacci(n):
    if n < 2:
        return n
    return fibonacci(n - 1) + fibonacci(n - 2)


@njit
def ackermann(m, n):
    if m == 0:
        return n + 1
    if n == 0:
        return ackermann(m - 1, 1)
    return ackermann(m - 1, ackermann(m, n - 1))


@njit
def is_even(n):
    return True if n == 0 else is_odd(n - 1)


@njit
def is_odd(n):
    return False if n == 0 else is_even(n - 1)


@njit
def first_of_three(n):
    return 1 if n <= 0 else second_of_three(n - 1) + 1


@njit
def second_of_three(n):
    return 2 if n <= 0 else third_of_three(n - 1) * 2


@njit
def third_of_three(n):
    return 3 if n <= 0 else first_of_three(n - 1) - 1


@njit
def becomes_float(n, x):
    """The recursive call has other argument types: int64, int64 calls int64, float64."""
    if n == 0:
        return x * 1.0
    return becomes_float(n - 1, x / 2)


@njit
def result_widens(n):
    """The first return says int64, the second float64: the type is their join."""
    if n == 0:
        return 1
    return result_widens(n - 1) * 0.5


@njit
def recursive_branch_first(n):
    if n > 1:
        return n * recursive_branch_first(n - 1)
    return 1


@njit
def quicksort(a, low, high):
    if low >= high:
        return
    pivot = a[(low + high) // 2]
    i, j = low, high
    while i <= j:
        while a[i] < pivot:
            i += 1
        while a[j] > pivot:
            j -= 1
        if i <= j:
            a[i], a[j] = a[j], a[i]
            i += 1
            j -= 1
    quicksort(a, low, j)
    quicksort(a, i, high)


@njit
def halves(a):
    """Recursion over views: every level has the same type, though the lengths differ."""
    if a.size == 1:
        return a[0]
    middle = a.size // 2
    return halves(a[:middle]) + halves(a[middle:])


@njit
def binomial(n, k=2):
    if k == 0 or k == n:
        return 1
    return binomial(n - 1, k - 1) + binomial(n - 1, k)


@njit
def returns_tuple(n):
    if n == 0:
        return 0, 1.0
    count, product = returns_tuple(n - 1)
    return count + 1, product * 1.5


def test_self_recursion():
    assert [fibonacci(n) for n in range(10)] == [0, 1, 1, 2, 3, 5, 8, 13, 21, 34]
    assert fibonacci(25) == 75025
    assert len(fibonacci.signatures) == 1


def test_nested_recursion():
    assert ackermann(2, 3) == 9 and ackermann(3, 3) == 61
    assert len(ackermann.signatures) == 1


def test_mutual_recursion():
    assert is_even(10) is True and is_even(7) is False and is_odd(7) is True
    assert len(is_even.signatures) == 1 and len(is_odd.signatures) <= 1


def test_mutual_recursion_of_three():
    assert [first_of_three(n) for n in range(7)] == [first_of_three_in_python(n) for n in range(7)]


def first_of_three_in_python(n):
    second = lambda n: 2 if n <= 0 else third(n - 1) * 2
    third = lambda n: 3 if n <= 0 else first_of_three_in_python(n - 1) - 1
    return 1 if n <= 0 else second(n - 1) + 1


def test_recursion_that_changes_types():
    assert becomes_float(3, 8) == 1.0
    assert becomes_float(0, 8) == 8.0
    assert len(becomes_float.signatures) <= 2


def test_result_type_is_the_join():
    assert result_widens(0) == 1.0 and type(result_widens(0)) is float
    assert result_widens(3) == 0.125


def test_recursive_branch_before_the_way_out():
    assert recursive_branch_first(10) == 3628800
    assert recursive_branch_first(5.0) == 120.0
    assert len(recursive_branch_first.signatures) == 2


def test_recursion_over_arrays():
    a = np.random.default_rng(5).standard_normal(1000)
    expected = np.sort(a)
    quicksort(a, 0, a.size - 1)
    np.testing.assert_array_equal(a, expected)
    assert halves(np.arange(100)) == 4950


def test_recursion_with_defaults_and_tuples():
    assert binomial(10) == 45 and binomial(10, 3) == 120
    assert returns_tuple(3) == (3, 1.5**3)


def test_called_from_another_function():
    @njit
    def caller(n):
        return fibonacci(n) + is_even(n)

    assert caller(10) == 56


def test_compiling_once_at_any_depth():
    @njit
    def depth(n):
        return 0 if n == 0 else 1 + depth(n - 1)

    for n in (1, 10, 1000, 3):
        assert depth(n) == n
        assert len(depth.signatures) == 1
    depth(3.0)
    assert len(depth.signatures) == 2


@njit
def without_way_out(n):
    return without_way_out(n - 1)


@njit
def mutual_without_way_out(n):
    return without_way_out_either(n)


@njit
def without_way_out_either(n):
    return mutual_without_way_out(n)


@njit
def ever_new_types(n, t):
    if n == 0:
        return 0
    return ever_new_types(n - 1, (t, t))


@pytest.mark.parametrize(
    ("function", "args"), [(without_way_out, (3,)), (mutual_without_way_out, (3,)), (ever_new_types, (3, 1))]
)
def test_no_type_to_be_found(function, args):
    with pytest.raises(TypingError) as caught:
        function(*args)
    assert "recurs" in str(caught.value).lower()


DEEP = """
import threading
import numpy as np
from rumba import njit

@njit
def down(n):
    if n == 0:
        return 0
    return 1 + down(n - 1)

@njit
def with_array(a, n):
    if n < 0:
        return a[0]
    return with_array(a, n + 1) + 1

def attempt(function, *args):
    try:
        function(*args)
    except RecursionError as error:
        print("RecursionError", len(str(error)) > 0)

attempt(down, 10**12)
attempt(with_array, np.ones(1), 0)
# A thread has a smaller stack.
thread = threading.Thread(target=attempt, args=(down, 10**12))
thread.start()
thread.join()
print(down(500))
"""


def test_deep_recursion_raises(tmp_path):
    printed = output_of(DEEP, file=tmp_path / "deep.py")
    assert printed.split("\n") == ["RecursionError True"] * 3 + ["500", ""]


SMALL_STACKS = """
import threading
from rumba import njit
from rumba.errors import TypingError

def compile_and_call():
    @njit
    def add(a, b):
        total = a
        for i in range(b):
            total += i
        return total

    print(add(1, 4))
    try:
        add(1, (1, 2))
    except TypingError as error:
        print(error.args[0].splitlines()[0])

threading.stack_size(32 * 1024)
thread = threading.Thread(target=compile_and_call)
thread.start()
thread.join()
"""


def test_a_thread_with_a_small_stack_compiles(tmp_path):
    # The compiler needs more stack than Python lets a thread ask for.
    printed = output_of(SMALL_STACKS, file=tmp_path / "small_stacks.py").splitlines()
    assert printed[0] == "7" and printed[1].startswith("error[") and len(printed) == 2


WATCHED = """
import os
import time
from rumba import njit

def threads():
    return {open(f"/proc/self/task/{task}/comm").read().strip() for task in os.listdir("/proc/self/task")}

@njit
def add(a, b):
    return a + b

@njit
def down(n):
    return n if n == 0 else down(n - 1)

add(1, 2)
print("rumba-watchdog" in threads())
down(3)
# The thread gives itself its name.
deadline = time.monotonic() + 10
while "rumba-watchdog" not in threads() and time.monotonic() < deadline:
    time.sleep(0.01)
print("rumba-watchdog" in threads())
"""


def test_only_code_that_can_run_long_starts_the_watchdog(tmp_path):
    assert output_of(WATCHED, file=tmp_path / "watched.py").split() == ["False", "True"]
