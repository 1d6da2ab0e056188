"""Object mode: what the interpreter runs, the loops of it that are compiled, and the fall-back to it."""

import copy
import inspect
import pickle
import sys
import traceback
import warnings
import weakref

import numpy as np
import pytest
from differential import as_python, difference
from subprocesses import output_of

import rumba
from rumba import errors, int64, jit, njit, types

SCALE = 2
anything = object()


def in_object_mode(function):
    return jit(forceobj=True)(function)


def outcome(function, args):
    args = copy.deepcopy(args)
    try:
        return "value", as_python(function(*args)), args
    except Exception as error:
        return "raised", type(error), str(error), args


def check(function, *args, lifted):
    """The same as Python's, with this many loops compiled."""
    made = in_object_mode(function)
    for _ in range(2):
        expected, actual = outcome(function, args), outcome(made, args)
        assert actual[:-1] == expected[:-1]
        assert difference(actual[-1], expected[-1]) is None
    assert len(made.lifted) == lifted
    return made


def mixed(names, a):
    kept = {name: len(name) for name in names}
    total = 0.0
    for i in range(len(a)):
        if a[i] < 0:
            continue
        total += a[i] * SCALE
    return sorted(kept.items()), total


def test_what_does_not_compile_is_interpreted_and_loops_are_compiled():
    names, a = ["b", "aa", object], np.array([1.0, -1.0, 2.5])
    made = in_object_mode(mixed)
    assert made(names[:2], a) == ([("aa", 2), ("b", 1)], 7.0)
    (loop,) = made.lifted
    assert set(loop.signatures[0]) == {types.float64[::1], types.float64, types.int64}
    assert made.signatures == []


def test_the_function_is_not_compiled_even_if_it_could_be():
    @jit(forceobj=True)
    def f(x):
        return type(x).__name__

    assert f(np.float32(1)) == "float32"
    assert f(2**100) == "int"
    assert f(anything) == "object"
    assert f.signatures == []


def with_else(a, limit):
    for x in a:
        if x > limit:
            found = True
            break
    else:
        found = False
    return found


def nested_breaks(n):
    count = 0
    for i in range(n):
        for j in range(n):
            if j > i:
                break
            if (i + j) % 3 == 0:
                continue
            count += i * j
        else:
            count += 1000
    return count, i, j


def while_loop(n):
    steps = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    else:
        steps += 100
    return n, steps


def unpacking(a):
    best = -1.0
    for i, (x, y) in enumerate(zip(a, a[::-1])):
        if x * y > best:
            best, at = x * y, i
    return best, at, x


def walrus_and_comprehension(a):
    out = 0.0
    n = 0
    while (n := n + 1) < len(a):
        out += sum([x * n for x in a if x > n])
    return out, n


def handled_inside(values):
    bad = 0
    total = 0
    for v in values:
        try:
            total += 100 // v
        except ZeroDivisionError:
            bad += 1
    return total, bad


def in_branches(a, which):
    total = 0.0
    if which:
        for x in a:
            total += x
    else:
        with np.errstate(all="ignore"):
            for x in a:
                total -= x
    return total


def text_and_tuples(n):
    s, t = "", (0, 1)
    for i in range(n):
        s += str(i)
        t = t[1], t[0] + t[1]
    return s, t


