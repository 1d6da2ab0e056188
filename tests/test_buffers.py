"""Memory of `bytearray`, `memoryview` and `array.array` in compiled code."""

import array

import numpy as np
import pytest
from differential import check
from rumba import TypingError, njit, typeof, uint8


def total(b):
    result = 0
    for x in b:
        result += x
    return result


def fill(b, value):
    for i in range(len(b)):
        b[i] = value


@pytest.mark.parametrize("make", [lambda: bytearray(b"abc"), lambda: memoryview(bytearray(b"abc")), lambda: array.array("B", b"abc")])
def test_what_is_written_is_seen_by_the_caller(make):
    jitted = njit(fill)
    for _ in range(2):
        memory = make()
        jitted(memory, 7)
        assert bytes(memory) == b"\x07\x07\x07"


def test_memory_is_an_array_as_any_other():
    jitted = njit(total)
    for memory in (bytearray(b"ab"), memoryview(bytearray(b"ab")), array.array("B", b"ab"), np.array([97, 98], np.uint8)):
        assert jitted(memory) == 195
    assert jitted.signatures == [(uint8[::1],)]
    assert typeof(bytearray(1)) == uint8[::1]


@pytest.mark.parametrize("memory", [memoryview(b"abc"), memoryview(bytearray(b"abc")).toreadonly()])
def test_read_only_memory(memory):
    assert njit(total)(memory) == total(memory)
    with pytest.raises(TypingError, match="readonly|read-only"):
        njit(fill)(memory, 1)


def test_memory_that_is_strided_or_has_axes():
    def f(m):
        return m.shape, m.strides, m.ndim, m.nbytes, m.itemsize, m.format, m.c_contiguous, m.f_contiguous, m.contiguous

    def items(m):
        return m[1, 0], m[-1, -1]

    strided = memoryview(array.array("d", range(6)))[::2]
    grid = memoryview(array.array("i", range(6))).cast("B").cast("i", (2, 3))
    for memory in (strided, grid, memoryview(b"a"), memoryview(array.array("h", [1]))):
        assert njit(f)(memory) == f(memory)
    assert njit(items)(grid) == items(grid)
    assert njit(total)(strided) == total(strided)
    assert njit(total)(memoryview(b"")) == 0


def test_a_bytearray_can_grow_when_the_call_is_over():
    memory = bytearray(3)
    njit(fill)(memory, 1)
    memory.append(2)
    assert memory == b"\x01\x01\x01\x02"


def test_what_is_returned_keeps_the_memory_alive():
    memory = bytearray(b"abc")
    part = njit(lambda b: b[1:])(memory)
    assert part.tolist() == [98, 99]
    with pytest.raises(BufferError):
        memory.append(1)
    memory[1] = 0
    assert part.tolist() == [0, 99]
    del part
    memory.append(1)


def test_memory_in_tuples_and_for_signatures():
    memory = bytearray(b"ab")
    assert njit(lambda t: t[0][1] + t[1])((memory, 1)) == 99
    assert njit("int64(uint8[:])")(total)(memory) == 195
    with pytest.raises(TypeError):
        njit("int64(float64[:])")(total)(memory)


def test_memory_in_globals_is_refused():
    memory = bytearray(b"ab")
    with pytest.raises(TypingError, match="pass it as an argument"):
        njit(lambda: memory[0])()


def test_memory_of_other_elements():
    with pytest.raises(TypingError, match="compiled code cannot take it"):
        njit(total)(memoryview(np.zeros(2, np.float16)))


@pytest.mark.parametrize("source", [0, 3, -1, True, b"ab", [1, 2], [300], (1, 2), range(3)])
def test_bytearray_in_compiled_code(source):
    def f(source):
        b = bytearray(source)
        n = len(b)
        if n > 0:
            b[0] = 9
        return n, [int(x) for x in b]

    check(f, source)


def test_a_bytearray_of_an_array_is_a_copy():
    def f(a):
        b = bytearray(a)
        b[0] = 1
        return a[0], b[0], len(bytearray())

    check(f, np.array([5, 6], np.uint8))
    with pytest.raises(TypingError, match="encoded"):
        njit(lambda text: bytearray(text))("a")


def test_memoryview_in_compiled_code():
    def f(data, a):
        m = memoryview(a)
        m[0] = 5
        return memoryview(data)[1], len(memoryview(data)), m[0], a[0], m.readonly, memoryview(data).readonly

    check(f, b"abc", np.array([1, 2], np.uint8))
    with pytest.raises(TypingError, match="memoryview"):
        njit(lambda x: memoryview(x))(1)
