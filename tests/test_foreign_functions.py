"""C code and compiled code call each other: `cfunc`, arrays at C pointers."""

import ctypes
import ctypes.util
import math
import pickle
import subprocess
import sys

import numpy as np
import pytest

import rumba
from rumba import carray, cfunc, farray, njit, types

libc = ctypes.CDLL(ctypes.util.find_library("c"))


def doubles(array):
    return array.ctypes.data_as(ctypes.POINTER(ctypes.c_double))


def test_cfunc_has_an_address_that_c_calls():
    @cfunc("float64(float64, int32)")
    def scale(x, n):
        return x * n + 0.5

    by_address = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double, ctypes.c_int32)(scale.address)
    assert by_address(2.0, 3) == 6.5
    assert scale.ctypes(1.5, -2) == -2.5
    assert scale.__name__ == "scale"
    assert scale.native_name.startswith("rumba_c")
    assert "fmul" in scale.inspect_llvm() or "fmuladd" in scale.inspect_llvm()
    assert scale(2, 5) == 10.5
    assert scale.__wrapped__(2, 5) == 10.5
    assert "scale" in repr(scale)


@pytest.mark.parametrize("name", ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"])
def test_integers_of_every_width_keep_their_value(name):
    ty = getattr(types, name)

    @cfunc(ty(ty, ty))
    def lesser(a, b):
        return a if a < b else b

    info = np.iinfo(name)
    assert lesser.ctypes(info.min, info.max) == info.min
    assert lesser.ctypes(info.max, info.max) == info.max


def test_bools_floats_and_nothing():
    @cfunc("boolean(float32, boolean)")
    def exceeds(x, flag):
        return flag and x > 0.1

    assert exceeds.ctypes(1.0, True) is True
    assert exceeds.ctypes(1.0, False) is False
    assert exceeds.ctypes(0.0, True) is False

    @cfunc(types.void(types.CPointer(types.int64)))
    def count(cell):
        carray(cell, 1)[0] += 1

    cell = ctypes.c_int64(41)
    assert count.ctypes(ctypes.byref(cell)) is None
    assert cell.value == 42


def test_qsort_sorts_by_a_cfunc():
    @cfunc("int32(CPointer(float64), CPointer(float64))")
    def compare(a, b):
        x, y = carray(a, 1)[0], carray(b, 1)[0]
        return (x > y) - (x < y)

    values = np.random.default_rng(3).normal(size=1000)
    wanted = np.sort(values)
    qsort = libc.qsort
    qsort.restype = None
    qsort.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t, ctypes.c_void_p]
    qsort(values.ctypes.data, values.size, values.itemsize, compare.address)
    assert np.array_equal(values, wanted)


@pytest.mark.parametrize("make, order", [(carray, "C"), (farray, "F")])
def test_arrays_at_pointers_are_those_of_numpy(make, order):
    @cfunc("float64(CPointer(float64), int64, int64)")
    def weigh(pointer, n, m):
        matrix = make(pointer, (n, m))
        total = 0.0
        for i in range(n):
            for j in range(m):
                total += matrix[i, j] * (10 * i + j)
        return total

    memory = np.arange(6.0) ** 2
    rows, columns = np.indices((2, 3))
    wanted = (memory.reshape((2, 3), order=order) * (10 * rows + columns)).sum()
    assert weigh.ctypes(doubles(memory), 2, 3) == wanted


def test_a_void_pointer_is_an_array_of_what_the_dtype_says():
    @cfunc(types.int64(types.voidptr, types.intp))
    def total(pointer, n):
        return carray(pointer, n, np.int32).sum()

    memory = np.arange(10, dtype=np.int32)
    assert total.ctypes(memory.ctypes.data, 10) == 45


