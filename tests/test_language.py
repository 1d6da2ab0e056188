"""Every construct of the language that concerns numbers, tuples, arrays and functions."""

import enum
import itertools
import math
from collections import namedtuple
from typing import NamedTuple

import numpy as np
import pytest
from asserting import assert_plain, assert_with_message, assert_with_run_time_message
from differential import Cases, check
from rumba import njit
from rumba.errors import TypingError, UnsupportedError
from rumba.extending import register_jitable

cases = Cases()

# --- assignment -----------------------------------------------------------------------------------------------------


@cases((1, 2.5), (-3, 0.0))
def assign_chain(a, b):
    x = y = a + b
    y += 1
    return x, y


@cases((1, 2))
def swap(a, b):
    a, b = b, a
    return a, b


@cases((1, 2, 3))
def rotate(a, b, c):
    a, b, c = b, c, a
    return a, b, c


@cases(((1, (2.5, 3j)),))
def unpack_nested(t):
    a, (b, c) = t
    return c, b, a


@cases((np.array([1.5, 2.5, 3.5]),))
def unpack_array(a):
    x, y, z = a
    return x, y, z


@cases(((1, 2, 3, 4),), ((1, 2),))
def unpack_starred_last(t):
    first, *rest = t
    return first, tuple(rest)


@cases(((1, 2.0, 3j, 4),))
def unpack_starred_middle(t):
    first, *middle, last = t
    return first, len(middle), last


@cases(((1, 2, 3),))
def unpack_starred_first(t):
    *rest, last = t
    return len(rest), last


@cases(((1, 2, 3),), ((1, 2),), ((1,),))
def starred_target_is_a_list(t):
    first, *rest = t
    rest.append(first)
    return rest


@cases((3,), (2.5,))
def starred_target_of_a_tuple_display(n):
    a, *middle, b = 1, n, n + 1, 7
    middle[0] = a + b
    return middle, [*middle, 1], len(middle)


@cases(("ab",))
def starred_targets_of_all_sorts(s):
    _, *texts = 1, s, s + "c"
    _, *pairs = s, (1, 2.5), (3, 4.5)
    _, *nothing = (s,)
    mixed_first, *mixed = 1, 2, s
    return texts, pairs, nothing, len(mixed), mixed[1]


@cases((np.zeros((2, 3, 4)),))
def starred_target_as_shape(a):
    n, *rest = a.shape
    total = n
    for extent in rest:
        total += extent
    return np.zeros(tuple(rest)).shape, np.ones((n, *rest)).size, sum(rest), total


@cases(([3.0, 4.0],), ([1.0],), ([1.0, 2.0, 3.0],))
def fixed_arguments_of_library_functions(items):
    return math.atan2(*items), math.pow(*items)


@cases(([3, 5, 4],), ([2, 1],))
def extremes_of_starred(items):
    return max(*items), min(*items)


@cases((np.array([2.5, 1.0]),))
def extremes_of_starred_array(a):
    return float(np.add(*a)), float(max(*a))


@cases(([3],))
def extreme_of_one_number(items):
    try:
        return max(*items)
    except TypeError:
        return -1


@cases((7, 3))
def augmented(a, b):
    x = a
    x += b
    x -= 1
    x *= b
    x //= 2
    x %= 11
    x **= 2
    x <<= 2
    x >>= 1
    x |= 64
    x &= 0xFF
    x ^= 3
    return x


@cases((7, 2))
def augmented_division_changes_type(a, b):
    x = a
    x /= b
    return x


@cases((np.zeros(4), 2))
def augmented_element(a, i):
    a[i] += 3
    a[i] *= 2
    a[-1] -= 1
    a[i - 2] /= 4
    return a[i]


