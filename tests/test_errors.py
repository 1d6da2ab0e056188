"""What a user sees when something is wrong: before anything runs, and while it runs."""

import math
import re
import subprocess
import sys
import traceback
from pathlib import Path

import numpy as np
import pytest
from rumba import errors, njit
from rumba.errors import TypingError, UnsupportedError
from subprocesses import run_program

HERE = Path(__file__)


def marked(message):
    """The pieces of source above the carets of a message."""
    found = []
    lines = [line.partition("|")[2][1:] for line in message.splitlines()]
    for number, line in enumerate(lines):
        match = re.search(r"\^+", line)
        if match and not line[: match.start()].strip(" -|"):
            source = next(above for above in reversed(lines[:number]) if above.strip(" -|"))
            found.append(source[match.start() : match.end()])
    return found


def line_of(function, text):
    """The number of the line with `text` in `function`."""
    first = function.__code__.co_firstlineno
    lines = HERE.read_text().splitlines()
    return next(n for n in range(first, len(lines) + 1) if text in lines[n - 1])


# --- before anything runs -------------------------------------------------------------------------------------------


def plain_python(x):
    return x


@njit
def callee(a, b=2):
    return a + b


@njit
def bad_callee(t):
    return t + 1


class Thing:
    pass


THING = Thing()
MISTAKES = []


def mistake(args, *, at, error=TypingError, says=()):
    """`at`: what the caret may stand under; `says`: words of the message."""

    def register(function):
        params = (function, args, (at,) if isinstance(at, str) else at, error, (says,) if isinstance(says, str) else says)
        MISTAKES.append(pytest.param(*params, id=function.__name__))
        return function

    return register


@mistake((1,), at="undefined_name", says="undefined_name")
def unknown_name(a):
    return a + undefined_name  # noqa: F821


@mistake((1,), at=("a.no_such", "no_such"), says=("no_such", "int64"))
def unknown_attribute(a):
    return a.no_such


@mistake((np.zeros(2),), at=("a.no_such", "no_such"), says=("no_such", "array(float64, 1d, C)"))
def unknown_array_attribute(a):
    return a.no_such + 1


@mistake((1,), at=("math.no_such", "no_such"), says="no_such")
def unknown_module_member(a):
    return math.no_such(a)


@mistake(((1, 2),), at=("t + 1", "+"), says=("int64", "+"))
def operands(t):
    return t + 1


@mistake((1j,), at=("z < 1", "<"), says="complex128")
def order_of_complex(z):
    return z < 1


@mistake((1,), at=("x", "return x", "(x, x)", "return (x, x)"), says="int64")
def no_common_type(x):
    if x > 0:
        return x
    return (x, x)


@mistake((1,), at=("y", "y + 1"), says=("int64", "y"))
def variable_of_two_types(x):
    if x > 0:
        y = x
    else:
        y = (x, x)
    return y


@mistake((1,), at=("x(3)", "x"), says="int64")
def call_of_a_number(x):
    return x(3)


@mistake((1,), at=("plain_python(x)", "plain_python"), says="plain_python")
def call_of_a_plain_function(x):
    return plain_python(x)


@mistake((1,), at=("callee(x, 1, 2)", "2", "callee"), says="callee")
def too_many_arguments(x):
    return callee(x, 1, 2)


@mistake((1,), at=("callee()", "callee"), says=("callee", "a"))
def missing_argument(x):
    return callee()


@mistake((1,), at=("callee(x, c=1)", "c=1", "c", "callee"), says=("callee", "c"))
def unknown_keyword(x):
    return callee(x, c=1)


@mistake((1,), at=("math.sqrt(x, x)", "x", "math.sqrt"), says="sqrt")
def too_many_arguments_of_a_builtin(x):
    return math.sqrt(x, x)


@mistake(((1, 2),), at=("t", "math.sqrt(t)"), says="sqrt")
def argument_of_a_builtin(t):
    return math.sqrt(t)


@mistake((5,), at="n", says="int64")
def loop_over_a_number(n):
    for i in n:
        return i
    return 0


@mistake((5,), at=("n[0]", "n"), says="int64")
def index_of_a_number(n):
    return n[0]


@mistake((np.zeros(3),), at=("1.5", "a[1.5]"), says="float64")
def index_by_a_float(a):
    return a[1.5]


@mistake((np.zeros(3),), at=("a[0, 1]", "0, 1", "1"), says=("2", "1"))
def too_many_indices(a):
    return a[0, 1]


@mistake(((1, 2.5),), at=("t[5]", "5"), says=("5", "2"))
def tuple_index_out_of_range(t):
    return t[5]