@pytest.mark.parametrize("make, order", [(carray, "C"), (farray, "F")])
def test_arrays_at_pointers_of_ctypes_in_python(make, order):
    memory = np.arange(6, dtype=np.float32)
    pointer = memory.ctypes.data_as(ctypes.POINTER(ctypes.c_float))
    view = make(pointer, (2, 3))
    assert np.array_equal(view, memory.reshape((2, 3), order=order))
    view[1, 2] = -1
    assert memory[5] == -1
    address = ctypes.c_void_p(memory.ctypes.data)
    assert np.array_equal(make(address, 6, np.float32), memory)
    with pytest.raises(TypeError, match="needs a dtype"):
        make(address, 6)
    with pytest.raises(TypeError, match="not to float64"):
        make(pointer, 6, np.float64)
    with pytest.raises(TypeError, match="no pointer"):
        make(memory, 6)


def test_exceptions_go_to_the_unraisable_hook_and_give_zero(monkeypatch):
    seen = []
    monkeypatch.setattr(sys, "unraisablehook", lambda event: seen.append((event.exc_type, str(event.exc_value))))

    @cfunc("float64(int64, int64)")
    def ratio(a, b):
        return a / b

    assert ratio.ctypes(1, 4) == 0.25
    assert ratio.ctypes(1, 0) == 0.0
    assert seen == [(ZeroDivisionError, "division by zero")]

    @cfunc("int64(int64)")
    def picky(n):
        if n < 0:
            raise ValueError("negative", n)
        return n

    assert [picky.ctypes(n) for n in (3, -3, 4)] == [3, 0, 4]
    assert seen[1:] == [(ValueError, "('negative', -3)")]


