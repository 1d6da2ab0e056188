"""The decorators and what they return: specialisation, signatures, overload resolution, arguments, pickling."""

import copy
import enum
import inspect
import pickle
import subprocess
import sys
import threading
import weakref

import cloudpickle
import numpy as np
import pytest
import rumba
from rumba import float32, float64, int32, int64, jit, njit, types
from rumba.errors import TypingError
from subprocesses import output_of


def add(a, b):
    """Adds."""
    return a + b


@njit
def module_level(a, b=2):
    return a * b


# --- decorators -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("decorate", [jit, njit, jit(), njit(), jit(nopython=True), njit(nogil=True, fastmath=True)])
def test_forms_of_the_decorator(decorate):
    f = decorate(add)
    assert f(1, 2) == 3
    assert f.py_func is add


def test_options_that_change_nothing_here_are_accepted():
    for options in ({"cache": False}, {"parallel": False}, {"inline": "never"}, {"error_model": "python"}, {"debug": False}):
        assert njit(**options)(add)(1, 2) == 3


def test_the_function_keeps_its_identity():
    f = njit(add)
    assert (f.__name__, f.__doc__, f.__module__) == ("add", "Adds.", __name__)
    assert f.__qualname__ == add.__qualname__ and f.__wrapped__ is add
    assert inspect.signature(f) == inspect.signature(add)
    assert "add" in repr(f)
    assert callable(f)


def test_unknown_option():
    with pytest.raises((KeyError, TypeError)) as caught:
        njit(no_such_option=True)(add)(1, 2)
    assert "no_such_option" in str(caught.value)


class SomeClass:
    pass


async def coroutine(x):
    return x


@pytest.mark.parametrize("what", [SomeClass, len, coroutine, 5, "text", None.__class__], ids=str)
def test_what_cannot_be_compiled(what):
    with pytest.raises(TypeError):
        njit(what)(1) if what == "text" else njit(what)


def test_decorating_twice():
    # Numba refuses it as well; the message names the function.
    with pytest.raises(TypeError):
        njit(njit(add))


def test_disable_jit():
    program = """
    from rumba import njit, jit
    @njit
    def f(x):
        return type(x).__name__
    @jit("int64(int64)", nogil=True)
    def g(x):
        return [x]
    print(f({}), g(1), type(f).__name__)
    """
    import os

    printed = output_of(program, environment={**os.environ, "RUMBA_DISABLE_JIT": "1"})
    assert printed == "dict [1] function\n"


# --- specialisation -------------------------------------------------------------------------------------------------


def test_one_specialisation_per_argument_types():
    f = njit(add)
    assert f.signatures == []
    f(1, 2)
    f(3, 4)
    assert f.signatures == [(int64, int64)]
    f(1.0, 2)
    f(2.0, 5)
    assert f.signatures == [(int64, int64), (float64, int64)]
    assert list(f.overloads) == f.signatures
    assert f.nopython_signatures[0].return_type == int64


def test_array_types_tell_layout_rank_and_mutability():
    @njit
    def first(a):
        return a[0]

    a = np.arange(6.0)
    frozen = a.copy()
    frozen.flags.writeable = False
    for array in (a, a[::2], a.astype(np.float32), frozen, a[1:], a.copy()):
        first(array)
    assert len(first.signatures) == 4


def test_eager_signature_object():
    f = njit(float64(float64, float64))(add)
    assert f.signatures == [(float64, float64)]
    assert f(1, 2) == 3.0 and type(f(1, 2)) is float
    assert len(f.signatures) == 1


@pytest.mark.parametrize(
    "signature",
    ["float64(float64, float64)", "f8(f8, f8)", "(float64, float64)", (float64, float64), ["float64(float64, float64)"]],
    ids=str,
)
def test_eager_signature_spellings(signature):
    f = njit(signature)(add)
    assert f.signatures == [(float64, float64)]
    assert f(1.5, 2) == 3.5


def test_eager_signatures_refuse_other_types():
    f = njit("int64(int64, int64)")(add)
    with pytest.raises(TypeError):
        f(1j, 2)
    with pytest.raises(TypeError):
        f(np.zeros(3), 2)
    with pytest.raises(TypeError):
        f(1)


def test_overload_resolution():
    @njit([int32(int32), int64(int64), float32(float32), float64(float64)])
    def double(x):
        return x + x

    # An exact match is taken, although others would do.
    assert double(np.int32(5)) == 10
    assert double(2**40) == 2**41 and type(double(5)) is int
    assert double(0.1) == 0.2
    assert double(np.float32(0.1)) == float(np.float32(0.1) + np.float32(0.1))
    assert len(double.signatures) == 4