@mistake(((1, "a"), 1), at=("t[i]", "i"), says="i")
def run_time_index_of_a_mixed_tuple(t, i):
    return t[i]


@mistake(((1, 2, 3),), at=("a, b", "a, b = t", "t"), says=("3", "2"))
def unpack_wrong_number(t):
    a, b = t
    return a + b


@mistake((1,), at=("x", "raise x"), says="int64")
def raise_a_number(x):
    raise x


@mistake((1,), at="THING", says="Thing")
def global_object(x):
    return x + THING


@mistake(((1, 2),), at=("t + 1", "+"), says="int64")
def mistake_in_a_callee(t):
    return bad_callee(t)


@mistake((np.zeros(3),), at=("a[0]", "a[0] = (1, 2)", "(1, 2)"), says="float64")
def store_of_a_wrong_type(a):
    a[0] = (1, 2)


@mistake((1,), at="import os", error=UnsupportedError, says="import")
def import_inside(x):
    import os

    return x


@mistake((1,), at=("class Inner:", "class Inner", "class"), error=UnsupportedError, says="class")
def class_inside(x):
    class Inner:
        pass

    return x


@mistake((1,), at=("global COUNTER", "COUNTER", "COUNTER = x"), error=UnsupportedError, says="global")
def assigns_global(x):
    global COUNTER
    COUNTER = x
    return x


@pytest.mark.parametrize(("function", "args", "at", "error", "says"), MISTAKES)
def test_mistakes_before_anything_runs(function, args, at, error, says):
    with pytest.raises(error) as caught:
        njit(function)(*args)
    message = str(caught.value)
    assert re.search(r"^error\[[A-Z]\d{4}\]: \S", message, re.M), message
    assert re.search(rf"-->.*{re.escape(HERE.name)}:\d+:\d+", message), message
    assert set(marked(message)) & set(at), f"marked: {marked(message)}\n{message}"
    for word in says:
        assert word in message, message
    # In the user's words: no addresses, no internals.
    assert not re.search(r"0x[0-9a-f]{6,}|rumba_\w+::|\.rs\b", message), message


def test_the_line_and_column_are_the_mistakes():
    with pytest.raises(TypingError) as caught:
        njit(index_by_a_float)(np.zeros(3))
    line = line_of(index_by_a_float, "return a[1.5]")
    assert f"{HERE.name}:{line}:" in str(caught.value)
    assert "    return a[1.5]" in str(caught.value)


def test_both_sides_of_a_conflict_are_shown():
    with pytest.raises(TypingError) as caught:
        njit(variable_of_two_types)(1)
    message = str(caught.value)
    assert "y = x" in message and "y = (x, x)" in message, message


def two_mistakes(a):
    x = a + first_unknown  # noqa: F821
    y = a.second_unknown
    return x, y


def test_independent_mistakes_are_reported_together():
    with pytest.raises(TypingError) as caught:
        njit(two_mistakes)(1)
    assert "first_unknown" in str(caught.value) and "second_unknown" in str(caught.value)


def one_mistake_with_consequences(a):
    x = a + unknown_here  # noqa: F821
    y = x * 2
    return y[0] + x


def test_a_consequence_is_not_reported():
    with pytest.raises(TypingError) as caught:
        njit(one_mistake_with_consequences)(1)
    assert len(re.findall(r"^error\[", str(caught.value), re.M)) == 1


def reported(function, *args):
    """The codes of a message with the pieces of source that they mark, in order."""
    with pytest.raises((TypingError, UnsupportedError)) as caught:
        njit(function)(*args)
    message = str(caught.value)
    codes = re.findall(r"^error\[(\w+)\]", message, re.M)
    marks = marked(message)
    assert len(codes) == len(marks), message
    return list(zip(codes, marks, strict=True))


def a_name_that_is_undefined_everywhere(n):
    total = 0.0
    for i in range(n):
        total += undefined_thing * i  # noqa: F821
    return total / undefined_thing + later  # noqa: F821


def a_sentinel_before_a_mistake(n):
    best = None
    for i in range(n):
        best = undefined_score(i)  # noqa: F821
        if best > 3:
            return best + 1
    return best


def a_mistaken_condition(n):
    if undefined_flag:  # noqa: F821
        x = n.first_attribute
    else:
        x = (n, n) - n
    return x[0] + x


@njit
def no_attribute(a):
    return a.missing


def a_callee_for_two_types(n):
    x = no_attribute(n)
    y = no_attribute(n * 1.0)
    return x + y + not_here  # noqa: F821


@njit
def apply(function, x):
    return function(x)