def test_threads_of_c_code_have_contexts_of_their_own():
    from concurrent.futures import ThreadPoolExecutor

    @cfunc("int64(int64)")
    def triangle(n):
        return np.arange(n + 1).sum()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(triangle.ctypes, range(1000))) == [n * (n + 1) // 2 for n in range(1000)]


def test_compiled_code_calls_a_cfunc_as_a_jitted_function():
    @cfunc("float64(float64)")
    def root(x):
        if x < 0:
            raise ValueError("negative")
        return math.sqrt(x)

    @njit
    def total(xs):
        s = 0.0
        for x in xs:
            s += root(x)
        return s

    assert total(np.array([1.0, 4.0, 9.0])) == 6.0
    with pytest.raises(ValueError, match="negative"):
        total(np.array([-1.0]))

    @njit
    def apply(f, x):
        return f(x)

    assert apply(root, 16.0) == 4.0


def test_scipy_integrates_by_address():
    # SciPy is no dependency of development: where it is installed, its integrals call us.
    scipy = pytest.importorskip("scipy")
    from scipy.integrate import quad

    @cfunc("float64(intc, CPointer(float64))")
    def integrand(n, args):
        return math.exp(-(carray(args, n)[0] ** 2))

    result, _ = quad(scipy.LowLevelCallable(integrand.ctypes), -3, 3)
    # What `quad` promises of its result.
    assert result == pytest.approx(math.sqrt(math.pi) * math.erf(3), rel=1e-10)


def test_options_of_jit_hold():
    @cfunc("float64(float64)", error_model="numpy")
    def inverse(x):
        return 1 / x

    assert inverse.ctypes(0.0) == math.inf


def test_what_c_cannot_pass_is_refused():
    with pytest.raises(TypeError, match="C has no type complex128"):
        cfunc("complex128(float64)")(lambda x: x * 1j)
    with pytest.raises(TypeError, match=r"C has no type array\(float64, 1d, A\)"):
        cfunc("float64(float64[:])")(lambda a: a[0])
    with pytest.raises(TypeError, match="does not say what is returned"):
        cfunc((types.float64,))
    with pytest.raises(TypeError, match="has 1 argument types, but"):
        cfunc("float64(float64)")(lambda x, y: x)
    with pytest.raises(TypeError, match="expected a function"):
        cfunc("float64(float64)")(3)
    with pytest.raises(TypeError, match="a pointer to none|a pointer to str"):
        types.CPointer(types.unicode_type)


def test_carray_refuses_what_is_no_pointer():
    @njit
    def wrong(a):
        return carray(a, 3)

    with pytest.raises(rumba.errors.TypingError, match="no C pointer"):
        wrong(np.zeros(3))
    with pytest.raises(rumba.errors.TypingError, match="needs a dtype"):
        cfunc(types.float64(types.voidptr))(lambda p: carray(p, 3)[0])
    with pytest.raises(rumba.errors.TypingError, match="to float64, not to int64"):
        cfunc("float64(CPointer(float64))")(lambda p: carray(p, 3, np.int64)[0])


def test_pointer_types():
    pointer = types.CPointer(types.float64)
    assert pointer is not None and pointer == types.CPointer(types.float64)
    assert pointer.dtype == types.float64
    assert repr(pointer) == "CPointer(float64)"
    assert pickle.loads(pickle.dumps(pointer)) == pointer
    assert pickle.loads(pickle.dumps(types.voidptr)) == types.voidptr

    @cfunc(types.float64(pointer, types.int64))
    def last(p, n):
        return carray(p, n)[-1] if p else -1.0

    memory = np.arange(4.0)
    assert last.ctypes(doubles(memory), 4) == 3.0
    assert last.ctypes(None, 4) == -1.0


def test_the_report_names_the_function():
    program = """
import rumba
@rumba.cfunc("int64(int64)")
def f(x):
    return 1 // x
print(f.ctypes(0))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "0\n"
    assert "ZeroDivisionError" in done.stderr and "function f" in done.stderr


libm = ctypes.CDLL(ctypes.util.find_library("m"))


def declared(library, name, result, *args):
    function = library[name]
    function.restype = result
    function.argtypes = args
    return function


@pytest.mark.parametrize("name", ["cbrt", "sin", "lgamma", "j0"])
def test_functions_of_ctypes_are_called_at_their_address(name):
    function = declared(libm, name, ctypes.c_double, ctypes.c_double)

    @njit
    def of_global(xs):
        out = np.empty_like(xs)
        for i in range(xs.size):
            out[i] = function(xs[i])
        return out

    @njit
    def of_argument(f, x):
        return f(x)

    xs = np.linspace(0.5, 9.5, 19)
    wanted = np.array([function(x) for x in xs])
    assert np.array_equal(of_global(xs), wanted)
    assert of_argument(function, 2.5) == function(2.5)
    assert of_argument(function, 3) == function(3)


def test_integers_are_those_of_c():
    ldexp = declared(libm, "ldexp", ctypes.c_double, ctypes.c_double, ctypes.c_int)
    toupper = declared(libc, "toupper", ctypes.c_int, ctypes.c_int)
    labs = declared(libc, "labs", ctypes.c_long, ctypes.c_long)
    fabsf = declared(libm, "fabsf", ctypes.c_float, ctypes.c_float)

    @njit
    def all_of_them(x, n):
        return ldexp(x, n), toupper(ord("q")), labs(n), labs(True), fabsf(x)

    assert all_of_them(-1.5, -3) == (-0.1875, ord("Q"), 3, 1, 1.5)


def test_two_functions_at_one_address_have_types_of_their_own():
    address = ctypes.cast(libc.labs, ctypes.c_void_p).value
    wide = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64)(address)
    narrow = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_int64)(address)

    @njit
    def both(n):
        return wide(n), narrow(n)

    assert both(-(2**33) - 5) == (2**33 + 5, 5)


def test_pointers_are_passed_on():
    qsort = declared(libc, "qsort", None, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t, ctypes.c_void_p)
    memset = declared(libc, "memset", ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t)

    @cfunc("int32(CPointer(int64), CPointer(int64))")
    def descending(a, b):
        return (a[0] < b[0]) - (a[0] > b[0])

    order = descending.address

    @njit
    def sort(address, n):
        qsort(address, n, 8, order)

    values = np.array([3, 1, 4, 1, 5, 9, 2, 6])
    sort(values.ctypes.data, values.size)
    assert values.tolist() == [9, 6, 5, 4, 3, 2, 1, 1]

    @njit
    def clear(address, n):
        return carray(memset(address, 0, 8 * n), n, np.int64).sum()

    assert clear(values.ctypes.data, 3) == 0
    assert values.tolist() == [0, 0, 0, 4, 3, 2, 1, 1]


def test_pointers_are_indexed_as_in_c():
    @cfunc("void(CPointer(float32), intp)")
    def reverse(p, n):
        for i in range(n // 2):
            p[i], p[n - 1 - i] = p[n - 1 - i], p[i]

    values = np.arange(7, dtype=np.float32)
    reverse.ctypes(values.ctypes.data_as(ctypes.POINTER(ctypes.c_float)), 7)
    assert values.tolist() == [6, 5, 4, 3, 2, 1, 0]


def test_a_null_pointer_is_none():
    time = declared(libc, "time", ctypes.c_long, ctypes.POINTER(ctypes.c_long))

    @njit
    def now():
        return time(None)

    before = time(None)
    assert before <= now() <= time(None)


def test_a_callback_into_python_is_called():
    calls = []

    @ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)
    def remember(x):
        calls.append(x)
        return 2 * x

    @njit
    def twice(x):
        return remember(x) + remember(x + 1)

    assert twice(3.0) == 14.0
    assert calls == [3.0, 4.0]


def test_a_ctypes_function_without_argtypes_says_to_declare_them():
    undeclared = libm["tan"]

    @njit
    def wrong(x):
        return undeclared(x)

    with pytest.raises(rumba.errors.TypingError, match="no parameters are declared(.|\n)*set its `argtypes`"):
        wrong(1.0)
    with pytest.raises(rumba.errors.TypingError, match="no parameters are declared"):
        rumba.typeof(undeclared)


def test_ctypes_functions_that_are_refused():
    def refused(function, message, *args):
        @njit
        def call(*args):
            return function(*args)

        with pytest.raises(rumba.errors.TypingError, match=message):
            call(*args)

    strlen = ctypes.CDLL(None)["strlen"]
    strlen.argtypes = [ctypes.c_char_p]
    refused(strlen, "c_char_p in its signature", 1)
    checked = declared(libm, "cosh", ctypes.c_double, ctypes.c_double)
    checked.errcheck = lambda result, *_: result
    refused(checked, "errcheck", 1.0)
    power = declared(libm, "pow", ctypes.c_double, ctypes.c_double, ctypes.c_double)
    refused(power, "takes 2 positional arguments, but 1 were given", 1.0)
    refused(power, "takes float64 here, not complex128", 1.0, 1j)
    absolute = declared(libc, "abs", ctypes.c_int, ctypes.c_int)
    refused(absolute, "takes int32 here, not float64", 1.5)
    refused(absolute, "takes int32 here, not array", np.zeros(3))
    nothing = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)(0)
    refused(nothing, "address is null", 1.0)


def test_functions_of_cython_modules():
    # SciPy is no dependency of development, and brings functions of Cython with it.
    pytest.importorskip("scipy")
    from scipy import special

    from rumba.extending import get_cython_function_address

    address = get_cython_function_address("scipy.special.cython_special", "j0")
    j0 = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)(address)

    @njit
    def twice(x):
        return 2 * j0(x)

    assert twice(1.25) == 2 * special.j0(1.25)
    with pytest.raises(ValueError, match="No function 'nothing'"):
        get_cython_function_address("scipy.special.cython_special", "nothing")


memcpy = ctypes.CDLL(None)["memcpy"]
memcpy.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t]
memcpy.restype = ctypes.c_void_p
frexp = declared(libm, "frexp", ctypes.c_double, ctypes.c_double, ctypes.POINTER(ctypes.c_int))
DOUBLES = ctypes.POINTER(ctypes.c_double)


def test_addresses_of_arrays_in_compiled_code():
    @njit
    def address(a):
        return a.ctypes.data

    @njit
    def copied(a, b):
        memcpy(a.ctypes, b.ctypes.data, a.nbytes)
        memcpy(a[1:].ctypes.data_as(ctypes.c_void_p), b.ctypes, 8)

    a = np.arange(12, dtype=np.int16).reshape(3, 4)
    for array in (a, a[1:], a.T, a[:, ::2], a[::-1], a.view(np.uint8), np.zeros(0)):
        assert address(array) == array.ctypes.data
    x, y = np.zeros(3), np.array([5.0, 6.0, 7.0])
    copied(x, y)
    assert x.tolist() == [5.0, 5.0, 7.0]


def test_memory_of_an_array_lives_as_long_as_a_pointer_to_it():
    @njit
    def exponent(x, n):
        total = 0
        for i in range(n):
            cell = np.zeros(1, dtype=np.int32)
            pointer = cell.ctypes
            other = np.full(1, 77, dtype=np.int32)
            frexp(x * 2**i, pointer)
            total += pointer[0] * other[0]
        return total

    assert exponent(1.5, 4) == 77 * (1 + 2 + 3 + 4)


def test_pointers_of_another_type():
    @njit
    def bits(a):
        return a.ctypes.data_as(ctypes.POINTER(ctypes.c_uint64))[1]

    @njit
    def item(a):
        return a.ctypes.data_as(DOUBLES)[2]

    a = np.array([1.0, -2.0, 3.5])
    assert bits(a) == a.view(np.uint64)[1]
    assert item(a) == 3.5
    for wrong in (np.float64, ctypes.c_double, 3):

        @njit
        def refused(a):
            return a.ctypes.data_as(wrong)

        with pytest.raises(rumba.errors.TypingError, match="is no type of pointers|a type of ctypes is needed"):
            refused(a)

    @njit
    def strides(a):
        return a.ctypes.strides

    with pytest.raises(rumba.errors.TypingError, match="has no attribute `strides`"):
        strides(a)


def test_pointers_of_ctypes_are_arguments():
    @njit
    def total(pointer, n):
        result = 0.0
        for i in range(n):
            result += pointer[i]
        pointer[0] = -1
        return result, carray(pointer, n).sum()

    a = np.array([1.0, 2.0, 4.5])
    assert total(doubles(a), 3) == (7.5, 5.5)
    assert a[0] == -1
    cells = (ctypes.c_double * 3)(1, 2, 3)
    assert total(cells, 3) == (6.0, 4.0)
    assert total(ctypes.cast(cells, DOUBLES), 3) == (4.0, 4.0)
    cell = ctypes.c_double(2.5)
    assert total(ctypes.pointer(cell), 1) == (2.5, -1.0)
    assert cell.value == -1.0
    assert len(total.signatures) == 1
    with pytest.raises(rumba.errors.TypingError, match="pass `ctypes.pointer"):
        total(ctypes.byref(cell), 1)

    @njit
    def is_null(pointer):
        return not pointer

    assert is_null(DOUBLES()) and is_null(ctypes.c_void_p())
    assert not is_null(ctypes.c_void_p(a.ctypes.data))

    @njit
    def copy_bytes(target, source, n):
        memcpy(target, source, n)

    copy_bytes(ctypes.c_void_p(a.ctypes.data), cells, 24)
    assert a.tolist() == [-1.0, 2.0, 3.0]


def test_functions_are_attributes_of_their_library():
    library = ctypes.CDLL(ctypes.util.find_library("m"))
    library.cbrt.argtypes, library.cbrt.restype = [ctypes.c_double], ctypes.c_double

    @njit
    def root(x):
        return library.cbrt(x)

    assert root(27.0) == library.cbrt(27.0)

    @njit
    def unknown(x):
        return library.no_such_function(x)

    with pytest.raises(rumba.errors.TypingError, match="no_such_function"):
        unknown(1.0)
