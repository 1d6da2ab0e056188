"""`try`, `raise` and `with`: the same values, exceptions and tracebacks as in the interpreter, and nothing leaks."""

import contextlib
import gc
import signal
import traceback

import numpy as np
import pytest
from differential import Cases, check
from rumba import _core, njit
from rumba.errors import TypingError, UnsupportedError

cases = Cases()


class Oops(Exception):
    pass


class Worse(Oops):
    pass


@cases((np.arange(3), 1), (np.arange(3), 7), (np.arange(3), -4))
def specific_class(a, i):
    try:
        return a[i]
    except IndexError:
        return -1


@cases((1, 0), (6, 3))
def base_class(a, b):
    try:
        x = a // b
    except ArithmeticError:
        x = -1
    return x


@cases((1, 0), (6, 3))
def other_class_leaves(a, b):
    try:
        x = a // b
    except LookupError:
        x = -1
    return x


@cases((0,), (1,), (2,), (3,), (4,), (5,))
def clauses_in_order(n):
    try:
        if n == 0:
            raise IndexError(n)
        if n == 1:
            raise KeyError(n, "text")
        if n == 2:
            raise ValueError
        if n == 3:
            raise Worse(n)
        if n == 4:
            raise OverflowError("large")
        return 100
    except KeyError:
        return 1
    except (LookupError, ValueError):
        return 2
    except Oops:
        return 3
    except:  # noqa: E722
        return 4


@cases((0,), (1,), (2,))
def tuples_of_classes(n):
    try:
        if n == 0:
            raise IndexError
        if n == 1:
            raise Worse
        raise ValueError(n)
    except (ZeroDivisionError, Oops, IndexError):
        return n


@cases((0,), (1,))
def state_in_the_handler(n):
    x = 1
    try:
        x = 2
        y = x + 10 // n
        x = 3
        x = 4 // (n - 1)
        x = 5
    except ZeroDivisionError:
        return x
    return x + y


@cases((0,), (1,), (2,))
def a_variable_may_be_unbound_in_the_handler(n):
    try:
        x = 10 // n
        y = 10 // (n - 1)
    except ZeroDivisionError:
        return x + 100
    return x + y


@cases((0,), (3,), (7,))
def else_is_not_guarded(n):
    try:
        a = np.ones(3)
        a[0] = n
    except IndexError:
        return -1.0
    else:
        a[n] = 2.0
    return a[n]


@cases((0,), (1,), (2,))
def finally_runs(n):
    a = np.zeros(4)
    try:
        a[0] = 1 // n
        a[1] = 1
        if n == 2:
            return a
    finally:
        a[2] = 7
    a[3] = 1
    return a


@cases((np.zeros(3), 0), (np.zeros(3), 1), (np.zeros(3), 2))
def finally_sees_what_was_raised(a, n):
    try:
        a[0] = 1
        a[1] = 6 // n
        a[n + 1] = 5
    finally:
        a[2] += 1


@cases((0,), (1,))
def return_in_finally_wins(n):
    try:
        return 1 // n
    finally:
        return 5  # noqa: B012


@cases((5,))
def break_and_continue_through_finally(n):
    out = 0
    for i in range(n):
        try:
            if i == 1:
                continue
            if i == 3:
                break
            out += 1
        finally:
            out += 100
    else:
        out += 10000
    return out, i


@cases((6,), (2,))
def break_in_finally(n):
    total = 0
    while True:
        try:
            total += 10 // (n - total)
        finally:
            if total > 5:
                break  # noqa: B012
    return total


@cases((4,))
def continue_in_handler(n):
    total = 0
    for i in range(n):
        try:
            total += 10 // (i - 1)
        except ZeroDivisionError:
            total += 1000
            continue
        total += 1
    return total


@cases((4,))
def return_in_handler_in_loop(n):
    for i in range(n):
        try:
            if i == 2:
                raise Oops(i)
        except Oops:
            return i
    return -1