@pytest.mark.parametrize(
    ("function", "args", "lifted"),
    [
        (with_else, (np.arange(5.0), 2.0), 1),
        (with_else, (np.arange(5.0), 9.0), 1),
        (nested_breaks, (7,), 1),
        (while_loop, (27,), 1),
        (unpacking, (np.array([3.0, 1.0, 2.0]),), 1),
        (walrus_and_comprehension, (np.arange(5.0),), 1),
        (handled_inside, ([5, 0, 3, 0],), 1),
        (in_branches, (np.arange(3.0), True), 1),
        (in_branches, (np.arange(3.0), False), 0),
        (text_and_tuples, (12,), 1),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_loops_do_what_they_do_in_python(function, args, lifted):
    check(function, *args, lifted=lifted)


def maybe_bound(a):
    for x in a:
        last = x
    return last


def maybe_bound_array(a):
    for i in range(len(a)):
        tail = a[i:]
    if len(a) > 1:
        return tail.sum()
    return -1.0


def test_variables_may_have_no_value_behind_a_loop():
    check(maybe_bound, np.arange(3.0), lifted=1)
    check(maybe_bound, np.zeros(0), lifted=1)
    check(maybe_bound_array, np.arange(4.0), lifted=1)
    check(maybe_bound_array, np.zeros(0), lifted=1)


def test_variables_may_have_no_value_before_a_loop():
    def f(a, is_set):
        if is_set:
            s = 1.0
        for x in a:
            s = s + x
        return s

    check(f, np.arange(3.0), True, lifted=1)
    expected = outcome(f, (np.arange(3.0), False))[:-1]
    assert expected[1] is UnboundLocalError
    assert outcome(in_object_mode(f), (np.arange(3.0), False))[:-1] == expected


def test_a_name_may_be_of_several_types_in_several_loops():
    def f(a, words):
        total = 0.0
        for x in a:
            total += x
        for x in range(3):
            total += x
        for x in words:
            total += len(x)
        return total

    check(f, np.arange(3.0), ["a", "bb"], lifted=3)


def returns_inside(a):
    for x in a:
        if x > 1:
            return x
    return -1.0


def deletes(a):
    for x in a:
        y = x
        del y
    return x


def seen_by_a_function(a):
    total = 0.0
    get = lambda: total  # noqa: E731
    for x in a:
        total += x
    return get()


def wanted_by_a_handler(a):
    done = 0
    try:
        for i in range(5):
            a[i] += 1
            done += 1
    except IndexError:
        return done
    return -1


def wanted_by_finally(a, log):
    done = 0
    try:
        for i in range(5):
            a[i] += 1
            done = i
    finally:
        log.append(done)


def wanted_behind_with(a):
    import contextlib

    done = 0
    with contextlib.suppress(IndexError):
        for i in range(5):
            a[i] += 1
            done += 1
    return done


def looks_at_itself(a):
    for x in a:
        y = x
    return sorted(locals())


def breaks_the_outer_loop(n):
    for i in range(n):
        value = {i: object}
        for j in range(2):
            pass
        else:
            break
    return i, j, len(value)


@pytest.mark.parametrize(
    ("function", "args"),
    [
        (returns_inside, (np.arange(4.0),)),
        (deletes, (np.arange(4.0),)),
        (seen_by_a_function, (np.arange(4.0),)),
        (wanted_by_a_handler, (np.zeros(3),)),
        (wanted_by_finally, (np.zeros(3), [])),
        (wanted_behind_with, (np.zeros(3),)),
        (looks_at_itself, (np.zeros(3),)),
        (breaks_the_outer_loop, (3,)),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_loops_that_stay_with_the_interpreter(function, args):
    check(function, *args, lifted=0)


def test_a_handler_that_wants_nothing_of_the_loop_is_no_obstacle():
    def f(a):
        try:
            for i in range(5):
                a[i] += 1
        except IndexError:
            return "short"
        return "long"

    made = check(f, np.zeros(6), lifted=1)
    a = np.zeros(3)
    assert made(a) == "short"
    assert a.tolist() == [1.0, 1.0, 1.0]


def test_loops_that_do_not_compile_are_interpreted_and_inner_ones_compiled():
    def f(a, b):
        total = 0.0
        for name, row in (("a", a), ("b", b)):
            weight = len(repr({name: object}))
            for x in row:
                total += x * weight
        return total

    check(f, np.arange(3.0), np.arange(2.0), lifted=1)


def test_values_without_a_type_are_interpreted():
    def f(values, n):
        for v in values:
            n = n + v
        return n

    check(f, [1.0, "a"], 0, lifted=0)
    check(f, [1, 2], 2**80, lifted=0)
    check(f, [2**80, 1], 1, lifted=0)
    made = in_object_mode(f)
    assert made(iter([1, 2]), 1) == 4
    assert made([1, 2], 1) == 4
    assert len(made.lifted) == 1


def test_lists_dicts_and_sets_are_changed_in_place():
    def f(items, table, a):
        for i in range(3):
            items.append(i)
            table[i] = i * 2
            a[i] = items[i]
        return len(items)

    made = in_object_mode(f)
    items, table, a = [7], {5: 5}, np.zeros(3)
    assert made(items, table, a) == 4
    assert len(made.lifted) == 1
    assert (items, table, a.tolist()) == ([7, 0, 1, 2], {5: 5, 0: 0, 1: 2, 2: 4}, [7.0, 0.0, 1.0])


def test_who_shares_a_list_sees_what_others_see():
    def both(x, y):
        for i in range(2):
            x.append(i)
            y.append(-i)
        return x

    def inner(rows):
        for i in range(2):
            rows[0].append(i)
        return rows

    made = in_object_mode(both)
    items = [5]
    assert made(items, items) is items
    assert items == [5, 0, 0, 1, -1]
    assert made.lifted == ()
    row = [1]
    assert in_object_mode(inner)([row, row]) == [[1, 0, 1], [1, 0, 1]]

    def renamed(x):
        for i in range(2):
            y = x
        y.append(1)
        return x

    items = [3]
    assert in_object_mode(renamed)(items) is items
    assert items == [3, 1]


def test_an_array_that_goes_through_a_loop_stays_itself():
    def f(a):
        for i in range(2):
            b = a
        return b

    made = in_object_mode(f)
    a = np.arange(3)
    assert made(a) is a
    assert len(made.lifted) == 1


def test_loops_keep_nothing_alive():
    class Value(np.ndarray):
        pass

    def f():
        a = np.zeros(3)
        watch = weakref.ref(a)
        total = 0.0
        for x in a:
            total += x
        del a
        return watch() is None, total

    assert in_object_mode(f)() == (True, 0.0)


def test_globals_are_read_when_a_loop_runs():
    global SCALE
    made = in_object_mode(mixed)
    assert made([], np.array([1.0]))[1] == 2.0
    SCALE = 5
    try:
        assert made([], np.array([1.0]))[1] == 5.0
        SCALE = 2.5
        assert made([], np.array([1.0]))[1] == 2.5
    finally:
        SCALE = 2


@njit
def helper(x):
    return x + 1


def test_functions_that_a_loop_calls_may_be_replaced(monkeypatch):
    def f(n):
        total = 0
        for i in range(n):
            total += helper(i)
        return total

    made = in_object_mode(f)
    assert made(3) == 6
    assert len(made.lifted) == 1
    monkeypatch.setattr(sys.modules[__name__], "helper", lambda x: 100)
    assert made(3) == 300
    monkeypatch.setattr(sys.modules[__name__], "helper", njit(lambda x: 7))
    assert made(3) == 21


def test_closures_defaults_keywords_and_methods():
    def around(step):
        @jit(forceobj=True)
        def f(self, n, *rest, start=10, **more):
            nonlocal step
            total = start
            for i in range(n):
                total += i * step
            step += 1
            return total, rest, more

        return f

    f = around(2)
    assert f(None, 3) == (16, (), {})
    assert f(None, 3, 4, start=0, k=5) == (9, (4,), {"k": 5})
    assert len(f.lifted) == 1

    class Point:
        move = f

        @classmethod
        @jit(forceobj=True)
        def named(cls, n):
            for i in range(n):
                pass
            return cls.__name__, i

        @jit(forceobj=True)
        def base(self, n):
            total = 0
            for i in range(n):
                total += i
            return super().__repr__()[:1], total

    assert Point().move(2) == (14, (), {})
    assert Point.named(3) == ("Point", 2)
    assert Point().base(3) == ("<", 3)
    with pytest.raises(TypeError, match=r"missing 1 required positional argument: 'n'"):
        f(None)


def test_private_names_of_classes():
    class Hidden:
        __value = 3

        @jit(forceobj=True)
        def get(self, n):
            total = 0
            for i in range(n):
                total += self.__value
            return total

    assert Hidden().get(4) == 12


def test_generators_run_as_they_are():
    @jit(forceobj=True)
    def f(n):
        for i in range(n):
            got = yield str(i)
            if got:
                return

    assert list(f(3)) == ["0", "1", "2"]
    assert inspect.isgenerator(f(1))


def test_what_functions_show():
    @jit(forceobj=True)
    def f(x, y=3):
        "Words."
        return x

    assert f.__doc__ == "Words."
    assert f.__name__ == "f"
    assert str(inspect.signature(f)) == "(x, y=3)"
    assert f.py_func(4) == 4
    assert rumba.extending.is_jitted(f)


def test_tracebacks_show_the_users_lines():
    def f(a):
        total = 0.0
        for i in range(
            5
        ):
            total += a[
                i]
        return total

    made = in_object_mode(f)
    with pytest.raises(IndexError) as caught:
        made(np.zeros(2))
    first = f.__code__.co_firstlineno
    frames = [frame for frame in traceback.extract_tb(caught.tb) if frame.filename == __file__]
    assert [(frame.name, frame.lineno - first) for frame in frames] == [
        (sys._getframe().f_code.co_name, frames[0].lineno - first), ("f", 2), ("f", 5)
    ]  # fmt: skip
    assert len(frames) == len(traceback.extract_tb(caught.tb))

    def g(x):
        for i in range(3):
            x += i
        return x.missing

    with pytest.raises(AttributeError) as caught:
        in_object_mode(g)(1)
    assert traceback.extract_tb(caught.tb)[-1].lineno == g.__code__.co_firstlineno + 3


def test_without_loop_lifting():
    @jit(forceobj=True, looplift=False)
    def f(n):
        total = 0
        for i in range(n):
            total += i
        return total

    assert f(5) == 10
    assert f.lifted == ()


def test_options_hold_for_loops():
    @jit(forceobj=True, error_model="numpy", locals={"total": types.float64, "other": types.int64})
    def f(n):
        other = None
        total = 0
        for i in range(n):
            total += 1 / i
        return total

    assert f(2) == np.inf
    assert len(f.lifted) == 1


def test_compiled_code_calls_functions_in_object_mode_as_compiled_ones():
    @jit(forceobj=True)
    def f(x):
        return x + 1

    @njit
    def g(x):
        return f(x) * 2

    assert g(3) == 8


def test_fall_back_says_once_why():
    def f(x):
        y = {"value": x}
        return y[
            "value"].missing()

    made = jit(nopython=False)(f)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        for argument in (1, 2, 1.5):
            with pytest.raises(AttributeError, match="missing"):
                made(argument)
    (warning,) = seen
    assert warning.category is errors.RumbaObjectModeWarning
    assert issubclass(warning.category, errors.NumbaWarning)
    line = f.__code__.co_firstlineno + 2
    assert (warning.filename, warning.lineno) == (__file__, line)
    text = str(warning.message)
    assert text.startswith("`f` falls back to object mode: ")
    assert f"at {__file__}:{line}:" in text
    assert "\n" not in text


def test_fall_back_is_by_argument_types():
    @jit(nopython=False)
    def f(x):
        return x + 1

    assert f(1) == 2
    assert f.nopython_signatures == [int64(int64)]

    class Number:
        def __add__(self, other):
            return "added"

    with pytest.warns(errors.RumbaObjectModeWarning, match="argument `x` of `f`"):
        assert f(Number()) == "added"
    assert f(2.5) == 3.5
    assert f(x=4) == 5
    assert len(f.signatures) == 2


def test_values_that_do_not_convert_fall_back():
    @jit(nopython=False)
    def f(values):
        return len(values)

    assert f([1, 2]) == 2
    with pytest.warns(errors.RumbaObjectModeWarning):
        assert f([1, "a"]) == 2


def test_exceptions_of_compiled_code_are_no_reason_to_fall_back():
    @jit(nopython=False)
    def f(a, i):
        a[0] += 1
        return a[i]

    a = np.zeros(2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(IndexError):
            f(a, 5)
    assert a[0] == 1


def test_a_call_that_does_not_fit_is_pythons_error():
    @jit(nopython=False)
    def f(a, b):
        return a

    with pytest.raises(TypeError, match=r"f\(\) missing 1 required positional argument: 'b'"):
        f(1)


def test_a_warning_that_is_an_error():
    @jit(nopython=False)
    def f(x):
        return x.nothing

    with warnings.catch_warnings():
        warnings.simplefilter("error", errors.RumbaWarning)
        with pytest.raises(errors.RumbaObjectModeWarning):
            f(1)


def test_loops_of_a_function_that_falls_back_are_compiled():
    @jit(nopython=False)
    def f(n):
        log = [object(), n]
        total = 0
        for i in range(n):
            total += i
        return total, len(log)

    with pytest.warns(errors.RumbaObjectModeWarning):
        assert f(4) == (6, 2)
    assert len(f.lifted) == 1


def test_signatures_with_object_mode():
    with pytest.warns(errors.RumbaObjectModeWarning):

        @jit("int64(int64)", nopython=False)
        def f(x):
            return x.bit_length() + len(str.format('{}', x))

    assert f(5) == 4

    @jit(["int64(int64)"], forceobj=True)
    def g(x):
        return x

    assert g("a") == "a"


def test_njit_has_no_object_mode():
    for options in ({"nopython": False}, {"forceobj": True}):
        with pytest.warns(errors.RumbaWarning, match="njit ignores"):

            @njit(**options)
            def f(x):
                return x + 1

        assert f(1) == 2
        assert len(f.signatures) == 1
    with pytest.raises(ValueError, match="only one of"):
        jit(nopython=True, forceobj=True)


module_level = jit(forceobj=True)(mixed)


def test_pickling():
    cloudpickle = pytest.importorskip("cloudpickle")

    @jit(forceobj=True)
    def f(n):
        kind = str(n)
        for i in range(n):
            n += i
        return kind, n

    again = pickle.loads(cloudpickle.dumps(f))
    assert again(3) == ("3", 6)
    assert again.targetoptions == {"forceobj": True}


def test_recursion():
    @jit(forceobj=True)
    def f(n):
        total = 0
        for i in range(n):
            total += i
        return total if n == 0 else total + f(n - 1)

    assert f(10) == sum(sum(range(n)) for n in range(11))


def test_loops_without_a_file():
    assert output_of("""
        from rumba import jit
        @jit(forceobj=True)
        def f(n):
            total = 0
            for i in range(n):
                total += i
            return total, object
        print(f(4)[0])
        """) == "6\n"


def test_an_edited_file_is_not_taken_for_what_runs(tmp_path):
    file = tmp_path / "edited.py"
    assert output_of(
        """
        import pathlib
        from rumba import jit
        @jit(forceobj=True)
        def f(n):
            total = 0
            for i in range(n):
                total += 1
            return total, object
        path = pathlib.Path(__file__)
        path.write_text(path.read_text().replace("total += 1", "total += 2"))
        print(f(4)[0])
        """,
        file=file,
    ) == "4\n"  # fmt: skip