def test_overload_resolution_by_promotion_and_conversion():
    @njit([int64(int64), float64(float64)])
    def double(x):
        return x + x

    # A promotion within a kind is preferred to a conversion to another.
    assert (double(np.int32(5)), type(double(np.int32(5)))) == (10, int)
    assert (double(np.float32(2.5)), type(double(np.float32(2.5)))) == (5.0, float)
    assert len(double.signatures) == 2

    @njit([float64(float64)])
    def only_float(x):
        return x + x

    assert only_float(3) == 6.0 and only_float(True) == 2.0 and only_float(np.uint8(4)) == 8.0


@pytest.mark.parametrize("signature", ["int32(int32)", "float64(float64)", "boolean(boolean)"])
def test_a_complex_number_does_not_become_real(signature):
    f = njit(signature)(lambda x: x)
    for z in (1j, np.complex64(1 + 2j), np.complex128(3)):
        with pytest.raises(TypeError, match="No matching definition for argument type"):
            f(z)
    # Nor does it stand in the way of a complex signature.
    assert njit(["float64(float64)", "complex64(complex64)"])(lambda x: x)(1j) == 1j
    with pytest.raises(TypingError, match="T0203"):
        njit("float64(complex128)")(lambda z: z)
    with pytest.raises(TypingError, match="T0203"):
        njit("float64(float64, complex128)")(lambda x, z: x if x > 0 else z)


def test_eager_conversion_of_a_result():
    f = njit("float32(int64, int64)")(add)
    assert f(1, 2) == 3.0 and type(f(1, 2)) is float


def test_eager_array_signature():
    @njit("float64(float64[:])")
    def first(a):
        return a[0]

    assert first(np.arange(3.0)[::-1]) == 2.0 and first(np.arange(3.0)) == 0.0
    with pytest.raises(TypeError):
        first(np.arange(3))

    @njit("void(float64[:, ::1], int64)")
    def fill(a, x):
        a[:] = x

    a = np.zeros((2, 2))
    assert fill(a, 3) is None and a[1, 1] == 3.0
    with pytest.raises(TypeError):
        fill(np.asfortranarray(a), 3)


def test_eager_optional_tuple_signatures():
    @njit("int64(optional(int64), UniTuple(int64, 2))")
    def f(x, t):
        return t[0] if x is None else x + t[1]

    assert f(None, (1, 2)) == 1 and f(5, (1, 2)) == 7


def test_bad_signature_strings():
    for text in ("no_such_type(int64)", "int64(", "int64(int64))"):
        with pytest.raises((TypeError, ValueError, NameError, SyntaxError, TypingError)):
            njit(text)(add)


def test_locals_are_a_dict():
    with pytest.raises(TypeError, match="locals is a dict of types by name, not 'int64'"):
        njit("int64(int64, int64)", "int64")(add)


def test_locals_fix_types():
    @njit(locals={"x": types.float32})
    def third(a):
        x = a / 3.0
        return x

    assert third(1.0) == float(np.float32(1 / 3))


def test_compile_and_disable():
    f = njit(add)
    f.compile("int64(int64, int64)")
    f.compile((float64, float64))
    f.disable_compile()
    assert f(1, 2) == 3 and f(1.5, 2.0) == 3.5
    with pytest.raises(TypeError):
        f(1j, 2j)
    assert len(f.signatures) == 2


OFFSET = 1


def test_recompile_reads_globals_again():
    global OFFSET

    @njit
    def shifted(x):
        return x + OFFSET

    assert shifted(1) == 2
    OFFSET = 10
    try:
        assert shifted(1) == 2
        shifted.recompile()
        assert shifted(1) == 11
    finally:
        OFFSET = 1


def test_inspection(capsys):
    f = njit(add)
    f(1, 2)
    assert "define" in f.inspect_llvm(f.signatures[0])
    assert set(f.inspect_llvm()) == set(f.inspect_asm()) == set(f.signatures)
    assert f.inspect_asm(f.signatures[0]).strip()
    f.inspect_types()
    assert "int64" in capsys.readouterr().out
    assert f.signatures[0] in f.get_metadata()


# --- arguments ------------------------------------------------------------------------------------------------------


@njit
def with_defaults(a, b=10, *, c=0.5):
    return a + b * c


@njit
def with_rest(a, *rest):
    return a, rest


@njit
def positional(a, b, /):
    return a - b


def test_keywords_and_defaults():
    assert with_defaults(1) == 6.0 and with_defaults(1, 2) == 2.0 and with_defaults(1, b=4) == 3.0
    assert with_defaults(b=2, a=0) == 1.0 and with_defaults(1, c=1) == 11
    assert with_rest(1) == (1, ()) and with_rest(1, 2, 3.5) == (1, (2, 3.5))
    assert positional(3, 1) == 2


@pytest.mark.parametrize(
    ("function", "args", "kwargs"),
    [
        (with_defaults, (), {}),
        (with_defaults, (1, 2, 3), {}),
        (with_defaults, (1,), {"d": 1}),
        (with_defaults, (1,), {"a": 1}),
        (with_rest, (), {}),
        (positional, (1,), {"b": 2}),
        (positional, (1, 2, 3), {}),
    ],
)
def test_wrong_arguments_are_pythons_type_error(function, args, kwargs):
    with pytest.raises(TypeError) as expected:
        function.py_func(*args, **kwargs)
    with pytest.raises(TypeError) as caught:
        function(*args, **kwargs)
    assert str(caught.value) == str(expected.value)


