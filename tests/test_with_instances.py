"""`with` on instances that define `__enter__` and `__exit__`, against the interpreter."""

import pytest
from rumba import errors, int64, njit
from rumba.experimental import jitclass


def plain(cls):
    return cls


def make(decorate, swallows):
    @decorate
    class Scope:
        depth: int64
        entered: int64
        left: int64
        failed: int64

        def __init__(self):
            self.depth = 0
            self.entered = 0
            self.left = 0
            self.failed = 0

        def __enter__(self):
            self.depth += 1
            self.entered += 1
            return self.depth

        def __exit__(self, kind, error, trace):
            self.depth -= 1
            self.left += 1
            if kind is not None:
                self.failed += 1
                if isinstance(error, ZeroDivisionError):
                    return False
                return swallows and issubclass(kind, LookupError)
            return False

    return Scope


def through(n):
    scope = Scope()
    with scope as depth:
        seen = depth + n
    return seen, scope.depth, scope.entered, scope.left, scope.failed


def raising(n):
    scope = Scope()
    seen = 0
    try:
        with scope:
            seen = 1
            if n == 0:
                raise KeyError("lost")
            if n == 1:
                raise IndexError("out")
            if n == 2:
                raise ValueError("bad", n)
            if n == 3:
                seen = 1 // (n - 3)
            seen = 2
    except ValueError as error:
        return seen, scope.left, scope.failed, str(error)
    return seen, scope.left, scope.failed, ""


def leaving(n):
    scope = Scope()
    total = 0
    for i in range(5):
        with scope:
            if i == n:
                continue
            if i == n + 2:
                break
            total += i
    with scope:
        return total, scope.depth, scope.left
    return -1, 0, 0


def returning(scope, n):
    with scope:
        if n > 1:
            return n
    return -scope.left


def around(n):
    scope = Scope()
    return returning(scope, n), returning(scope, 0), scope.depth, scope.left


def nested(n):
    first, second = Scope(), Scope()
    with first as a, second as b:
        with first as c:
            result = a + b * 10 + c * 100
            if n > 0:
                raise LookupError("inside")
    return result, first.left, second.left, first.failed, second.failed


def in_finally(n):
    scope = Scope()
    try:
        with scope:
            if n > 0:
                raise KeyError(n)
    finally:
        scope.left += 10
    return scope.left


PROGRAMS = [through, raising, leaving, around, nested, in_finally]


def outcome(function, *args):
    try:
        return function(*args)
    except Exception as error:  # noqa: BLE001
        return type(error), str(error)


def with_scope(function, scope):
    """The function, with another `Scope` and the functions that it calls compiled as it is."""
    import types

    names = dict(function.__globals__, Scope=scope)
    return types.FunctionType(function.__code__, names, function.__name__)


@pytest.mark.parametrize("swallows", [False, True])
@pytest.mark.parametrize("n", range(5))
@pytest.mark.parametrize("program", PROGRAMS)
def test_same_as_the_interpreter(program, n, swallows):
    expected = outcome(with_scope(program, make(plain, swallows)), n)
    compiled = with_scope(program, make(jitclass, swallows))
    compiled.__globals__["returning"] = njit(returning)
    assert outcome(njit(compiled), n) == expected


def test_an_exception_of_the_exit_has_the_first_as_context():
    @jitclass
    class Bad:
        n: int64

        def __init__(self):
            self.n = 0

        def __enter__(self):
            return self

        def __exit__(self, kind, error, trace):
            raise RuntimeError("exit")

    @njit
    def f():
        with Bad():
            raise KeyError("body")

    with pytest.raises(RuntimeError, match="exit") as info:
        f()
    assert isinstance(info.value.__context__, KeyError)


def test_what_is_no_context_manager():
    @jitclass
    class Half:
        n: int64

        def __init__(self):
            self.n = 0

        def __enter__(self):
            return self

    @njit
    def f():
        with Half() as half:
            return half.n

    with pytest.raises(errors.TypingError, match="(?s)is no context manager.*no method `__exit__`"):
        f()


def test_the_class_of_an_exception_is_compared_with_others():
    @jitclass
    class Curious:
        n: int64

        def __init__(self):
            self.n = 0

        def __enter__(self):
            return self

        def __exit__(self, kind, error, trace):
            return kind is KeyError

    @njit
    def f(d):
        with Curious():
            return d[0]
        return -1

    assert f({1: 2}) == f.py_func({1: 2}) == -1
    assert f({0: 2}) == f.py_func({0: 2}) == 2
    with pytest.raises(IndexError):
        f([1][:0])
