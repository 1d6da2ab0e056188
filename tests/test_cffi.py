"""Functions, pointers and types of cffi in compiled code."""

import sys

import cffi
import numpy as np
import pytest

import rumba
from rumba import carray, njit, types
from rumba.core.typing import cffi_utils

ffi = cffi.FFI()
ffi.cdef("""
    double cos(double x);
    int abs(int x);
    float fabsf(float x);
    double frexp(double x, int *exponent);
    void *memcpy(void *to, const void *from, size_t n);
    int printf(const char *format, ...);
    long double fabsl(long double x);
    typedef struct { double x; int n; } point;
""")
libm = ffi.dlopen("libm.so.6")
libc = ffi.dlopen(None)


def test_functions_of_a_library():
    cos, absolute, fabsf = libm.cos, libc.abs, libm.fabsf

    @njit
    def f(x, n):
        return cos(x), libm.cos(x + 1), absolute(n), fabsf(-x)

    assert f(0.5, -3) == (libm.cos(0.5), libm.cos(1.5), 3, 0.5)

    @njit
    def apply(function, x):
        return function(x)

    assert apply(libm.cos, 2.0) == libm.cos(2.0)


def test_pointers_into_arrays():
    frexp, memcpy = libm.frexp, libc.memcpy

    @njit
    def exponent(x):
        cell = np.zeros(1, dtype=np.int32)
        mantissa = frexp(x, ffi.from_buffer(cell))
        return mantissa, cell[0]

    assert exponent(12.0) == (0.75, 4)

    @njit
    def copied(a, b):
        memcpy(ffi.from_buffer(a), ffi.from_buffer(b), a.nbytes)

    a, b = np.zeros(3), np.array([1.0, 2.0, 3.0])
    copied(a, b)
    assert a.tolist() == [1.0, 2.0, 3.0]

    @njit
    def strided(a):
        return ffi.from_buffer(a)

    with pytest.raises(rumba.errors.TypingError, match="takes arrays in C order"):
        strided(a[::2])


def test_data_of_cffi_are_arguments():
    @njit
    def total(pointer, n):
        result = carray(pointer, n).sum()
        pointer[1] = 10
        return result

    data = ffi.new("double[3]", [1.0, 2.0, 3.0])
    assert total(data, 3) == 6.0
    assert list(data) == [1.0, 10.0, 3.0]
    assert total(ffi.cast("double *", data), 3) == 14.0
    assert len(total.signatures) == 1
    with pytest.raises(rumba.errors.TypingError, match="C type int"):
        total(ffi.cast("int", 3), 3)


def test_structs():
    point = ffi.typeof("point")
    assert rumba.typeof(ffi.new("point *")) == types.voidptr
    record = cffi_utils.map_type(point, use_record_dtype=True)
    cffi_utils.register_type(point, record)

    @njit
    def weighted(points, n):
        total = 0.0
        for i in range(n):
            total += points[i].x * points[i].n
        points[0].n = 100
        return total

    points = ffi.new("point[2]", [(1.5, 2), (0.5, 4)])
    assert weighted(points, 2) == 5.0
    assert points[0].n == 100


def test_what_is_refused():
    for function, reason in (
        (libc.printf, "any number of arguments"),
        (libm.fabsl, "long double in its signature"),
        (ffi.cast("double(*)(double)", 0), "address is null"),
    ):

        @njit
        def call(x):
            return function(x)

        with pytest.raises(rumba.errors.TypingError, match=reason):
            call(1.0)
    with pytest.raises(ValueError, match="no module that cffi has compiled"):
        cffi_utils.register_module(sys)
    with pytest.raises(TypeError, match="no type of cffi"):
        cffi_utils.register_type("double", types.float64)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("char", "int8"), ("signed char", "int8"), ("unsigned char", "uint8"), ("short", "int16"), ("unsigned short", "uint16"),
        ("int", "int32"), ("unsigned int", "uint32"), ("long", "int64"), ("unsigned long", "uint64"), ("size_t", "uint64"),
        ("ssize_t", "int64"), ("int8_t", "int8"), ("uint16_t", "uint16"), ("uintptr_t", "uint64"), ("float", "float32"), ("double", "float64"),
        ("_Bool", "boolean"), ("void", "none"), ("double *", "CPointer(types.float64)"), ("void *", "voidptr"),
        ("double(*)(double)", "voidptr"), ("int **", "voidptr"),
    ],
)  # fmt: skip
def test_types(name, wanted):
    expected = types.CPointer(types.float64) if wanted.startswith("CPointer") else getattr(types, wanted)
    assert cffi_utils.map_type(ffi.typeof(name)) == expected


@pytest.fixture(scope="module")
def compiled_module(tmp_path_factory):
    builder = cffi.FFI()
    builder.cdef("double half(double x); double applied(double (*f)(double), double x); static const int SIZE;")
    builder.set_source(
        "_rumba_cffi_test",
        """
        double half(double x) { return x / 2; }
        double applied(double (*f)(double), double x) { return f(x); }
        static const int SIZE = 3;
        """,
    )
    directory = tmp_path_factory.mktemp("cffi")
    try:
        builder.compile(tmpdir=str(directory))
    except cffi.VerificationError as error:
        pytest.skip(f"no C compiler or no headers of Python: {error}")
    sys.path.insert(0, str(directory))
    try:
        import _rumba_cffi_test

        return _rumba_cffi_test
    finally:
        sys.path.remove(str(directory))


def test_functions_of_a_compiled_module(compiled_module):
    half, lib, module = compiled_module.lib.half, compiled_module.lib, compiled_module

    @njit
    def too_early(x):
        return half(x)

    with pytest.raises(rumba.errors.TypingError, match="not registered(.|\n)*register_module"):
        too_early(1.0)
    cffi_utils.register_module(compiled_module)

    @njit
    def f(x):
        return half(x) + lib.half(x) + module.lib.half(x) + lib.SIZE

    assert f(2.0) == 6.0

    @rumba.cfunc("float64(float64)")
    def square(x):
        return x * x

    address = square.address

    @njit
    def callback(x):
        return lib.applied(address, x)

    assert callback(3.0) == 9.0
    from_buffer = compiled_module.ffi.from_buffer

    @njit
    def first(a):
        return from_buffer(a)[0]

    assert first(np.array([2.5])) == 2.5