def test_default_values_of_every_kind():
    @njit
    def f(i=1, x=2.5, z=3j, n=None, t=(1, 2.0), flag=True):
        return i, x, z, n, t, flag

    assert f() == (1, 2.5, 3j, None, (1, 2.0), True)
    assert f(t=(5, 6), n=4) == (1, 2.5, 3j, 4, (5, 6), True)


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 5


def test_enum_argument():
    @njit
    def f(level):
        return level + 1

    assert f(Level.HIGH) == 6


def test_dtype_argument():
    @njit
    def zeros(n, dtype):
        return np.zeros(n, dtype)

    assert zeros(2, np.float32).dtype == np.float32
    assert zeros(2, np.dtype("int16")).dtype == np.int16


def test_subclasses_of_int_and_float():
    class MyInt(int):
        pass

    class MyFloat(float):
        pass

    f = njit(add)
    assert f(MyInt(1), MyFloat(2.5)) == 3.5


# --- as an object ---------------------------------------------------------------------------------------------------


def test_method_binding():
    class Holder:
        @staticmethod
        @njit
        def plus(a, b):
            return a + b

        jitted = module_level

    assert Holder.plus(1, 2) == 3 and Holder().plus(1, 2) == 3
    with pytest.raises((TypeError, TypingError)):
        Holder().jitted()


def test_helpers():
    assert rumba.typeof(1) == int64 and rumba.typeof(np.zeros((2, 2))) == types.Array(float64, 2, "C")
    assert str(rumba.typeof(np.zeros((2, 2)))) == "array(float64, 2d, C)"
    assert rumba.extending.is_jitted(module_level) and not rumba.extending.is_jitted(add)
    assert float64[:, ::1] == types.Array(float64, 2, "C")


def test_weak_references_and_hash():
    f = njit(add)
    reference = weakref.ref(f)
    assert {f: 1}[f] == 1 and f == f
    f(1, 2)
    del f
    import gc

    gc.collect()
    assert reference() is None


def test_pickled_by_reference_to_its_module():
    again = pickle.loads(pickle.dumps(module_level))
    assert again(3) == 6 and again.py_func.__name__ == "module_level"
    assert copy.deepcopy(module_level)(4) == 8


def test_cloudpickled_by_source():
    factor = 7

    @njit
    def scaled(x):
        return x * factor

    assert cloudpickle.loads(cloudpickle.dumps(scaled))(3) == 21


def test_cloudpickled_into_another_process(tmp_path):
    factor = 7

    @njit
    def scaled(x):
        return x * factor

    file = tmp_path / "function.pickle"
    file.write_bytes(cloudpickle.dumps(scaled))
    program = "import pickle, sys; print(pickle.load(open(sys.argv[1], 'rb'))(3))"
    done = subprocess.run([sys.executable, "-c", program, str(file)], capture_output=True, text=True, timeout=60)
    assert done.stdout == "21\n", done.stderr


def test_threads_compile_once_and_agree():
    @njit
    def triangle(n):
        total = 0
        for i in range(n):
            total += i
        return total

    results = []
    barrier = threading.Barrier(8)

    def work():
        barrier.wait()
        results.append(triangle(1000))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [499500] * 8 and len(triangle.signatures) == 1


@njit(nogil=True)
def busy(n, state):
    for _ in range(n):
        state ^= (state << 13) & 0xFFFFFFFF
        state ^= state >> 17
        state ^= (state << 5) & 0xFFFFFFFF
    return state


def test_nogil_lets_other_threads_run():
    busy(1, 1)
    finished = threading.Event()
    ticks = []

    def tick():
        while not finished.wait(0.005):
            ticks.append(1)

    thread = threading.Thread(target=tick)
    thread.start()
    busy(100_000_000, 1)
    finished.set()
    thread.join()
    # A quarter of a second or more of work; with the lock held there would be one or two.
    assert len(ticks) > 5


def test_a_signature_whose_result_does_not_fit_is_an_error():
    with pytest.raises(TypingError, match="returns array.* but its signature declares int64"):
        njit("int64(float64[:])")(lambda a: a)
    with pytest.raises(TypingError, match="signature declares float64"):
        njit("float64(int64)")(lambda x: (x, x))
    assert njit("float64(int64)")(lambda x: x)(3) == 3.0


@njit
def strict_sum(a, b):
    return (a + b) - b


@njit(fastmath=True)
def fast_caller(a, b):
    return strict_sum(a, b) + 0.0


def test_fastmath_is_the_callers_own():
    # Reassociation would give 1.0; the callee did not ask for it.
    assert fast_caller(1.0, 1e17) == 0.0