def inside_functions(n):
    def inner(x):
        return x + from_closure  # noqa: F821

    return inner(n) + apply(lambda x: x.from_lambda, n)


def a_loop_that_changes_the_type(n):
    t = (n,)
    for i in range(n):
        t = t + (i,)
    return t[5]


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (a_name_that_is_undefined_everywhere, [("T0101", "undefined_thing"), ("T0101", "later")]),
        (a_sentinel_before_a_mistake, [("T0101", "undefined_score")]),
        (
            a_mistaken_condition,
            [("T0101", "undefined_flag"), ("T0103", "n.first_attribute"), ("T0201", "(n, n) - n")],
        ),
        (a_callee_for_two_types, [("T0103", "a.missing"), ("T0101", "not_here")]),
        (inside_functions, [("T0101", "from_closure"), ("T0103", "x.from_lambda")]),
        (a_loop_that_changes_the_type, [("T0202", "t")]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_each_mistake_once_and_no_consequence(function, expected):
    assert reported(function, 3) == expected


def two_return_types(x):
    if x > 0:
        return x
    return (x, x)


def two_operand_types(x):
    return x if x > 0 else (x, x)


@pytest.mark.parametrize("function", [variable_of_two_types, two_return_types, two_operand_types])
def test_both_types_stand_under_their_definitions(function):
    with pytest.raises(TypingError) as caught:
        njit(function)(1)
    message = str(caught.value)
    for ty in ("int64", "UniTuple(int64 x 2)"):
        assert re.search(rf"[-^|].* {re.escape(ty)}$", message, re.M), message


def test_types_in_messages_are_those_that_users_write():
    def none_and_literal(x):
        return None + 1

    with pytest.raises(TypingError, match="`[+]` is not defined for None and int64"):
        njit(none_and_literal)(1)


def not_reached(x):
    if False:
        return x.no_such
    return x


def test_code_that_is_never_reached_may_be_wrong():
    assert njit(not_reached)(1) == 1


UNSUPPORTED_ARGUMENTS = {
    "list of objects": [object()],
    "object": object(),
    "float16": np.zeros(2, np.float16),
    "longdouble": np.zeros(2, np.longdouble),
    "byte-swapped": np.zeros(2, ">f8"),
    "objects": np.array([None]),
    "structured": np.zeros(2, [("a", "O")]),
    "object in a tuple": (1, object()),
}


@pytest.mark.parametrize("argument", UNSUPPORTED_ARGUMENTS.values(), ids=UNSUPPORTED_ARGUMENTS.keys())
def test_an_argument_that_is_not_supported(argument):
    def take(first, second):
        return first

    with pytest.raises(TypingError) as caught:
        njit(take)(1, argument)
    what, *notes = str(caught.value).splitlines()
    assert re.fullmatch(r"error\[T0303\]: argument `second` of `take` is an? .*: compiled code cannot take it", what)
    assert len(notes) == 1 and notes[0].startswith("  = note: ")


def test_an_int_that_does_not_fit():
    def take(first, second):
        return first

    with pytest.raises(OverflowError, match="argument `second` of `take`: 18446744073709551616 fits neither"):
        njit(take)(1, 2**64)


@pytest.mark.parametrize("argument", [THING, object(), Thing, lambda x: x], ids=["instance", "object", "class", "function"])
def test_arguments_without_a_type(argument):
    def take(first, second):
        return first

    with pytest.raises(TypingError) as caught:
        njit(take)(1, argument)
    assert "second" in str(caught.value)


def test_a_failed_compilation_fails_again_the_same_way():
    f = njit(unknown_name)
    messages = []
    for _ in range(2):
        with pytest.raises(TypingError) as caught:
            f(1)
        messages.append(str(caught.value))
    assert messages[0] == messages[1]


def test_hierarchy():
    assert issubclass(TypingError, errors.RumbaError) and issubclass(UnsupportedError, errors.RumbaError)
    for name in ("RumbaError", "TypingError", "UnsupportedError"):
        assert issubclass(getattr(errors, name), Exception)


# --- while it runs --------------------------------------------------------------------------------------------------


@njit
def innermost(a, i):
    x = a[0] * 2
    return x + a[i]


@njit
def middle(a, i):
    return innermost(a, i) + 1


@njit
def outermost(a, i):
    total = 0.0
    for k in range(i):
        total += middle(a, k)
    return total


@njit
def divides(a, b):
    c = a + 1
    return c // b


@njit
def raises(x):
    if x > 3:
        raise ValueError("too large", x)
    return x


def frames(error):
    return [(f.name, f.lineno, f.line) for f in traceback.extract_tb(error.__traceback__) if f.filename == __file__]


def test_traceback_shows_the_users_line():
    with pytest.raises(ZeroDivisionError) as caught:
        divides(1, 0)
    name, line, text = frames(caught.value)[-1]
    assert (name, text) == ("divides", "return c // b") and line == line_of(divides.py_func, "return c // b")


def test_traceback_goes_through_nested_calls():
    with pytest.raises(IndexError) as caught:
        outermost(np.zeros(3), 5)
    assert str(caught.value) == "index 3 is out of bounds for axis 0 with size 3"
    assert [(name, text) for name, _, text in frames(caught.value)[1:]] == [
        ("outermost", "total += middle(a, k)"),
        ("middle", "return innermost(a, i) + 1"),
        ("innermost", "return x + a[i]"),
    ]


class MyError(Exception):
    def __init__(self, first, second):
        super().__init__(first, second)
        self.first = first


@njit
def raises_my_error(a, b):
    if a > 0:
        raise MyError(a, (b, None))
    return a


@njit
def on_several_lines(a, i):
    offset = 1
    return innermost(a,
                     i) + offset  # fmt: skip


@njit
def in_a_closure(a, i):
    def inner(j):
        return a[j + i]

    return inner(2)


@njit
def in_a_lambda(a, i):
    divide = lambda j: 1 // (j - i)  # noqa: E731
    return divide(i)


@njit
def with_a_message(x):
    if x > 0:
        raise AssertionError("too large", x)
    return x


def outcome(function, *args, **keywords):
    """What a call raises, and where, with columns."""
    with pytest.raises(Exception) as caught:
        function(*args, **keywords)
    error = caught.value
    places = [
        (frame.name, frame.lineno, frame.end_lineno, frame.colno, frame.end_colno)
        for frame in traceback.extract_tb(error.__traceback__)[1:]
    ]
    return type(error), error.args, places


@pytest.mark.parametrize(
    ("function", "args"),
    [
        (raises_my_error, (1, 2.5)),
        (on_several_lines, (np.zeros(3), 7)),
        (in_a_closure, (np.zeros(3), 7)),
        (in_a_lambda, (np.zeros(3), 7)),
        (outermost, (np.zeros(3), 5)),
        (with_a_message, (3,)),
        (divides, (1, 0)),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_exception_and_traceback_are_cpythons(function, args):
    assert outcome(function, *args) == outcome(function.py_func, *args)


@njit
def several_parameters(a, /, b, c=2, *, d, e=5):
    return a + b + c + d + e


@pytest.mark.parametrize(
    ("args", "keywords"),
    [
        ((), {}),
        ((1,), {}),
        ((1, 2), {}),
        ((1, 2, 3, 4), {"d": 1}),
        ((1, 2, 3, 4, 5), {"d": 1, "e": 2}),
        ((1, 2), {"d": 1, "f": 2}),
        ((1, 2), {"d": 1, "b": 2}),
        ((), {"a": 1, "b": 2, "d": 3}),
    ],
)
def test_a_call_with_wrong_arguments_fails_as_in_python(args, keywords):
    with pytest.raises(TypeError) as expected:
        several_parameters.py_func(*args, **keywords)
    with pytest.raises(TypeError) as caught:
        several_parameters(*args, **keywords)
    assert str(caught.value) == str(expected.value)


@njit
def even(n):
    return n < 0 or odd(n + 1)


@njit
def odd(n):
    return n >= 0 and even(n + 1)


def test_a_traceback_of_an_endless_recursion_is_short():
    with pytest.raises(RecursionError, match="maximum recursion depth exceeded") as caught:
        even(1)
    names = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert 10 < len(names) < 1000 and set(names[1:]) == {"even", "odd"}


@njit
def assign(a, b):
    a[:] = b
    return a


@pytest.mark.parametrize(
    ("target", "source"), [((3,), (2,)), ((2, 4), (3,)), ((2, 4), (3, 4)), ((3,), (2, 3)), ((3,), (1, 3)), ((3,), (3, 1))]
)
def test_assignment_of_an_array_of_another_shape(target, source):
    results = []
    for function in (assign.py_func, assign):
        try:
            results.append(function(np.zeros(target), np.ones(source)).tolist())
        except ValueError as error:
            results.append(str(error))
    assert results[0] == results[1]


def test_traceback_of_raise():
    with pytest.raises(ValueError) as caught:
        raises(5)
    assert caught.value.args == ("too large", 5)
    assert frames(caught.value)[-1][2] == 'raise ValueError("too large", x)'


def test_state_is_clean_after_an_error():
    for _ in range(3):
        with pytest.raises(ValueError):
            raises(9)
        assert raises(2) == 2


def test_errors_do_not_leak_arguments():
    import sys

    a = np.zeros(3)
    with pytest.raises(IndexError):
        outermost(a, 5)
    before = sys.getrefcount(a)
    for _ in range(100):
        try:
            outermost(a, 5)
        except IndexError:
            pass
    assert sys.getrefcount(a) == before


INTERRUPTED = """
import os, signal, sys, time, traceback
import numpy as np
from rumba import njit

# A shell starts programs in the background with the signal ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)

@njit
def endless(a):
    i = 0
    while a[0] == 0:
        i += 1
        if i > 1000:
            i = 0
    return i

@njit
def nested(a):
    total = 0.0
    while True:
        for i in range(a.size):
            total += a[i] * 0.5
        if total < 0.0:
            return total

@njit
def recursive(a, n=100):
    return n if n < 2 else recursive(a, n - 1) + recursive(a, n - 2)

@njit
def nothing_raises(a):
    i = 1
    while i != 0:
        i = i * 3 | 1
    return i

function = {"endless": endless, "nested": nested, "nothing_raises": nothing_raises, "recursive": recursive}[sys.argv[1]]

# Another process sends the signal: the compiled loop holds the interpreter lock.
child = os.fork()
if child == 0:
    time.sleep(1.0)
    os.kill(os.getppid(), signal.SIGINT)
    os._exit(0)
start = time.perf_counter()
try:
    function(np.zeros(10_000))
except KeyboardInterrupt as error:
    # A second until the signal, a tenth of a second to stop, and compiling on a busy machine.
    print("interrupted", time.perf_counter() - start < 1.6)
    frame = traceback.extract_tb(error.__traceback__)[-1]
    print(frame.name, "at", frame.line)
"""


ASSERTS = """
from rumba import njit

@njit
def f(x):
    assert x > 5, "too small"
    return __debug__

print(f(1))
"""


def test_optimized_python_asserts_nothing(tmp_path):
    (tmp_path / "asserts.py").write_text(ASSERTS)
    for options, expected in [(["-O"], "False\n"), ([], "")]:
        command = [sys.executable, *options, str(tmp_path / "asserts.py")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.stdout == expected, done.stderr
        assert expected or "AssertionError: too small" in done.stderr


@pytest.mark.parametrize(
    ("loop", "line"),
    [
        ("endless", "while a[0] == 0:"),
        # Nothing in the loop can raise, so that nothing has a place in the text: the function itself.
        ("nested", "def nested(a):"),
        ("nothing_raises", "def nothing_raises(a):"),
        ("recursive", "def recursive(a, n=100):"),
    ],
)
def test_control_c_stops_a_loop(loop, line, tmp_path):
    done = run_program(INTERRUPTED, file=tmp_path / "loop.py", arguments=[loop], timeout=20)
    assert done.stdout == f"interrupted True\n{loop} at {line}\n", (done.stdout, done.stderr)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: 10**30,
        lambda x: x + 2**64,
        lambda x: 2**64 > x,
        lambda x: float(2**70),
        lambda x: (2**70, 1),
        lambda x: x if x else 2**70,
        lambda x: -(2**64),
        lambda x: 10**50 + x,
    ],
)
def test_constants_that_do_not_fit_64_bits(function):
    with pytest.raises(TypingError, match="the integer does not fit 64 bits"):
        njit(function)(3)


def test_constants_are_computed_at_full_size():
    assert njit(lambda: 2**64 - 1)() == 2**64 - 1
    assert njit(lambda: 3**70 % 7)() == 3**70 % 7
    assert njit(lambda: (2**70 == 2**70, 2**64 > 5))() == (True, True)


def test_complex_numbers_are_not_stored_as_real_ones():
    with pytest.raises(TypingError, match="complex128 cannot be stored as an element"):
        set_first(np.zeros(2), 1j)
    with pytest.raises(TypingError, match="complex128 cannot be stored into"):
        njit(set_all)(np.zeros(2), 1j)
    for values in (np.array([1j, 2]), np.array(1j), np.array([1j], dtype=np.complex64)):
        with pytest.raises(TypingError, match=r"(array\(complex|complex128).* cannot be stored into array\(float64"):
            njit(set_all)(np.zeros(2), values)
    real, complex_ = np.zeros(2), np.zeros(2, dtype=np.complex64)
    njit(set_all)(real, np.array([1 + 2j, 3]).real)
    njit(set_all)(complex_, np.array([1 + 2j, 3]))
    assert list(real) == [1.0, 3.0] and list(complex_) == [1 + 2j, 3]


@njit
def set_first(a, x):
    a[0] = x


def set_all(a, x):
    a[:] = x