@cases((3,))
def the_loop_goes_on_where_it_was(n):
    total = 0
    for i in range(n):
        for j in range(n):
            try:
                if i == j:
                    raise ValueError
                total += 10 * i + j
            except ValueError:
                total += 1000
    return total


@cases((0,), (1,), (2,), (3,))
def nested(n):
    log = 0
    try:
        try:
            log += 1
            if n == 0:
                raise IndexError
            if n == 1:
                raise KeyError
            if n == 2:
                raise Oops
            log += 2
        except IndexError:
            log += 10
            raise KeyError(log)
        finally:
            log += 100
    except KeyError:
        log += 1000
    return log


@cases((0,), (1,), (2,))
def raised_again(n):
    try:
        try:
            if n == 0:
                raise Oops(n, 2.5)
            return 1 // (n - 1)
        except ZeroDivisionError:
            raise
        except Oops as e:
            raise e
    finally:
        n += 1


@cases((0,), (1,))
def raised_again_later(n):
    saved = None
    try:
        1 // n
    except ZeroDivisionError as e:
        saved = e
    if saved is not None:
        raise saved
    return 3


def thrower(n):
    if n == 0:
        raise Worse(n)
    return 100 // (n - 1)


thrower = njit(thrower)


@cases((0,), (1,), (2,))
def across_calls(n):
    total = 0
    for k in range(n + 1):
        try:
            total += thrower(k)
        except Oops:
            total += 1
        except ZeroDivisionError:
            total += 10
    return total


@njit
def looping_thrower(n):
    total = 0
    for i in range(10):
        total += 5 // (n - i)
    return total


@cases((3,), (20,))
def across_a_call_that_is_not_inlined(n):
    try:
        return looping_thrower(n)
    except ZeroDivisionError:
        return -1


@cases((1,), (5,))
def own_function(n):
    def divide(x):
        return 10 // (x - 1)

    try:
        return divide(n)
    except ZeroDivisionError:
        return 0


@cases((3,))
def recursion(n):
    def down(k):
        try:
            if k == 0:
                raise Oops
            return down(k - 1)
        except Oops:
            if k < 2:
                raise
            return k

    return down(n)


@cases((3,), (-1,))
def from_the_runtime(n):
    try:
        return np.zeros(n)
    except ValueError:
        return np.ones(2)


@cases((2,), (3,))
def shapes(n):
    a, b = np.ones(2), np.ones(n)
    try:
        c = a + b
    except ValueError:
        c = a
    return c


@cases((0,), (10,))
def conversions(n):
    try:
        return int(1e308 * n)
    except OverflowError:
        return -1


@cases((0,), (1,))
def unbound_variable_is_caught(n):
    if n:
        x = 5
    try:
        return x
    except UnboundLocalError:
        return -1


@cases((0,), (1,))
def assertion_is_caught(n):
    try:
        assert n > 0, "positive"
    except AssertionError:
        return -1
    return n


@cases((0,), (1,))
def the_name_is_unbound_after_the_handler(n):
    e = 5
    try:
        1 // n
    except ZeroDivisionError as e:  # noqa: F841
        pass
    return e  # noqa: F821


@cases((0,), (1,))
def exceptions_as_values(n):
    e = ValueError(n, 1.5)
    try:
        if n:
            raise e
    except ValueError:
        return 1
    return 2


@cases((0,), (1,), (2,))
def while_else(n):
    i = 0
    while i < 3:
        try:
            i += 1
            if i == n:
                break
        finally:
            i += 10
    else:
        return -i
    return i


@cases((0,), (1,))
def shared_variables(n):
    x = 0

    def set(value):
        nonlocal x
        x = value
        return 10 // n

    try:
        set(5)
        set(6)
    except ZeroDivisionError:
        x += 100
    return x


@cases((0,), (2,))
def array_of_the_handler(n):
    a = np.arange(3.0)
    try:
        a = np.zeros(4)
        a[0] = 1 // n
        a = a[1:]
    except ZeroDivisionError:
        a = a[::2]
    return a