@cases((5,), (15,))
def walrus(n):
    if (half := n // 2) > 5:
        return half
    return -half


@cases((10,))
def walrus_in_while(n):
    total = 0
    while (n := n - 3) > 0:
        total += n
    return total, n


@cases((3,))
def annotated(n):
    total: int = 0
    unused: float
    for i in range(n):
        total += i
    return total


@cases((3,))
def retype(n):
    x = n
    y = x + 1
    x = n * 0.5
    return x, y


@cases((3,))
def delete_name(n):
    x = n
    y = x * 2
    del x
    x = y + 1
    return x


@cases((3,))
def pass_and_docstring(n):
    """A docstring, which is no statement that matters."""
    pass
    ...
    return n


# --- expressions ----------------------------------------------------------------------------------------------------


@cases((1,), (0,), (-1,))
def conditional(x):
    return x + 1 if x > 0 else x - 1


def conditional_joins_types(x):
    return 1 if x > 0 else 2.5


def test_both_sides_of_a_conditional_have_one_type():
    check(conditional_joins_types, 1, expected=1.0)
    check(conditional_joins_types, -1)


@cases(
    *itertools.combinations_with_replacement([0, 1, 2.5, 1j, True, None, (), (1,), (1, 2.5), ((1,), 2.5)], 2),
)
def equality_of_any_two(a, b):
    return a == b, a != b, b == a, b != a, a in (b, (b,), 7), (a, b) == (b, a), (a, 0) != b


@cases((3,), ((1, 2),), (None,))
def equality_with_what_is_known_when_compiling(x):
    return x == "text", x == int, math == x, x != Colour, x == ..., len != x, x == range(3), (lambda: 0) == x, x != slice(3)


@cases((3, 4), (0, 4), (3, 0), (0, 0))
def equality_of_what_may_be_none(m, n):
    a = m if m else None
    b = (n, n) if n else None
    c = n if n else None
    return a == n, n == a, b == n, a == (m, m), b == (4, 4), b == None, b != "text", a == c, a != c, a == b, (a, 1) != (c, 1)  # noqa: E711


def less_than(a, b):
    return a < b


def test_a_tuple_and_a_number_have_no_order():
    for pair in [((1, 2), 3), (3, (1, 2)), ((1,), None), (None, 1)]:
        with pytest.raises(TypingError, match="T0201.*`<` is not defined for"):
            njit(less_than)(*pair)


@cases((1, 2, 3), (3, 2, 1), (2, 2, 2))
def chained_comparison(a, b, c):
    return a < b < c, a <= b <= c, a < b > c, a == b == c != 7


@cases((np.zeros(1, dtype=np.int64),))
def chained_comparison_evaluates_once(counter):
    def next_value():
        counter[0] += 1
        return counter[0]

    return 0 < next_value() < 5, counter[0]


@cases((0, 5), (3, 5), (3, 0), (0, 0))
def boolean_operators_return_values(a, b):
    return a and b, a or b, not a, (a or b) and a


@cases((0, 5), (2, 5))
def boolean_operators_short_circuit(a, b):
    return a != 0 and b // a > 1, a == 0 or b % a == 0


@cases((0.0,), (-0.0,), (float("nan"),), (1e-300,), (0j,), (1j,), (True,), (False,), (0,), (-5,))
def truth(x):
    if x:
        return 1
    return 0


@cases(((),), ((0,),), ((1, 2),))
def truth_of_tuple(t):
    return bool(t), not t


@cases((5, 3))
def unary(a, b):
    return -a, +a, ~a, not a, -(-b), ~~b


@cases((5, 3), (-5, 3), (5, -3))
def precedence(a, b):
    return a + b * 2 - a // b**2, -(a**2), 2**-1, a - b - 1, a << 1 + 1, a & b == b, not a == b


@cases((1, 2))
def numbers_in_all_spellings(a, b):
    return 0x1F + a, 0b101, 0o17, 1_000_000 + b, 1e3, 1.5e-3, 0x7FFF_FFFF_FFFF_FFFF, 3j, 1_0.5


@cases((None,), (3,))
def is_none(x):
    if x is None:
        return -1
    return x + 1


@cases((None, 3), (None, None), (2, 3))
def is_not_none_joined(x, y):
    return x is not None, y is None


@cases((1, (1, 2, 3)), (5, (1, 2, 3)), (2.0, (1, 2, 3)))
def membership(x, t):
    return x in t, x not in t


@cases((3, 7))
def lines_joined(a, b):
    return (
        a
        + b * (
            a - 1
        )
    ) - \
        a  # fmt: skip


# --- flow -----------------------------------------------------------------------------------------------------------


@cases((-1,), (0,), (5,), (50,), (500,))
def if_elif_else(x):
    if x < 0:
        return 1
    elif x == 0:
        return 2
    elif x < 10:
        y = 3
    elif x < 100:
        y = 4
    else:
        y = 5
    return y * 10


@cases((0,), (1,), (10,))
def while_else(n):
    total = 0
    while n > 0:
        total += n
        n -= 1
        if total > 40:
            break
    else:
        total = -total
    return total


@cases((5, 3), (5, 30), (0, 0))
def for_else(n, wanted):
    for i in range(n):
        if i == wanted:
            found = i
            break
    else:
        found = -1
    return found


@cases((20,))
def break_and_continue(n):
    total = 0
    for i in range(n):
        if i % 3 == 0:
            continue
        for j in range(i):
            if j > 7:
                break
            if j % 2:
                continue
            total += i * j
        else:
            total += 1000
    return total


@cases((10,), (0,))
def loop_variable_after_loop(n):
    i = -1
    for i in range(n):
        pass
    return i


@cases((10,))
def loop_variable_reassigned(n):
    total = 0
    for i in range(n):
        i *= 2
        total += i
    return total


@cases((3,), (30,))
def while_true(n):
    i = 0
    while True:
        if i * i >= n:
            return i
        i += 1


@cases((6,))
def nested_loops(n):
    total = 0
    for i in range(n):
        for j in range(i, n):
            for k in range(j, n, 2):
                total += i * 100 + j * 10 + k
    return total


@cases((5,))
def type_settles_in_loop(n):
    x = 0
    for i in range(n):
        x = x + 0.5
    return x


@cases((5,), (0,))
def return_in_loop(n):
    for i in range(n):
        return i
    return -1


@cases((1,))
def returns_nothing(n):
    n + 1


@cases((1,), (-1,))
def returns_value_or_none(n):
    if n > 0:
        return n
    return None


@cases((1,), (-1,))
def falls_off_the_end(n):
    if n > 0:
        return n * 2


@cases((10, 1), (10, -1), (0, 1), (1, 0))
def unreachable_after_return(n, m):
    return n + m
    return n.no_such_attribute


@cases((0,), (1,), (2,), (7,), (-1,))
def match_numbers(x):
    match x:
        case 0:
            return True, 0
        case 1 | 2:
            return True, 12
        case -1:
            return False, -1
        case n if n > 5:
            return False, n
        case _:
            return False, 100


@cases((1.5,), (2.5,))
def match_floats(x):
    match x:
        case 1.5:
            return 1.0
        case other:
            return other * 2


@cases(((0, 0),), ((0, 5),), ((5, 0),), ((3, 3),), ((3, 4),))
def match_pairs(point):
    match point:
        case (0, 0):
            return 0
        case (0, y):
            return y
        case (x, 0):
            return -x
        case (x, y) if x == y:
            return x * 100
        case (x, y):
            return x * 1000 + y


@cases(((1, 2, 3),), ((1, 2),), ((1,),), ((),))
def match_lengths(t):
    match t:
        case ():
            return 0
        case (x,):
            return x
        case (x, y):
            return x + y
        case (x, *rest):
            return x + 10 * len(rest)


@cases((None,), (True,), (False,), (5,))
def match_singletons(x):
    match x:
        case None:
            return 1
        case True:
            return 2
        case False:
            return 3
        case _:
            return 4


@cases((3,), (4,), (2.5,), (2 + 3j,), (True,), (None,), ((1, 3),), ((3,),), ((),))
def match_numbers_and_tuples(x):
    match x:
        case 3:
            return 30
        case -1.5 | None:
            return 40
        case 2 + 3j:
            return 50
        case "text" | True:
            return 60
        case (1, 2) | (3,):
            return 70
        case (1, (2, 3)) | ((1, 2), 3):
            return 80
        case _:
            return 90


@cases(((1, (2, 3)),), ((1, (5, 3)),))
def match_nested(t):
    match t:
        case (a, (2, b)):
            return a + b
        case (a, (b, c) as inner):
            return a * 100 + b * 10 + c + len(inner)


# --- assert and raise -----------------------------------------------------------------------------------------------


class OutOfRange(ValueError):
    """A user's exception class."""


class Unrelated(Exception):
    def __init__(self, code, detail):
        super().__init__(code, detail)
        self.code = code


for function in (assert_plain, assert_with_message, assert_with_run_time_message):
    cases((1,), (0,))(function)


@cases((1,))
def assert_that_pytest_has_rewritten(x):
    assert x > 0
    return x


@cases((1,), (0,))
def raise_class(x):
    if x == 0:
        raise ValueError
    return x


@cases((1,), (0,))
def raise_with_message(x):
    if x == 0:
        raise ValueError("zero is not allowed")
    return x


@cases((3, 4.5), (0, 2.5))
def raise_with_run_time_arguments(x, y):
    if x == 0:
        raise ValueError("bad pair", x, y)
    return x


@cases((1,), (0,))
def raise_user_class(x):
    if x == 0:
        raise OutOfRange("out of range", x)
    return x


@cases((1,), (0,))
def raise_user_class_with_init(x):
    if x == 0:
        raise Unrelated(x, 2.5)
    return x


@cases((0,), (1,), (2,), (3,), (4,), (5,), (6,), (7,), (8,))
def raise_many_classes(x):
    if x == 0:
        raise IndexError("index")
    if x == 1:
        raise KeyError("key")
    if x == 2:
        raise TypeError("type")
    if x == 3:
        raise RuntimeError("runtime")
    if x == 4:
        raise ArithmeticError("arithmetic")
    if x == 5:
        raise OverflowError("overflow")
    if x == 6:
        raise NotImplementedError("later")
    if x == 7:
        raise StopIteration
    return x


@njit
def raising_callee(x):
    if x > 2:
        raise OutOfRange("too large", x)
    return x


@cases((1,), (3,))
def raise_through_call(x):
    return raising_callee(x) + 1


@cases((True,), (False,))
def unbound_on_one_path(flag):
    if flag:
        x = 1
    return x


@cases((0,), (2,))
def unbound_after_empty_loop(n):
    for i in range(n):
        last = i
    return last


def test_user_exception_is_constructed():
    try:
        njit(raise_user_class_with_init)(0)
    except Unrelated as error:
        assert error.code == 0 and error.args == (0, 2.5)
    else:
        raise AssertionError("nothing raised")


# --- calls ----------------------------------------------------------------------------------------------------------


@njit
def callee(a, b=10, c=0.5):
    return a + b * c


@njit
def keyword_only(a, *, scale=2, shift):
    return a * scale + shift


@njit
def positional_only(a, b=3, /, c=4):
    return a * 100 + b * 10 + c


@njit
def variadic(first, *rest):
    total = first
    for x in rest:
        total += x
    return total, len(rest)


@register_jitable
def jitable(x):
    return x * 3


@register_jitable
def apply_twice(function, x):
    return function(function(x))


@register_jitable
def apply_to_all(function, n):
    total = 0
    for i in range(n):
        total += function(i)
    return total


@cases((2,))
def call_with_defaults(a):
    return callee(a), callee(a, 3), callee(a, 3, 2.0)


@cases((2,))
def call_with_keywords(a):
    return callee(a, c=3), callee(c=1, a=a, b=2), callee(b=a, a=1)


@cases((2,))
def call_keyword_only(a):
    return keyword_only(a, shift=1), keyword_only(a, shift=a, scale=10)


@cases((2,))
def call_positional_only(a):
    return positional_only(a), positional_only(a, 5), positional_only(a, 5, c=6)


@cases((2,))
def call_variadic(a):
    return variadic(a), variadic(a, 1), variadic(a, 1, 2, 3)


@cases(((1, 2, 3),))
def call_with_starred(t):
    return callee(*t), variadic(*t), variadic(0, *t), variadic(*t, 4)


@cases((5,))
def call_jitable(x):
    return jitable(x), jitable(x * 0.5)


@cases((2, 3), (2.5, 3))
def own_default_parameters(a, b, c=4):
    return a + b * c


@cases((1,), (1, 2), (1, 2, 3))
def own_variadic(*args):
    total = 0
    for a in args:
        total += a
    return total, len(args)


@cases((1, 2.5, 3j))
def own_variadic_mixed(first, *rest):
    return first, rest


@cases((1,))
def none_default_prunes(x, y=None):
    if y is None:
        return x
    return y.no_such_attribute


@njit
def twice(function, x):
    return function(function(x))


@njit
def increment(x):
    return x + 1


@njit
def square(x):
    return x * x


@cases((3,))
def functions_as_arguments(x):
    return twice(increment, x), twice(square, x)


@cases((3, True), (3, False))
def function_by_name(x, flag):
    f = increment
    g = f
    return g(x) if flag else f(g(x))


def test_function_as_argument_from_python():
    assert twice(increment, 5) == 7
    assert twice(square, 5) == 625
    assert twice(square, 2.0) == 16.0


# --- functions that never return ------------------------------------------------------------------------------------


@njit
def fail(x):
    raise ValueError("bad value", x)


@njit
def fail_after_counting(n):
    if n <= 0:
        raise ValueError("counted")
    fail_after_counting(n - 1)


@njit
def fail_through(x):
    return fail(x)


@cases((3,), (-3,))
def check_by_call(x):
    if x < 0:
        fail(x)
    return x * 2


@cases((3.5, True), (3.5, False))
def fail_as_operand(x, good):
    y = x if good else fail(x)
    return y + 1


@cases((3, True), (3, False))
def fail_as_result(x, good):
    if good:
        return (x, 2.5)
    return fail(x)


@cases((3,))
def fail_in_arithmetic(x):
    return 1 + fail(x)


@cases((3,))
def fail_always(x):
    fail(x)
    return x.no_such_attribute


@cases((3, 4), (4, 3))
def variable_bound_where_fail_is_not(a, b):
    if a < b:
        result = a
    else:
        fail(b)
    return result


@cases((3, True), (3, False))
def fail_in_a_loop(n, good):
    total = 0
    for i in range(n):
        total += i if good or i < 2 else fail_through(i)
    return total


@cases((3,))
def fail_by_recursion(n):
    return fail_after_counting(n) or "no text"


@cases((np.zeros(3), 1), (np.zeros(3), 0))
def fail_holding_memory(a, n):
    b = a.copy()
    b[0] = 1.5
    if n == 0:
        fail(b.size)
    return b


@cases((3,))
def inner_function_fails(x):
    def refuse(y):
        raise ValueError("refused", y)

    return x + 1 if x < 3 else refuse(x)


def test_functions_that_never_return_raise_when_called_from_python():
    with pytest.raises(ValueError, match="bad value"):
        fail(1)
    with pytest.raises(ValueError, match="counted"):
        fail_after_counting(4)


# --- inner functions ------------------------------------------------------------------------------------------------


@cases((3, 4))
def inner_function(a, b):
    def scaled(x):
        return x * a

    return scaled(b) + scaled(1)


@cases((3, 4))
def inner_lambda(a, b):
    scaled = lambda x, y=2: x * a + y
    return scaled(b), scaled(b, 0), (lambda: a - b)()


@cases((3,), (2.5,))
def inner_sees_later_value(a):
    def read():
        return x

    x = a
    return read()


@cases((3.0,))
def inner_sees_later_value_of_parameter(a):
    read = lambda: a
    before = read()
    a = a / 2
    return before, read()


@cases((4,), (0,))
def inner_sees_last_value_of_loop(n):
    f = lambda: -1
    for i in range(n):
        g = lambda: i
    return f(), g()


@cases((3,))
def inner_made_in_loop_sees_each_value(n):
    total = 0
    for i in range(n):
        double = lambda: 2 * i
        total += double()
        i = 10
        total += double()
    return total


@cases((True,), (False,))
def inner_reads_variable_bound_on_a_path(bound):
    if bound:
        x = 1
    read = lambda: x
    return read() if bound else 0


@cases((True,), (False,))
def inner_raises_where_it_reads(bound):
    if bound:
        x = 1
    read = lambda: x
    return read()


@cases((True,), (False,))
def shared_variable_unbound(bound):
    read = lambda: x
    if bound:
        x = 1
    return x + read()


@cases((4,))
def shared_variable_deleted(n):
    x = n
    read = lambda: x
    before = read()
    if before > 3:
        del x
    return read()


@cases((5,))
def nonlocal_counter(n):
    total = 0

    def add(i):
        nonlocal total
        total += i
        return total

    for i in range(n):
        add(i)
    return total, add(100), total


@cases((3,))
def nonlocal_through_two_levels(n):
    x = n

    def outer():
        def inner():
            nonlocal x
            x *= 2
            return x

        return inner() + inner()

    x += 1
    return outer(), x


@cases((2, 3.5))
def nonlocal_binds_several(a, b):
    p, q = (a, b), False

    def step():
        nonlocal p, q
        p = (p[0] + 1, p[1] * 2)
        q = not q

    step()
    step()
    step()
    return p, q


@cases((2,))
def nonlocal_binds_first(n):
    def start():
        nonlocal x
        x = n * 2

    start()
    if n < 0:
        x = 0
    return x


@cases((10, 1.5))
def nonlocal_in_function_passed_on(n, scale):
    best = -1.0

    def visit(i):
        nonlocal best
        if i % 7 * scale > best:
            best = i % 7 * scale
        return i

    return apply_to_all(visit, n), best


@cases((4,))
def nonlocal_in_recursion(n):
    calls = 0

    def fib(k):
        nonlocal calls
        calls += 1
        return k if k < 2 else fib(k - 1) + fib(k - 2)

    return fib(n), calls


@cases((4,))
def each_call_has_variables_of_its_own(n):
    def depth(k):
        x = k

        def bump():
            nonlocal x
            x += 10

        inside = depth(k - 1) if k > 0 else 0
        bump()
        return inside * 100 + x

    return depth(n)


@cases((7,), (8,))
def mutual_recursion(n):
    def is_even(k):
        return k == 0 or is_odd(k - 1)

    def is_odd(k):
        return k != 0 and is_even(k - 1)

    return is_even(n), is_odd(n)


@cases((10,), (0,))
def inner_uses_functions_defined_later(n):
    def first(x):
        return second(x) + 1

    def second(x):
        return third(x) * 2

    def third(x):
        return x - n if x else first(n)

    return first(n + 1)


@cases((3,))
def function_bound_again(n):
    f = lambda x: x + n
    again = lambda: f(1)
    before = again()
    n = 2 * n
    return before, again()


@cases((3,), (4,))
def shared_variable_bound_by_patterns(n):
    read = lambda: (x, y)
    match (n, 7):
        case (3, x as y):
            pass
        case (x, y):
            pass
    return read()


def shared_variable_of_two_types(n):
    x = n
    read = lambda: x
    x = (n, n)
    return read()


def inner_called_before_what_it_uses(n):
    def first():
        return second()

    result = first()

    def second():
        return n

    return result + second()


@pytest.mark.parametrize(
    ("function", "code"),
    [
        (shared_variable_of_two_types, "T0202.*`x` is "),
        (inner_called_before_what_it_uses, "T0701.*the variable `second` of the function around this one has no value"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_shared_variables_that_are_refused(function, code):
    with pytest.raises((TypingError, UnsupportedError), match=code):
        njit(function)(3)


@cases((3,))
def inner_with_defaults(a):
    def f(x, y=a * 2, *, z=1):
        return x + y + z

    return f(1), f(1, 1), f(1, z=5)


@cases((3,))
def inner_nested_twice(a):
    def outer(x):
        def inner(y):
            return x + y + a

        return inner(10)

    return outer(100)


@cases((10,))
def inner_recursive(n):
    def fib(k):
        if k < 2:
            return k
        return fib(k - 1) + fib(k - 2)

    return fib(n)


@cases((4,))
def inner_passed_on(n):
    def triple(x):
        return 3 * x

    return apply_twice(triple, n), apply_twice(lambda x: x + n, 1)


def make_adder(step):
    @njit
    def add(x):
        return x + step

    return add


def test_closures_over_python_variables():
    add_one, add_half = make_adder(1), make_adder(0.5)
    assert (add_one(1), add_half(1)) == (2, 1.5)
    assert [make_adder(i)(10) for i in range(3)] == [10, 11, 12]


# --- globals and captured values as constants -----------------------------------------------------------------------


class Colour(enum.IntEnum):
    RED = 1
    BLUE = 7


Point = namedtuple("Point", "x y")


class Sized(NamedTuple):
    width: int
    height: float


INT, FLOAT, COMPLEX, FLAG, NOTHING = 42, 2.5, 1 - 2j, True, None
PAIR = (1, 2.5)
NESTED = ((1, 2), (3.0, (4,)))
TABLE = np.array([10.0, 20.0, 30.0])
GRID = np.arange(6, dtype=np.int32).reshape(2, 3)
DTYPE_NAME = "float32"
NUMPY_SCALAR = np.float32(1.5)
ORIGIN = Point(3, 4.5)


@cases((1,))
def global_numbers(x):
    return x + INT, x * FLOAT, x + COMPLEX, FLAG, NOTHING is None


@cases((1,))
def global_tuples(x):
    return PAIR[0] + x, PAIR[1], NESTED[1][1][0], len(NESTED)


@cases((1,))
def global_array(i):
    return TABLE[i], GRID[1, i], TABLE.size, GRID.shape


@cases((3,))
def global_dtype_name(n):
    return np.zeros(n, dtype=DTYPE_NAME)


@cases((1,))
def global_numpy_scalar(x):
    return NUMPY_SCALAR * np.float32(2)


@cases((1,))
def global_enum(x):
    return x + Colour.BLUE, x == Colour.RED, Colour.RED.value


@cases((1,))
def global_named_tuple(x):
    return ORIGIN.x + x, ORIGIN[1]


@cases((Point(1, 2.5),), (Point(np.arange(3), 2),))
def named_tuple_argument(p):
    x, y = p
    return p.x, p.y, p[0], len(p), x


@cases((1, 2.5))
def named_tuple_made(a, b):
    p = Point(a, y=b)
    return p, p.x + p.y


@cases((Sized(3, 2.0),))
def typed_named_tuple(s):
    return Sized(s.width + 1, s.height * 2)


def test_globals_are_constants():
    # Read when the function is compiled, as Numba does it.
    global INT

    @njit
    def read():
        return INT

    assert read() == 42
    INT = 43
    try:
        assert read() == 42
        assert njit(read.py_func)() == 43
    finally:
        INT = 42


# --- tuples ---------------------------------------------------------------------------------------------------------


@cases((1, 2.5))
def tuples(a, b):
    t = (a, b, (a, a))
    return t[0], t[-1], t[1:], t[::-1], len(t), t + (1,), ()


@cases(((1, 2, 3), 0), ((1, 2, 3), -1), ((1, 2, 3), 3))
def tuple_run_time_index(t, i):
    return t[i]


@cases(((1, 2), (1, 3)), ((1, 2), (1, 2)), ((1, 2), (1, 2, 0)), ((), (1,)))
def tuple_compare(a, b):
    return a == b, a != b, a < b, a <= b, a > b, a >= b


@cases(((1, 2, 3),))
def tuple_loop(t):
    total = 0
    for x in t:
        total = total * 10 + x
    return total


@cases((2,))
def tuple_repeat(x):
    return (x, 1.5) * 2


@cases((1, 2))
def tuple_starred(a, b):
    t = (a, b)
    return (*t, 0, *t)


@cases(((1, 2, 1),))
def tuple_methods(t):
    return t.index(2), t.count(1)


# --- a language test in the large -----------------------------------------------------------------------------------


@cases((30,), (1,), (0,))
def primes_below(n):
    flags = np.ones(n + 1, dtype=np.bool_)
    count = 0
    for i in range(2, n):
        if not flags[i]:
            continue
        count += 1
        for j in range(i * i, n, i):
            flags[j] = False
    return count


@cases((27,), (97,))
def collatz(n):
    steps, highest = 0, n
    while n != 1:
        n = n // 2 if not n & 1 else 3 * n + 1
        highest = max(highest, n)
        steps += 1
    return steps, highest


test_language = cases.test()


def test_method():
    class Holder:
        @staticmethod
        @njit
        def double(x):
            return 2 * x

    assert Holder.double(4) == 8 and Holder().double(1.5) == 3.0


def test_function_under_if():
    if check:

        @njit
        def chosen(x):
            return x + 1
    else:

        @njit
        def chosen(x):
            return x - 1

    assert chosen(1) == 2


def test_items_of_a_list_as_arguments():
    @njit
    def distance(x, y, z):
        return x + 10 * y + 100 * z

    @njit
    def f(items, pair):
        add = lambda a, b: a + b  # noqa: E731
        return distance(*items), distance(*pair, 7), distance(7, *pair), distance(5, *pair[:1], 6), add(*pair)

    assert f([1, 2, 3], [4, 5]) == (321, 754, 547, 645, 9)
    assert f(np.array([1.5, 2.0, 3.0]), [4, 5])[0] == 321.5

    @njit
    def of_zeros(n):
        return distance(*[0] * n)

    for n in 0, 1, 4:
        with pytest.raises(TypeError, match=rf"distance\(\) takes 3 positional arguments but {n} were given"):
            of_zeros(n)


def test_items_whose_number_must_be_known():
    @njit
    def g(a, b=2, *rest):
        return a + b

    @njit
    def f(items):
        return g(*items)

    with pytest.raises(TypingError, match="only tuples are unpacked"):
        f([1, 2])
