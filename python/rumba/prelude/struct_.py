"""`struct`: `pack`, `unpack`, `unpack_from` and `calcsize`, of formats that are constants.

A format is taken apart when the call is compiled. Each item has a function of its own, which writes or reads it.
"""

import re
import struct
import sys
from dataclasses import dataclass

import numpy as np

from rumba import typeof
from rumba.errors import TypingError
from rumba.extending import register_jitable
from rumba.prelude import implements
from rumba.types import Boolean, Bytes, Float, Integer, Literal, StringLiteral

_INTEGERS = "bBhHiIlLqQnN"


@dataclass
class _Item:
    code: str
    byteorder: str
    is_native: bool
    #: Where it is in the bytes, and where what is before it ends.
    start: int
    end: int
    previous_end: int


def _text(format, function):
    if not isinstance(format, StringLiteral):
        raise TypingError(f"struct.{function}() takes a format that is a constant")
    return format.literal_value


def _items(format):
    """The items of a format, and the bytes of all."""
    try:
        size = struct.calcsize(format)
    except struct.error as error:
        raise TypingError(f"in the format {format!r}: {error}") from None
    order, codes = (format[0], format[1:]) if format[:1] in ("@", "=", "<", ">", "!") else ("@", format)
    byteorder = {"<": "little", ">": "big", "!": "big"}.get(order, sys.byteorder)
    items, before, previous_end = [], order, 0
    for count, code in re.findall(r"(\d*)(\D)", re.sub(r"\s", "", codes)):
        parts = [count + code] if code in "xsp" else [code] * int(count or 1)
        if not parts:
            before += count + code
        for part in parts:
            before += part
            end = struct.calcsize(before)
            start = end - struct.calcsize(order + part)
            if code != "x":
                items.append(_Item(code, byteorder, order == "@", start, end, previous_end))
                previous_end = end
    return items, size


def _error_of(action):
    try:
        action()
    except struct.error as error:
        return str(error)
    raise AssertionError("an error was expected")


def _writer(item, value):
    size, code = item.end - item.start, item.code
    byteorder, is_native = item.byteorder, item.is_native
    pad = bytes(item.start - item.previous_end)
    value = typeof(value.literal_value) if isinstance(value, Literal) else value

    def needs(*types):
        if not isinstance(value, types):
            raise TypingError(f"struct.pack() takes no {value} for '{code}'")

    if code in _INTEGERS:
        needs(Integer, Boolean)
        is_signed = code.islower()
        order = "@" if is_native else "="
        message = _error_of(lambda: struct.pack(order + code, 1 << 8 * size - is_signed))

        def write(value):
            try:
                return pad + int(value).to_bytes(size, byteorder, signed=is_signed)
            except OverflowError:
                raise struct.error(message) from None

    elif code == "f":
        needs(Float, Integer, Boolean)

        def write(value):
            single = np.float32(value)
            if not is_native and np.isinf(single) and not np.isinf(value):
                raise OverflowError("float too large to pack with f format")
            return pad + int(single.view(np.int32)).to_bytes(4, byteorder, signed=True)

    elif code == "d":
        needs(Float, Integer, Boolean)

        def write(value):
            return pad + int(np.float64(value).view(np.int64)).to_bytes(8, byteorder, signed=True)

    elif code == "?":

        def write(value):
            return pad + (b"\1" if value else b"\0")

    elif code == "c":
        needs(Bytes)

        def write(value):
            if len(value) != 1:
                raise struct.error("char format requires a bytes object of length 1")
            return pad + value

    elif code == "s":
        needs(Bytes)

        def write(value):
            return pad + value[:size] + bytes(max(size - len(value), 0))

    else:
        raise TypingError(f"struct.pack() of '{code}' is not supported")
    return register_jitable(write)


def _reader(item):
    start, end, code = item.start, item.end, item.code
    byteorder, is_signed = item.byteorder, code.islower()
    if code in _INTEGERS and end - start == 8 and not is_signed:

        def read(data):
            return np.uint64(int.from_bytes(data[start:end], byteorder, signed=True))

    elif code in _INTEGERS:

        def read(data):
            return int.from_bytes(data[start:end], byteorder, signed=is_signed)

    elif code == "f":

        def read(data):
            return float(np.int32(int.from_bytes(data[start:end], byteorder, signed=True)).view(np.float32))

    elif code == "d":

        def read(data):
            return np.int64(int.from_bytes(data[start:end], byteorder, signed=True)).view(np.float64)

    elif code == "?":

        def read(data):
            return data[start] != 0

    elif code in "cs":

        def read(data):
            return data[start:end]

    else:
        raise TypingError(f"struct.unpack() of '{code}' is not supported")
    return register_jitable(read)


def _all(readers):
    """A function that gives the tuple of what the readers give."""
    if not readers:

        def read(data):
            return ()

    else:
        first, others = readers[0], _all(readers[1:])

        def read(data):
            return (first(data), *others(data))

    return register_jitable(read)


@implements(struct.calcsize, prefer_literal=True)
def choose_calcsize(format):
    _, size = _items(_text(format, "calcsize"))

    def calcsize(format, /):
        return size

    return calcsize


@implements(struct.pack, prefer_literal=True)
def choose_pack(format, *values):
    items, size = _items(_text(format, "pack"))
    if len(items) != len(values):
        raise TypingError(f"pack expected {len(items)} items for packing (got {len(values)})")
    writers = tuple(_writer(item, value) for item, value in zip(items, values, strict=True))
    rest = bytes(size - items[-1].end if items else size)

    def pack(format, /, *values):
        packed = b""
        for write, value in zip(writers, values, strict=True):
            packed += write(value)
        return packed + rest

    return pack


def _size_and_reader(format, data, function):
    if not isinstance(data, Bytes):
        raise TypingError(f"struct.{function}() takes bytes, not {data}")
    items, size = _items(_text(format, function))
    return size, _all([_reader(item) for item in items])


@implements(struct.unpack, prefer_literal=True)
def choose_unpack(format, buffer):
    size, read = _size_and_reader(format, buffer, "unpack")
    message = f"unpack requires a buffer of {size} bytes"

    def unpack(format, buffer, /):
        if len(buffer) != size:
            raise struct.error(message)
        return read(buffer)

    return unpack


@implements(struct.unpack_from, prefer_literal=True)
def choose_unpack_from(format, buffer, offset=0):
    size, read = _size_and_reader(format, buffer, "unpack_from")

    def unpack_from(format, /, buffer, offset=0):
        n = len(buffer)
        start = offset
        if offset < 0:
            if offset + size > 0:
                raise struct.error(f"not enough data to unpack {size} bytes at offset {offset}")
            if offset + n < 0:
                raise struct.error(f"offset {offset} out of range for {n}-byte buffer")
            start += n
        if n - start < size:
            raise struct.error(
                f"unpack_from requires a buffer of at least {start + size} bytes for unpacking {size} bytes "
                f"at offset {start} (actual buffer size is {n})"
            )
        return read(buffer[start : start + size])

    return unpack_from