@cases((0,), (1,))
def list_of_the_handler(n):
    xs = [1]
    try:
        xs = []
        xs.append(10 // n)
        xs = [x + 1 for x in xs]
    except ZeroDivisionError:
        xs.append(7)
    return xs


@cases(({1: 2.0}, 1), ({1: 2.0}, 5))
def missing_key(d, key):
    try:
        return d[key]
    except KeyError:
        return -1.0


@cases(("3", 5), ("x", 5))
def text_of_the_handler(text, n):
    shown = text + "?"
    try:
        shown = text + "!"
        if text == "x":
            raise Oops(shown, n)
        shown = text + text
    except Oops:
        return shown, n
    return shown, 0


@cases((0,), (1,))
def conditional_expression(n):
    try:
        x = (1 // n if n == 0 else 5) + (n and 3)
    except ZeroDivisionError:
        x = -1
    return x


@cases((0,), (1,), (2,), (3,))
def deep_finally(n):
    log = 0
    try:
        try:
            try:
                if n == 0:
                    return log
                if n == 1:
                    raise Oops
                log += 1
            finally:
                log += 10
                if n == 2:
                    raise Worse
        finally:
            log += 100
    except Worse:
        return -log
    except Oops:
        return log
    return 5


@cases((np.ones(2),))
def with_statement(a):
    with contextlib.nullcontext():
        a[0] = 2
    with contextlib.nullcontext(a) as b, np.errstate(divide="ignore", invalid="warn"):
        b[1] = 3
        return b.sum()


@cases((0,), (1,))
def with_inside_try(n):
    try:
        with np.errstate(all="ignore"):
            return 1 // n
    except ZeroDivisionError:
        return -1


test_same_as_the_interpreter = cases.test()


# Tracebacks, causes and contexts ---------------------------------------------------------------


def leaves_from_handler(n):
    try:
        return 1 // n
    except ZeroDivisionError:
        raise ValueError(n)


def leaves_with_cause(n):
    try:
        return 1 // n
    except ZeroDivisionError as e:
        raise ValueError(n) from e


def leaves_without_context(n):
    try:
        return 1 // n
    except ZeroDivisionError:
        raise ValueError(n) from None


def leaves_with_made_cause(n):
    raise Oops(n) from ValueError("cause")


def leaves_with_class_as_cause(n):
    raise Oops from KeyError


def reraises(n):
    try:
        return 1 // n
    except ZeroDivisionError:
        raise


def raises_the_same(n):
    try:
        return 1 // n
    except ZeroDivisionError as e:
        raise e


def passes_no_matching_clause(n):
    try:
        return 1 // n
    except KeyError:
        return 5
    finally:
        n += 1


def fails_in_finally(n):
    try:
        return 1 // n
    finally:
        np.zeros(2)[n + 5] = 1


def three_deep(n):
    try:
        return 1 // n
    except ZeroDivisionError:
        try:
            raise KeyError(n)
        except KeyError:
            raise ValueError(n)


def context_from_a_callee(n):
    try:
        return 1 // n
    except ZeroDivisionError:
        return leaves_from_handler(n)


def raises_an_old_one_in_a_handler(n):
    try:
        raise KeyError(n)
    except KeyError as e:
        old = e
    try:
        1 // n
    except ZeroDivisionError:
        raise old
    return 0


def shown(error):
    """What can be seen of an exception and those that led to it."""
    if error is None:
        return None
    places = [(f.name, f.lineno) for f in traceback.extract_tb(error.__traceback__) if f.filename == __file__ and f.name != "raised_by"]
    return type(error), error.args, places, shown(error.__cause__), shown(error.__context__), error.__suppress_context__


def raised_by(function):
    try:
        function(0)
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


@pytest.mark.parametrize(
    "function",
    [
        leaves_from_handler,
        leaves_with_cause,
        leaves_without_context,
        leaves_with_made_cause,
        leaves_with_class_as_cause,
        reraises,
        raises_the_same,
        passes_no_matching_clause,
        three_deep,
        raises_an_old_one_in_a_handler,
    ],
    ids=lambda function: function.__name__,
)
def test_traceback_cause_and_context(function):
    assert shown(raised_by(njit(function))) == shown(raised_by(function))


def test_context_of_what_finally_raises():
    error = raised_by(njit(fails_in_finally))
    assert type(error) is IndexError
    assert type(error.__context__) is ZeroDivisionError


def test_context_of_what_a_callee_raises():
    compiled = njit(leaves_from_handler)
    name = context_from_a_callee.__globals__
    plain = shown(raised_by(context_from_a_callee))
    name["leaves_from_handler"] = compiled
    try:
        assert shown(raised_by(njit(context_from_a_callee))) == plain
    finally:
        name["leaves_from_handler"] = compiled.py_func


def test_cause_and_context_are_one_object():
    error = raised_by(njit(leaves_with_cause))
    assert error.__cause__ is error.__context__


@njit
def caught(n):
    try:
        1 // n
    except ZeroDivisionError as e:
        return e
    return None


def test_a_caught_exception_goes_to_python():
    error = caught(0)
    assert type(error) is ZeroDivisionError
    assert [frame.name for frame in traceback.extract_tb(error.__traceback__)] == ["caught"]
    assert caught(1) is None


def classes_of_a_made_exception(n):
    error = KeyError("a")
    kinds = isinstance(error, KeyError), isinstance(error, LookupError), isinstance(error, (ValueError, Exception))
    return n, kinds, isinstance(error, IndexError), isinstance(error, OSError)


def test_classes_of_a_made_exception():
    assert njit(classes_of_a_made_exception)(1) == classes_of_a_made_exception(1)


def test_a_caught_exception_is_printed(capsys):
    @njit
    def show(n):
        try:
            raise Oops(n, 2.5)
        except Oops as e:
            print("caught", e)

    show(3)
    assert capsys.readouterr().out == "caught (3, 2.5)\n"


# What comes from outside -----------------------------------------------------------------------


def test_an_exception_of_a_python_object_is_caught(capsys):
    class Stream:
        def write(self, text):
            raise Worse("no")

        def flush(self):
            pass

    @njit
    def write(n):
        try:
            print(n)
        except Oops as e:
            return e
        return None

    with contextlib.redirect_stdout(Stream()):
        error = write(1)
    assert type(error) is Worse and error.args == ("no",)


def interrupted(function):
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        return function(0)
    finally:
        signal.signal(signal.SIGALRM, before)


@njit
def until_interrupted(n):
    try:
        while True:
            n += 1
            if n < 0:
                return 0
    except KeyboardInterrupt:
        return 1


@njit
def until_interrupted_in_chunks(n):
    total = 0
    try:
        for _ in range(1 << 40):
            for i in range(1 << 40):
                total += i & n
    except Exception:
        return 0
    except BaseException:
        return 1
    return 2


@pytest.mark.parametrize("function", [until_interrupted, until_interrupted_in_chunks])
def test_an_interrupt_is_caught(function):
    assert interrupted(function) == 1


def test_an_interrupt_is_no_exception():
    @njit
    def guarded(n):
        while True:
            try:
                n += 1
            except Exception:
                return 0

    with pytest.raises(KeyboardInterrupt):
        interrupted(guarded)


def test_too_deep_a_recursion_is_caught():
    @njit
    def down(n):
        return down(n + 1) + 1 if n >= 0 else 0

    @njit
    def guarded(n):
        try:
            return down(n)
        except RecursionError:
            return -1

    assert guarded(0) == -1


# Memory ----------------------------------------------------------------------------------------


@njit
def swallows(n):
    total = 0.0
    for i in range(n):
        a = np.ones(i + 1)
        try:
            b = a * 2
            b[n - 2] = 5
            a = b[1:]
            raise Oops(a, i)
        except IndexError:
            total += a[0]
        except Oops as e:
            saved = e
            total += a.sum()
    return total


@njit
def passes_arrays_out(n):
    a = np.zeros(3)
    try:
        a = np.ones(n)
        c = a[1:]
        a = np.arange(4.0)
        c[n] = 1
    except IndexError:
        return a, a[1:]
    finally:
        a[0] = 9
    return a, c


@njit
def raises_in_handler(n):
    a = np.ones(n)
    try:
        a = a * 3
        a[n] = 1
    except IndexError as e:
        b = a + 1
        raise ValueError(b) from e


@njit
def keeps_exceptions(n):
    saved = ValueError(np.ones(2))
    kept = None
    for i in range(n):
        try:
            if i % 2:
                raise saved
            raise Oops(np.ones(i + 1))
        except (Oops, ValueError) as e:
            kept = e
    if n > 3 and kept is not None:
        raise kept


@njit
def in_a_loop_with_finally(n):
    total = 0.0
    for i in range(n):
        a = np.full(3, 1.0 * i)
        try:
            if i == 2:
                continue
            if i == 5:
                break
            total += a[i]
        except IndexError:
            a = np.ones(7)
        finally:
            total += a.sum()
    return total


@njit
def containers(n):
    xs = [1.5]
    try:
        xs = [float(i) for i in range(n)]
        text = "a" + "b" * n
        names = {text: xs}
        raise Oops(text, xs[2])
    except IndexError:
        xs.append(3.0)
        return xs, "none"
    except Oops as e:
        raise ValueError(names[text][0]) from e
    finally:
        xs = []


@pytest.mark.parametrize("function", [containers, swallows, passes_arrays_out, raises_in_handler, keeps_exceptions, in_a_loop_with_finally])
@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 8])
def test_nothing_leaks(function, n):
    def run():
        try:
            function(n)
        except (ArithmeticError, LookupError, ValueError, Oops, TypeError):
            pass

    run()
    gc.collect()
    before = _core.live_allocations()
    for _ in range(3):
        run()
    gc.collect()
    assert _core.live_allocations() == before


