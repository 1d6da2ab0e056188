"""`struct` of formats that are constants, beside the interpreter's."""

import struct

import numpy as np
import pytest
from differential import Cases
from rumba import njit
from rumba.errors import TypingError

cases = Cases()


@cases((5,), (-128,), (True,), (np.uint8(7),))
def signed_and_padded(x):
    return struct.pack("bhiq?", x, x, x, x, x), struct.pack("@lxn", x, x), struct.pack("=bhiq", x, x, x, x)


@cases((0,), (255,), (np.uint64(200),))
def unsigned(x):
    return struct.pack("<BHILQ", x, x, x, x, x), struct.pack("BHILQN", x, x, x, x, x, x)


@cases((1.5,), (-0.0,), (np.inf,), (np.float32(0.1),), (3,))
def floats(x):
    return struct.pack("<fd", x, x), struct.pack(">fd", x, x), struct.pack("!d", x), struct.pack("<f", 2), struct.pack("<d", True)


@cases((b"",), (b"ab",), (b"abcdef",))
def text(data):
    return struct.pack("<4s0sx", data, data), struct.pack("> 2h 3s x c", 1, 2, data, b"z"), struct.pack("?2?", data, 0, 0.5)


@cases((70000,), (-70000,))
def short_out_of_range(x):
    return struct.pack("<h", x)


@cases((2**31,), (-(2**31) - 1,))
def int_out_of_range(x):
    return struct.pack("i", x)


@cases((-1,), (np.uint64(2**64 - 1),))
def long_out_of_range(x):
    return struct.pack("<Q", x) if x < 0 else struct.pack("<q", x)


@cases((np.uint64(2**64 - 1),))
def largest(x):
    return struct.pack("<Q", x), struct.unpack(">Q", struct.pack(">Q", x))


@cases((1e40,), (-1e40,))
def float_out_of_range(x):
    return struct.pack("<f", x)


@cases((1e40,))
def native_float_out_of_range(x):
    return struct.pack("f", x)


@cases((b"ab",))
def no_character(data):
    return struct.pack("c", data)


DATA = struct.pack("bQ?2sxfdh", -3, 2**63 + 5, True, b"xy", 0.1, -2.5, -9)


@cases((DATA,), (DATA[:-1],), (b"",))
def unpacked(data):
    return struct.unpack("bQ?2sxfdh", data)


@cases((bytes(range(250, 256)) + bytes(range(40)),))
def unpacked_of_all_orders(data):
    first = struct.unpack_from("<bBhHiIqQfd", data)
    second = struct.unpack_from(">bBhHiIqQfd", data)
    return first, second, struct.unpack_from("=bBhHiIlLqQ", data), struct.unpack_from("3b2c", data, 2)


@cases((b"12345", 1), (b"12345", -4), (b"12345", -3), (b"12345", -2), (b"12345", -9), (b"12345", 4), (b"12345", 2))
def unpacked_from(data, offset):
    return struct.unpack_from("<hc", data, offset)


@cases(())
def sizes():
    return struct.calcsize("bq0i"), struct.calcsize("=bq"), struct.calcsize(""), struct.pack(""), struct.unpack("", b"")


@cases((b"",), (struct.pack("<3id", 1, 2, 3, 4.5) * 3,))
def records(data):
    size = struct.calcsize("<3id")
    total = 0.0
    for position in range(0, len(data), size):
        a, b, c, x = struct.unpack_from("<3id", data, position)
        total += a * b * c * x
    return total


test_cases = cases.test()


@pytest.mark.parametrize(
    ("function", "argument", "message"),
    [
        (lambda x: struct.pack("<z", x), 1, "bad char in struct format"),
        (lambda x: struct.pack("<ii", x), 1, "pack expected 2 items for packing \\(got 1\\)"),
        (lambda x: struct.pack("<i", x), 1.5, "takes no float64 for 'i'"),
        (lambda x: struct.pack("2s", x), "a", "takes no .* for 's'"),
        (lambda x: struct.pack(x, 1), "<i", "a format that is a constant"),
        (lambda x: struct.pack("e", x), 1.5, "'e' is not supported"),
        (lambda x: struct.unpack("<i", x), np.zeros(4, np.uint8), "takes bytes"),
    ],
)
def test_what_is_refused(function, argument, message):
    with pytest.raises(TypingError, match=message):
        njit(function)(argument)