def test_arrays_of_handlers_are_cpythons():
    check(passes_arrays_out.py_func, 3)
    check(in_a_loop_with_finally.py_func, 8)


# Mistakes --------------------------------------------------------------------------------------


def catches_an_int(n):
    try:
        return 1 // n
    except 5:
        return 0


def catches_a_nested_tuple(n):
    try:
        return 1 // n
    except (ValueError, (KeyError, IndexError)):
        return 0


def takes_context_out(n):
    try:
        return 1 // n
    except ZeroDivisionError as e:
        return e.__context__


def raises_alone(n):
    raise


def cause_is_a_number(n):
    raise ValueError(n) from 5


def enters_a_number(n):
    with n:
        return 1


def looks_for_floating_point_errors(n):
    with np.errstate(divide="raise"):
        return 1 / n


def groups(n):
    try:
        return 1 // n
    except* ValueError:
        n += 1
    return n


@pytest.mark.parametrize(
    ("function", "error", "says"),
    [
        (catches_an_int, TypingError, "`except` catches exception classes, not"),
        (catches_a_nested_tuple, TypingError, "`except` catches exception classes, not"),
        (takes_context_out, TypingError, "`__context__` of a caught exception is not known in compiled code"),
        (raises_alone, UnsupportedError, "`raise` alone outside of `except` is not supported"),
        (cause_is_a_number, TypingError, "the cause of an exception is another one or None"),
        (enters_a_number, UnsupportedError, "int64 is no context manager that compiled code can enter"),
        (looks_for_floating_point_errors, TypingError, "np.errstate takes 'ignore' and 'warn'"),
        (groups, UnsupportedError, "`except*` is not supported"),
    ],
)
def test_mistakes(function, error, says):
    with pytest.raises(error, match=says.replace("*", r"\*")):
        njit(function)(1)


def test_a_variable_of_two_types_in_a_handler():
    @njit
    def f(n):
        x = np.ones(2)
        try:
            x = 10 // n
            x = 10 // (n - 1)
        except ZeroDivisionError:
            return x
        return x

    with pytest.raises(TypingError, match="`x` is .* on one path and .* on the other"):
        f(1)
